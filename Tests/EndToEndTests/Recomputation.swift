import Foundation
import Results
import TestSupport
import Testing

extension Workplace {
    /// The one with NumPy and SciPy: the system's, unless another is named.
    static let python = ProcessInfo.processInfo.environment["JOULEMARK_PYTHON"] ?? "/usr/bin/python3"

    /// What `--dump d` left of every right result, recomputed by a script that shares nothing with the program.
    ///
    /// - Parameters:
    ///   - arguments: the script's own, before the folders.
    ///   - tolerance: the largest normalised mean squared error.
    func expectRecomputed(
        _ run: RunRecord, by script: String, _ arguments: [String] = [], within tolerance: Double = 1e-11
    ) async throws {
        let done = run.measurements.filter { $0.status == .ok }
        try #require(!done.isEmpty)
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(script).path
        let folders = done.map { self.path("d/\($0.family)/\($0.strategy)/\($0.device)") }
        let answer = try await start(["-B", path] + arguments + ["--"] + folders, program: Self.python).outcome()
        #expect(answer.exitCode == 0, "\(answer.errors)")
        let errors = answer.text.split(separator: "\n").map { Double($0) }
        try #require(errors.count == done.count)
        for (measurement, error) in zip(done, errors) {
            #expect(error ?? .infinity <= tolerance, "\(measurement.strategy) on \(measurement.device)")
        }
    }
}
