import Backends
import Foundation
import Kernels
import Results
import TestSupport
import Testing

/// Inputs from files and made ones that rounding, the ends of float32's range or a file's format make hard: every
/// strategy on every device gives the right result, and is told so.
@Suite("Hard inputs")
struct InputCaseTests {
    private static func file(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/inputs/\(name)").path
    }

    @Test(
        "logits of up to ±1460, of which float32 keeps less than the tolerance asks for",
        arguments: TestedDevice.ofKernels)
    func largeLogits(device: TestedDevice) throws {
        let records = try verified(
            device, "attention", ["Hq": 4, "Hkv": 2, "Lq": 8, "Lk": 96, "D": 128],
            [
                "q": Self.file("large-logits-q.npy"), "k": Self.file("large-logits-k.npy"),
                "v": Self.file("large-logits-v.npy"),
            ])
        // The case is one: without the input's own bound they would be called wrong.
        #expect(records.contains { ($0.normalizedMeanSquaredError ?? 0) > Precision.f32.tolerance })
        #expect(records.allSatisfy { $0.tolerance < 1e-9 })
    }

    @Test("results below float32's normal numbers", arguments: TestedDevice.ofKernels)
    func subnormal(device: TestedDevice) throws {
        try verified(
            device, "swiglu", ["T": 1, "D": 16],
            ["gate": Self.file("subnormal-gate.npy"), "up": Self.file("subnormal-up.npy")])
    }

    @Test("gates down to -3e38, whose SiLU is -0", arguments: TestedDevice.ofKernels)
    func tails(device: TestedDevice) throws {
        let gates = try NumpyFile(path: Self.file("silu-tail-gate.npy")).values
        let count = gates.count
        let files = ["gate": Self.file("silu-tail-gate.npy"), "up": Self.file("silu-tail-up.npy")]
        try verified(device, "swiglu", ["T": 1, "D": count], files)
        try withFiles([
            "x": ([1, 1, count], gates), "w": ([count, 1], gates.map { _ in 1 }),
            "bias": ([count], gates.map { _ in 0 }),
        ]) {
            try verified(device, "conv1d", ["L": 1, "D": count, "W": 1], $0)
        }
        try withFiles(["z": ([1, 1, count], gates)]) {
            try verified(device, "selective-scan", ["L": 1, "D": count, "N": 4], $0)
        }
    }

    @Test("a decay so slow that every step's rounding stays", arguments: TestedDevice.ofKernels)
    func slowDecays(device: TestedDevice) throws {
        let (length, channels, states) = (8192, 4, 4)
        let steps = [Double](repeating: 0.001, count: length * channels)
        let rates = (0..<(channels * states)).map { -0.00005 * Double(1 + $0 % states) }
        let ones = [Double](repeating: 1, count: length * channels)
        let projections = [Double](repeating: 0.75, count: length * states)
        try withFiles([
            "delta": ([1, length, channels], steps), "A": ([channels, states], rates),
            "u": ([1, length, channels], ones),
            "z": ([1, length, channels], ones), "Bm": ([1, length, states], projections),
            "Cm": ([1, length, states], projections),
        ]) { files in
            try verified(device, "selective-scan", ["L": length, "D": channels, "N": states], files)
        }
        try withFiles([
            "dt": ([1, length, channels], steps), "A": ([channels], Array(rates.prefix(channels))),
            "x": ([1, length, channels, 1], ones), "Bm": ([1, length, 1, states], projections),
            "Cm": ([1, length, 1, states], projections),
        ]) { files in
            try verified(device, "ssd", ["L": length, "H": channels, "P": 1, "N": states, "G": 1, "Q": 64], files)
        }
    }

    @Test("4-bit weights of which some are −8 times their scale", arguments: TestedDevice.ofKernels)
    func fourBits(device: TestedDevice) throws {
        for precision in [Precision.f32, .f16] {
            let records = try verified(
                device, "matmul", ["M": 5, "N": 48, "K": 128, "bits": 4], ["b": Self.file("four-bit-minus8-to-7.npy")],
                precision: precision)
            #expect(records.count >= 2)
        }
    }

    @Test("sparse matrices as SciPy writes them", arguments: TestedDevice.ofKernels)
    func sparse(device: TestedDevice) throws {
        try verified(device, "spmm", ["N": 2], ["a": Self.file("skew-symmetric.mtx")])
        try verified(device, "spmm", ["N": 2], ["a": Self.file("unsigned-integer.mtx")])
    }

    @Test("bfloat16 as ml_dtypes has it written", arguments: TestedDevice.ofKernels)
    func brainFloats(device: TestedDevice) throws {
        for precision in [Precision.f32, .bf16] {
            try verified(
                device, "matmul", ["M": 2, "N": 5, "K": 3], ["a": Self.file("bfloat16.npy")], precision: precision)
        }
    }

    /// Runs every strategy that can, and expects its verification to pass.
    @discardableResult
    private func verified(
        _ name: TestedDevice, _ familyName: String, _ parameters: [String: Int], _ files: [String: String],
        precision: Precision = .f32
    ) throws -> [VerificationRecord] {
        let device = try name.open(VulkanValidationLog()), catalogue = try Catalogue.shared()
        guard device.limits.precisions.contains(precision) else { return [] }
        let family = try catalogue.family(familyName)
        let problem = try catalogue.problem(
            WorkloadCase(family: familyName, parameters: parameters, precision: precision, inputs: files))
        let expected = try problem.expectedOutputs()
        var records: [VerificationRecord] = []
        for strategy in catalogue.strategies(of: family) where strategy.precisions.contains(precision) {
            do {
                let plan = try strategy.plan(
                    family: family, parameters: problem.parameters, precision: precision, limits: device.limits)
                let bytes = try execute(device, plan, try problem.tensors(for: plan), library: catalogue.library)
                var outputs: [String: Tensor] = [:]
                for output in plan.outputs {
                    outputs[output.name] = try Tensor(plan: output, bytes: try #require(bytes[output.name]))
                }
                let found = Verification(
                    outputs: outputs, expected: expected, precision: precision,
                    rounded: { try? problem.roundedOutputs() })
                #expect(found.message == nil, "\(familyName)/\(strategy.name) \(precision)")
                records.append(found.record)
            } catch let error as KernelError where error.code == .unavailable {
                continue
            } catch let error as BackendError where error.code == .unsupported {
                continue
            }
        }
        #expect(!records.isEmpty)
        return records
    }

    /// Tensors as .npy files of a folder that is gone afterwards.
    private func withFiles(
        _ tensors: [String: (shape: [Int], values: [Double])], _ body: ([String: String]) throws -> Void
    ) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "joulemark-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var files: [String: String] = [:]
        for (name, tensor) in tensors {
            let path = folder.appending(path: "\(name).npy").path
            try NumpyFile.write(Tensor(shape: tensor.shape, rounding: tensor.values, to: .f32), to: path)
            files[name] = path
        }
        try body(files)
    }
}
