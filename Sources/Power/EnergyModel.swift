import Results
import Statistics

/// Joules from operations, bytes and time, for machines on which nothing can be measured: always `modelled`, always ≈.
///
/// E = ε_flop · FLOPs + ε_byte · bytes + π₀ · time, the energy roofline of Choi, Bedard, Fowler and Vuduc, "A roofline
/// model of energy", IPDPS 2013, section II (doi:10.1109/IPDPS.2013.77). The bytes are those that the strategy moves,
/// so that the model tells fused from unfused, which power × time cannot. That is what the first two terms are for; the
/// third is an assumption about the machine, follows the time alone, and is most of the sum on most machines: so the
/// net joules, without it, lead.
public struct EnergyModel: Codable, Sendable, Equatable {
    /// The coefficients of one kind of machine.
    public struct Coefficients: Codable, Sendable, Equatable {
        /// How uncertain coefficients are that no fit gave: each may be so many times smaller or larger.
        public struct Factors: Codable, Sendable, Equatable {
            public var flop: Double
            public var byte: Double
            public var watts: Double

            public init(flop: Double, byte: Double, watts: Double) {
                self.flop = flop
                self.byte = byte
                self.watts = watts
            }
        }

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
        /// `nil` for coefficients of a fit.
        @ExplicitNull public var factors: Factors?

        public init(
            joulesPerFlop: Double, joulesPerByte: Double, constantWatts: Double, source: String,
            relativeResidual: Double? = nil, factors: Factors? = nil
        ) {
            self.joulesPerFlop = joulesPerFlop
            self.joulesPerByte = joulesPerByte
            self.constantWatts = constantWatts
            self.source = source
            self.relativeResidual = relativeResidual
            self.factors = factors
        }

        /// Joules of the operations and bytes of one execution.
        public func netJoules(_ work: WorkRecord) -> Double {
            joulesPerFlop * work.flops + joulesPerByte * work.strategyBytes
        }

        /// Joules of one execution.
        public func joules(work: WorkRecord, seconds: Double) -> Double {
            netJoules(work) + constantWatts * seconds
        }

        /// Within what the coefficients leave open: their factors, or twice what the fit misses; `nil` where neither is
        /// known.
        func netInterval(_ work: WorkRecord) -> Interval? {
            if relativeResidual == nil, let factors {
                return Interval(
                    joulesPerFlop / factors.flop * work.flops + joulesPerByte / factors.byte * work.strategyBytes,
                    joulesPerFlop * factors.flop * work.flops + joulesPerByte * factors.byte * work.strategyBytes)
            }
            return residualInterval(netJoules(work))
        }

        func interval(work: WorkRecord, seconds: Double) -> Interval? {
            if relativeResidual == nil, let factors, let net = netInterval(work) {
                return Interval(
                    net.lower + constantWatts / factors.watts * seconds,
                    net.upper + constantWatts * factors.watts * seconds)
            }
            return residualInterval(joules(work: work, seconds: seconds))
        }

        private func residualInterval(_ joules: Double) -> Interval? {
            relativeResidual.map { Interval(joules * max(1 - 2 * $0, 0), joules * (1 + 2 * $0)) }
        }
    }

    /// Coefficients that miss what they were fitted to by more than this, relatively, are refused: 0 J would miss by no
    /// more.
    public static let largestResidual = 1.0

    /// Coefficients of devices that were fitted, by the device's name.
    public var fitted: [String: Coefficients]
    /// For devices whose names tell what they are, by ``DeviceClass``.
    public var classes: [String: Coefficients]
    /// For the host's processor, when its name tells nothing.
    public var processor: Coefficients
    /// For any other device whose name tells nothing.
    public var accelerator: Coefficients

    public init(
        fitted: [String: Coefficients] = [:], classes: [String: Coefficients] = [:], processor: Coefficients,
        accelerator: Coefficients
    ) {
        self.fitted = fitted
        self.classes = classes
        self.processor = processor
        self.accelerator = accelerator
    }

    /// The coefficients for a device. What a class assumes of one hardware thread is taken for all that the device has.
    public func coefficients(for device: DeviceRecord) -> Coefficients {
        if let fitted = fitted[device.name] { return fitted }
        let kind = DeviceClass(device)
        guard let kind, var coefficients = classes[kind.rawValue] else {
            return device.isHostProcessor ? processor : accelerator
        }
        if kind.isByThread { coefficients.constantWatts *= Double(max(device.computeUnits ?? 1, 1)) }
        return coefficients
    }

    /// A modelled record: never resolved, without windows, with the source of its coefficients and what is assumed as
    /// the reason.
    public func record(device: DeviceRecord, work: WorkRecord, seconds: Double, because reason: String) -> EnergyRecord
    {
        let coefficients = coefficients(for: device)
        let watts = NumberFormat.quantity(coefficients.constantWatts, .watts)
        let assumed =
            coefficients.factors == nil
            ? "" : "; idle power of \(watts) is assumed, so that gross joules say little and net ones lead"
        var record = EnergyRecord(
            provenance: .modelled,
            reason:
                "\(reason); modelled (doi:10.1109/IPDPS.2013.77) with the coefficients of \(coefficients.source)\(assumed)"
        )
        let joules = coefficients.joules(work: work, seconds: seconds)
        guard joules.isFinite, joules > 0, seconds > 0 else {
            record.provenance = .unavailable
            record.reason = "\(reason); and the model has no joules for this work"
            return record
        }
        record.grossJoules = joules
        record.idleJoules = coefficients.constantWatts * seconds
        record.netJoules = coefficients.netJoules(work)
        record.netInterval = coefficients.netInterval(work)
        record.averageWatts = joules / seconds
        record.idleWatts = coefficients.constantWatts
        record.interval = coefficients.interval(work: work, seconds: seconds)
        return record
    }
}
