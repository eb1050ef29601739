import Statistics

/// What became of a measurement.
public enum MeasurementStatus: String, Codable, Sendable {
    /// The result is right.
    case ok
    /// The result is wrong, so that there is no speed.
    case incorrect
    /// It did not complete: a compiler, a driver or the memory gave out.
    case failed
    /// It cannot run there, and was not tried.
    case skipped
}

/// Strategy × workload × device × precision: verification, time, energy and derived figures.
public struct MeasurementRecord: Codable, Sendable, Equatable {
    public var family: String
    public var strategy: String
    /// The preset's name, or one made of the parameters for a shape of the user's own.
    public var workload: String
    /// Every parameter of the family, by its name in `family.json`.
    public var parameters: [String: Int]
    /// `backend:index`, the id of one of the run's devices.
    public var device: String
    /// Storage type: `f32`, `f16` or `bf16`.
    public var precision: String
    /// Of the generated inputs.
    public var seed: UInt64
    /// The code that really ran: an instruction set, a path of the driver's; `nil` when the device does not tell, or
    /// nothing ran.
    @ExplicitNull public var codePath: String?
    /// The variants that stages took, by the stage's name; a stage that is not there has none or took none. `nil` in
    /// files of before.
    public var variants: [String: String]?
    /// Variants that would have been taken and were not, `<stage>.<variant>`, with the reason: `failed its self-test:
    /// …`. `nil` where there is none.
    public var struckVariants: [String: String]?
    /// A digest of the definitions and sources that what ran was made from, so that they can be told from others of the
    /// same name. Left out where nothing ran, for chains, and in files of before.
    public var kernelDigest: String?
    /// What the device's compiler made of each stage, by the stage's name, as `joulemark inspect` tells it: looked at
    /// in a program of its own after timing. Left out where the device has no compiler that tells, and in files of
    /// before.
    public var compiled: [String: CompilerFigures]?
    /// The values of the strategy's tunables that ran; `nil` where it has none, and in files of before.
    public var tunables: [String: Int]?
    /// True where those values are what `joulemark tune` found for this workload and device, and not the default ones;
    /// left out elsewhere.
    public var isTuned: Bool?
    public var status: MeasurementStatus
    /// Why, when the status is not `ok`; otherwise a remark, or `nil`.
    @ExplicitNull public var message: String?
    /// Why its figures are not to be believed, although its result is right; it takes part in no comparison then. Left
    /// out where there is nothing to say.
    public var suspicion: String?
    /// `nil` when there were no outputs to check.
    @ExplicitNull public var verification: VerificationRecord?
    /// `nil` when it was not prepared.
    @ExplicitNull public var work: WorkRecord?
    /// `nil` when it was not timed: its result is not right, or only verification was asked for.
    @ExplicitNull public var time: TimeRecord?
    /// `nil` when it was not timed.
    @ExplicitNull public var energy: EnergyRecord?
    /// `nil` when it was not timed.
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
    /// What the outputs were held against: `float64` is the oracle, anything else is named.
    public var reference = "float64"
    /// Largest |output − reference|, in the outputs' unit; `nil` when an output is infinite or not a number.
    @ExplicitNull public var maxAbsoluteError: Double?
    /// Length of the error over length of the reference, no unit; `nil` likewise.
    @ExplicitNull public var relativeL2: Double?
    /// Sum of squared errors over the sum of squares of the reference, no unit; `nil` likewise.
    @ExplicitNull public var normalizedMeanSquaredError: Double?
    /// The largest normalised mean squared error that passes.
    public var tolerance: Double
    /// True when every output is right.
    public var passed: Bool
    /// Of a chain: the relative error (L2) against float64 of the same inputs before they were stored in fewer bits;
    /// `nil` for what is no chain.
    public var errorBeforeRounding: Double?

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
    /// Operations of the mathematics in one execution, a multiply and an add being two.
    public var flops: Double
    /// Each input read once, each output written once.
    public var minimumBytes: Double
    /// The minimum plus every intermediate that the strategy writes and reads.
    public var strategyBytes: Double
    /// Of those, what is written; the others are read. `nil` in files of before.
    public var writtenBytes: Double?
    /// The arithmetic whose peak bounds it, one of ``PeaksRecord/rates``; `nil` is f32.
    public var rate: String?

    public init(flops: Double, minimumBytes: Double, strategyBytes: Double) {
        self.flops = flops
        self.minimumBytes = minimumBytes
        self.strategyBytes = strategyBytes
    }
}

