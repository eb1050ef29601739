import Glibc
import Results
import Statistics
import Testing

@Suite("Comparison of runs on a machine that changes")
struct ControlledComparisonTests {
    /// A run of one kernel in passes, on a machine whose speed wanders and stands elsewhere in every run, with controls
    /// that see it. `follow` is how far the kernel follows arithmetic and memory.
    private func run(
        seconds: Double = 1e-3, wander: Double = 0.02, between: Double = 0.15, follow: [Double] = [0.8, 0.2],
        passes: Int = 5, generator: inout SeededGenerator
    ) -> RunRecord {
        var record = SampleRuns.measurement(strategy: "flash", seconds: seconds)
        var rounds = SampleRounds()
        rounds.controls = [[], []]
        var samples: [Double] = []
        let place = [between * generator.normal(), between * generator.normal()]
        for pass in 0..<passes {
            let memory = 0.002 * generator.normal()
            for _ in 0..<12 {
                let level = place.map { $0 + wander * generator.normal() }
                rounds.pass.append(pass)
                rounds.samples.append(4)
                for control in 0..<2 {
                    rounds.controls[control].append(1e11 * exp(-level[control] + 0.005 * generator.normal()))
                }
                let shift = zip(level, follow).reduce(0) { $0 + $1.0 * $1.1 }
                for _ in 0..<4 { samples.append(seconds * exp(shift + memory + 0.005 * generator.normal())) }
            }
        }
        record.time?.sampleSeconds = samples
        record.time?.samples = samples.count
        record.time?.median = median(samples) ?? seconds
        record.time?.rounds = rounds
        return SampleRuns.run([record])
    }

    private func compare(_ base: RunRecord, _ new: RunRecord) -> ComparedQuantity? {
        RunComparison(base: (base, "base"), candidate: (new, "new")).measurements.first?.time
    }

    @Test(
        "of 200 runs compared with themselves, at most 5 % raise an alarm, whatever the kernel is bound by",
        arguments: [[1.0, 0.0], [0.0, 1.0], [0.4, 0.4]])
    func unchanged(follow: [Double]) throws {
        var generator = SeededGenerator(seed: 31)
        var alarms = 0
        for _ in 0..<200 {
            let base = run(follow: follow, generator: &generator)
            let found = try #require(compare(base, run(follow: follow, generator: &generator)))
            alarms += ["same", "unresolved"].contains(found.verdict) ? 0 : 1
        }
        #expect(alarms <= 10, "\(alarms) of 200")
    }

    @Test("without the controls the same runs raise many alarms, so the test above can fail")
    func unchangedWithoutControls() throws {
        var generator = SeededGenerator(seed: 31)
        var alarms = 0
        for _ in 0..<50 {
            let pair = (0..<2).map { _ in
                var run = run(generator: &generator)
                run.measurements[0].time?.rounds = nil
                return run
            }
            let found = try #require(compare(pair[0], pair[1]))
            alarms += ["same", "unresolved"].contains(found.verdict) ? 0 : 1
        }
        #expect(alarms >= 20, "\(alarms) of 50")
    }

    @Test(
        "3 % more is called slower in 9 of 10 on a machine that stays as it is, and never faster on one that does not")
    func injected() throws {
        var generator = SeededGenerator(seed: 32)
        var (found, wrong) = (0, 0)
        for _ in 0..<100 {
            let calm = run(between: 0.005, generator: &generator)
            let slowed = run(seconds: 1.03e-3, between: 0.005, generator: &generator)
            found += compare(calm, slowed)?.verdict == "slower" ? 1 : 0
            let restless = run(generator: &generator)
            wrong += compare(restless, run(seconds: 1.03e-3, generator: &generator))?.verdict == "faster" ? 1 : 0
        }
        #expect(found >= 90 && wrong <= 2, "\(found) found, \(wrong) wrong of 100")
    }

    @Test("what the machine did is told apart from what the kernel did")
    func machineRatio() throws {
        var generator = SeededGenerator(seed: 33)
        let base = run(between: 0, follow: [1, 0], generator: &generator)
        var slower = run(between: 0, follow: [1, 0], generator: &generator)
        // Half as fast throughout: samples and controls.
        var time = try #require(slower.measurements[0].time)
        time.sampleSeconds = time.sampleSeconds.map { 2 * $0 }
        let controls = (time.rounds?.controls ?? []).map { $0.map { $0 / 2 } }
        time.rounds?.controls = controls
        slower.measurements[0].time = time
        let found = try #require(compare(base, slower))
        let machine = try #require(found.machineRatio)
        #expect(abs(machine - 0.5) < 0.1 && abs(found.ratio - 1) < 0.2, "\(machine) and \(found.ratio)")
        #expect(found.verdict == "unresolved" && found.interval.contains(1))
    }

    @Test("a run with fewer passes than tell a spread is compared by its samples alone")
    func fewPasses() throws {
        var generator = SeededGenerator(seed: 34)
        let found = try #require(
            compare(run(passes: 2, generator: &generator), run(passes: 2, generator: &generator)))
        #expect(found.machineRatio == nil)
    }
}
