import Foundation
import Glibc
import Results
import Statistics
import TestSupport
import Testing

/// Runs that are cut off, and what is left of them.
@Suite("A run that is cut off")
struct ResumeTests {
    private static let workload = [
        "profile", "--family", "swiglu", "--precision", "f32", "--precision", "f16", "--shape", "T=16,D=256",
        "--device", "cpu",
        "--energy", "off", "--time-limit", "0.2", "--no-history",
    ]

    /// What does not depend on when it was measured.
    private struct Content: Hashable {
        let name: String
        let status: String
        let work: String
        let error: Double?

        init(_ measurement: MeasurementRecord) {
            name = "\(measurement.family)/\(measurement.strategy) \(measurement.workload) \(measurement.device)"
            status = measurement.status.rawValue
            work = "\(measurement.work.map { "\($0.flops) \($0.minimumBytes) \($0.strategyBytes)" } ?? "")"
            error = measurement.verification?.relativeL2
        }
    }

    /// The result is absent or valid.
    private func check(_ place: Workplace) throws {
        guard place.files.contains("run.json") else { return }
        _ = try RunFile.read(place.path("run.json"))
    }

    @Test("killed at random moments and resumed each time, it comes to the statuses and the work of one that was not")
    func killed() async throws {
        let whole = try Workplace()
        let start = ContinuousClock.now
        let expected = try await whole.joulemark(Self.workload + ["--json", "run.json"])
        let duration = start.duration(to: .now)
        #expect(expected.exitCode == 0, "\(expected.errors)")
        #expect(whole.files == ["run.json"])
        let reference = try RunFile.read(whole.path("run.json"))
        #expect(reference.measurements.count == 4)
        var random = SeededGenerator(seed: 7)
        var kills = 0, resumed = 0, completed = 0
        let wanted = ProcessInfo.processInfo.environment["JOULEMARK_TESTS"] == "long" ? 20 : 6
        while kills < wanted || resumed == 0 {
            let place = try Workplace()
            var arguments = Self.workload + ["--json", "run.json"]
            while true {
                let program = try place.start(arguments)
                async let outcome = program.outcome()
                if kills < wanted || resumed == 0 {
                    try await Task.sleep(for: duration * random.uniform())
                    program.kill()
                }
                let ended = try await outcome
                try check(place)
                guard ended.isKilled else {
                    #expect(ended.exitCode == 0, "\(ended.errors)")
                    break
                }
                kills += 1
                guard place.files.contains("run.json.journal") else { continue }
                arguments = ["profile", "--resume", "run.json"]
                resumed += 1
            }
            completed += 1
            #expect(place.files == ["run.json"])
            let run = try RunFile.read(place.path("run.json"))
            #expect(!run.interrupted)
            #expect(run.measurements.map(Content.init) == reference.measurements.map(Content.init))
            #expect(run.tool.arguments == reference.tool.arguments)
            #expect(run.comparisons.count == reference.comparisons.count)
        }
        InjectedFaults.tell(
            "runs killed at random moments, resumed \(resumed) times, to \(completed) results", count: kills)
    }

    /// A run that was killed when the first of its results stood in its file, and its journal.
    private func cutOff(
        _ place: Workplace? = nil, _ workload: [String] = workload
    ) async throws -> (place: Workplace, journal: Data) {
        let place = try place ?? Workplace()
        let program = try place.start(workload + ["--json", "run.json"])
        async let outcome = program.outcome()
        try await place.waits(for: "run.json", while: program)
        program.kill()
        _ = try await outcome
        return (place, try Data(contentsOf: place.url.appendingPathComponent("run.json.journal")))
    }

