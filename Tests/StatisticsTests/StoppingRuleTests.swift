import Statistics
import TestSupport
import Testing

@Suite("Stopping rules")
struct StoppingRuleTests {
    /// Samples until a reason to stop, each taking its own length plus nothing.
    private func stop(
        _ rules: [any StoppingRule] = AdaptiveSampling.standardRules, minimumSamples: Int = 20,
        minimumSeconds: Double = 0, timeLimitSeconds: Double = 10, machine: MachineModel = .quiet,
        cost: Double = 1e-3, seed: UInt64 = 1
    ) -> (reason: StopReason?, samples: [Double]) {
        var sampling = AdaptiveSampling(
            rules: rules, minimumSamples: minimumSamples, minimumSeconds: minimumSeconds,
            timeLimitSeconds: timeLimitSeconds)
        var generator = SeededGenerator(seed: seed)
        let series = machine.run(costs: [cost], count: 20_000, generator: &generator)[0]
        var elapsed = 0.0
        for (index, seconds) in series.enumerated() {
            elapsed += seconds
            if let reason = sampling.add(seconds, elapsed: elapsed) { return (reason, Array(series[...index])) }
        }
        return (nil, series)
    }

    @Test("a quiet kernel stops for its noise as soon as the minimums are met")
    func noise() {
        let quiet = MachineModel(whiteNoise: 0.001)
        let bySamples = stop(minimumSamples: 25, machine: quiet)
        #expect(bySamples.reason == .noise && bySamples.samples.count == 25)
        let byTime = stop(minimumSamples: 5, minimumSeconds: 0.3, machine: quiet)
        #expect(byTime.reason == .noise && byTime.samples.reduce(0, +) >= 0.3 && byTime.samples.count < 310)
    }

    @Test("a noisy kernel stops when its median is known well enough, and it is")
    func precision() throws {
        var within = 0
        for seed in 0..<40 {
            let found = stop([MedianPrecisionTarget()], seed: UInt64(seed))
            #expect(found.reason == .precision)
            let middle = try #require(median(found.samples))
            within += abs(middle / 1e-3 - 1) < 0.0025 ? 1 : 0
        }
        #expect(within >= 34)
    }

    @Test("a noise that no longer changes ends the sampling")
    func stableNoise() {
        let found = stop([RelativeNoiseTarget(), StableNoise()], machine: MachineModel(whiteNoise: 0.05))
        #expect(found.reason == .stableNoise && found.samples.count > 128 && found.samples.count < 5000)
    }

    @Test("the time limit ends everything, minimums included, with one sample if that is all there was")
    func timeLimit() {
        let found = stop([], timeLimitSeconds: 0.2)
        #expect(found.reason == .timeLimit)
        #expect(abs(Double(found.samples.count) - 200) < 10)
        let slow = stop(minimumSeconds: 0.5, timeLimitSeconds: 1, cost: 3)
        #expect(slow.reason == .timeLimit && slow.samples.count == 1)
    }

    @Test("a rule of one's own takes part like a built-in one")
    func ownRule() {
        struct SlowestAbove: StoppingRule {
            let reason = StopReason(rawValue: "slow")
            let threshold: Double
            mutating func add(_ seconds: Double) -> Bool { seconds > threshold }
        }
        let found = stop([SlowestAbove(threshold: 1.02e-3)], minimumSamples: 1)
        #expect(found.reason == StopReason(rawValue: "slow"))
        #expect(found.samples.dropLast().allSatisfy { $0 <= 1.02e-3 })
    }

    @Test("no built-in rule wants to stop on the first sample, and equal samples give equal answers")
    func conformance() {
        for rule in AdaptiveSampling.standardRules {
            var (first, second) = (rule, rule)
            var generator = SeededGenerator(seed: 6)
            for step in 0..<300 {
                let seconds = 1e-3 * (1 + 0.01 * generator.normal())
                let answer = first.add(seconds)
                #expect(answer == second.add(seconds))
                #expect(step > 0 || !answer)
            }
        }
    }
}
