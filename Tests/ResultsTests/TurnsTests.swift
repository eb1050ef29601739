import Glibc
import Results
import Statistics
import Testing

@Suite("Comparison of two runs that took turns")
struct TurnsTests {
    private static let passes = 5
    private static let roundsInAPass = 12

    /// Both sides of a profile on a machine that wanders by tens of per cent, the same for both; each pass has its
    /// luck.
    private func pair(slowed: Double, luck: Double = 0.003, _ generator: inout SeededGenerator) -> [RunRecord] {
        var speed = 0.0
        var samples: [[Double]] = [[], []]
        var rounds = [SampleRounds(), SampleRounds()]
        for pass in 0..<Self.passes {
            let lucks = [luck * generator.normal(), luck * generator.normal()]
            for _ in 0..<Self.roundsInAPass {
                speed += 0.04 * generator.normal()
                for side in 0..<2 {
                    let seconds = 1e-3 * exp(speed + lucks[side]) * (side == 1 ? slowed : 1)
                    samples[side] += (0..<3).map { _ in seconds * (1 + 0.01 * generator.normal()) }
                    rounds[side].pass.append(pass)
                    rounds[side].samples.append(3)
                }
            }
        }
        return [TurnsRecord.Side.base, .new].enumerated().map { index, side in
            var measurement = SampleRuns.measurement(strategy: "flash", seconds: 1e-3)
            measurement.time?.sampleSeconds = samples[index]
            measurement.time?.rounds = rounds[index]
            var run = SampleRuns.run([measurement])
            run.turns = TurnsRecord(id: "0123456789abcdef", side: side)
            return run
        }
    }

    private func compare(_ runs: [RunRecord]) -> RunComparison {
        RunComparison(base: (runs[0], "base.json"), candidate: (runs[1], "new.json"))
    }

    @Test("a build against itself raises no alarm in 95 of 100, and 3 % more is called slower in 90 of 100")
    func verdicts() {
        var generator = SeededGenerator(seed: 21)
        var (alarms, found, faster) = (0, 0, 0)
        for _ in 0..<100 {
            let same = compare(pair(slowed: 1, &generator)).measurements.first?.time?.verdict
            alarms += ["same", "unresolved"].contains(same) ? 0 : 1
            let slowed = compare(pair(slowed: 1.03, &generator)).measurements.first?.time?.verdict
            found += slowed == "slower" ? 1 : 0
            faster += slowed == "faster" ? 1 : 0
        }
        #expect(alarms <= 5 && found >= 90 && faster == 0, "\(alarms) alarms, \(found) found, \(faster) faster")
    }

    @Test(
        "passes that differ by more than the rounds within them leave the verdict open, but for the 5 % that an interval errs"
    )
    func unluckyProcesses() {
        var generator = SeededGenerator(seed: 22)
        var alarms = 0
        for _ in 0..<100 {
            let verdict = compare(pair(slowed: 1, luck: 0.03, &generator)).measurements.first?.time?.verdict
            alarms += ["same", "unresolved"].contains(verdict) ? 0 : 1
        }
        // Of 100 at 5 % each, more than 9 come in 3 of 100 cases; the scatter of rounds alone makes 10 here.
        #expect(alarms <= 9, "\(alarms)")
    }

    @Test("only the two sides of one profile are compared round by round, and the comparison says so")
    func sides() throws {
        var generator = SeededGenerator(seed: 23)
        let runs = pair(slowed: 1.03, &generator)
        let turns = compare(runs)
        #expect(turns.tookTurns && turns.remarks.contains { $0.hasPrefix("the runs took turns") })
        var others = runs
        others[1].turns?.id = "another"
        let apart = compare(others)
        #expect(!apart.tookTurns && !apart.remarks.contains { $0.hasPrefix("the runs took turns") })
        let width = try #require(turns.measurements.first?.time?.interval.width)
        let widthApart = try #require(apart.measurements.first?.time?.interval.width)
        #expect(width < 0.03 && widthApart > 0.1, "\(width), apart \(widthApart)")
        others = runs
        others[1].turns = nil
        #expect(!compare(others).tookTurns)
        #expect(!compare([runs[0], runs[0]]).tookTurns)
    }
}
