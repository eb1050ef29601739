import Foundation
import Results
import Statistics
import Testing

@Suite("The history of runs")
struct HistoryCommandTests {
    /// As short as a profile can be: one strategy on the processor, and nothing timed.
    private static let shortest = [
        "profile", "--family", "attention", "--strategy", "flash", "--shape", "Hq=1,Hkv=1,Lq=8,Lk=8,D=16", "--device",
        "cpu", "--verify-only",
    ]

    @Test("a profile is listed, shown again whole, and becomes a baseline")
    func listShowBaseline() async throws {
        let place = try Workplace()
        let history = ["--history", place.path("h.sqlite")]
        let empty = try await place.joulemark(["history", "list"] + history)
        #expect(empty.exitCode == 0 && empty.text.contains("no runs yet") && place.files.isEmpty)

        for name in ["a.json", "b.json"] {
            let run = try await place.joulemark(Self.shortest + ["--json", name] + history)
            #expect(run.exitCode == 0, "\(run.errors)")
        }
        let list = try await place.joulemark(["history", "list"] + history)
        #expect(list.exitCode == 0 && list.text.contains("1 measurement, cpu:0"), "\(list.text)")
        #expect(list.text.contains("--strategy flash"))
        let shown = try await place.joulemark(["history", "show", "1", "--json", "-"] + history)
        #expect(shown.exitCode == 0)
        #expect(try shown.run() == RunFile.read(place.path("a.json")))
        for arguments in [["baseline", "main"], ["baseline", "main", "--run", "1"]] {
            let refused = try await place.joulemark(["history"] + arguments + history)
            #expect(refused.exitCode == 64 && refused.errorLines.count == 1, "\(refused.errors)")
            #expect(refused.errors.contains("has no times") && refused.errors.contains("--verify-only"))
        }
        do { _ = try History(path: place.path("h.sqlite")).record(MadeRun().record, file: nil) }
        let devices = try RunFile.read(place.path("a.json")).devices
        #expect(devices.map(\.peaksReason) == ["results were verified and nothing was timed"])
        let named = try await place.joulemark(["history", "baseline", "main", "--run", "3"] + history)
        #expect(named.exitCode == 0, "\(named.errors)")
        let again = try await place.joulemark(["history", "--json", "-"] + history)
        let entries = try JSONDecoder().decode([HistoryEntry].self, from: again.output)
        #expect(entries.map(\.id) == [3, 2, 1] && entries.map(\.baselines) == [["main"], [], []])
        for arguments in [["show", "99"], ["baseline", "x", "--run", "99"]] {
            let missing = try await place.joulemark(["history"] + arguments + history)
            #expect(missing.exitCode == 5 && missing.errorLines.count == 1, "\(missing.errors)")
        }
        let none = try await place.joulemark(Self.shortest + ["--json", "c.json", "--no-history"])
        #expect(none.exitCode == 0)
        #expect(try History(path: place.path("h.sqlite")).entries().count == 3)
        let bare = try await place.joulemark(["history"] + history)
        let listed = try await place.joulemark(["history", "list"] + history)
        #expect(bare.exitCode == 0 && bare.output == listed.output && bare.text.contains("baseline main"))
    }

    @Test("killed between two passes, the program leaves the first one as an interrupted run")
    func journal() async throws {
        let place = try Workplace()
        let program = try place.start([
            "profile", "--family", "attention", "--strategy", "flash", "--shape", "Hq=1,Hkv=1,Lq=64,Lk=64,D=16",
            "--device", "cpu", "--time-limit", "3600", "--energy", "off", "--no-history", "--json", "run.json",
        ])
        async let outcome = program.outcome()
        let deadline = ContinuousClock.now + .seconds(60)
        while !place.files.contains("run.json"), program.isRunning, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        program.kill()
        #expect(try await outcome.isKilled)
        let kept = try RunFile.read(place.path("run.json"))
        #expect(kept.interrupted && kept.measurements.count == 1)
        #expect(kept.measurements.first?.time?.rounds?.pass.allSatisfy { $0 == 0 } == true)
    }

    @Test("two profiles that end at the same time are both in the history")
    func together() async throws {
        let place = try Workplace()
        let history = ["--history", place.path("h.sqlite")]
        async let first = place.joulemark(Self.shortest + ["--json", "a.json"] + history)
        async let second = place.joulemark(Self.shortest + ["--json", "b.json"] + history)
        for outcome in try await [first, second] {
            #expect(outcome.exitCode == 0 && !outcome.errors.contains("not in the history"), "\(outcome.errors)")
        }
        #expect(try History(path: place.path("h.sqlite")).entries().map(\.id) == [2, 1])
    }

    @Test("a damaged or newer history is reported on one line, left as it is, and costs no profile its results")
    func damaged() async throws {
        let place = try Workplace()
        let path = place.path("h.sqlite")
        do {
            let made = try History(path: path)
            _ = try made.record(MadeRun().record, file: nil)
        }
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        var newer = whole
        // SQLite's user_version is the big-endian number at offset 60.
        newer[63] = 99
        for (name, content) in [
            ("cut", whole.prefix(whole.count / 2)), ("newer", newer), ("notes", Data("somebody's notes\n".utf8)),
        ] {
            try content.write(to: URL(fileURLWithPath: path))
            let list = try await place.joulemark(["history", "list", "--history", path])
            #expect(list.exitCode == 64 && list.errorLines.count == 1 && list.errors.contains("h.sqlite"), "\(name)")
            let run = try await place.joulemark(Self.shortest + ["--json", "run.json", "--history", path])
            #expect(run.exitCode == 0 && run.errors.contains("not in the history"), "\(name): \(run.errors)")
            #expect(try RunFile.read(place.path("run.json")).measurements.count == 1)
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == content, "\(name)")
        }
    }

    @Test(
        "killed at 20 moments around the writing of its results, the program leaves no unreadable file and loses no run"
    )
    func killed() async throws {
        let place = try Workplace()
        let environment = try MachineTests.bare(place)
        let history = place.path("h.sqlite")
        let arguments = Self.shortest + ["--json", "run.json", "--html", "run.html", "--history", history]
        let first = try await place.start(arguments, environment: environment).outcome()
        #expect(first.exitCode == 0, "\(first.errors)")
        var generator = SeededGenerator(seed: 20)
        var (killed, recorded) = (0, 1)
        for _ in 0..<20 {
            let program = try place.start(arguments, environment: environment)
            async let outcome = program.outcome()
            // The last thing said before results are written.
            while !program.errorsSoFar.contains("[1/1]"), program.isRunning {
                try await Task.sleep(for: .milliseconds(1))
            }
            // Writing takes some milliseconds.
            try await Task.sleep(for: .microseconds(Int(generator.uniform() * 8_000)))
            program.kill()
            let ended = try await outcome
            killed += ended.isKilled ? 1 : 0
            #expect(try RunFile.read(place.path("run.json")).measurements.count == 1)
            let page = try String(contentsOf: place.url.appendingPathComponent("run.html"), encoding: .utf8)
            #expect(page.hasPrefix("<!DOCTYPE html>") && page.contains("</html>"))
            let kept = try History(path: history)
            let entries = try kept.entries()
            #expect(entries.count >= recorded + (ended.isKilled ? 0 : 1))
            recorded = entries.count
            let newest = try #require(entries.first)
            #expect(try kept.run(newest.id).measurements.count == 1)
        }
        #expect(killed >= 5, "\(killed) of 20 were killed before their end")
    }
}
