/// Why sampling ended, as `TimeRecord.stopReason` records it.
public struct StopReason: RawRepresentable, Hashable, Sendable, Codable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    /// Standard deviation over mean fell to the target.
    public static let noise = StopReason(rawValue: "noise")
    /// The interval of the median became as narrow as asked for.
    public static let precision = StopReason(rawValue: "precision")
    /// The noise is above the target, and more samples no longer change it.
    public static let stableNoise = StopReason(rawValue: "stable-noise")
    /// The time allowed for one measurement is used up.
    public static let timeLimit = StopReason(rawValue: "time-limit")
}

/// Decides when a measurement has enough samples.
///
/// A rule sees every sample once, in the order taken, and answers whether it would stop now. It knows nothing of
/// minimum counts and time limits: `AdaptiveSampling` combines rules with those. A new rule is a type that conforms:
///
/// ```swift
/// struct FirstBelow: StoppingRule {
///     let threshold: Double
///     let reason = StopReason(rawValue: "first-below")
///     mutating func add(_ seconds: Double) -> Bool { seconds < threshold }
/// }
/// ```
///
/// What every rule keeps to, and the tests ask of ours: it gives the same answers for the same samples; it never asks
/// to stop on the first sample unless one sample is what it was told to take; it takes at most O(log *n*) comparisons
/// and one move of memory a sample, so that it does not disturb what is measured.
public protocol StoppingRule: Sendable {
    var reason: StopReason { get }

    /// Takes the next sample, in seconds. True when the rule is satisfied by the samples so far.
    mutating func add(_ seconds: Double) -> Bool
}

/// Satisfied once standard deviation ÷ mean is at most 0.5 %.
public struct RelativeNoiseTarget: StoppingRule {
    private static let maximum = 0.005

    public let reason = StopReason.noise
    private var moments = RunningMoments()

    public init() {}

    public mutating func add(_ seconds: Double) -> Bool {
        moments.add(seconds)
        return moments.count >= 3 && moments.relativeNoise <= Self.maximum
    }
}

/// Satisfied once half the width of the median's 95 % interval, divided by the median, is at most 0.25 %.
///
/// The interval is the distribution-free one between order statistics (normal approximation of the binomial; Conover,
/// Practical Nonparametric Statistics, section 3.2), because it costs no resampling. This is the precision of the
/// figure that is reported, so a noisy machine gets the samples that it needs and a quiet one no more than that.
public struct MedianPrecisionTarget: StoppingRule {
    private static let maximum = 0.0025

    public let reason = StopReason.precision
    private var sorted: [Double] = []

    public init() {}

    public mutating func add(_ seconds: Double) -> Bool {
        sorted.insert(seconds, at: sorted.partitioningIndex { $0 >= seconds })
        let count = Double(sorted.count)
        let lower = Int((count / 2 - 0.98 * count.squareRoot()).rounded(.down))
        let upper = Int((count / 2 + 0.98 * count.squareRoot()).rounded(.up))
        guard lower >= 0, upper < sorted.count else { return false }
        return (sorted[upper] - sorted[lower]) / 2 <= Self.maximum * sorted[sorted.count / 2]
    }
}

/// Satisfied once the last 128 estimates of the relative noise differ by no more than 2 % (standard deviation over
/// mean): the noise is what the machine has, and waiting does not lower it.
public struct StableNoise: StoppingRule {
    private static let window = 128
    private static let maximumVariation = 0.02

    public let reason = StopReason.stableNoise
    private var moments = RunningMoments()
    private var estimates = RollingWindow(capacity: StableNoise.window)

    public init() {}

    public mutating func add(_ seconds: Double) -> Bool {
        moments.add(seconds)
        guard moments.count >= 3 else { return false }
        estimates.add(moments.relativeNoise)
        guard estimates.isFull else { return false }
        var variation = RunningMoments()
        for estimate in estimates.values { variation.add(estimate) }
        return variation.relativeNoise <= Self.maximumVariation
    }
}
