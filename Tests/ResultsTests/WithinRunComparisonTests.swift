import Results
import Statistics
import Testing

@Suite("Comparisons within a run")
struct WithinRunComparisonTests {
    @Test("rounds are neighbours within their pass, also when one strategy has used up its time early in each")
    func roundsOfPasses() throws {
        // The machine is twice as slow in every pass as in the one before; the baseline sees one round of each, the
        // other nine.
        let baseline = try passes(of: 2e-3, rounds: 1)
        let candidate = try passes(of: 1e-3, rounds: 9)
        let effect = try #require(RelativeEffect.withinRun(baseline, candidate))
        #expect(effect.pairing == .interleaved && abs(effect.estimate.ratio - 2) < 1e-9)
    }

    private func compare(_ measurements: [MeasurementRecord]) -> [ComparisonRecord] {
        withinRunComparisons(SampleRuns.run(measurements), baselines: ["attention": "unfused"])
    }

    /// Twelve passes, each twice as slow as the one before.
    private func passes(of seconds: Double, rounds count: Int) throws -> TimeRecord {
        var time = try #require(SampleRuns.measurement(strategy: "flash", seconds: seconds).time)
        var rounds = SampleRounds()
        time.sampleSeconds = []
        for pass in 0..<12 {
            rounds.pass += Array(repeating: pass, count: count)
            rounds.samples += Array(repeating: 1, count: count)
            time.sampleSeconds += Array(repeating: seconds * Double(1 << pass), count: count)
        }
        time.rounds = rounds
        return time
    }

    @Test("a strategy is set beside the baseline of the same workload, device and precision")
    func matching() throws {
        let found = compare([
            SampleRuns.measurement(strategy: "flash", seconds: 1e-3, joules: 0.05),
            SampleRuns.measurement(strategy: "unfused", seconds: 2e-3, joules: 0.15, strategyBytes: 8e6),
            SampleRuns.measurement(strategy: "flash", seconds: 1e-3, workload: "another"),
            SampleRuns.measurement(strategy: "flash", seconds: 1e-3, device: "opencl:0"),
        ])
        let comparison = try #require(found.first)
        #expect(found.count == 1)
        #expect(comparison.baseline == "unfused" && comparison.strategy == "flash")
        #expect(abs(comparison.speedup - 2) < 0.02 && comparison.trafficRatio == 4)
        #expect(comparison.speedupInterval?.contains(2) == true)
        #expect(comparison.timeVerdict == "faster" && comparison.energyVerdict == "cheaper")
        // Relative errors of 1 % each add to 1.41 %.
        let interval = try #require(comparison.energyRatioInterval)
        #expect(abs(interval.lower - 3 * 0.98596) < 1e-3 && abs(interval.upper - 3 * 1.01424) < 1e-3)
        #expect(comparison.energyProvenance == .measured)
    }

    @Test("a loss is a verdict like a win, and equal strategies are the same or unresolved")
    func lossesAndTies() {
        let found = compare([
            SampleRuns.measurement(strategy: "unfused", seconds: 1e-3, joules: 0.10, seed: 1),
            SampleRuns.measurement(strategy: "slow", seconds: 1.2e-3, joules: 0.13, seed: 2),
            SampleRuns.measurement(strategy: "alike", seconds: 1e-3, joules: 0.1001, seed: 3),
        ])
        #expect(found.map(\.timeVerdict).first == "slower" && found.map(\.energyVerdict).first == "costlier")
        #expect(["same", "unresolved"].contains(found.last?.timeVerdict))
        #expect(["same", "unresolved"].contains(found.last?.energyVerdict))
    }

    @Test("what failed verification, or has no baseline, is not compared")
    func onlyVerified() {
        var wrong = SampleRuns.measurement(strategy: "flash", seconds: 1e-4)
        wrong.status = .incorrect
        #expect(compare([SampleRuns.measurement(strategy: "unfused", seconds: 1e-3), wrong]).isEmpty)
        #expect(compare([SampleRuns.measurement(strategy: "flash", seconds: 1e-3)]).isEmpty)
        let known = [
            SampleRuns.measurement(strategy: "unfused", seconds: 1e-3),
            SampleRuns.measurement(strategy: "flash", seconds: 1e-3),
        ]
        #expect(withinRunComparisons(SampleRuns.run(known), baselines: [:]).isEmpty)
    }

    @Test("modelled joules are not weighed against measured ones; two modelled ones are, and say so")
    func provenance() {
        let baseline = SampleRuns.measurement(strategy: "unfused", seconds: 1e-3, joules: 0.2)
        let modelled = SampleRuns.measurement(strategy: "flash", seconds: 5e-4, joules: 0.1, provenance: .modelled)
        let mixed = compare([baseline, modelled])[0]
        #expect(mixed.energyRatio == nil && mixed.energyVerdict == nil && mixed.timeVerdict == "faster")
        let other = SampleRuns.measurement(strategy: "unfused", seconds: 1e-3, joules: 0.2, provenance: .modelled)
        let both = compare([other, modelled])[0]
        #expect(both.energyProvenance == .modelled && both.energyVerdict == "cheaper")
        let without = compare([
            SampleRuns.measurement(strategy: "unfused", seconds: 1e-3), modelled,
        ])[0]
        #expect(without.energyRatio == nil && without.energyProvenance == nil)
    }

    @Test("samples taken in turn are compared in pairs, so common drift cancels")
    func interleaved() throws {
        func drifting(_ strategy: String, _ seconds: Double, perRound: Int, inTurn: Bool) -> MeasurementRecord {
            var record = SampleRuns.measurement(strategy: strategy, seconds: seconds)
            var generator = SeededGenerator(seed: 4, purpose: strategy)
            // The machine slows down by a third in the course of 60 rounds.
            record.time?.sampleSeconds = (0..<(60 * perRound)).map {
                seconds * (1 + Double($0 / perRound) / 180) * (1 + 0.002 * generator.normal())
            }
            var rounds = SampleRounds()
            rounds.pass = Array(repeating: 0, count: 60)
            rounds.samples = Array(repeating: perRound, count: 60)
            record.time?.rounds = inTurn ? rounds : nil
            return record
        }
        let verdicts = [true, false].map { inTurn in
            compare([
                drifting("unfused", 1.03e-3, perRound: 2, inTurn: inTurn),
                drifting("flash", 1e-3, perRound: 3, inTurn: inTurn),
            ])[0].timeVerdict
        }
        #expect(verdicts == ["faster", "unresolved"])
    }

    @Test("a strategy with a single sample has a ratio and no verdict")
    func oneSample() {
        var single = SampleRuns.measurement(strategy: "flash", seconds: 1e-3)
        single.time?.sampleSeconds = [1e-3]
        let found = compare([SampleRuns.measurement(strategy: "unfused", seconds: 2e-3), single])[0]
        #expect(found.speedup > 1.9 && found.speedupInterval == nil && found.timeVerdict == nil)
    }
}
