import Foundation
import Glibc
import Results
import TestSupport
import Testing

/// Root may read power counters; drivers, compilers and kernels have no business with that.
@Suite("Least privilege", .enabled(if: geteuid() == 0, "only root has something to give up"))
struct PrivilegeTests {
    /// The lines of /proc/PID/status by their names.
    private func status(_ process: String) -> [String: String] {
        let text = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
        return Dictionary(
            text.split(separator: "\n").compactMap { line in
                line.firstIndex(of: ":").map { colon in
                    (
                        String(line[..<colon]),
                        line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
                    )
                }
            }, uniquingKeysWith: { first, _ in first })
    }

    /// What the processes that `parent` started say of themselves.
    private func children(of parent: Int32) -> [[String: String]] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).filter { Int($0) != nil }.map(status)
            .filter { $0["PPid"] == "\(parent)" }
    }

    @Test("what its workers share is a folder that nobody else may enter, whose name nobody can know before")
    func sharedFolder() async throws {
        let place = try Workplace()
        let temporary = place.path("temporary")
        try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
        var environment = ProcessInfo.processInfo.environment
        environment["TMPDIR"] = temporary
        var names: Set<String> = []
        for _ in 0..<2 {
            let program = try place.start(
                [
                    "profile", "--family", "swiglu", "--device", "cpu", "--energy", "off", "--no-history", "--json",
                    "run.json",
                ],
                environment: environment)
            async let outcome = program.outcome()
            let deadline = ContinuousClock.now + .seconds(60)
            var found: String?
            while found == nil, program.isRunning, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(5))
                found = try FileManager.default.contentsOfDirectory(atPath: temporary).first {
                    $0.hasPrefix("joulemark-run-")
                }
            }
            let name = try #require(found)
            names.insert(name)
            let mode =
                try FileManager.default.attributesOfItem(atPath: "\(temporary)/\(name)")[.posixPermissions] as? Int
            #expect(mode == 0o700)
            #expect(!name.contains("\(program.processID)"))
            program.interrupt()
            _ = try await outcome
        }
        #expect(names.count == 2 && place.files.filter { $0.contains("joulemark-run-") }.isEmpty)
    }

    /// Runs a profile and looks at its workers until one has given up what it gives up, which it does before all else.
    private func worker(environment: [String: String]) async throws -> (status: [String: String], outcome: Outcome) {
        let workplace = try Workplace()
        let program = try workplace.start(
            [
                "profile", "--family", "swiglu", "--shape", "T=8,D=64", "--device", "cpu:0", "--time-limit", "1",
                "--json", "-",
            ], environment: environment)
        async let outcome = program.outcome()
        var seen: [String: String] = [:]
        while program.isRunning, seen.isEmpty {
            seen = children(of: program.processID).first { $0["NoNewPrivs"] == "1" } ?? [:]
            try await Task.sleep(for: .milliseconds(2))
        }
        return (seen, try await outcome)
    }

    private func expectNothingLeft(_ status: [String: String]) {
        for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
            #expect(UInt64(status[set] ?? "", radix: 16) == 0, "\(set)")
        }
        #expect(status["NoNewPrivs"] == "1")
    }

    @Test("a worker of root's has no capability, and can gain none")
    func root() async throws {
        var environment = ProcessInfo.processInfo.environment
        environment["SUDO_UID"] = nil
        let (status, outcome) = try await worker(environment: environment)
        expectNothingLeft(status)
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        #expect(try outcome.run().measurements.allSatisfy { $0.status == .ok })
    }

    @Test("started by sudo, a worker is the calling user's, with the groups of that user, and all is measured as ever")
    func sudo() async throws {
        let nobody = try #require(OrdinaryUser.nobody())
        var environment = ProcessInfo.processInfo.environment
        environment["SUDO_UID"] = "\(nobody.userID)"
        environment["SUDO_GID"] = "\(nobody.groupID)"
        let (status, outcome) = try await worker(environment: environment)
        expectNothingLeft(status)
        let user = Array(repeating: "\(nobody.userID)", count: 4).joined(separator: "\t")
        #expect(status["Uid"] == user)
        #expect(status["Gid"] == Array(repeating: "\(nobody.groupID)", count: 4).joined(separator: "\t"))
        #expect(status["Groups"]?.split(separator: " ").contains("0") == false)
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        #expect(try outcome.run().measurements.allSatisfy { $0.status == .ok })
    }
}
