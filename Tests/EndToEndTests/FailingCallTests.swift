import Foundation
import Glibc
import Results
import TestSupport
import Testing

/// What the operating system refuses, the n-th time that it is asked, for every n until a run asks no more.
@Suite("Calls of the system that fail")
struct FailingCallTests {
    /// A call, what it fails with, and at how many places at most it is tried in one test.
    struct Call: CustomStringConvertible, CustomTestStringConvertible, Sendable {
        let name: String
        let error: Int32
        var most = 400
        /// Every so many-th is tried, of calls that are made very often.
        var step = 1
        var description: String { "\(name) fails with \(unsafe String(cString: strerror(error)))" }
        var testDescription: String { description }
    }

    private static let calls = [
        Call(name: "write", error: ENOSPC), Call(name: "pwrite", error: ENOSPC, most: 12),
        Call(name: "fsync", error: EIO),
        Call(name: "fdatasync", error: EIO), Call(name: "rename", error: EROFS), Call(name: "mkdir", error: ENOSPC),
        Call(name: "mkdtemp", error: EACCES), Call(name: "mkstemp", error: ENOSPC),
        Call(name: "ftruncate", error: EIO), Call(name: "fchmod", error: EPERM), Call(name: "flock", error: ENOLCK),
        Call(name: "pipe2", error: EMFILE), Call(name: "socketpair", error: EMFILE),
        // Files of the machine for the most part: too many to try each in every test.
        Call(name: "open", error: EMFILE, most: 12),
        Call(name: "opendir", error: EMFILE, most: 4), Call(name: "pthread_create", error: EAGAIN, most: 4),
        // What SQLite and our own C ask for.
        Call(name: "malloc", error: ENOMEM, most: 8, step: 109),
    ]

    private static let callsOfWorkers = [
        Call(name: "malloc", error: ENOMEM, most: 4), Call(name: "aligned_alloc", error: ENOMEM, most: 4),
        Call(name: "cpualloc", error: ENOMEM, most: 4), Call(name: "getaffinity", error: EPERM, most: 4),
        Call(name: "setaffinity", error: EPERM, most: 4), Call(name: "pthread_create", error: EAGAIN, most: 4),
        Call(name: "opendir", error: EMFILE, most: 4), Call(name: "dup", error: EMFILE, most: 4),
        Call(name: "dup2", error: EBADF, most: 4), Call(name: "write", error: EPIPE, most: 4),
    ]

    private static let isLong = ProcessInfo.processInfo.environment["JOULEMARK_TESTS"] == "long"

    private static let arguments = [
        "profile", "--family", "swiglu", "--strategy", "fused", "--shape", "T=8,D=64", "--device", "cpu",
        "--verify-only", "--history", "h.sqlite", "--json", "run.json", "--html", "run.html", "--quiet",
    ]

    /// Runs with the n-th call failing; `nil` once a run makes fewer.
    ///
    /// - Parameter process: the subcommand in whose process it fails.
    private func run(
        _ call: Call, _ number: Int, in place: Workplace, of process: String = "profile"
    ) async throws -> Outcome? {
        var environment = ProcessInfo.processInfo.environment
        let note = place.path("failed")
        try? FileManager.default.removeItem(atPath: note)
        environment["LD_PRELOAD"] = try await PreloadedLibrary.path("failing_calls")
        environment["JOULEMARK_CALL"] = "\(call.name):\(call.error):\(number)"
        environment["JOULEMARK_CALL_FAILED"] = note
        environment["JOULEMARK_CALL_IN"] = process
        // Libraries of others do not look at all that they are given: hwloc, for one, at its sets of processors.
        if ["malloc", "cpualloc"].contains(call.name) { environment["JOULEMARK_CALLERS"] = try await CPlaces.ranges() }
        let outcome = try await place.joulemark(Self.arguments, environment: environment)
        return FileManager.default.fileExists(atPath: note) ? outcome : nil
    }

    /// Makes the result that is there one of long ago: two runs within a second would write the same.
    private func age(_ place: Workplace) throws -> Data {
        var run = try RunFile.read(place.path("run.json"))
        run.startedAt = "2001-01-01T00:00:00Z"
        let data = Data(try RunFile.text(of: run).utf8)
        try place.write("run.json", data)
        return data
    }

