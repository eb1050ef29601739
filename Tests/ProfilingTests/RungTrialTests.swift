import Backends
import Foundation
import Kernels
import Profiling
import Results
import TestSupport
import Testing

@Suite("Rungs are tried before they are used")
struct RungTrialTests {
    private let folder = NSTemporaryDirectory() + "rungs-" + UUID().uuidString

    private func settled(falsifying variants: Set<String>, forcing variant: String? = nil) throws -> (
        Strategy, StrategyPlan
    ) {
        let catalogue = try Catalogue.shared()
        let device = FalsifyingDevice(try VulkanBackend().open(index: 0), falsifying: variants)
        let family = try catalogue.family("rmsnorm-residual")
        let problem = try catalogue.problem(
            WorkloadCase(family: family.name, parameters: try family.parameters(overriding: ["T": 4, "D": 64])))
        let strategy = try catalogue.strategy("fused", of: family).forcing(variant: variant)
        return try RungTrials(device: device, catalogue: catalogue, scratch: folder).settle(strategy, problem)
    }

    @Test("one that computes rightly is taken, and nothing is struck")
    func right() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (strategy, plan) = try settled(falsifying: [])
        #expect(plan.stages.map(\.variant) == ["subgroup"])
        #expect(strategy.struckVariants == [:])
    }

    @Test(
        "one that fails its self-test is struck with the reason, for the next workers of the run too, and the next rung taken"
    )
    func wrong() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (strategy, plan) = try settled(falsifying: ["subgroup"])
        #expect(plan.stages.map(\.variant) == [nil])
        let reason = try #require(strategy.struckVariants["rmsnorm_residual.subgroup"])
        #expect(reason.hasPrefix("failed its self-test: "), "\(reason)")
        // The verdict stands: a device that would now be right is not asked again.
        #expect(try settled(falsifying: []).0.struckVariants == strategy.struckVariants)
    }

    @Test("one that is forced is taken untried: its own verification shows what it does")
    func forced() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (strategy, plan) = try settled(falsifying: ["subgroup"], forcing: "subgroup")
        #expect(plan.stages.map(\.variant) == ["subgroup"])
        #expect(strategy.struckVariants == [:])
    }

    @Test("one whose trial ended its worker is not tried again")
    func ended() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let verdicts = RungVerdicts(directory: folder)
        #expect(verdicts.verdict("a rung") { nil } == nil)
        #expect(verdicts.verdict("a rung") { "tried again" } == nil)
        let file = try #require(FileManager.default.contentsOfDirectory(atPath: folder).first)
        // The number of a process that has ended.
        let child = try Process.run(URL(filePath: "/bin/true"), arguments: [])
        child.waitUntilExit()
        try Data("trying \(child.processIdentifier)".utf8).write(to: URL(filePath: "\(folder)/\(file)"))
        #expect(verdicts.verdict("a rung") { nil } == "ended its worker in its self-test")
    }

    static let devices: [(name: String, driver: String, family: String, isKnown: Bool)] = [
        ("NVIDIA GeForce RTX 2080 Ti", "NVIDIA 580.95.05", "attention", true),
        ("NVIDIA GeForce RTX 2080 Ti", "NVIDIA 580.95.05", "matmul", false),
        ("NVIDIA H100 PCIe", "NVIDIA 580.95.05", "attention", false),
        ("AMD Radeon RX 6800 XT", "AMD open-source driver 2023.Q4.2 (LLPC)", "matmul", true),
        ("AMD Radeon RX 7900 XTX", "AMD open-source driver 2023.Q4.2 (LLPC)", "matmul", false),
        ("AMD Radeon RX 6800 XT (RADV NAVI21)", "radv Mesa 26.2.6-1", "matmul", false),
        ("Intel(R) Arc(tm) B580 Graphics (BMG G21)", "Intel open-source Mesa driver Mesa 26.2.3", "attention", true),
        ("Intel(R) Arc(tm) B580 Graphics (BMG G21)", "Intel open-source Mesa driver Mesa 26.0.8", "attention", false),
    ]

    @Test("known faults are told by driver, version, device and family, with a link", arguments: devices)
    func known(name: String, driver: String, family: String, isKnown: Bool) throws {
        let device = DeviceRecord(
            id: "vulkan:0", backend: "vulkan", name: name, vendor: "", driver: driver, apiVersion: "1.4",
            pciAddress: nil, computeUnits: nil, memoryBytes: nil, features: [], isHostProcessor: false)
        let catalogue = try Catalogue.shared()
        let found = try catalogue.family(family)
        let strategy = try catalogue.strategy(family == "matmul" ? "f16" : "flash", of: found)
        var limits = DeviceLimits(
            backend: "vulkan", computeUnits: 16, sharedMemoryBytes: 49152, maxWorkGroupSize: 1024,
            maxWorkGroups: [65535, 65535, 65535], maxBufferBytes: 1 << 30, memoryBytes: 1 << 32, subgroupSize: 32,
            lastLevelCacheBytes: 1 << 20, precisions: [.f16])
        limits.matrixShapes = [MatrixShape(.matrixF16F32, m: 16, n: 16, k: 16)]
        let plan = try strategy.plan(
            family: found, parameters: try found.parameters(overriding: [:]), precision: .f16, limits: limits)
        let stage = try #require(plan.stages.first)
        #expect(stage.variant == "matrix" && stage.subgroupSize == 32 && stage.rate == .matrixF16F32)
        let complaint = DriverFault.complaint(of: stage, on: device)
        #expect((complaint?.contains("https://") == true) == isKnown, "\(complaint ?? "none")")
    }
}
