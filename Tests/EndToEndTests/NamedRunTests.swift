import Foundation
import Results
import TestSupport
import Testing

@Suite("Names of runs, several shapes and the trend")
struct NamedRunTests {
    @Test("a label names a run in the record, in tables, in CSV and in comparisons")
    func labels() async throws {
        let place = try Workplace()
        try place.write("a.json", MadeRun())
        try place.write("b.json", MadeRun(seconds: ["unfused": 2e-3, "flash": 1.5e-3], seed: 2))
        let csv = try await place.joulemark([
            "report", "a.json", "b.json", "--label", "before", "--label", "after", "--csv", "-",
        ])
        #expect(csv.exitCode == 0 && csv.text.contains(",before,") && csv.text.contains(",after,"), "\(csv.errors)")
        let both = try await place.joulemark([
            "report", "a.json", "b.json", "--label", "before", "--label", "after", "--html", "both.html",
        ])
        #expect(both.exitCode == 0, "\(both.errors)")
        let page = try String(contentsOfFile: place.path("both.html"), encoding: .utf8)
        #expect(page.contains("before · cpu:0") && page.contains("after · cpu:0") && !page.contains("run 1"))
        let flat = try await place.joulemark(["report", "a.json", "b.json", "--label", "before", "--flat", "-"])
        let rows = try #require(try JSONSerialization.jsonObject(with: flat.output) as? [[String: Any]])
        #expect(rows.compactMap { $0["label"] as? String } == ["before", "before"] && rows.count == 4)
        let compared = try await place.joulemark([
            "compare", "a.json", "b.json", "--label", "before", "--label", "after",
        ])
        #expect(
            compared.exitCode == 0 && compared.text.contains("base before") && compared.text.contains("new after"))
        let many = try await place.joulemark(["report", "a.json", "--label", "x", "--label", "y"])
        #expect(many.exitCode == 64 && many.errorLines.count == 1 && many.errors.contains("2 names for 1 files"))
    }

    @Test("a shape with a range makes a workload of each length, and a base is confirmed under its label")
    func shapes() async throws {
        let place = try Workplace()
        let run = try await place.joulemark([
            "profile", "--family", "attention", "--strategy", "flash", "--shape", "Hq=1,Hkv=1,Lq=8,Lk=8..30,D=16,32",
            "--device", "cpu", "--verify-only", "--label", "lengths", "--json", "-", "--no-history", "--quiet",
        ])
        #expect(run.exitCode == 0, "\(run.errors)")
        let record = try run.run()
        #expect(record.label == "lengths")
        let shapes = record.measurements.map { [$0.parameters["Lk"], $0.parameters["D"]] }
        #expect(Set(shapes) == Set([8, 16, 30].flatMap { length in [16, 32].map { [length, $0] } }))
        for (shape, word) in [("Lk=8..4", "8..4"), ("Lk=1k..x", "'x'"), ("Lk=1..1M,D=1..1M", "256")] {
            let refused = try await place.joulemark(["profile", "--family", "attention", "--shape", shape])
            #expect(refused.exitCode == 64 && refused.errorLines.count == 1 && refused.errors.contains(word))
        }
        let tuned = try await place.joulemark(["tune", "attention/flash", "--shape", "Lk=1k,2k", "--device", "cpu:0"])
        #expect(tuned.exitCode == 64 && tuned.errors.contains("2 workloads"), "\(tuned.errors)")
    }

    @Test("a base that took turns is confirmed like the run, and the history tells the two apart")
    func base() async throws {
        let place = try Workplace()
        let run = try await place.joulemark([
            "profile", "--family", "attention", "--strategy", "flash", "--shape", "Hq=1,Hkv=1,Lq=8,Lk=8,D=16",
            "--device",
            "cpu", "--time-limit", "0.05", "--energy", "off", "--base", ProgramUnderTest.path, "--json", "new.json",
            "--base-json",
            "base.json", "--history", "h.sqlite", "--label", "mine",
        ])
        #expect(run.exitCode == 0 && run.errors.contains("wrote base.json"), "\(run.errors)")
        let list = try await place.joulemark(["history", "--history", "h.sqlite"])
        let words = list.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.contains("new of a pair") && words.contains("base of a pair"), "\(list.text)")
        #expect(words.contains("mine (base)"))
        #expect(try History(path: place.path("h.sqlite")).entries().map(\.side) == [.new, .base])
    }

    @Test("one bad strategy costs only itself, with a warning that has line and column")
    func badStrategy() async throws {
        let place = try Workplace()
        let own = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Examples/own-kernels/swiglu")
        try FileManager.default.createDirectory(atPath: place.path("own"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: own, to: place.url.appending(path: "own/swiglu"))
        try FileManager.default.createDirectory(atPath: place.path("own/swiglu/bad"), withIntermediateDirectories: true)
        try place.write("own/swiglu/bad/strategy.json", Data("{\n  \"strategy\": bad\n}\n".utf8))
        let line = ["profile", "--kernels", "own", "--family", "swiglu", "--shape", "T=4,D=64", "--device", "cpu:0"]
        let run = try await place.joulemark(line + ["--verify-only", "--json", "-", "--no-history"])
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(run.errors.contains("swiglu/bad/strategy.json: not valid JSON: line 2, column 15"), "\(run.errors)")
        #expect(try run.run().measurements.contains { $0.strategy == "fused-pairs" && $0.status == .ok })
        let named = try await place.joulemark(line + ["--strategy", "bad", "--verify-only"])
        #expect(named.exitCode == 64 && named.errors.contains("line 2, column 15"), "\(named.errors)")
    }

    @Test("a result file that is no JSON is refused with line and column")
    func brokenFile() async throws {
        let place = try Workplace()
        try place.write("bad.json", Data("{\"schemaVersion\": 1,\n\"tool\": }".utf8))
        let refused = try await place.joulemark(["report", "bad.json"])
        #expect(refused.exitCode == 64 && refused.errorLines.count == 1)
        #expect(refused.errors.contains("bad.json: not JSON: line 2, column 9"), "\(refused.errors)")
    }

    @Test("the trend shows each run of a machine and what changed")
    func trend() async throws {
        let place = try Workplace()
        do {
            let history = try History(path: place.path("h.sqlite"))
            for (index, seconds) in [1e-3, 1e-3, 2e-3].enumerated() {
                let run = MadeRun(seconds: ["unfused": 2e-3, "flash": seconds], seed: UInt64(index + 1))
                _ = try history.record(run.record, file: nil)
            }
        }
        let trend = try await place.joulemark(["history", "trend", "attention/flash", "--history", "h.sqlite"])
        #expect(trend.exitCode == 0, "\(trend.errors)")
        let rows = trend.text.split(separator: "\n").filter { $0.contains(" ms") }
        #expect(rows.count == 3 && rows[2].contains("slower, 0.5"), "\(trend.text)")
        #expect(!rows[1].contains("slower") && trend.text.contains("0 faster, 1 slower"))
        let data = try await place.joulemark(["history", "trend", "--history", "h.sqlite", "--json", "-"])
        let decoded = try JSONDecoder().decode(HistoryTrend.self, from: data.output)
        #expect(decoded.series.map { $0.points.count } == [3, 3])
        let page = try await place.joulemark(["history", "trend", "--history", "h.sqlite", "--html", "trend.html"])
        #expect(page.exitCode == 0, "\(page.errors)")
        let text = try String(contentsOfFile: place.path("trend.html"), encoding: .utf8)
        #expect(text.contains("<svg class=\"plot trend\"") && text.contains("verdict loss\">slower"))
        let other = try await place.joulemark(["history", "list", "--history", "h.sqlite", "--html", "x.html"])
        #expect(other.exitCode == 64 && other.errorLines.count == 1)
        let none = try await place.joulemark(["history", "trend", "nothing", "--history", "h.sqlite"])
        #expect(none.exitCode == 5 && none.errorLines.count == 1)
    }
}
