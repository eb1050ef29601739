import Foundation
import Results
import Testing

@Suite("The sample report")
struct SampleReportTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("reports")

    @Test("the page is made from the data that the repository keeps, with every measurement of them")
    func renders() async throws {
        let place = try Workplace()
        let data = Self.folder.appendingPathComponent("quick.json")
        let run = try RunFile.read(data.path)
        #expect(run.measurements.count > 50)
        let outcome = try await place.joulemark(["report", data.path, "--html", "quick.html"])
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        let page = try String(contentsOf: place.url.appendingPathComponent("quick.html"), encoding: .utf8)
        for name in Set(run.measurements.map(\.workload)) { #expect(page.contains(name)) }
    }

    @Test(
        "every number with a unit on the page follows from the data, and those of a row from its measurement",
        .disabled("some number of the sample does not follow yet"))
    func numbers() async throws {
        let place = try Workplace()
        let data = Self.folder.appendingPathComponent("quick.json")
        let written = try await place.joulemark(["report", data.path, "--html", "quick.html"])
        #expect(written.exitCode == 0, "\(written.errors)")
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("check_page.py")
        func check(_ page: String) async throws -> Outcome {
            try await place.start(["-B", script.path, data.path, page], program: Workplace.python).outcome()
        }
        let outcome = try await check("quick.html")
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        let counts = try JSONDecoder().decode([String: Int].self, from: outcome.output)
        for unit in ["s", "J", "B", "FLOP/s", "FLOP/J", "×", "%"] { #expect(counts[unit] ?? 0 > 100, "\(counts)") }
        // The check sees a number that is not the file's.
        let page = try String(contentsOfFile: place.path("quick.html"), encoding: .utf8)
        let run = try RunFile.read(data.path)
        let time = try #require(run.measurements.compactMap { Metric.seconds.figure($0) }.first)
        let digit = try #require(time.texts.value.first)
        let other = (digit == "9" ? "1" : "9") + String(time.texts.value.dropFirst())
        try place.write("wrong.html", Data(page.replacing(time.texts.value, with: other).utf8))
        #expect(try await check("wrong.html").exitCode == 1)
    }

    @Test("the repository keeps the data and a picture, not a page with other people's scripts in it")
    func small() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        // What git ignores there may lie there: reports that somebody made.
        let kept = names.filter { !$0.hasSuffix(".html") && !$0.hasPrefix("latest.") }
        #expect(Set(kept) == ["README.md", "quick.json", "quick.png"])
        for (name, limit) in [("quick.json", 250_000), ("quick.png", 150_000)] {
            let size = try Data(contentsOf: Self.folder.appendingPathComponent(name)).count
            #expect(size <= limit, "\(name) has \(size) bytes, which every clone carries for ever")
        }
    }
}