    @Test("what was measured before is in the result as it was, and is not measured again")
    func nothingTwice() async throws {
        let (place, journal) = try await cutOff()
        let before = try RunFile.read(place.path("run.json"))
        #expect(before.interrupted)
        let resumed = try await place.joulemark(["profile", "--resume", "run.json"])
        #expect(resumed.exitCode == 0, "\(resumed.errors)")
        let after = try RunFile.read(place.path("run.json"))
        #expect(after.startedAt == before.startedAt)
        #expect(!journal.isEmpty && place.files == ["run.json"])
        for measurement in before.measurements {
            let same = try #require(after.measurements.first { Content($0) == Content(measurement) })
            // The moments at which rounds began tell them apart.
            let rounds = try #require(same.time?.rounds), known = try #require(measurement.time?.rounds)
            let begins = try #require(rounds.begins), knownBegins = try #require(known.begins)
            #expect(!knownBegins.isEmpty && Array(begins.prefix(knownBegins.count)) == knownBegins)
            #expect(!rounds.pass.dropFirst(knownBegins.count).contains(0))
        }
    }

    @Test("a journal whose last line is torn holds all before it; a strange or a changed one is refused and left alone")
    func journals() async throws {
        let (place, journal) = try await cutOff()

        for strange in [Data(), Data("no journal\n".utf8), journal.prefix(40)] {
            try place.write("run.json.journal", Data(strange))
            let refused = try await place.joulemark(["profile", "--resume", "run.json"])
            #expect(refused.exitCode == 64 && refused.errorLines.count == 1, "\(refused.errors)")
            #expect(try Data(contentsOf: place.url.appendingPathComponent("run.json.journal")) == Data(strange))
        }
        let text = String(decoding: journal, as: UTF8.self)
        let other = text.replacing("\"version\":\"", with: "\"version\":\"9")
        try place.write("run.json.journal", Data(other.utf8))
        let changed = try await place.joulemark(["profile", "--resume", "run.json"])
        #expect(changed.exitCode == 64 && changed.errors.contains("something else is here now than then: the program"))

        try place.write("run.json.journal", journal.dropLast(journal.count / 20) + Data("{\"mea".utf8))
        let resumed = try await place.joulemark(["profile", "--resume", "run.json"])
        #expect(resumed.exitCode == 0, "\(resumed.errors)")
        #expect(place.files == ["run.json"])

        let complete = try await place.joulemark(["profile", "--resume", "run.json"])
        #expect(complete.exitCode == 64 && complete.errors.contains("the run came to its end"), "\(complete.errors)")
        let absent = try await place.joulemark(["profile", "--resume", "other.json"])
        #expect(absent.exitCode == 64 && absent.errors.contains("there is no"), "\(absent.errors)")
        let both = try await place.joulemark(["profile", "--resume", "run.json", "--family", "swiglu"])
        #expect(both.exitCode == 64, "\(both.errors)")
    }

