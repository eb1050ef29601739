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
        run.comparisons = withinRunComparisons(run, baselines: ["attention": "unfused"], seed: 1)
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
        // A bar that is part of a text is escaped, so that every row has the bars of its 14 columns.
        for row in rows.prefix(4) {
            let bars = row.replacingOccurrences(of: "\\|", with: "").filter { $0 == "|" }.count
            #expect(bars == 15, "\(row)")
        }
        #expect(rows[1].contains("≈ 50.00 mJ") && rows[1].contains("1.00"))
        #expect(rows[3].contains("80.00 mJ") && !rows[3].contains("≈"))
        #expect(rows[1].contains("| modelled |") && rows[3].contains("| measured |"))
        #expect(rows[2].contains("|  |  |") && !rows[2].contains("| 0"))
        #expect(rows[4].contains("faster") && rows[4].contains("≈ cheaper"))
        #expect(text.contains("≈ marks energy that is computed by a model"))
    }

    @Test("the trace is JSON with the windows at their times and the samples end to end")
    func trace() throws {
        let run = run
        let object = try JSONSerialization.jsonObject(with: Data(try TraceWriter.text(of: run).utf8))
        let events = try #require((object as? [String: Any])?["traceEvents"] as? [[String: Any]])
        let windows = events.filter { $0["cat"] as? String == "window" }
        #expect(windows.count == 1)
        #expect(windows[0]["ts"] as? Double == 10e6 && windows[0]["dur"] as? Double == 2e6)
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

    @Test("an empty run gives heads without rows")
    func empty() throws {
        let run = SampleRuns.run()
        #expect(parse(CSVWriter.text(of: run)).count == 1)
        #expect(!MarkdownWriter.text(of: run).contains("≈"))
        #expect(try TraceWriter.text(of: run).contains("traceEvents"))
    }

    @Test(
        "quantities have four digits and a prefix",
        arguments: [
            (0.001234567, "1.235 ms"), (0.00099996, "1.000 ms"), (1.0, "1.000 s"), (0, "0 s"), (59999.6, "60.00 ks"),
            (-2.5e-7, "-250.0 ns"), (999.96, "1.000 ks"), (3e-13, "0.3000 ps"), (.nan, "-"), (.infinity, "-"),
            (1e-15, "0.001000 ps"), (2.5e-16, "2.5e-16 s"),
            (-1e-40, "-1e-40 s"), (.leastNormalMagnitude, "2.2250738585072014e-308 s"),
            (.leastNonzeroMagnitude, "5e-324 s"), (1.5e300, "1.5e+285 Ps"),
        ])
    func quantities(value: Double, text: String) {
        #expect(FormattedQuantity.si(value, "s") == text)
    }

    @Test(
        "figures without a unit have four digits, and an exponent where these would stand far behind the point",
        arguments: [
            (2.0312, "2.031"), (9.9996, "10.00"), (1e-12, "0.000000000001000"), (1e-15, "0.000000000000001000"),
            (1e-16, "1e-16"), (.leastNonzeroMagnitude, "5e-324"), (.nan, "-"),
        ])
    func significant(value: Double, text: String) {
        #expect(FormattedQuantity.significant(value) == text)
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
