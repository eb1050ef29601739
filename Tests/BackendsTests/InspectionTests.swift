import Backends
import Foundation
import Kernels
import Results
import TestSupport
import Testing

/// What compilers are asked about stages, apart from running them.
@Suite("Inspection")
struct InspectionTests {
    private let catalogue: Catalogue

    init() throws { catalogue = try Catalogue.shared() }

    private func flash(_ device: any Device, constants: [String: Int] = [:]) throws -> StagePlan {
        let family = try catalogue.family("attention")
        let plan = try catalogue.strategy("flash", of: family).plan(
            family: family, parameters: try family.parameters(overriding: ["D": 64]), precision: .f32,
            limits: device.limits)
        return try #require(plan.stages.first)
    }

    @Test("every figure has a value or a reason, and the device goes on", arguments: TestedDevice.ofKernels)
    func figures(_ name: TestedDevice) throws {
        let device = try name.open(VulkanValidationLog())
        let compiled = try device.inspect(flash(device), sources: catalogue.library, disassembles: true)
        for figure in CompilerFigures.all {
            let found = compiled.figures[keyPath: figure.path]
            #expect((found.value == nil) == (found.provenance == .unavailable), "\(figure.name): \(found)")
            #expect(found.value != nil || found.reason?.isEmpty == false, "\(figure.name)")
        }
        try verify(device: device, family: "swiglu", strategy: "fused", parameters: ["T": 3, "D": 40])
    }

    @Test("a stage that does not compile is an error, not a figure")
    func failure() throws {
        let device = try VulkanBackend().open(index: 0)
        var stage = try flash(device)
        stage = StagePlan(
            family: stage.family, strategy: stage.strategy, name: stage.name, precision: stage.precision,
            reads: stage.reads, writes: stage.writes, arguments: stage.arguments, constants: [],
            workGroups: stage.workGroups, workGroupSize: stage.workGroupSize)
        #expect(throws: BackendError.self) {
            try device.inspect(stage, sources: catalogue.library, disassembles: false)
        }
    }

    // The layout of flash at a head size of 64 and 8 rows a work-item, by hand: a slice of 4 vectors of the queries of
    // 64 rows and of 64 keys, each row a vector longer against bank conflicts, and the weights of 64 rows with 64 keys.
    @Test("shared memory is the sum of a module's shared variables")
    func sharedMemory() throws {
        let device = try VulkanBackend().open(index: 0)
        let figure = try device.inspect(flash(device), sources: catalogue.library, disassembles: false).figures
            .sharedMemoryBytes
        #expect(figure.value == Double(16 * (64 * 5 + 64 * 5 + 64 * 17)))
    }

    @Test("what a strategy says that it shares on Vulkan is what its module shares")
    func statedSharedMemory() throws {
        let device = try VulkanBackend().open(index: 0)
        var compared = 0
        for name in ["attention", "sparse-attention"] {
            let family = try catalogue.family(name)
            for size in [16, 40, 64, 72, 128, 136, 256] {
                let parameters = try catalogue.problem(
                    WorkloadCase(family: name, parameters: ["D": size, "Lq": 70, "Lk": 90, "Hq": 4, "Hkv": 2])
                ).parameters
                for strategy in catalogue.strategies(of: family) where strategy.isMeant(for: "cpu", isRuntime: false) {
                    let plan = try strategy.plan(
                        family: family, parameters: parameters, precision: .f32, limits: device.limits)
                    let stated = plan.stages.first?.constants.first { $0.name == "WORK_GROUP_BYTES" }
                    guard let stated else { continue }
                    let shared = try plan.stages.map {
                        try device.inspect($0, sources: catalogue.library, disassembles: false).figures
                            .sharedMemoryBytes.value ?? 0
                    }
                    // Of its stages the fused one shares the most, but for scores of few rows.
                    #expect(
                        shared.contains(stated.value.real), "\(name)/\(strategy.name) D=\(size): \(shared), \(stated)")
                    compared += 1
                }
            }
        }
        #expect(compared > 30)
    }

    @Test("NVIDIA's build log gives registers, spills, stack and shared memory, the largest where there are several")
    func compilerLog() {
        let log = """
            ptxas info    : 0 bytes gmem
            ptxas info    : Compiling entry function 'flash_stage' for 'sm_90'
            ptxas info    : Function properties for flash_stage
                1056 bytes stack frame, 24 bytes spill stores, 32 bytes spill loads
            ptxas info    : Used 168 registers, 27648 bytes smem, 404 bytes cmem[0]
            ptxas info    : Function properties for helper
                0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
            ptxas info    : Used 12 registers, 400 bytes cmem[0]
            """
        #expect(
            OpenCLCompilerLog(log).statistics == [
                "registers": 168, "shared bytes": 27648, "stack bytes": 1056, "spill store bytes": 24,
                "spill load bytes": 32,
            ])
        #expect(OpenCLCompilerLog("").statistics == [:])
        #expect(OpenCLCompilerLog("Used registers, bytes smem, bytes spill").statistics == [:])
    }
}

/// Pipelines that a driver compiled are kept for later processes.
@Suite("Pipeline cache")
struct PipelineCacheTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("pipelines-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    private func useDevice() throws {
        var options = VulkanBackend.Options()
        options.pipelineCacheFolder = folder.path
        let device = try VulkanBackend(options).open(index: 0)
        try verify(device: device, family: "swiglu", strategy: "fused", parameters: ["T": 2, "D": 24])
    }

    private var files: [URL] {
        get throws { try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) }
    }

    @Test("a file for the device and its driver, which a later device of it reads")
    func kept() throws {
        try useDevice()
        let first = try #require(try files.first)
        // What the driver begins its data with: the header's length and version 1 (Vulkan specification, 10.7.3).
        let header = [UInt8](try Data(contentsOf: first).prefix(8))
        #expect(header == [32, 0, 0, 0, 1, 0, 0, 0])
        try useDevice()
        #expect(try files.count == 1)
        try FileManager.default.removeItem(at: folder)
    }

    @Test("a file that is damaged, cut or empty is written anew")
    func damaged() throws {
        try useDevice()
        let file = try #require(try files.first)
        let whole = try Data(contentsOf: file)
        for bytes in [whole.prefix(whole.count - 1), Data(whole.map { $0 ^ 0x40 }), Data()] {
            try Data(bytes).write(to: file)
            try useDevice()
            #expect([UInt8](try Data(contentsOf: file).prefix(8)) == [32, 0, 0, 0, 1, 0, 0, 0])
        }
        try FileManager.default.removeItem(at: folder)
    }

    @Test("where no file can be written, kernels run all the same")
    func unwritable() throws {
        try FileManager.default.removeItem(at: folder)
        try Data().write(to: folder)
        try useDevice()
        try FileManager.default.removeItem(at: folder)
    }
}

/// Drivers that compute wrongly unless their environment says how.
@Suite("OpenCL workarounds")
struct OpenCLWorkaroundTests {
    @Test(
        "PoCL from 7.1 on, however its version is written, and no other driver",
        arguments: [
            ("Portable Computing Language 7.1+debian", true), ("Portable Computing Language 7.2-pre", true),
            ("Portable Computing Language 10.0", true), ("Portable Computing Language 7.0", false),
            ("Portable Computing Language 3.1+debian", false), ("Portable Computing Language", false),
            ("rusticl 26.2.6-1", false), ("Intel(R) OpenCL 7.1", false),
        ])
    func needed(driver: String, isNeeded: Bool) {
        #expect((OpenCLWorkaround.needed(driver) != nil) == isNeeded)
    }
}
