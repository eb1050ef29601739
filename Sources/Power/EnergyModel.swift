import Results
import Statistics

/// Joules from operations, bytes and time, for machines on which nothing can be measured: always `modelled`, always ≈.
///
/// E = ε_flop · FLOPs + ε_byte · bytes + π₀ · time, the energy roofline of Choi, Bedard, Fowler and Vuduc, "A roofline model of
/// energy", IPDPS 2013, section II (doi:10.1109/IPDPS.2013.77). The bytes are those that the strategy moves, so that the model tells fused from
/// unfused, which power × time cannot.
public struct EnergyModel: Codable, Sendable, Equatable {
    /// The coefficients of one kind of machine.
    public struct Coefficients: Codable, Sendable, Equatable {
        /// Joules a floating-point operation, single precision.
        public var joulesPerFlop: Double
        /// Joules a byte moved between memory and processor.
        public var joulesPerByte: Double
        /// Watts that flow whatever is computed.
        public var constantWatts: Double
        /// Where the coefficients come from: a publication, or the runs that they were fitted to.
        public var source: String
        /// Root mean square of the relative residuals of the fit; `nil` for coefficients taken from a publication.
        @ExplicitNull public var relativeResidual: Double?

        public init(
            joulesPerFlop: Double, joulesPerByte: Double, constantWatts: Double, source: String,
            relativeResidual: Double? = nil
        ) {
            self.joulesPerFlop = joulesPerFlop
            self.joulesPerByte = joulesPerByte
            self.constantWatts = constantWatts
            self.source = source
            self.relativeResidual = relativeResidual
        }

        /// Joules of one execution.
        public func joules(work: WorkRecord, seconds: Double) -> Double {
            joulesPerFlop * work.flops + joulesPerByte * work.strategyBytes + constantWatts * seconds
        }
    }

    /// Coefficients that miss what they were fitted to by more than this, relatively, are refused: 0 J would miss by no more.
    public static let largestResidual = 1.0

    /// Coefficients of devices that were fitted, by the device's name.
    public var fitted: [String: Coefficients]
    /// For the host's processor, when its name is not among the fitted.
    public var processor: Coefficients
    /// For any other device.
    public var accelerator: Coefficients

    public init(fitted: [String: Coefficients] = [:], processor: Coefficients, accelerator: Coefficients) {
        self.fitted = fitted
        self.processor = processor
        self.accelerator = accelerator
    }

    /// The published coefficients: single precision, the paper's table of fitted energy coefficients. They belong to machines of
    /// 2010, whose constant power stands for all that a device draws besides: good for ratios between strategies, an order of
    /// magnitude for joules.
    public static let `default` = EnergyModel(
        processor: Coefficients(
            joulesPerFlop: 371e-12, joulesPerByte: 795e-12, constantWatts: 122,
            source: "Choi and others, IPDPS 2013, doi:10.1109/IPDPS.2013.77: Intel Core i7-950, single precision"),
        accelerator: Coefficients(
            joulesPerFlop: 99.7e-12, joulesPerByte: 513e-12, constantWatts: 122,
            source: "Choi and others, IPDPS 2013, doi:10.1109/IPDPS.2013.77: NVIDIA GTX 580, single precision"))

    /// The coefficients for a device.
    public func coefficients(for device: DeviceRecord) -> Coefficients {
        fitted[device.name] ?? (device.isHostProcessor ? processor : accelerator)
    }

    /// A modelled record: never resolved, without windows, with the source of its coefficients as the reason.
    public func record(device: DeviceRecord, work: WorkRecord, seconds: Double, because reason: String) -> EnergyRecord
    {
        let coefficients = coefficients(for: device)
        var record = EnergyRecord(
            provenance: .modelled, reason: "\(reason); modelled with the coefficients of \(coefficients.source)")
        let joules = coefficients.joules(work: work, seconds: seconds)
        guard joules.isFinite, joules > 0, seconds > 0 else {
            record.provenance = .unavailable
            record.reason = "\(reason); and the model has no joules for this work"
            return record
        }
        record.grossJoules = joules
        record.idleJoules = coefficients.constantWatts * seconds
        record.netJoules = joules - coefficients.constantWatts * seconds
        record.averageWatts = joules / seconds
        record.idleWatts = coefficients.constantWatts
        if let residual = coefficients.relativeResidual {
            record.interval = .init(joules * max(1 - 2 * residual, 0), joules * (1 + 2 * residual))
        }
        return record
    }
}
