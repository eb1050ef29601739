import Statistics
import Testing

@Suite("Verdicts")
struct VerdictTests {
    /// How often each verdict falls in `trials` simulated comparisons.
    private func verdicts(
        of trials: Int, machine: MachineModel, speedup: Double, count: Int, pairing: Pairing
    ) throws -> [Verdict: Int] {
        var generator = SeededGenerator(seed: 42, purpose: "\(speedup) \(count) \(pairing)")
        var tally: [Verdict: Int] = [:]
        for trial in 0..<trials {
            let baseline: [Double]
            let candidate: [Double]
            switch pairing {
            case .interleaved:
                let run = machine.run(costs: [1e-3 * speedup, 1e-3], count: count, generator: &generator)
                (baseline, candidate) = (run[0], run[1])
            case .independent:
                baseline = machine.run(costs: [1e-3 * speedup], count: count, generator: &generator)[0]
                candidate = machine.run(costs: [1e-3], count: count, generator: &generator)[0]
            }
            let found = try #require(
                relativeSpeedup(
                    baseline: baseline, candidate: candidate, pairing: pairing, resamples: 300, seed: UInt64(trial)))
            tally[found.verdict, default: 0] += 1
        }
        return tally
    }

    @Test(
        "of 200 comparisons of a kernel with itself, at least 95 % are `same` or `ambiguous`",
        arguments: [Pairing.independent, .interleaved])
    func aAgainstA(pairing: Pairing) throws {
        // Independent series must outlast the drift (30 samples) to show it; interleaved ones need not.
        let onSharedMachine = pairing == .independent ? [100] : [20, 100]
        let cases = [20, 100].map { (MachineModel.quiet, $0) } + onSharedMachine.map { (MachineModel.shared, $0) }
        for (machine, count) in cases {
            let tally = try verdicts(of: 200, machine: machine, speedup: 1, count: count, pairing: pairing)
            let claimed = tally[.better, default: 0] + tally[.worse, default: 0]
            #expect(claimed <= 10, "\(count) samples, \(machine): \(tally)")
        }
    }

    @Test(
        "3 % is found in at least 90 % of comparisons at 1 % noise, 2 % likewise with more samples",
        arguments: [Pairing.independent, .interleaved])
    func power(pairing: Pairing) throws {
        for (speedup, count) in [(1.03, 30), (1.02, 60), (1 / 1.03, 30)] {
            let tally = try verdicts(of: 100, machine: .quiet, speedup: speedup, count: count, pairing: pairing)
            let right = tally[speedup > 1 ? .better : .worse, default: 0]
            let wrong = tally[speedup > 1 ? .worse : .better, default: 0]
            #expect(right >= 90 && wrong == 0, "\(speedup) with \(count): \(tally)")
        }
    }

    @Test("3 % is found on a shared machine when the two are interleaved")
    func powerOnASharedMachine() throws {
        let tally = try verdicts(of: 100, machine: .shared, speedup: 1.03, count: 100, pairing: .interleaved)
        #expect(tally[.better, default: 0] >= 90, "\(tally)")
    }

    @Test("a difference below the margin is `same`, however certain it is")
    func equivalence() throws {
        let tally = try verdicts(of: 50, machine: .quiet, speedup: 1.003, count: 400, pairing: .independent)
        #expect(tally[.same, default: 0] >= 45, "\(tally)")
    }

    @Test("interruptions of one side only do not make the other faster")
    func interruptionsOfOneSide() throws {
        var generator = SeededGenerator(seed: 11)
        var disturbed = MachineModel.quiet
        disturbed.interruptionChance = 0.3
        var claimed = 0
        for trial in 0..<100 {
            let baseline = disturbed.run(costs: [1e-3], count: 100, generator: &generator)[0]
            let candidate = MachineModel.quiet.run(costs: [1e-3], count: 100, generator: &generator)[0]
            let found = try #require(
                relativeSpeedup(
                    baseline: baseline, candidate: candidate, resamples: 300, seed: UInt64(trial)))
            claimed += [.same, .ambiguous].contains(found.verdict) ? 0 : 1
        }
        #expect(claimed <= 15)
    }

    @Test("the interval of an A/A ratio covers 1 in about 95 % of comparisons, whether samples drift or not")
    func coverage() throws {
        for (machine, pairing) in [(MachineModel.quiet, Pairing.independent), (.shared, .interleaved)] {
            var generator = SeededGenerator(seed: 8)
            var covered = 0
            for trial in 0..<300 {
                let run = machine.run(costs: [1, 1], count: 120, generator: &generator)
                let effect = try #require(
                    RelativeEffect(
                        baseline: run[0], candidate: run[1], pairing: pairing, resamples: 300, seed: UInt64(trial)))
                covered += effect.interval.contains(1) ? 1 : 0
            }
            #expect(covered >= 270 && covered <= 299, "\(pairing): \(covered) of 300")
        }
    }

    @Test("the rule wants certainty, size and the second look")
    func rule() {
        let rule = VerdictRule(margin: 0.01)
        let clear = Interval(1.02, 1.06)
        #expect(rule.judge(ratio: 1.04, interval: clear, correctedPValue: 0.001).verdict == .better)
        #expect(
            rule.judge(ratio: 1.005, interval: Interval(1.001, 1.009), correctedPValue: 0.001).verdict == .same)
        #expect(rule.judge(ratio: 0.9, interval: Interval(0.85, 0.95), correctedPValue: 0.001).verdict == .worse)
    }

    @Test("what stays ambiguous says why")
    func reasons() {
        let rule = VerdictRule(margin: 0.01)
        let clear = Interval(1.02, 1.06)
        let disagreeing = (ratio: 1.0, interval: Interval(0.99, 1.01))
        let cases: [(Judgement, String)] = [
            (rule.judge(ratio: 1.04, interval: clear, correctedPValue: 0.2), "p = 0.2"),
            (rule.judge(ratio: 1.04, interval: clear, correctedPValue: 0.0667), "p = 0.067"),
            (rule.judge(ratio: 1.04, interval: Interval(0.99, 1.09), correctedPValue: 0.001), "no difference at all"),
            (rule.judge(ratio: 1.009, interval: Interval(1.004, 1.015), correctedPValue: 0.001), "margin of 1 %"),
            (rule.judge(ratio: 1.04, interval: clear, correctedPValue: 0.001, second: disagreeing), "fastest quarter"),
            (rule.judge(ratio: .nan, interval: Interval(.nan, .nan), correctedPValue: 0), "no ratio"),
        ]
        for (judgement, reason) in cases {
            #expect(judgement.verdict == .ambiguous)
            #expect(judgement.reason?.contains(reason) == true, "\(judgement) does not say '\(reason)'")
        }
    }

    @Test("verdicts have the words of their quantity")
    func words() {
        #expect(Verdict.allCases.map { $0.word(for: .time) } == ["faster", "slower", "same", "ambiguous"])
        #expect(Verdict.allCases.map { $0.word(for: .energy) } == ["cheaper", "costlier", "same", "ambiguous"])
    }

    @Test("the same samples and seed give the same figures; unusable samples give none")
    func reproducible() {
        let (first, second) = ([1.0, 1.1, 0.9, 1.2], [0.8, 0.7, 0.75, 0.72])
        #expect(
            RelativeEffect(baseline: first, candidate: second, seed: 1)
                == RelativeEffect(baseline: first, candidate: second, seed: 1))
        #expect(RelativeEffect(baseline: [1], candidate: second, seed: 1) == nil)
        #expect(RelativeEffect(baseline: first, candidate: [0, 1], seed: 1) == nil)
        #expect(RelativeEffect(baseline: first, candidate: [.nan, 1], seed: 1) == nil)
    }
}
