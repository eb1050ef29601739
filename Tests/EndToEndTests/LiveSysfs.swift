import Foundation
import TestSupport

/// A simulated sysfs in the folder `tree` of a workplace, kept up to date by a process of its own.
final class LiveSysfs: Sendable {
    private let program: RunningProgram
    private let ended: Task<Void, any Error>

    /// - Parameter sources: as `sysfs-simulator` takes them.
    init(_ place: Workplace, _ sources: [String]) async throws {
        let simulator = URL(fileURLWithPath: ProgramUnderTest.path).deletingLastPathComponent()
            .appendingPathComponent("sysfs-simulator").path
        let program = try place.start(["tree"] + sources + ["--seconds", "300"], program: simulator)
        self.program = program
        ended = Task { _ = try await program.outcome() }
        let files = sources.compactMap { $0.split(separator: "=").first }.map { source in
            source.hasPrefix("hwmon") ? "tree/class/hwmon/\(source)" : "tree/class/powercap/\(source)/energy_uj"
        }
        while !Set(files).isSubset(of: place.files) { try await Task.sleep(for: .milliseconds(20)) }
    }

    /// - Parameter machine: the name of one of `Tests/Fixtures/machines`.
    init(_ place: Workplace, machine: String) async throws {
        let simulator = URL(fileURLWithPath: ProgramUnderTest.path).deletingLastPathComponent()
            .appendingPathComponent("sysfs-simulator").path
        let description = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/machines/\(machine).machine").path
        let program = try place.start(
            ["tree", "--machine", description, "--seconds", "300"], program: simulator)
        self.program = program
        ended = Task { _ = try await program.outcome() }
        let paths = try MachineDescription(contentsOf: description).entries.map { place.path("tree/" + $0.path) }
        while !paths.allSatisfy({ FileManager.default.fileExists(atPath: $0) }) {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    func end() async throws {
        // It may have inherited a mask that blocks every signal which can be blocked.
        program.kill()
        try await ended.value
    }
}
