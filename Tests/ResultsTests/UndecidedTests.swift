import Foundation
import Results
import Statistics
import TestSupport
import Testing

/// What a run says of comparisons that its samples do not decide, and that what it says agrees with what it prints.
@Suite("Verdicts and what stands beside them")
struct UndecidedTests {
    /// Workloads of two strategies that took turns; the second takes `costs` times as long as the first.
    private func run(
        _ costs: [Double], rounds: Int, machine: MachineModel = .shared, arguments: [String] = ["profile"], seed: UInt64
    ) -> RunRecord {
        var generator = SeededGenerator(seed: seed)
        var measurements: [MeasurementRecord] = []
        for (index, cost) in costs.enumerated() {
            let samples = machine.run(costs: [1e-3, 1e-3 * cost], count: rounds, generator: &generator)
            for (strategy, seconds) in zip(["unfused", "flash"], samples) {
                measurements.append(measurement(strategy, seconds, workload: "workload-\(index)"))
            }
        }
        var run = SampleRuns.run(measurements)
        run.tool.arguments = arguments
        run.comparisons = withinRunComparisons(run, baselines: ["attention": "unfused"])
        return run
    }

    /// A round for each of the samples.
    private func measurement(_ strategy: String, _ seconds: [Double], workload: String = "w") -> MeasurementRecord {
        var record = SampleRuns.measurement(strategy: strategy, seconds: 1e-3, workload: workload)
        record.time?.sampleSeconds = seconds
        record.time?.median = median(seconds) ?? 0
        var taken = SampleRounds()
        taken.pass = seconds.indices.map { $0 * 2 / seconds.count }
        taken.samples = seconds.map { _ in 1 }
        record.time?.rounds = taken
        return record
    }

    @Test("no interval without 1, as it is printed, is called unresolved, and none with 1 decided")
    func agreement() throws {
        var words: Set<String> = []
        for seed in 0..<12 {
            let costs: [Double] = (0..<36).map { place in
                let percent = Double(place % 12)
                return 1 + percent / (place < 30 ? 100 : 5)
            }
            for rounds in [5, 11, 23] {
                for comparison in run(costs, rounds: rounds, seed: UInt64(seed)).comparisons {
                    let interval = try #require(comparison.speedupInterval)
                    let text = NumberFormat.ratio(comparison.speedup, interval)
                    let ends = text.split(whereSeparator: { "[], ".contains($0) }).compactMap { Double($0) }.suffix(2)
                    try #require(ends.count == 2, "\(text)")
                    let holdsOne = (ends.first ?? 0) <= 1 && 1 <= (ends.last ?? 0)
                    let verdict = try #require(comparison.timeVerdict)
                    words.insert(verdict)
                    switch verdict {
                    case "slower": #expect(!holdsOne && interval.upper < 1, "\(text)")
                    case "faster": #expect(!holdsOne && interval.lower > 1, "\(text)")
                    case "same": #expect(interval.lower >= 1 / 1.01 && interval.upper <= 1.01, "\(text)")
                    default: #expect(verdict == "unresolved" && holdsOne, "\(text)")
                    }
                }
            }
        }
        #expect(words.isSuperset(of: ["slower", "unresolved"]))
    }

    @Test("what probably is so is said, with its rounds, and with the command that would decide it")
    func tendency() throws {
        let slower = [0.97, 0.99, 0.96, 1.01, 0.98, 0.95, 0.99, 1.02, 0.93, 0.98, 0.99]
        let others =
            (0..<35).map { measurement("unfused", slower, workload: "other-\($0)") }
            + (0..<35).map { measurement("flash", slower, workload: "other-\($0)") }
        var run = SampleRuns.run(
            [
                measurement("unfused", slower.map { $0 * 1e-3 }), measurement("flash", slower.map { _ in 1e-3 }),
            ] + others)
        run.tool.arguments = [
            "profile", "--suite", "quick", "--hot", "--kernels", "my kernels", "--json=old.json", "--time-limit", "0.5",
        ]
        let found = try #require(withinRunComparisons(run, baselines: ["attention": "unfused"]).first)
        #expect(found.timeVerdict == "unresolved" && found.timeTendency == "slower")
        #expect(found.timeReason == "probably slower: 9 of 11 rounds")
        let command = try #require(found.timeCommand)
        #expect(
            command.hasPrefix(
                "joulemark profile --hot --kernels 'my kernels' --family attention --strategy unfused --strategy flash "
                    + "--workload w --device cpu:0 --time-limit "), "\(command)")
        #expect(abs(try #require(found.speedupConfidence) - (1 - 0.05 / 36)) < 1e-12)
        run.tool.arguments = ["tune", "attention/flash"]
        #expect(withinRunComparisons(run, baselines: ["attention": "unfused"]).first?.timeCommand == nil)
    }

    @Test("files that say ambiguous are read as before, and shown in the words of today")
    func earlierFiles() throws {
        var run = run([1.0], rounds: 5, seed: 1)
        run.comparisons[0].timeVerdict = "unresolved"
        let today = try RunFile.text(of: run)
        var lines = today.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let added = ["speedupConfidence", "timeTendency", "timeCommand", "energyTendency", "energyCommand"]
        lines.removeAll { line in added.contains { line.contains("\"\($0)\"") } }
        let old = lines.joined(separator: "\n").replacing("\"unresolved\"", with: "\"ambiguous\"")
        let folder = try TemporaryFolder()
        try old.write(toFile: folder.file("old.json"), atomically: true, encoding: .utf8)
        let read = try RunFile.read(folder.file("old.json"))
        #expect(read.comparisons[0].timeVerdict == "ambiguous" && read.comparisons[0].speedupConfidence == nil)
        let markdown = MarkdownWriter.text(of: read)
        #expect(markdown.contains("| unresolved |") && !markdown.contains("ambiguous"))
    }
}
