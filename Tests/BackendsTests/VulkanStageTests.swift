import Backends
import Kernels
import TestSupport
import Testing

/// Stages that do not fit their definition are found before a driver sees them.
@Suite struct VulkanStageTests {
    private let device: any Device
    private let scores: StagePlan

    init() throws {
        device = try VulkanBackend().open(index: 0)
        let catalogue = try Catalogue.shared()
        let family = try catalogue.family("attention")
        let plan = try catalogue.strategy("unfused", of: family).plan(
            family: family, parameters: try family.parameters(overriding: [:]), precision: .f32, limits: device.limits)
        scores = try #require(plan.stages.first)
    }

    private func changed(
        arguments: [NamedValue]? = nil, constants: [NamedValue]? = nil, workGroups: [Int]? = nil,
        workGroupSize: [Int]? = nil, writes: [String]? = nil
    ) -> StagePlan {
        StagePlan(
            family: scores.family, strategy: scores.strategy, name: scores.name, precision: scores.precision,
            reads: scores.reads, writes: writes ?? scores.writes, arguments: arguments ?? scores.arguments,
            constants: constants ?? scores.constants, workGroups: workGroups ?? scores.workGroups,
            workGroupSize: workGroupSize ?? scores.workGroupSize)
    }

    private func complaint(_ stage: StagePlan) -> BackendError? {
        #expect(throws: BackendError.self) { _ = try device.makePipeline(stage, sources: .builtIn) }
    }

    @Test("the stage as it is defined compiles")
    func unchanged() throws {
        device.release(try device.makePipeline(scores, sources: .builtIn))
    }

    @Test("a specialisation constant that strategy.json does not give is named")
    func missingConstant() {
        let error = complaint(changed(constants: []))
        #expect(error?.code == .compilation)
        #expect(error?.description.contains("'ROWS'") == true)
        #expect(error?.description.contains("kernels/attention/unfused/scores.comp") == true)
    }

    @Test("an argument in another's place is named")
    func wrongArgument() {
        var arguments = scores.arguments
        arguments.swapAt(3, 4)
        let error = complaint(changed(arguments: arguments))
        #expect(error?.code == .compilation)
        #expect(error?.description.contains("'Lq'") == true)
        #expect(error?.description.contains("'Lk'") == true)
    }

    @Test("a real number where the stage reads an integer is named")
    func wrongType() {
        var arguments = scores.arguments
        arguments[5] = NamedValue("D", .real(0.5))
        #expect(complaint(changed(arguments: arguments))?.code == .compilation)
    }

    @Test("a binding without a buffer is named")
    func missingBuffer() {
        let error = complaint(changed(writes: []))
        #expect(error?.code == .compilation)
        #expect(error?.description.contains("binding 2") == true)
    }

    @Test("work-groups and grids beyond the device's limits are refused")
    func limits() {
        #expect(complaint(changed(workGroupSize: [device.limits.maxWorkGroupSize + 1, 1, 1]))?.code == .limit)
        #expect(complaint(changed(workGroups: [1, 1, device.limits.maxWorkGroups[2] + 1]))?.code == .limit)
    }

    @Test("shared memory beyond the device's is refused, which no driver does")
    func sharedMemory() {
        let rows = device.limits.sharedMemoryBytes / (8 * 5 * 16) + 1
        let constants = scores.constants.map { $0.name == "ROWS" ? NamedValue("ROWS", .integer(rows)) : $0 }
        let error = complaint(changed(constants: constants))
        #expect(error?.code == .limit)
        #expect(error?.description.contains("bytes of shared memory a work-group") == true)
        #expect(error?.description.contains("at most \(device.limits.sharedMemoryBytes)") == true)
    }

    @Test("a grid larger than a dispatch goes in parts that cover it once")
    func grids() {
        let cases: [(size: VulkanGrid.Size, largest: VulkanGrid.Size)] = [
            ((7, 5, 4), (3, 2, 4)), ((1, 1, 1), (1, 1, 1)), ((131_072, 2, 1), (65_535, 65_535, 65_535)),
            ((4, 0, 2), (2, 2, 2)),
        ]
        for (size, largest) in cases {
            var covered: Set<[UInt32]> = []
            var count: UInt32 = 0
            for (base, part) in VulkanGrid(size, largest: largest).parts {
                #expect(part.x <= largest.x && part.y <= largest.y && part.z <= largest.z)
                #expect(base.x + part.x <= size.x && base.y + part.y <= size.y && base.z + part.z <= size.z)
                count += part.x * part.y * part.z
                for z in 0..<part.z {
                    for y in 0..<part.y {
                        for x in 0..<part.x { covered.insert([base.x + x, base.y + y, base.z + z]) }
                    }
                }
            }
            #expect(count == size.x * size.y * size.z && covered.count == Int(count))
        }
    }

    @Test("no stage asks how many work-groups its dispatch has, so that every grid can be divided")
    func gridSizes() throws {
        let paths = KernelLibrary.builtIn.paths.filter { $0.hasSuffix(".spv") }
        #expect(paths.count > 100)
        for path in paths {
            #expect(SPIRVModule(try KernelLibrary.builtIn.bytes(path))?.readsGridSize == false, "\(path)")
        }
    }

    @Test("a number that does not fit 32 bits is refused")
    func overflow() {
        var arguments = scores.arguments
        arguments[3] = NamedValue("Lq", .integer(1 << 31))
        #expect(complaint(changed(arguments: arguments))?.code == .limit)
    }

    @Test("a module tells its constants, arguments and bindings by name")
    func reflection() throws {
        let bytes = try KernelLibrary.builtIn.bytes("attention/unfused/scores.f32.spv")
        let module = try #require(SPIRVModule(bytes))
        #expect(module.specialisationConstants.map(\.name) == ["ROWS"])
        #expect(module.specialisationConstants.map(\.type) == [.integer])
        #expect(module.specialisedWorkGroupSize == [0, 1, 2])
        #expect(
            module.arguments.map(\.name) == ["B", "Hq", "Hkv", "Lq", "Lk", "D", "causal", "window", "scale"])
        #expect(module.arguments.map(\.type) == Array(repeating: .integer, count: 8) + [.float])
        #expect(module.bindingCount == 3)
        #expect(module.entryPoint == "main")
    }

    @Test("bytes that are not SPIR-V, or are cut short, are no module")
    func damaged() throws {
        let bytes = try KernelLibrary.builtIn.bytes("attention/unfused/scores.f32.spv")
        #expect(SPIRVModule([]) == nil)
        #expect(SPIRVModule(Array(bytes.dropLast())) == nil)
        #expect(SPIRVModule(Array(bytes.prefix(24))) == nil, "cut in the middle of the first instruction")
        #expect(SPIRVModule([0] + bytes.dropFirst()) == nil)
    }

    @Test("a clock that wraps between two timestamps still tells the time between them")
    func clock() {
        let clock = VulkanClock(secondsPerTick: 0.5, validBits: 36)
        #expect(clock.seconds(from: 100, to: 350) == 125)
        #expect(clock.seconds(from: (1 << 36) - 50, to: 200) == 125)
        #expect(clock.seconds(from: 0xff00_0000_0000_0064, to: 350) == 125, "bits beyond the valid ones are noise")
        #expect(VulkanClock(secondsPerTick: 2, validBits: 64).seconds(from: .max, to: 1) == 4)
    }
}
