import Foundation
import Testing

/// A library of Tests/Fixtures/faults, compiled once for all tests, that stands between the program and what it calls.
enum PreloadedLibrary {
    private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/faults")

    /// - Parameter name: of the source, without its ending.
    /// - Returns: the path, for `LD_PRELOAD`: a loader takes a blank for the end of a name, so there is none in it.
    static func path(_ name: String) async throws -> String {
        let folder = FileManager.default.temporaryDirectory.path
        let library = "\(folder)/joulemark-\(name)-\(ProcessInfo.processInfo.processIdentifier).so"
        guard !FileManager.default.fileExists(atPath: library) else { return library }
        let draft = "\(library).\(UUID().uuidString)"
        let source = sources.appendingPathComponent("\(name).c").path
        let compiler = try RunningProgram(
            "/usr/bin/env", ["cc", "-O1", "-shared", "-fPIC", "-o", draft, source, "-ldl"], environment: nil,
            folder: FileManager.default.temporaryDirectory)
        let outcome = try await compiler.outcome()
        try #require(outcome.exitCode == 0, "\(outcome.errors)")
        // Tests run beside each other: what has the name is whole.
        try? FileManager.default.moveItem(atPath: draft, toPath: library)
        try? FileManager.default.removeItem(atPath: draft)
        return library
    }
}
