import Foundation
import Results
import Testing

@Suite("History")
struct HistoryTests {
    private let run = SampleRuns.run([
        SampleRuns.measurement(strategy: "unfused", seconds: 2e-3, joules: 0.1),
        SampleRuns.measurement(strategy: "flash", seconds: 1e-3),
    ])

    @Test("a run that was recorded is listed, shown and read back whole, also after reopening")
    func recording() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("data/joulemark/history.sqlite")
        do {
            let history = try History(path: path)
            #expect(try history.record(run, file: "/reports/a.json") == 1)
            #expect(try history.record(run, file: nil) == 2)
        }
        guard let history = try History.existing(path: path) else {
            Issue.record("the history that was just written is not found")
            return
        }
        let entries = try history.entries()
        #expect(entries.map(\.id) == [2, 1] && entries.map(\.measurements) == [2, 2])
        let entry = try history.entry(1)
        #expect(
            entry.file == "/reports/a.json" && entry.machine == "Example CPU" && entry.arguments == run.tool.arguments)
        #expect(try history.run(2) == run)
        #expect(try history.entries(limit: 1).map(\.id) == [2])
    }

    @Test("a baseline keeps its run, moves to another, and an unknown name tells the known ones")
    func baselines() throws {
        let folder = try TemporaryFolder()
        let history = try History(path: folder.file("history.sqlite"))
        let first = try history.record(run, file: nil)
        let second = try history.record(run, file: nil)
        try history.setBaseline("main", to: first, at: "2026-03-01T12:00:00Z")
        #expect(try history.baseline("main") == first)
        try history.setBaseline("main", to: second, at: "2026-03-02T12:00:00Z")
        #expect(try history.baseline("main") == second && history.entry(second).baselines == ["main"])
        let unknown = #expect(throws: ResultsError.self) { try history.baseline("nightly") }
        #expect(unknown?.code == .notFound && unknown?.description.contains("the baselines are main") == true)
        let absent = #expect(throws: ResultsError.self) { try history.setBaseline("x", to: 99, at: "") }
        #expect(absent?.code == .notFound)
        #expect(throws: ResultsError.self) { try history.baseline("x") }
    }

    @Test("what a search found is kept until another search for the same finds another, or nothing")
    func tunings() throws {
        let folder = try TemporaryFolder()
        let history = try History(path: folder.file("history.sqlite"))
        #expect(try history.tunedConfigurations().isEmpty, "there may be no table for them yet")
        let device = DeviceRecord(
            id: "cpu:0", backend: "cpu", name: "EPYC", vendor: "AMD", driver: "native", apiVersion: "1",
            pciAddress: nil,
            computeUnits: 2, memoryBytes: nil, features: [], isHostProcessor: true)
        let key = TunedConfiguration.Key(
            device: device, family: "attention", strategy: "flash", kernels: "0123", precision: "f32",
            parameters: ["Lq": 1, "Lk": 4096], isHot: false)
        var other = key
        other.parameters["Lk"] = 1024
        var found = TunedConfiguration(
            key: key, StrategyConfiguration(tunables: ["BLOCK_M": 32], variant: "matrix"), objective: .time,
            foundAt: "2026-03-01T12:00:00Z")
        try history.keep(found, for: key)
        #expect(try history.tunedConfigurations() == [found])
        found.tunables = ["BLOCK_M": 16]
        try history.keep(found, for: key)
        try history.keep(nil, for: other)
        #expect(try history.tunedConfigurations() == [found])
        #expect(try history.entries().isEmpty, "a search is no run")
        try history.keep(nil, for: key)
        #expect(try history.tunedConfigurations().isEmpty)
    }

    @Test("looking at a history that does not exist makes none")
    func absent() throws {
        let folder = try TemporaryFolder()
        let found = try History.existing(path: folder.file("history.sqlite"))
        let isAbsent = found == nil
        #expect(isAbsent && folder.names.isEmpty)
    }

    @Test("the place follows the XDG Base Directory Specification")
    func place() throws {
        #expect(
            try History.defaultPath(environment: ["XDG_DATA_HOME": "/d", "HOME": "/h"]) == "/d/joulemark/history.sqlite"
        )
        let home = "/h/.local/share/joulemark/history.sqlite"
        #expect(try History.defaultPath(environment: ["HOME": "/h"]) == home)
        #expect(try History.defaultPath(environment: ["XDG_DATA_HOME": "relative", "HOME": "/h"]) == home)
        #expect(throws: ResultsError.self) { try History.defaultPath(environment: [:]) }
    }

    @Test("a file that is cut short, overwritten in places, foreign or newer is reported and not a byte of it changes")
    func damaged() throws {
        let folder = try TemporaryFolder()
        let whole = folder.file("whole.sqlite")
        do {
            let history = try History(path: whole)
            for _ in 0..<5 { _ = try history.record(run, file: nil) }
        }
        let bytes = try Data(contentsOf: URL(filePath: whole))
        var cases: [(name: String, content: Data)] = [
            1, 50, 100, 1000, 4096, 6000, bytes.count / 2, bytes.count - 4096,
        ]
        .map { ("cut at \($0)", bytes.prefix($0)) }
        cases.append(("text", Data("not a database, but somebody's notes\n".utf8)))
        cases.append(("zeros", Data(count: 8192)))
        var scrambled = bytes
        for index in 4096..<12_288 { scrambled[index] = UInt8(truncatingIfNeeded: index &* 31) }
        cases.append(("scrambled pages", scrambled))
        for (offset, name) in [(63, "newer"), (71, "foreign")] {
            var altered = bytes
            altered[offset] = 99
            cases.append((name, altered))
        }
        for (name, content) in cases {
            let file = folder.file("case.sqlite")
            try content.write(to: URL(filePath: file))
            let error = #expect(throws: ResultsError.self, "\(name)") {
                let history = try History(path: file)
                _ = try history.record(run, file: nil)
            }
            #expect(error?.code == (name == "newer" ? .newer : .malformed), "\(name): \(error?.description ?? "")")
            #expect(error?.description.hasPrefix(file) == true && error?.description.contains("\n") == false)
            #expect(try Data(contentsOf: URL(filePath: file)) == content, "\(name)")
            #expect(folder.names == ["case.sqlite", "whole.sqlite"], "\(name)")
        }
    }

    @Test("a folder that cannot be made is an error of one line")
    func noFolder() throws {
        let folder = try TemporaryFolder()
        try Data().write(to: URL(filePath: folder.file("file")))
        let error = #expect(throws: ResultsError.self) { _ = try History(path: folder.file("file/history.sqlite")) }
        #expect(error?.code == .system && error?.description.contains("\n") == false)
    }
}
