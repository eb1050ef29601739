/// Decides after each sample whether to take another: any of the rules, once the minimums are met, or the time limit.
///
/// ```swift
/// var sampling = AdaptiveSampling()
/// repeat {
///     let seconds = sampleOnce()
///     reason = sampling.add(seconds, elapsed: clock.secondsSinceStart)
/// } while reason == nil
/// ```
public struct AdaptiveSampling: Sendable {
    /// Relative noise of 0.5 %, or a median known to 0.25 %, or a noise that stays what it is.
    public static var standardRules: [any StoppingRule] {
        [RelativeNoiseTarget(), MedianPrecisionTarget(), StableNoise()]
    }

    /// Exactly `count` samples, or as many as the time limit allows.
    public static func fixed(count: Int, timeLimitSeconds: Double = .infinity) -> AdaptiveSampling {
        AdaptiveSampling(
            rules: [FixedCount(count)], minimumSamples: 1, minimumSeconds: 0, timeLimitSeconds: timeLimitSeconds)
    }

    public let minimumSamples: Int
    public let minimumSeconds: Double
    public let timeLimitSeconds: Double
    public private(set) var sampleCount = 0
    private var rules: [any StoppingRule]

    /// - Parameters:
    ///   - rules: asked in this order; the first that is satisfied names the reason.
    ///   - minimumSamples: no rule ends the sampling with fewer.
    ///   - minimumSeconds: nor earlier than this.
    ///   - timeLimitSeconds: ends the sampling whatever the rules and minimums say; what was taken stands.
    public init(
        rules: [any StoppingRule] = AdaptiveSampling.standardRules, minimumSamples: Int = 20,
        minimumSeconds: Double = 0.5, timeLimitSeconds: Double = 10
    ) {
        self.rules = rules
        self.minimumSamples = minimumSamples
        self.minimumSeconds = minimumSeconds
        self.timeLimitSeconds = timeLimitSeconds
    }

    /// Takes one sample.
    ///
    /// - Parameters:
    ///   - seconds: the sample.
    ///   - elapsed: seconds since the sampling of this measurement began.
    /// - Returns: the reason to stop, or `nil` to go on.
    public mutating func add(_ seconds: Double, elapsed: Double) -> StopReason? {
        sampleCount += 1
        var satisfied: StopReason?
        for index in rules.indices where rules[index].add(seconds) && satisfied == nil {
            satisfied = rules[index].reason
        }
        if let satisfied, sampleCount >= minimumSamples, elapsed >= minimumSeconds { return satisfied }
        return elapsed >= timeLimitSeconds ? .timeLimit : nil
    }
}
