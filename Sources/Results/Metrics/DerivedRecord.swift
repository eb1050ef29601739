/// Figures that follow from work, time and energy: the fields of the result file, and beside them how each is computed.
public struct DerivedRecord: Codable, Sendable, Equatable {
    /// FLOPs over the median time.
    public var flopsPerSecond: Double
    /// Strategy bytes over the median time.
    public var bytesPerSecond: Double
    /// Performance per watt (FLOP/s ÷ W = FLOP ÷ J), from gross energy; `nil` when the joules are not known.
    @ExplicitNull public var flopsPerJoule: Double?
    /// The same from net energy, idle power taken off; `nil` when idle power is not known.
    @ExplicitNull public var netFlopsPerJoule: Double?
    /// Gross joules × seconds; `nil` when the joules are not known.
    @ExplicitNull public var energyDelayProduct: Double?
    /// Gross joules over the tokens of the workload; `nil` when the joules are not known or the family has no tokens.
    @ExplicitNull public var joulesPerToken: Double?
    /// Attained FLOP/s over min(peak FLOP/s of the arithmetic in use, intensity × peak bytes/s), with the intensity of
    /// the minimum bytes and the peaks measured on this device in this run (Williams, Waterman and Patterson, 2009);
    /// `nil` when a peak is not known.
    @ExplicitNull public var fractionOfRoofline: Double?

    public init(flopsPerSecond: Double, bytesPerSecond: Double) {
        self.flopsPerSecond = flopsPerSecond
        self.bytesPerSecond = bytesPerSecond
    }

    /// All that follows from one measurement.
    ///
    /// - Parameters:
    ///   - peaks: of the device, as measured in the same run.
    ///   - tokens: that one execution of the workload takes in; `nil` for families that have none.
    package init(work: WorkRecord, time: TimeRecord, energy: EnergyRecord?, peaks: PeaksRecord?, tokens: Double?) {
        self.init(flopsPerSecond: work.flops / time.median, bytesPerSecond: work.strategyBytes / time.median)
        if let joules = energy?.leadingJoules, joules > 0 {
            flopsPerJoule = work.flops / joules
            energyDelayProduct = joules * time.median
            joulesPerToken = tokens.flatMap { (joules / $0).finiteOrNil }
        }
        if let joules = energy?.netJoules, joules > 0 { netFlopsPerJoule = work.flops / joules }
        if let flops = peaks?.operationsPerSecond(of: work.rate), let bytes = peaks?.bytesPerSecond,
            let intensity = work.intensity,
            work.flops > 0
        {
            fractionOfRoofline = flopsPerSecond / min(flops, intensity * bytes)
        }
    }
}

extension WorkRecord {
    /// FLOPs for each byte that must move at least.
    package var intensity: Double? { minimumBytes > 0 ? flops / minimumBytes : nil }

    /// FLOPs for each byte that this strategy moves.
    package var strategyIntensity: Double? { strategyBytes > 0 ? flops / strategyBytes : nil }
}
