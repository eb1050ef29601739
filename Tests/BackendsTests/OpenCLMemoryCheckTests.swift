import Backends
import Foundation
import Kernels
import Results
import Statistics
import Testing

/// Oclgrind, a simulator of OpenCL devices that checks every access of a kernel: bounds, and races between work-items.
private let simulator = "/usr/lib/oclgrind/liboclgrind-rt-icd.so"
private let insideVariable = "JOULEMARK_TEST_ON_OCLGRIND"

@Suite("OpenCL kernels under a checking simulator")
struct OpenCLMemoryCheckTests {
    @Test(
        "no work-item leaves its buffers or races another",
        .enabled(
            if: FileManager.default.fileExists(atPath: simulator), "Oclgrind is not installed: apt-get install oclgrind"
        ),
        .enabled(
            if: ProcessInfo.processInfo.environment[insideVariable] == nil, "this process is the one that is checked")
    )
    func accesses() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("oclgrind-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(simulator.utf8).write(to: folder.appendingPathComponent("oclgrind.icd"))
        let log = folder.appendingPathComponent("diagnostics")

        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        child.arguments = ["--filter", "OpenCLSimulatedTests", "--testing-library", "swift-testing"]
        child.environment = ProcessInfo.processInfo.environment.merging([
            insideVariable: "1", "OCL_ICD_VENDORS": folder.path + "/", "OCLGRIND_DATA_RACES": "1",
            "OCLGRIND_LOG": log.path,
        ]) { $1 }
        let output = Pipe()
        child.standardOutput = output
        child.standardError = output
        try child.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        child.waitUntilExit()
        #expect(child.terminationStatus == 0, "\(text)")
        #expect(text.contains("simulated strategies verified"), "the child ran its test: \(text)")
        let diagnostics = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        #expect(diagnostics.isEmpty, "\(diagnostics)")
    }
}

/// What ``OpenCLMemoryCheckTests`` starts in a process whose only OpenCL device is the simulator.
@Suite(
    "OpenCL on the simulator",
    .enabled(
        if: ProcessInfo.processInfo.environment[insideVariable] != nil, "runs in the child of the memory check only"))
struct OpenCLSimulatedTests {
    @Test("every strategy on small shapes that no tile divides")
    func strategies() throws {
        let device = try OpenCLBackend().open(index: 0)
        #expect(device.record.name.contains("Oclgrind"))
        let trial = try StrategyTrial(device)
        let attention = try trial.catalogue.family("attention")
        for parameters in [
            ["B": 1, "Hq": 2, "Hkv": 1, "Lq": 9, "Lk": 70, "D": 24, "causal": 1],
            ["B": 1, "Hq": 1, "Hkv": 1, "Lq": 20, "Lk": 23, "D": 72, "causal": 1, "window": 5],
            ["B": 1, "Hq": 1, "Hkv": 1, "Lq": 1, "Lk": 65, "D": 16],
        ] {
            try trial.verifyAll(attention, parameters, precisions: [.f32])
        }
        // Blocks that no tile divides, and more random blocks than there are.
        try trial.verifyAll(
            try trial.catalogue.family("sparse-attention"),
            [
                "B": 2, "Hq": 1, "Hkv": 1, "Lq": 37, "Lk": 89, "D": 144, "block": 10, "randomBlocks": 180, "window": 1,
            ], precisions: [.f32, .f16])
        for family in trial.families where family.name != attention.name {
            var generator = SeededGenerator(seed: 3, purpose: family.name)
            for _ in 0..<2 {
                let shape = try trial.randomShape(of: family, largestFlops: 4e4, largestSize: 40, &generator)
                try trial.verifyAll(family, shape, precisions: [.f32, .f16])
            }
        }
        print("simulated strategies verified")
    }
}
