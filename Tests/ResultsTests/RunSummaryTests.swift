import Results
import Testing

@Suite("What to take from a run")
struct RunSummaryTests {
    private func run(_ measurements: [MeasurementRecord], arguments: [String] = ["profile"]) -> RunRecord {
        var run = SampleRuns.run(measurements)
        run.tool.arguments = arguments
        run.comparisons = withinRunComparisons(run, baselines: ["attention": "unfused"])
        return run
    }

    @Test("the fastest is picked, with what it saves in time, measured joules and bytes")
    func pick() throws {
        let summary = RunSummary(
            run([
                SampleRuns.measurement(strategy: "unfused", seconds: 2e-3, joules: 0.15, strategyBytes: 8e6),
                SampleRuns.measurement(strategy: "flash", seconds: 1e-3, joules: 0.05, seed: 2),
                SampleRuns.measurement(strategy: "slow", seconds: 3e-3, joules: 0.3, seed: 3),
            ]))
        let pick = try #require(summary.picks.first)
        #expect(summary.picks.count == 1)
        #expect(pick.strategy == "flash" && pick.certainty == .certain && pick.rivals.isEmpty)
        #expect(abs(pick.savedSeconds - 1e-3) < 2e-5 && pick.savedBytes == 6e6)
        let joules = try #require(pick.savedJoules)
        #expect(abs(joules - 0.1) < 1e-9)
        let sentence = try #require(summary.headlines.first)
        #expect(sentence.contains("pick flash for attention") && sentence.contains("beyond doubt"))
    }

    @Test("where nothing is faster the baseline is kept, and a loss is no reason to pick")
    func keep() throws {
        let summary = RunSummary(
            run([
                SampleRuns.measurement(strategy: "unfused", seconds: 1e-3),
                SampleRuns.measurement(strategy: "slow", seconds: 2e-3, seed: 2),
            ]))
        let pick = try #require(summary.picks.first)
        #expect(pick.isBaseline && pick.certainty == .certain && pick.savedJoules == nil)
        #expect(summary.headlines.first?.contains("keep unfused") == true)
    }

    @Test("a wrong or a suspect result is never picked")
    func invalid() {
        var wrong = SampleRuns.measurement(strategy: "flash", seconds: 1e-3, seed: 2)
        wrong.status = .incorrect
        let baseline = SampleRuns.measurement(strategy: "unfused", seconds: 2e-3)
        #expect(RunSummary(run([baseline, wrong])).picks.isEmpty)
        wrong.status = .ok
        var suspect = run([baseline, wrong])
        suspect.measurements[1].suspicion = "faster than the peak"
        #expect(RunSummary(suspect).picks.isEmpty)
    }

    @Test("modelled joules are no saving")
    func modelled() throws {
        let summary = RunSummary(
            run([
                SampleRuns.measurement(strategy: "unfused", seconds: 2e-3, joules: 0.15, provenance: .modelled),
                SampleRuns.measurement(strategy: "flash", seconds: 1e-3, joules: 0.05, provenance: .modelled, seed: 2),
            ]))
        #expect(try #require(summary.picks.first).savedJoules == nil)
        #expect(summary.headlines.first?.contains("modelled, not measured") == true)
    }

    @Test("an open comparison comes with the command that decides it, once")
    func settle() throws {
        var run = run([
            SampleRuns.measurement(strategy: "unfused", seconds: 1e-3),
            SampleRuns.measurement(strategy: "flash", seconds: 1e-3, seed: 2),
        ])
        run.comparisons[0].timeVerdict = "unresolved"
        run.comparisons[0].timeTendency = "slower"
        run.comparisons[0].timeCommand = "joulemark profile --time-limit 20"
        run.comparisons[0].energyVerdict = "unresolved"
        run.comparisons[0].energyCommand = "joulemark profile --time-limit 20"
        let steps = RunSummary(run).steps.filter { $0.kind == .settle }
        #expect(steps.map(\.command) == ["joulemark profile --time-limit 20"])
        #expect(steps.first?.about.contains("probably slower") == true)
    }

    @Test("a power source that may not be read is a step, with what mends it; one that is read twice is none")
    func unlock() {
        var run = run([], arguments: ["profile", "--sysfs", "/a tree"])
        run.powerSources = [
            PowerSourceRecord(
                id: "powercap/intel-rapl:0", kind: .counter, domain: "package", path: "/p", state: .permission,
                reason: "sudo chmod o+r /p"),
            PowerSourceRecord(
                id: "mmio", kind: .counter, domain: "package", path: "/q", state: .duplicate, reason: "the same"),
        ]
        let steps = RunSummary(run).steps
        #expect(steps.map(\.kind) == [.unlock])
        #expect(steps.first?.command == "joulemark doctor --sysfs '/a tree'")
        #expect(steps.first?.detail == "sudo chmod o+r /p")
    }

    @Test("a pick that is far from its roof and has tunables is worth a search")
    func tune() {
        var flash = SampleRuns.measurement(strategy: "flash", seconds: 1e-3, seed: 2)
        flash.tunables = ["BLOCK_M": 32]
        flash.derived?.fractionOfRoofline = 0.2
        let baseline = SampleRuns.measurement(strategy: "unfused", seconds: 2e-3)
        let arguments = ["profile", "--kernels", "mine", "--suite", "quick", "--hot"]
        #expect(
            RunSummary(run([baseline, flash], arguments: arguments)).steps.filter { $0.kind == .tune }.map(\.command)
                == [
                    "joulemark tune attention/flash --workload llama3-8b-prefill-1k --device cpu:0 --kernels mine --hot"
                ])
        flash.derived?.fractionOfRoofline = 0.9
        #expect(RunSummary(run([baseline, flash])).steps.allSatisfy { $0.kind != .tune })
    }
}