    /// The result is the one of before or a complete one, the history can be read, and what went wrong is told.
    private func check(_ outcome: Outcome, _ place: Workplace, before: Data, _ what: String) throws {
        #expect(!outcome.isKilled && [0, 1, 4, 6, 64].contains(outcome.exitCode), "\(what): \(outcome.exitCode)")
        let result = try Data(contentsOf: place.url.appendingPathComponent("run.json"))
        let run = try RunFile.decode([UInt8](result), name: what)
        let isWhole = !run.interrupted && run.measurements.map(\.status) == [.ok]
        if outcome.exitCode == 0 {
            #expect(isWhole && result != before, "\(what)")
        } else {
            #expect(!outcome.errorLines.isEmpty, "\(what): it fails without a word")
        }
        for line in outcome.errorLines {
            #expect(line.hasPrefix("joulemark: ") || line.hasPrefix("warning: "), "\(what): \(line)")
        }
        #expect(outcome.errorLines.count <= 2, "\(what): \(outcome.errors)")
        if FileManager.default.fileExists(atPath: place.path("h.sqlite")) {
            _ = try History(path: place.path("h.sqlite")).entries()
        }
    }

    /// What was measured is not lost with the file that could not be written.
    private func resume(_ outcome: Outcome, _ place: Workplace, _ what: String) async throws {
        guard place.files.contains("run.json.journal") else { return }
        #expect(outcome.exitCode == 1, "\(what): a journal is left, and the exit code is \(outcome.exitCode)")
        #expect(outcome.errors.contains("profile --resume \(place.path("run.json")) writes it"), "\(outcome.errors)")
        let resumed = try await place.joulemark(["profile", "--resume", "run.json"])
        #expect(resumed.exitCode == 0, "\(what): \(resumed.errors)")
        let run = try RunFile.read(place.path("run.json"))
        #expect(!run.interrupted && run.measurements.map(\.status) == [.ok], "\(what)")
        #expect(!place.files.contains("run.json.journal"), "\(what)")
    }

    @Test("every place where one can fail leaves good files and a message", arguments: calls)
    func everyPlace(call: Call) async throws {
        let place = try Workplace()
        let first = try await place.joulemark(Self.arguments)
        try #require(first.exitCode == 0, "\(first.errors)")
        var failed = 0, refused = 0
        let most = Self.isLong ? Int.max : call.most
        while failed < most {
            let before = try age(place)
            guard let outcome = try await run(call, failed * call.step + 1, in: place) else { break }
            failed += 1
            refused += outcome.exitCode == 0 ? 0 : 1
            try check(outcome, place, before: before, "\(call.name) \(failed)")
            try await resume(outcome, place, "\(call.name) \(failed)")
        }
        InjectedFaults.tell("places where \(call) in a run, \(refused) of them with consequences", count: failed)
        // What lets a run go on has cost it nothing: the next one is as the first.
        let last = try await place.joulemark(Self.arguments)
        #expect(last.exitCode == 0 && last.errors == first.errors, "\(last.errors)")
    }

    @Test("in a worker it costs a measurement at most, and says why", arguments: callsOfWorkers)
    func workers(call: Call) async throws {
        let place = try Workplace()
        var failed = 0, refused = 0
        while failed < (Self.isLong ? Int.max : call.most) {
            guard let outcome = try await run(call, failed + 1, in: place, of: "worker") else { break }
            failed += 1
            refused += outcome.exitCode == 0 ? 0 : 1
            let what = "\(call.name) \(failed)"
            #expect(!outcome.isKilled && [0, 1, 4].contains(outcome.exitCode), "\(what): \(outcome.exitCode)")
            #expect(outcome.exitCode != 4 || !outcome.errors.isEmpty, "\(what): it fails without a word")
            #expect(!outcome.errors.contains("signal"), "\(what): \(outcome.errors)")
            guard outcome.exitCode != 4 else { continue }
            for measurement in try RunFile.read(place.path("run.json")).measurements where measurement.status != .ok {
                let message = try #require(measurement.message)
                #expect(!message.isEmpty && !message.contains("signal"), "\(what): \(message)")
            }
        }
        InjectedFaults.tell("places where \(call) in a worker, \(refused) of them with consequences", count: failed)
    }
}
