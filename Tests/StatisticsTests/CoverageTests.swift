import Statistics
import TestSupport
import Testing

/// How often intervals of ratios hold, and how often a whole run of comparisons is right, on simulated machines.
@Suite("Coverage and false verdicts")
struct CoverageTests {
    private static let machines: [(name: String, machine: MachineModel)] = [
        ("quiet", .quiet), ("shared", .shared), ("bursty", .bursty), ("wandering", .wandering),
    ]

    private func estimate(_ run: [[Double]]) throws -> RatioEstimate {
        try #require(RelativeEffect(baseline: run[0], candidate: run[1], pairing: .interleaved)).estimate
    }

    @Test(
        "the 95 % interval of a ratio taken in turn holds the truth in at least 93 of 100 cases, with drift and bursts",
        arguments: [3, 4, 5, 7, 10, 20, 50, 200])
    func coverage(rounds: Int) throws {
        for (name, machine) in Self.machines {
            var generator = SeededGenerator(seed: 8, purpose: "\(name) \(rounds)")
            let trials = 1000
            var covered = 0
            for _ in 0..<trials {
                let run = machine.run(costs: [1.3, 1], count: rounds, generator: &generator)
                covered += try estimate(run).interval().contains(1.3) ? 1 : 0
            }
            #expect(covered * 100 >= 93 * trials, "\(name): \(covered) of \(trials)")
        }
    }

    @Test("of runs with 36 comparisons and no difference, at most 5 % claim one", arguments: [5, 10, 24, 60])
    func falseVerdicts(rounds: Int) throws {
        let rule = VerdictRule()
        for (name, machine) in Self.machines {
            var generator = SeededGenerator(seed: 9, purpose: "\(name) \(rounds)")
            let runs = 100
            var wrong = 0
            for _ in 0..<runs {
                var claims = 0
                for _ in 0..<36 {
                    let run = machine.run(costs: [1, 1], count: rounds, generator: &generator)
                    let verdict = rule.judge(try estimate(run), among: 36, .time).verdict
                    claims += [.same, .unresolved].contains(verdict) ? 0 : 1
                }
                wrong += claims > 0 ? 1 : 0
            }
            #expect(wrong * 100 <= 5 * runs, "\(name): \(wrong) of \(runs) runs")
        }
    }

    @Test(
        "a factor of two is always found among 36 comparisons: from ten rounds, or twenty where every fifth is disturbed"
    )
    func factorOfTwo() throws {
        let rule = VerdictRule()
        for (name, machine) in Self.machines {
            var generator = SeededGenerator(seed: 10, purpose: name)
            let runs = 500
            // Where bursts hit one round in five, sampling has to go on now and then: twice as many rounds are enough.
            var found = [10: 0, 20: 0]
            for rounds in found.keys.sorted() {
                for _ in 0..<runs {
                    let run = machine.run(costs: [1, 2], count: rounds, generator: &generator)
                    found[rounds, default: 0] +=
                        rule.judge(try estimate(run), among: 36, .time).verdict == .worse ? 1 : 0
                }
            }
            #expect(found[20] == runs && found[10, default: 0] >= (name == "bursty" ? 485 : runs), "\(name): \(found)")
        }
    }

    @Test("what all rounds agree on by far is decided: 23 rounds about 22 ×, 11 rounds about 0.56 ×")
    func certain() throws {
        var generator = SeededGenerator(seed: 11)
        for (ratio, rounds, spread) in [(22.0, 23, 0.2), (0.56, 11, 0.04)] {
            let run = MachineModel(whiteNoise: spread / 2).run(costs: [ratio, 1], count: rounds, generator: &generator)
            let judgement = VerdictRule().judge(try estimate(run), among: 36, .time)
            #expect(judgement.verdict == (ratio > 1 ? .better : .worse), "\(judgement)")
        }
    }
}
