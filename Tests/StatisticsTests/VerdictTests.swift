import Glibc
import Statistics
import TestSupport
import Testing

@Suite("Verdicts")
struct VerdictTests {
    /// How often each verdict falls in `trials` simulated comparisons.
    private func verdicts(
        of trials: Int, machine: MachineModel, speedup: Double, count: Int, pairing: Pairing
    ) throws -> [Verdict: Int] {
        var generator = SeededGenerator(seed: 42, purpose: "\(speedup) \(count) \(pairing)")
        var tally: [Verdict: Int] = [:]
        for _ in 0..<trials {
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
            tally[try verdict(baseline, candidate, pairing), default: 0] += 1
        }
        return tally
    }

    /// Of a single comparison; the drift of series that were not interleaved is allowed for.
    private func verdict(
        _ baseline: [Double], _ candidate: [Double], _ pairing: Pairing = .independent
    ) throws -> Verdict {
        let effect = try #require(RelativeEffect(baseline: baseline, candidate: candidate, pairing: pairing))
        let estimate = effect.estimate.allowing(for: effect.driftError, degrees: RelativeEffect.driftDegrees)
        return VerdictRule().judge(estimate, among: 1, .time).verdict
    }

    @Test(
        "of 200 comparisons of a kernel with itself, at least 95 % are `same` or `unresolved`",
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
        for _ in 0..<100 {
            let baseline = disturbed.run(costs: [1e-3], count: 100, generator: &generator)[0]
            let candidate = MachineModel.quiet.run(costs: [1e-3], count: 100, generator: &generator)[0]
            claimed += [.same, .unresolved].contains(try verdict(baseline, candidate)) ? 0 : 1
        }
        #expect(claimed <= 15)
    }

    @Test("the interval decides, and nothing else")
    func rule() {
        let rule = VerdictRule(margin: 0.01)
        let cases: [(Interval, Verdict)] = [
            (Interval(1.02, 1.06), .better), (Interval(0.85, 0.95), .worse), (Interval(1.001, 1.009), .same),
            (Interval(0.992, 1.009), .same), (Interval(1.004, 1.015), .better), (Interval(0.999, 1.02), .unresolved),
            (Interval(.nan, .nan), .unresolved), (Interval(0, .infinity), .unresolved),
        ]
        for (interval, verdict) in cases { #expect(rule.verdict(of: interval) == verdict, "\(interval)") }
    }

    @Test("what stays unresolved says which way it leans, in how many rounds, or why not")
    func reasons() throws {
        let rule = VerdictRule()
        func judge(_ differences: [Double], among count: Int = 36) throws -> Judgement {
            let effect = RelativeEffect(
                baseline: differences.map { exp($0) }, candidate: differences.map { _ in 1 }, pairing: .interleaved)
            return rule.judge(try #require(effect).estimate, among: count, .time)
        }
        let leaning = try judge([-0.09, -0.02, -0.05, 0.01, -0.03, -0.06, -0.01, 0.02, -0.08, -0.04, -0.02])
        #expect(leaning.verdict == .unresolved && leaning.tendency == .worse)
        #expect(leaning.reason == "probably slower: 9 of 11 rounds")
        let open = try judge([-0.05, 0.05, -0.04, 0.04, -0.03, 0.031, 0.02])
        #expect(open.verdict == .unresolved && open.tendency == nil)
        #expect(open.reason == "may be faster or slower: 4 of 7 rounds are faster")
        // The medians differ, the lower quartiles do not.
        let ripple = (0..<40).map { 0.0001 * Double($0 % 7) }
        let steady: [Double] = ripple.map { 1 + $0 }
        let disturbed: [Double] = ripple.enumerated().map { $0 % 5 < 2 ? 1 + $1 : 1.3 + $1 }
        let effect = try #require(RelativeEffect(baseline: disturbed, candidate: steady))
        let judgement = rule.judge(effect.estimate, among: 1, .time)
        #expect(judgement.verdict == .unresolved && judgement.interval.contains(1))
        #expect(judgement.reason == "the fastest quarter of the samples does not show the difference")
    }

    @Test("a decided ratio has a p value below the significance, and an open one has not")
    func pValues() throws {
        var generator = SeededGenerator(seed: 14)
        var kinds: Set<Verdict> = []
        for trial in 0..<200 {
            let run = MachineModel.shared.run(
                costs: [1 + 0.0005 * Double(trial), 1], count: 12, generator: &generator)
            for pairing in [Pairing.interleaved, .independent] {
                let effect = try #require(RelativeEffect(baseline: run[0], candidate: run[1], pairing: pairing))
                let judgement = VerdictRule().judge(effect.estimate, among: 10, .time)
                kinds.insert(judgement.verdict)
                guard judgement.verdict != .same else { continue }
                #expect((judgement.pValue < 0.05) == (judgement.verdict != .unresolved), "\(judgement)")
                #expect(judgement.interval.contains(1) == (judgement.verdict == .unresolved), "\(judgement)")
            }
        }
        #expect(kinds.contains(.better) && kinds.contains(.unresolved))
    }

    @Test("verdicts have the words of their quantity")
    func words() {
        #expect(Verdict.allCases.map { $0.word(for: .time) } == ["faster", "slower", "same", "unresolved"])
        #expect(Verdict.allCases.map { $0.word(for: .energy) } == ["cheaper", "costlier", "same", "unresolved"])
        for verdict in Verdict.allCases {
            for quantity in [Verdict.Quantity.time, .energy] {
                #expect(Verdict(word: verdict.word(for: quantity)) == verdict)
            }
        }
        // As files of earlier versions have it.
        #expect(Verdict(word: "ambiguous") == .unresolved)
    }

    @Test("unusable samples give no ratio")
    func unusable() {
        let samples = [0.8, 0.7, 0.75, 0.72]
        #expect(RelativeEffect(baseline: [1], candidate: samples) == nil)
        #expect(RelativeEffect(baseline: samples, candidate: [0, 1]) == nil)
        #expect(RelativeEffect(baseline: samples, candidate: [.nan, 1]) == nil)
    }
}
