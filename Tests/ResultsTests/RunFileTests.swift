import Foundation
import Results
import Statistics
import Testing

@Suite("Result files")
struct RunFileTests {
    private var run: RunRecord {
        var run = SampleRuns.run([
            SampleRuns.measurement(strategy: "unfused", seconds: 2e-3, joules: 0.1, strategyBytes: 8e6),
            SampleRuns.measurement(strategy: "flash", seconds: 1e-3),
        ])
        run.comparisons = withinRunComparisons(run, baselines: ["attention": "unfused"])
        return run
    }

    /// The run as JSON whose keys a test can change.
    private func altered(_ change: (inout [String: Any]) -> Void) throws -> [UInt8] {
        let parsed = try JSONSerialization.jsonObject(with: Data(try RunFile.text(of: run).utf8))
        var object = try #require(parsed as? [String: Any])
        change(&object)
        return Array(try JSONSerialization.data(withJSONObject: object))
    }

    @Test("what is written reads back equal, and the file is there alone")
    func roundTrip() throws {
        let folder = try TemporaryFolder()
        try RunFile.write(run, to: folder.file("run.json"))
        #expect(try RunFile.read(folder.file("run.json")) == run)
        #expect(folder.names == ["run.json"])
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.file("run.json"))
        let mask = umask(0)
        umask(mask)
        #expect(attributes[.posixPermissions] as? Int == 0o666 & ~Int(mask))
    }

    @Test("the same run gives the same bytes, keys in order, unknowns as null")
    func stableText() throws {
        let text = try RunFile.text(of: run)
        #expect(text == (try RunFile.text(of: run)))
        let keys = text.split(separator: "\n").filter { $0.hasPrefix("  \"") }.compactMap {
            $0.split(separator: "\"").dropFirst().first
        }
        #expect(keys == keys.sorted() && keys.contains("measurements"))
        #expect(text.contains("\"grossJoules\" : null") && text.hasSuffix("}\n"))
    }

    @Test("a newer schema is rejected, naming both versions")
    func newerSchema() throws {
        let bytes = try altered { $0["schemaVersion"] = 2 }
        let error = #expect(throws: ResultsError.self) { try RunFile.decode(bytes, name: "run.json") }
        #expect(error?.code == .newer)
        #expect(error?.description.hasPrefix("run.json: schemaVersion: found 2, expected at most 1") == true)
    }

    @Test("unknown keys are ignored, and a missing optional one is unknown")
    func tolerance() throws {
        let bytes = try altered {
            $0["invented"] = ["a": 1]
            $0["finishedAt"] = nil
        }
        let read = try RunFile.decode(bytes, name: "run.json")
        #expect(read.finishedAt == nil && read.measurements == run.measurements)
    }

    @Test("every truncation of a file is an error of one line, whatever the length")
    func truncation() throws {
        let bytes = Array(try RunFile.text(of: run).utf8)
        for length in stride(from: 0, to: bytes.count - 2, by: 211) {
            let error = #expect(throws: ResultsError.self) {
                try RunFile.decode(Array(bytes[..<length]), name: "run.json")
            }
            #expect(error?.code == .malformed)
            #expect(error?.description.hasPrefix("run.json: ") == true)
            #expect(error?.description.contains("\n") == false)
        }
    }

    @Test(
        "a wrong value is named by its key",
        arguments: [
            ("\"seed\" : 7", "\"seed\" : \"seven\"", "measurements[0].seed: expected a whole number"),
            ("\"family\" : \"attention\"", "\"kind\" : \"attention\"", "family: missing"),
            ("\"status\" : \"ok\"", "\"status\" : \"splendid\"", "status: "),
            ("\"schemaVersion\" : 1", "\"schema\" : 1", "schemaVersion: missing"),
        ])
    func wrongValue(old: String, new: String, message: String) throws {
        let text = try RunFile.text(of: run).replacingOccurrences(of: old, with: new)
        let error = #expect(throws: ResultsError.self) { try RunFile.decode(Array(text.utf8), name: "a.json") }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("\n") == false)
    }

    @Test("a file that is not there, a folder, and a place that cannot be written are named")
    func systemErrors() throws {
        let folder = try TemporaryFolder()
        for path in [folder.file("absent.json"), folder.path] {
            let error = #expect(throws: ResultsError.self) { try RunFile.read(path) }
            #expect(error?.code == .system && error?.description.hasPrefix(path) == true)
        }
        let error = #expect(throws: ResultsError.self) { try RunFile.write(run, to: folder.file("no/run.json")) }
        #expect(error?.description.contains("No such file or directory") == true)
        #expect(folder.names.isEmpty)
    }

    @Test("a figure that JSON cannot hold is named and nothing is written over")
    func unwritable() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("run.json")
        try RunFile.write(run, to: path)
        var broken = run
        broken.measurements[1].time?.median = .infinity
        let error = #expect(throws: ResultsError.self) { try RunFile.write(broken, to: path) }
        #expect(error?.code == .unwritable && error?.description.contains("measurements[1].time.median") == true)
        #expect(try RunFile.read(path) == run)
        #expect(folder.names == ["run.json"])
    }
}
