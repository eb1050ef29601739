/// Decides after each sample whether to take another: any of the rules, once the minimums are met, or the time limit.
///
/// ```swift
/// var sampling = AdaptiveSampling(minimumSamples: 7, minimumSeconds: 0.1, timeLimitSeconds: 1)
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

    public let timeLimitSeconds: Double
    private let minimumSamples: Int
    private let minimumSeconds: Double
    private var sampleCount = 0
    private var rules: [any StoppingRule]

    /// - Parameters:
    ///   - rules: asked in this order; the first that is satisfied names the reason.
    ///   - minimumSamples: no rule ends the sampling with fewer.
    ///   - minimumSeconds: nor earlier than this.
    ///   - timeLimitSeconds: ends the sampling whatever the rules and minimums say; what was taken stands.
    public init(
        rules: [any StoppingRule] = AdaptiveSampling.standardRules, minimumSamples: Int, minimumSeconds: Double,
        timeLimitSeconds: Double
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
