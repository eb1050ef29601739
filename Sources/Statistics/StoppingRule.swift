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
    /// New samples no longer change the shape of the distribution.
    public static let entropy = StopReason(rawValue: "entropy")
    /// The number of samples asked for is reached.
    public static let count = StopReason(rawValue: "count")
    /// The time allowed for one measurement is used up.
    public static let timeLimit = StopReason(rawValue: "time-limit")
}

/// Decides when a measurement has enough samples.
///
/// A rule sees every sample once, in the order taken, and answers whether it would stop now. It knows nothing of minimum
/// counts and time limits: `AdaptiveSampling` combines rules with those. A new rule is a type that conforms:
///
/// ```swift
/// struct FirstBelow: StoppingRule {
///     let threshold: Double
///     let reason = StopReason(rawValue: "first-below")
///     mutating func add(_ seconds: Double) -> Bool { seconds < threshold }
/// }
/// ```
///
/// What every rule keeps to, and the tests ask of ours: it gives the same answers for the same samples; it never asks to
/// stop on the first sample unless one sample is what it was told to take; it takes at most O(log *n*) comparisons and one
/// move of memory a sample, so that it does not disturb what is measured.
public protocol StoppingRule: Sendable {
    var reason: StopReason { get }

    /// Takes the next sample, in seconds. True when the rule is satisfied by the samples so far.
    mutating func add(_ seconds: Double) -> Bool
}

/// Satisfied once standard deviation ÷ mean is at most `maximum`.
public struct RelativeNoiseTarget: StoppingRule {
    public let reason = StopReason.noise
    public let maximum: Double
    private var moments = RunningMoments()

    /// - Parameter maximum: 0.5 % unless told otherwise.
    public init(maximum: Double = 0.005) { self.maximum = maximum }

    public mutating func add(_ seconds: Double) -> Bool {
        moments.add(seconds)
        return moments.count >= 3 && moments.relativeNoise <= maximum
    }
}

/// Satisfied once half the width of the median's 95 % interval, divided by the median, is at most `maximum`.
///
/// The interval is the distribution-free one between order statistics (normal approximation of the binomial; Conover,
/// Practical Nonparametric Statistics, section 3.2), because it costs no resampling. This is the precision of the figure
/// that is reported, so a noisy machine gets the samples that it needs and a quiet one no more than that.
public struct MedianPrecisionTarget: StoppingRule {
    public let reason = StopReason.precision
    public let maximum: Double
    private var sorted: [Double] = []

    /// - Parameter maximum: 0.25 % unless told otherwise.
    public init(maximum: Double = 0.0025) { self.maximum = maximum }

    public mutating func add(_ seconds: Double) -> Bool {
        sorted.insert(seconds, at: sorted.partitioningIndex { $0 >= seconds })
        let count = Double(sorted.count)
        let lower = Int((count / 2 - 0.98 * count.squareRoot()).rounded(.down))
        let upper = Int((count / 2 + 0.98 * count.squareRoot()).rounded(.up))
        guard lower >= 0, upper < sorted.count else { return false }
        return (sorted[upper] - sorted[lower]) / 2 <= maximum * sorted[sorted.count / 2]
    }
}

/// Satisfied once the last `window` estimates of the relative noise differ by no more than `maximumVariation` (standard
/// deviation over mean): the noise is what the machine has, and waiting does not lower it.
public struct StableNoise: StoppingRule {
    public let reason = StopReason.stableNoise
    public let window: Int
    public let maximumVariation: Double
    private var moments = RunningMoments()
    private var estimates: RollingWindow

    public init(window: Int = 128, maximumVariation: Double = 0.02) {
        self.window = window
        self.maximumVariation = maximumVariation
        estimates = RollingWindow(capacity: max(window, 2))
    }

    public mutating func add(_ seconds: Double) -> Bool {
        moments.add(seconds)
        guard moments.count >= 3 else { return false }
        estimates.add(moments.relativeNoise)
        guard estimates.isFull else { return false }
        var variation = RunningMoments()
        for estimate in estimates.values { variation.add(estimate) }
        return variation.relativeNoise <= maximumVariation
    }
}

/// Satisfied once the entropy of the distribution of samples has levelled off.
///
/// Samples are counted in bins of equal relative width; the Shannon entropy of the counts grows while samples still fall
/// where none fell before, and levels off when the distribution is known. The rule fits a line through the last `window`
/// entropies and is satisfied when that line rises or falls by no more than `maximumChange` bits over the window.
public struct EntropyPlateau: StoppingRule {
    public let reason = StopReason.entropy
    public let binWidth: Double
    public let window: Int
    public let maximumChange: Double
    private var counts: [Int: Int] = [:]
    private var total = 0
    private var weightedLogarithms = 0.0
    private var entropies: RollingWindow

    public init(binWidth: Double = 0.005, window: Int = 64, maximumChange: Double = 0.03) {
        self.binWidth = binWidth
        self.window = window
        self.maximumChange = maximumChange
        entropies = RollingWindow(capacity: max(window, 2))
    }

    public mutating func add(_ seconds: Double) -> Bool {
        let bin = seconds > 0 ? Int((logarithm(seconds) / logarithm(1 + binWidth)).rounded(.down)) : Int.min
        let count = counts[bin, default: 0]
        counts[bin] = count + 1
        total += 1
        weightedLogarithms += Self.weighted(count + 1) - Self.weighted(count)
        entropies.add(logarithm(Double(total)) / logarithm(2) - weightedLogarithms / Double(total))
        return entropies.isFull && abs(entropies.slope) * Double(window) <= maximumChange
    }

    private static func weighted(_ count: Int) -> Double {
        count > 1 ? Double(count) * logarithm(Double(count)) / logarithm(2) : 0
    }
}

/// Satisfied once `count` samples are taken. Use it with no minimum time to get exactly that many.
public struct FixedCount: StoppingRule {
    public let reason = StopReason.count
    public let count: Int
    private var taken = 0

    public init(_ count: Int) { self.count = count }

    public mutating func add(_ seconds: Double) -> Bool {
        taken += 1
        return taken >= count
    }
}