    /// Expects a refusal that says what is another one, and that nothing was touched.
    private func expectRefusal(_ place: Workplace, _ journal: Data, _ what: String, _ comment: String) async throws {
        try place.write("run.json.journal", journal)
        let before = try Data(contentsOf: place.url.appendingPathComponent("run.json"))
        let refused = try await place.joulemark(["profile", "--resume", "run.json"])
        #expect(refused.exitCode == 64 && refused.errorLines.count == 1, "\(comment): \(refused.errors)")
        #expect(
            refused.errors.contains("something else is here now than then: \(what)"), "\(comment): \(refused.errors)")
        #expect(try Data(contentsOf: place.url.appendingPathComponent("run.json.journal")) == journal)
        #expect(try Data(contentsOf: place.url.appendingPathComponent("run.json")) == before)
    }

    @Test(
        "it is not gone on with when kernels or inputs have changed since",
        .disabled("a refusal adds a line about the clock to the journal, which should be left alone"))
    func changedFiles() async throws {
        let place = try Workplace()
        let example = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Examples/own-kernels")
        try FileManager.default.copyItem(at: example, to: place.url.appendingPathComponent("own"))
        func write(_ value: Int) throws {
            let matrix = "%%MatrixMarket matrix coordinate real general\n24 32 3\n1 1 \(value)\n7 3 2\n24 32 -1\n"
            try place.write("a.mtx", Data(matrix.utf8))
        }
        try write(1)
        let workload = [
            "profile", "--family", "spmm", "--strategy", "dense", "--strategy", "csr-row", "--shape", "N=16",
            "--kernels",
            "own", "--input", "a=a.mtx", "--device", "cpu", "--energy",
            "off", "--time-limit", "0.2", "--no-history",
        ]
        let (_, journal) = try await cutOff(place, workload)

        try write(5)
        try await expectRefusal(place, journal, "the files of --input", "an input")
        try write(1)
        let kernel = try #require(place.files.first { $0.hasSuffix(".cl") }.map { $0.dropFirst("own/".count) })
        let text = try String(contentsOfFile: place.path("own/\(kernel)"), encoding: .utf8)
        try place.write("own/\(kernel)", Data((text + "\n// changed\n").utf8))
        try await expectRefusal(place, journal, "the kernels", "a kernel")
        try place.write("own/\(kernel)", Data(text.utf8))

        try place.write("run.json.journal", journal)
        let resumed = try await place.joulemark(["profile", "--resume", "run.json"])
        #expect(resumed.exitCode == 0, "all is as it was: \(resumed.errors)")
    }

    @Test(
        "it is not gone on with beside another base, on other devices, or with other tunables",
        .disabled("a refusal adds a line about the clock to the journal, which should be left alone"))
    func changedSurroundings() async throws {
        let (place, journal) = try await cutOff()
        let text = String(decoding: journal, as: UTF8.self)
        func changed(_ pattern: Regex<Substring>, _ value: String) throws -> Data {
            try #require(text.firstMatch(of: pattern) != nil)
            return Data(text.replacing(pattern, with: value, maxReplacements: 1).utf8)
        }
        try await expectRefusal(
            place, try changed(#/"devices":\["cpu:0 /#, #""devices":["cpu:0 Another "#),
            "the devices: they were cpu:0 Another",
            "a device")
        try await expectRefusal(
            place, try changed(#/"tunables":\[/#, #""tunables":["swiglu/fused X=1 for quick on cpu:0""#),
            "the tunables that 'joulemark tune' has found: swiglu/fused X=1", "a tunable")
        let base = #""base":{"version":"9.9.9","commit":null,"arguments":[]},"folder":"#
        try await expectRefusal(
            place, try changed(#/"folder":/#, base), "the base: it was joulemark 9.9.9", "a base")
        try await expectRefusal(
            place, try changed(#/"kernels":"/#, #""kernels":"0"#), "the kernels", "built-in kernels")
        // Of whatever version a journal's lines are: only those of its own does a build go on with.
        try place.write("run.json.journal", try changed(#/"version":[0-9]+(?=[,}])/#, #""version":1000"#))
        let newer = try await place.joulemark(["profile", "--resume", "run.json"])
        #expect(newer.exitCode == 64 && newer.errors.contains("is not the journal of a run"), "\(newer.errors)")
    }

    @Test("a new run in the place of one that was cut off says what it gives up, and gives it up")
    func newRun() async throws {
        let (place, _) = try await cutOff()
        let run = try await place.joulemark(Self.workload + ["--json", "run.json"])
        #expect(run.exitCode == 0, "\(run.errors)")
        #expect(
            run.errorLines.contains {
                $0.hasPrefix("joulemark: warning: ")
                    && $0.contains("what a run that was cut off had measured is given up")
            }, "\(run.errors)")
        #expect(place.files == ["run.json"])
        #expect(try !RunFile.read(place.path("run.json")).interrupted)
    }

    @Test("after another start of the machine the moments of before are those of the clock that counts now")
    func otherStart() async throws {
        let (place, journal) = try await cutOff()
        let before = try RunFile.read(place.path("run.json"))
        let text = String(decoding: journal, as: UTF8.self)
        let origin = try #require(text.firstMatch(of: #/"origin":([0-9.]+)/#).flatMap { Double($0.output.1) })
        // As if that clock had begun an hour earlier.
        try place.write(
            "run.json.journal",
            Data(
                text.replacing(#/"boot":"[^"]*"/#, with: #""boot":"another""#)
                    .replacing(#/"origin":[0-9.]+/#, with: "\"origin\":\(origin - 3600)").utf8))
        let resumed = try await place.joulemark(["profile", "--resume", "run.json"])
        #expect(resumed.exitCode == 0, "\(resumed.errors)")
        let after = try RunFile.read(place.path("run.json"))
        let old = try #require(before.measurements.first { $0.time?.rounds?.begins?.isEmpty == false })
        let new = try #require(after.measurements.first { Content($0) == Content(old) })
        let moved = try #require(new.time?.rounds?.begins?.first) - #require(old.time?.rounds?.begins?.first)
        #expect(abs(moved + 3600) < 1, "\(moved)")
    }

    @Test(
        "a signal that asks for the end ends it in order, and it can be resumed", arguments: [SIGINT, SIGTERM, SIGHUP])
    func signals(signal: Int32) async throws {
        let place = try Workplace()
        let program = try place.start(Self.workload + ["--json", "run.json"])
        async let outcome = program.outcome()
        try await place.waits(for: "run.json", while: program)
        Glibc.kill(program.processID, signal)
        let ended = try await outcome
        #expect(ended.exitCode == 130 && ended.errors.contains("--resume"), "\(ended.errors)")
        #expect(try RunFile.read(place.path("run.json")).interrupted)
        let resumed = try await place.joulemark(["profile", "--resume", "run.json"])
        #expect(resumed.exitCode == 0, "\(resumed.errors)")
        #expect(try !RunFile.read(place.path("run.json")).interrupted)
        #expect(place.files == ["run.json"])
    }

    @Test("interrupted before there is anything, it leaves the file of before as it was")
    func goodFile() async throws {
        let place = try Workplace()
        let good = Data("the good file of before".utf8)
        for milliseconds in [5, 60, 200, 400] {
            try place.write("run.json", good)
            let program = try place.start(Self.workload + ["--json", "run.json"])
            async let outcome = program.outcome()
            try await Task.sleep(for: .milliseconds(milliseconds))
            program.interrupt()
            _ = try await outcome
            let now = try Data(contentsOf: place.url.appendingPathComponent("run.json"))
            if now != good { #expect(try !RunFile.read(place.path("run.json")).measurements.isEmpty) }
        }
    }

    @Test("a reader that goes away costs the history nothing")
    func closedPipe() async throws {
        let place = try Workplace()
        let history = place.path("h.sqlite")
        let arguments = [
            "profile", "--family", "swiglu", "--strategy", "fused", "--shape", "T=8,D=64", "--device", "cpu",
            "--verify-only", "--history", history, "--json", "-",
        ].map { "'\($0)'" }.joined(separator: " ")
        let program = try RunningProgram(
            "/bin/sh", ["-c", "{ '\(ProgramUnderTest.path)' \(arguments); echo $? >code; } | true"], environment: nil,
            folder: place.url)
        _ = try await program.outcome()
        let code = try String(contentsOfFile: place.path("code"), encoding: .utf8)
        #expect(code == "1\n")
        #expect(try History(path: history).entries().count == 1)
    }

    @Test("killed at any moment it leaves nothing behind that the next run does not remove")
    func leftovers() async throws {
        let place = try Workplace()
        let temporary = place.path("temporary")
        try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
        var environment = ProcessInfo.processInfo.environment
        environment["TMPDIR"] = temporary
        var random = SeededGenerator(seed: 11)
        let kills = environment["JOULEMARK_TESTS"] == "long" ? 100 : 15
        for _ in 0..<kills {
            let program = try place.start(Self.workload + ["--json", "run.json"], environment: environment)
            async let outcome = program.outcome()
            try await Task.sleep(for: .milliseconds(Int.random(in: 20...900, using: &random)))
            program.kill()
            _ = try await outcome
            try check(place)
        }
        // What a kill in the middle of a write leaves.
        try place.write(".run.json.joulemark-abcdef", Data("half".utf8))
        let last = try await place.joulemark(Self.workload + ["--json", "run.json"], environment: environment)
        #expect(last.exitCode == 0, "\(last.errors)")
        let left = place.files.filter { !$0.hasPrefix("temporary/pocl") }
        #expect(left == ["run.json", "temporary"], "\(left)")
        InjectedFaults.tell("runs killed and not resumed", count: kills)
    }
}

extension Workplace {
    fileprivate func waits(for file: String, while program: RunningProgram) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while !files.contains(file), program.isRunning, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(5))
        }
        try #require(files.contains(file))
    }
}
