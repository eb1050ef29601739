import Foundation
import Results
import TestSupport
import Testing

@Suite("State-space models, recomputed step by step")
struct StateSpaceTests {
    @Test(
        "every strategy's dumped tensors agree with NumPy's plain recurrence",
        arguments: [
            ("selective-scan", "B=2,L=131,D=37,N=16", 3),
            ("ssd", "B=2,L=83,H=6,P=20,N=24,G=2,Q=32", 4),
        ])
    func recurrence(family: String, shape: String, strategies: Int) async throws {
        let place = try Workplace()
        let outcome = try await place.joulemark(
            ["profile", "--family", family, "--shape", shape, "--dump", "d", "--json", "-", "--verify-only"])
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        let run = try outcome.run(), measured = run.measurements
        #expect(Set(measured.filter { $0.status == .ok }.map(\.strategy)).count == strategies)
        for measurement in measured where measurement.status != .skipped {
            let name = "\(measurement.strategy) on \(measurement.device)"
            #expect(measurement.status == .ok, "\(name): \(measurement.message ?? "")")
        }
        try await place.expectRecomputed(run, by: "check_state_space.py", [family])
    }
}
