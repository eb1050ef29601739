import Kernels
import TestSupport
import Testing

@Suite("Configurations of a strategy")
struct ConfigurationTests {
    private func strategy(_ name: String) throws -> Strategy {
        let catalogue = try Catalogue.shared()
        return try catalogue.strategy(name, of: try catalogue.family("attention"))
    }

    @Test("every combination of values has one number")
    func enumeration() throws {
        let strategy = try strategy("flash-split-kv")
        let sizes = strategy.tunables.mapValues(\.values.count)
        #expect(strategy.configurationCount == sizes.values.reduce(1, *))
        let all = (0..<strategy.configurationCount).map(strategy.configuration)
        #expect(Set(all).count == all.count)
        for configuration in all {
            #expect(Set(configuration.keys) == Set(sizes.keys))
            #expect(configuration.allSatisfy { strategy.tunables[$0.key]?.values.contains($0.value) == true })
        }
        // The last by name varies fastest.
        #expect(all[0]["BLOCK_M"] == all[1]["BLOCK_M"] && all[0]["WAVES"] != all[1]["WAVES"])
    }

    @Test("a strategy without tunables has one configuration, and its name")
    func none() throws {
        let strategy = try strategy("unfused")
        #expect(strategy.configurationCount == 1 && strategy.configuration(0) == [:] && strategy.label == "unfused")
    }

    @Test("chosen values are in the label, sorted by name")
    func label() throws {
        let chosen = try strategy("flash-split-kv").choosing(["WAVES": 4, "BLOCK_M": 8, "MINIMUM_SHARE": 16])
        #expect(chosen.label == "flash-split-kv BLOCK_M=8,MINIMUM_SHARE=16,WAVES=4" && chosen.name == "flash-split-kv")
    }

    /// How many programs the configurations of a strategy come to.
    private func programs(_ family: String, _ name: String, _ parameters: [String: Int], on backend: String) throws
        -> Int
    {
        let catalogue = try Catalogue.shared()
        let family = try catalogue.family(family)
        let strategy = try catalogue.strategy(name, of: family)
        let problem = try catalogue.problem(WorkloadCase(family: family.name, parameters: parameters))
        let limits = DeviceLimits(
            backend: backend, computeUnits: 2, sharedMemoryBytes: 1 << 20, maxWorkGroupSize: 1024,
            maxWorkGroups: [1 << 30, 1 << 30, 1 << 30], maxBufferBytes: 1 << 30, memoryBytes: 1 << 32, subgroupSize: 8,
            lastLevelCacheBytes: 1 << 20, precisions: [.f32])
        let uses = ConstantUse(strategy, backend: backend, library: catalogue.library)
        let all = try (0..<strategy.configurationCount).map { index in
            PlannedProgram(
                try strategy.choosing(strategy.configuration(index)).plan(
                    family: family, parameters: problem.parameters, precision: .f32, limits: limits),
                uses: uses)
        }
        return Set(all).count
    }

    @Test("configurations are one program where what they differ in reaches neither source nor grid")
    func programs() throws {
        let short = ["Hq": 8, "Hkv": 2, "Lq": 1, "Lk": 64, "D": 64]
        let long = ["Hq": 8, "Hkv": 2, "Lq": 256, "Lk": 256, "D": 64]
        #expect(try programs("attention", "flash", long, on: "cpu") == 1)
        #expect(try programs("attention", "flash", short, on: "opencl") == 1)
        #expect(try programs("attention", "flash", long, on: "opencl") > 1)
        #expect(try programs("attention", "flash", long, on: "vulkan") > 1)
    }

    @Test("a constant that no source names is not used; a tunable that becomes an argument is")
    func reach() throws {
        let catalogue = try Catalogue.shared()
        func uses(_ family: String, _ name: String) throws -> ConstantUse {
            let strategy = try catalogue.strategy(name, of: catalogue.family(family))
            return ConstantUse(strategy, backend: "cpu", library: catalogue.library)
        }
        #expect(try uses("spmm", "merge-path").contains("ITEMS", inSource: "merge_path"))
        #expect(try !uses("spmm", "merge-path").contains("UNNAMED", inSource: "merge_path"))
        #expect(try !uses("attention", "flash").contains("UNNAMED", inSource: "flash"))
        #expect(try uses("attention", "flash").contains("UNNAMED", inSource: "no such stage"))
        let shape = ["L": 256, "H": 2, "P": 16, "G": 1, "N": 16]
        #expect(try programs("ssd", "chunked-one-pass", shape, on: "cpu") == 6)
    }
}