/// Seconds an execution of the workload takes.
public struct TimeRecord: Codable, Sendable, Equatable {
    /// Of the samples that were kept, seconds.
    public var median: Double
    /// 95 % interval of the median, seconds; it allows for samples being few or dependent. `nil` below two samples.
    @ExplicitNull public var interval: Interval?
    /// Standard deviation over mean; `nil` with fewer than two samples.
    @ExplicitNull public var relativeNoise: Double?
    /// How many were kept, which is how many there are in ``sampleSeconds``.
    public var samples: Int
    /// Executions before the first sample, which were not timed.
    public var warmups: Int
    /// Which stopping rule ended the sampling: `noise`, `precision`, `time-limit`…
    public var stopReason: String
    /// True when inputs rotated through more memory than the caches hold, false with `--hot`.
    public var cold: Bool
    /// Whose clock `median` comes from: `device` or `host`.
    public var clock: String
    /// Why times are the host's although the device has a clock; left out where there is nothing to say.
    public var clockDoubt: String?
    /// Median by the host's clock, submission to completion, seconds, whatever `clock` says; `nil` when it was not
    /// taken.
    @ExplicitNull public var hostMedian: Double?
    /// In the order of dispatch; empty when the device does not time them one by one.
    public var stages: [StageTimeRecord]
    /// The samples themselves, in the order taken, seconds, without those that were left out: what `compare` works
    /// from.
    public var sampleSeconds: [Double]
    /// How the samples fall into rounds and passes; `nil` when the strategies of a workload were not sampled in turn.
    @ExplicitNull public var rounds: SampleRounds?
    /// Executions back to back that make one sample, each then a share of it: more than 1 for what the clock does not
    /// resolve. `nil` in files of versions that had no batches.
    @ExplicitNull public var batch: Int?
    /// What disturbed the samples, and how many were left out; `nil` when nobody watched.
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
    /// Seconds.
    public var median: Double

    public init(name: String, median: Double) {
        self.name = name
        self.median = median
    }
}

/// A strategy beside the unfused one at the same workload, device and precision.
public struct ComparisonRecord: Codable, Sendable, Equatable {
    public var family: String
    public var workload: String
    public var device: String
    public var precision: String
    /// The family's unfused strategy.
    public var baseline: String
    /// Where the baseline ran, in a comparison of different devices of a processor; `nil` in all others.
    public var baselineDevice: String?
    public var strategy: String
    /// Baseline time ÷ strategy time: above 1, the strategy is faster. Of pairs of neighbouring samples where they were
    /// taken in turn, which is what the interval is about; else of the medians.
    public var speedup: Double
    /// What the verdict follows from: corrected for the number of comparisons in the run, all of whose intervals hold
    /// with 95 %. `nil` with fewer than two samples.
    @ExplicitNull public var speedupInterval: Interval?
    /// Of that interval by itself; `nil` in files of versions whose intervals held each with 95 %.
    @ExplicitNull public var speedupConfidence: Double?
    /// Baseline gross joules ÷ strategy gross joules: above 1, the strategy is cheaper. `nil` when the joules are not
    /// known or must not be weighed against each other.
    @ExplicitNull public var energyRatio: Double?
    /// Likewise corrected; `nil` when a side has no interval.
    @ExplicitNull public var energyRatioInterval: Interval?
    /// Of that interval by itself; `nil` in files of versions whose intervals held each with 95 %.
    @ExplicitNull public var energyRatioConfidence: Double?
    /// Provenance of the weaker of the two energies; `nil` without a ratio.
    @ExplicitNull public var energyProvenance: EnergyProvenance?
    /// Baseline strategy bytes ÷ strategy's.
    public var trafficRatio: Double
    /// `faster`, `slower`, `same` or `unresolved`; `nil` with fewer than two samples. Earlier versions say `ambiguous`
    /// for `unresolved`.
    @ExplicitNull public var timeVerdict: String?
    /// `faster` or `slower` where the verdict is unresolved and yet probably this.
    @ExplicitNull public var timeTendency: String?
    /// Why the verdict is `unresolved`; `nil` when it is not.
    @ExplicitNull public var timeReason: String?
    /// What to run so that the verdict comes out; `nil` where it has, or where it would take too long.
    @ExplicitNull public var timeCommand: String?
    /// `cheaper`, `costlier`, `same` or `unresolved`; `nil` without an interval.
    @ExplicitNull public var energyVerdict: String?
    /// `cheaper` or `costlier` where the verdict is unresolved and yet probably this.
    @ExplicitNull public var energyTendency: String?
    /// Why the verdict is `unresolved`; `nil` when it is not.
    @ExplicitNull public var energyReason: String?
    /// What to run so that the verdict comes out; `nil` where it has, or where it would take too long.
    @ExplicitNull public var energyCommand: String?

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
