import Statistics

/// What became of a measurement.
public enum MeasurementStatus: String, Codable, Sendable {
    case ok, incorrect, failed, skipped
}

/// Strategy × workload × device × precision: verification, time, energy and derived figures.
public struct MeasurementRecord: Codable, Sendable, Equatable {
    public var family: String
    public var strategy: String
    public var workload: String
    public var parameters: [String: Int]
    public var device: String
    public var precision: String
    public var seed: UInt64
    /// The code that really ran: an instruction set, a path of the driver's.
    @ExplicitNull public var codePath: String?
    public var status: MeasurementStatus
    /// Why, when the status is not `ok`; a remark otherwise.
    @ExplicitNull public var message: String?
    @ExplicitNull public var verification: VerificationRecord?
    @ExplicitNull public var work: WorkRecord?
    @ExplicitNull public var time: TimeRecord?
    @ExplicitNull public var energy: EnergyRecord?
    @ExplicitNull public var derived: DerivedRecord?

    public init(
        family: String, strategy: String, workload: String, parameters: [String: Int], device: String,
        precision: String, seed: UInt64, status: MeasurementStatus, message: String? = nil
    ) {
        self.family = family
        self.strategy = strategy
        self.workload = workload
        self.parameters = parameters
        self.device = device
        self.precision = precision
        self.seed = seed
        self.status = status
        self.message = message
    }
}

/// The comparison of a strategy's outputs with the float64 oracle.
public struct VerificationRecord: Codable, Sendable, Equatable {
    public var reference = "float64"
    @ExplicitNull public var maxAbsoluteError: Double?
    @ExplicitNull public var relativeL2: Double?
    @ExplicitNull public var normalizedMeanSquaredError: Double?
    /// The largest normalised mean squared error that passes.
    public var tolerance: Double
    public var passed: Bool

    public init(
        maxAbsoluteError: Double?, relativeL2: Double?, normalizedMeanSquaredError: Double?, tolerance: Double,
        passed: Bool
    ) {
        self.maxAbsoluteError = maxAbsoluteError
        self.relativeL2 = relativeL2
        self.normalizedMeanSquaredError = normalizedMeanSquaredError
        self.tolerance = tolerance
        self.passed = passed
    }
}

/// What the workload asks for, and what the strategy moves to do it.
public struct WorkRecord: Codable, Sendable, Equatable {
    public var flops: Double
    /// Each input read once, each output written once.
    public var minimumBytes: Double
    /// The minimum plus every intermediate that the strategy writes and reads.
    public var strategyBytes: Double

    public init(flops: Double, minimumBytes: Double, strategyBytes: Double) {
        self.flops = flops
        self.minimumBytes = minimumBytes
        self.strategyBytes = strategyBytes
    }
}

/// Seconds an execution of the workload takes.
public struct TimeRecord: Codable, Sendable, Equatable {
    public var median: Double
    /// 95 % bootstrap interval of the median.
    @ExplicitNull public var interval: Interval?
    /// Standard deviation over mean.
    @ExplicitNull public var relativeNoise: Double?
    public var samples: Int
    public var warmups: Int
    /// Which stopping rule ended the sampling: `noise`, `time-limit`, `count`…
    public var stopReason: String
    public var cold: Bool
    /// Whose clock `median` comes from: `device` or `host`.
    public var clock: String
    /// Median by the host's clock, submission to completion, whatever `clock` says.
    @ExplicitNull public var hostMedian: Double?
    public var stages: [StageTimeRecord]
    /// The samples themselves, in the order taken, seconds, without those that were left out: what `compare` works from.
    public var sampleSeconds: [Double]
    /// How the samples fall into rounds and passes; `nil` when the strategies of a workload were not sampled in turn.
    @ExplicitNull public var rounds: SampleRounds?
    /// Executions back to back that make one sample, each then a share of it: more than 1 for what the clock does not resolve.
    @ExplicitNull public var batch: Int?
    /// What disturbed the samples, and how many were left out.
    @ExplicitNull public var interference: InterferenceRecord?

    public init(
        median: Double, interval: Interval?, relativeNoise: Double?, samples: Int, warmups: Int, stopReason: String,
        cold: Bool, clock: String, hostMedian: Double?, stages: [StageTimeRecord], sampleSeconds: [Double]
    ) {
        self.median = median
        self.interval = interval
        self.relativeNoise = relativeNoise
        self.samples = samples
        self.warmups = warmups
        self.stopReason = stopReason
        self.cold = cold
        self.clock = clock
        self.hostMedian = hostMedian
        self.stages = stages
        self.sampleSeconds = sampleSeconds
    }
}

/// Seconds that one stage of a strategy takes.
public struct StageTimeRecord: Codable, Sendable, Equatable {
    public var name: String
    public var median: Double

    public init(name: String, median: Double) {
        self.name = name
        self.median = median
    }
}

/// Rates that follow from work, time and energy.
public struct DerivedRecord: Codable, Sendable, Equatable {
    public var flopsPerSecond: Double
    /// Strategy bytes over time.
    public var bytesPerSecond: Double
    /// Performance per watt (FLOP/s ÷ W = FLOP ÷ J), from gross energy.
    @ExplicitNull public var flopsPerJoule: Double?
    /// The same from net energy, idle power taken off.
    @ExplicitNull public var netFlopsPerJoule: Double?
    /// Gross joules × seconds.
    @ExplicitNull public var energyDelayProduct: Double?
    @ExplicitNull public var joulesPerToken: Double?
    /// Attained FLOP/s over min(peak FLOP/s, intensity × peak bytes/s), with the intensity of the minimum bytes and the
    /// peaks measured on this device in this run (Williams, Waterman and Patterson, 2009).
    @ExplicitNull public var fractionOfRoofline: Double?

    public init(flopsPerSecond: Double, bytesPerSecond: Double) {
        self.flopsPerSecond = flopsPerSecond
        self.bytesPerSecond = bytesPerSecond
    }
}

/// A strategy beside the unfused one at the same workload, device and precision.
public struct ComparisonRecord: Codable, Sendable, Equatable {
    public var family: String
    public var workload: String
    public var device: String
    public var precision: String
    public var baseline: String
    public var strategy: String
    /// Baseline time ÷ strategy time: above 1, the strategy is faster. Of pairs of neighbouring samples where they were taken
    /// in turn, which is what the interval is about; else of the medians.
    public var speedup: Double
    @ExplicitNull public var speedupInterval: Interval?
    /// Baseline gross joules ÷ strategy gross joules: above 1, the strategy is cheaper.
    @ExplicitNull public var energyRatio: Double?
    @ExplicitNull public var energyRatioInterval: Interval?
    /// Provenance of the weaker of the two energies.
    @ExplicitNull public var energyProvenance: EnergyProvenance?
    /// Baseline strategy bytes ÷ strategy's.
    public var trafficRatio: Double
    /// `faster`, `slower`, `same` or `ambiguous`.
    @ExplicitNull public var timeVerdict: String?
    /// Why the verdict is `ambiguous`.
    @ExplicitNull public var timeReason: String?
    /// `cheaper`, `costlier`, `same` or `ambiguous`.
    @ExplicitNull public var energyVerdict: String?
    /// Why the verdict is `ambiguous`.
    @ExplicitNull public var energyReason: String?

    public init(
        family: String, workload: String, device: String, precision: String, baseline: String, strategy: String,
        speedup: Double, trafficRatio: Double
    ) {
        self.family = family
        self.workload = workload
        self.device = device
        self.precision = precision
        self.baseline = baseline
        self.strategy = strategy
        self.speedup = speedup
        self.trafficRatio = trafficRatio
    }
}
