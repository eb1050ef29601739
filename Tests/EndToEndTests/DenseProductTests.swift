import Foundation
import Results
import TestSupport
import Testing

/// Matrix products in every format and mixtures of experts, through the whole program, against NumPy's opinion of what
/// was dumped.
@Suite("Matrix products and mixtures of experts")
struct DenseProductTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let family: String
        let shape: String
        let precision: String
        /// Strategies that must have run on every backend; the others must have been skipped.
        let strategies: Set<String>

        var testDescription: String { "\(family) \(shape) \(precision)" }
    }

    private static let mixture: Set<String> = ["per-expert", "grouped", "grouped-swiglu", "grouped-scatter"]

    static let cases = [
        Case(family: "matmul", shape: "M=21,N=37,K=45", precision: "f32", strategies: ["f32"]),
        Case(family: "matmul", shape: "M=21,N=37,K=45", precision: "f16", strategies: ["f16"]),
        Case(family: "matmul", shape: "M=21,N=37,K=64,bits=8", precision: "f32", strategies: ["f32", "q8"]),
        Case(family: "matmul", shape: "M=1,N=37,K=96,bits=8", precision: "f32", strategies: ["f32", "q8"]),
        Case(family: "matmul", shape: "M=21,N=37,K=64,bits=4", precision: "f16", strategies: ["f16", "q4"]),
        Case(family: "matmul", shape: "M=1,N=37,K=96,bits=4", precision: "f32", strategies: ["f32", "q4"]),
        Case(family: "moe", shape: "T=13,E=5,topk=2,K=26,N=39", precision: "f32", strategies: mixture),
        Case(family: "moe", shape: "T=13,E=5,topk=2,K=26,N=39", precision: "f16", strategies: mixture),
        Case(family: "moe", shape: "T=1,E=9,topk=3,K=28,N=36", precision: "f32", strategies: mixture),
    ]

    @Test("NumPy computes the same from the dumped operands", arguments: cases)
    func dumped(_ given: Case) async throws {
        let place = try Workplace()
        let outcome = try await place.joulemark(
            [
                "profile", "--family", given.family, "--shape", given.shape, "--precision", given.precision, "--dump",
                "d", "--verify-only", "--json", "-",
            ])
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        let run = try outcome.run()
        #expect(Set(run.devices.map(\.backend)) == ["cpu", "opencl", "vulkan"])
        for device in run.devices {
            let done = run.measurements.filter { $0.device == device.id && $0.status == .ok }
            #expect(Set(done.map(\.strategy)) == given.strategies, "\(device.id)")
        }
        try await place.expectRecomputed(
            run, by: "check_\(given.family).py", within: given.precision == "f32" ? 1e-11 : 1e-6)
        #expect(run.measurements.allSatisfy { $0.status == .ok || $0.status == .skipped })
    }

    @Test("a depth that no block divides, and integers asked of other numbers, are told, with what is needed")
    func refused() async throws {
        let place = try Workplace()
        let depth = try await place.joulemark(
            ["profile", "--family", "matmul", "--shape", "M=2,N=3,K=33,bits=4", "--verify-only"])
        #expect(depth.exitCode != 0)
        #expect(depth.errors.contains("K % 32 == 0"), "\(depth.errors)")
        let bits = try await place.joulemark(
            [
                "profile", "--family", "matmul", "--shape", "M=2,N=3,K=32", "--device", "cpu", "--json", "-",
                "--verify-only",
            ])
        #expect(bits.exitCode == 0, "\(bits.errors)")
        let skipped = try bits.run().measurements.first { $0.strategy == "q4" }
        #expect(skipped?.status == .skipped)
        #expect(skipped?.message?.contains("bits == 4") == true)
    }
}
