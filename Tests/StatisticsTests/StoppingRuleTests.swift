import Statistics
import Testing

@Suite("Stopping rules")
struct StoppingRuleTests {
    /// Samples until a reason to stop, each taking its own length plus nothing.
    private func stop(
        _ sampling: AdaptiveSampling, machine: MachineModel, cost: Double = 1e-3, seed: UInt64 = 1, limit: Int = 20_000
    ) -> (reason: StopReason?, samples: [Double]) {
        var sampling = sampling
        var generator = SeededGenerator(seed: seed)
        let series = machine.run(costs: [cost], count: limit, generator: &generator)[0]
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
        let bySamples = stop(AdaptiveSampling(minimumSamples: 25, minimumSeconds: 0), machine: quiet)
        #expect(bySamples.reason == .noise && bySamples.samples.count == 25)
        let byTime = stop(AdaptiveSampling(minimumSamples: 5, minimumSeconds: 0.3), machine: quiet)
        #expect(byTime.reason == .noise && byTime.samples.reduce(0, +) >= 0.3 && byTime.samples.count < 310)
    }

    @Test("a noisy kernel stops when its median is known well enough, and it is")
    func precision() throws {
        let noisy = MachineModel(whiteNoise: 0.02)
        var within = 0
        for seed in 0..<40 {
            let sampling = AdaptiveSampling(rules: [MedianPrecisionTarget(maximum: 0.005)], minimumSeconds: 0)
            let found = stop(sampling, machine: noisy, seed: UInt64(seed))
            #expect(found.reason == .precision)
            let middle = try #require(median(found.samples))
            within += abs(middle / 1e-3 - 1) < 0.005 ? 1 : 0
        }
        #expect(within >= 34)
    }

    @Test("a noise that no longer changes ends the sampling")
    func stableNoise() {
        let sampling = AdaptiveSampling(rules: [RelativeNoiseTarget(), StableNoise()], minimumSeconds: 0)
        let found = stop(sampling, machine: MachineModel(whiteNoise: 0.05))
        #expect(found.reason == .stableNoise && found.samples.count > 128 && found.samples.count < 5000)
    }

    @Test("a known distribution ends the sampling, a growing one does not")
    func entropy() {
        let sampling = AdaptiveSampling(rules: [EntropyPlateau()], minimumSeconds: 0)
        let found = stop(sampling, machine: MachineModel(whiteNoise: 0.02))
        #expect(found.reason == .entropy && found.samples.count >= 64 && found.samples.count < 5000)
        var growing = EntropyPlateau()
        #expect(!(1...400).contains { growing.add(1e-3 * Double($0)) })
    }

    @Test("a fixed count is exact")
    func fixedCount() {
        let found = stop(.fixed(count: 17), machine: .quiet)
        #expect(found.reason == .count && found.samples.count == 17)
    }

    @Test("the time limit ends everything, minimums included, with one sample if that is all there was")
    func timeLimit() {
        let sampling = AdaptiveSampling(rules: [RelativeNoiseTarget(maximum: 0)], timeLimitSeconds: 0.2)
        let found = stop(sampling, machine: .quiet)
        #expect(found.reason == .timeLimit)
        #expect(abs(Double(found.samples.count) - 200) < 10)
        let slow = stop(AdaptiveSampling(timeLimitSeconds: 1), machine: .quiet, cost: 3)
        #expect(slow.reason == .timeLimit && slow.samples.count == 1)
    }

    @Test("a rule of one's own takes part like a built-in one")
    func ownRule() {
        struct SlowestAbove: StoppingRule {
            let reason = StopReason(rawValue: "slow")
            let threshold: Double
            mutating func add(_ seconds: Double) -> Bool { seconds > threshold }
        }
        let sampling = AdaptiveSampling(
            rules: [SlowestAbove(threshold: 1.02e-3)], minimumSamples: 1, minimumSeconds: 0)
        let found = stop(sampling, machine: .quiet)
        #expect(found.reason == StopReason(rawValue: "slow"))
        #expect(found.samples.dropLast().allSatisfy { $0 <= 1.02e-3 })
    }

    @Test("no built-in rule wants to stop on the first sample, and equal samples give equal answers")
    func conformance() {
        let rules: [any StoppingRule] = [
            RelativeNoiseTarget(), MedianPrecisionTarget(), StableNoise(), EntropyPlateau(), FixedCount(2),
        ]
        for rule in rules {
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
