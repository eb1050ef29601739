import Backends
import Kernels
import TestSupport
import Testing

/// What the catalogue's hard cases are too small for: many parts of the keys, masks of many words, every size of tile.
@Suite("Strategies of attention", .serialized)
struct AttentionStrategyTests {
    @Test(
        "parts of the keys join to the whole, whatever their number, empty ones among them",
        arguments: TestedDevice.ofKernels
    )
    func parts(device name: TestedDevice) throws {
        let log = VulkanValidationLog()
        let device = try name.open(log)
        let catalogue = try Catalogue.shared()
        let cases: [(parameters: [String: Int], tunables: [String: Int])] = [
            (["Hq": 4, "Hkv": 2, "Lq": 1, "Lk": 700, "D": 40, "causal": 1], ["MINIMUM_SHARE": 16, "WAVES": 8]),
            (["Hq": 6, "Hkv": 2, "Lq": 3, "Lk": 333, "D": 64, "window": 50], ["MINIMUM_SHARE": 16, "WAVES": 8]),
            // More rows than one tile has; the first of them see no key at all.
            (["Hq": 2, "Hkv": 1, "Lq": 90, "Lk": 70, "D": 24, "causal": 1], ["MINIMUM_SHARE": 16, "WAVES": 8]),
            (["Hq": 2, "Hkv": 1, "Lq": 70, "Lk": 600, "D": 16, "causal": 1], ["MINIMUM_SHARE": 16, "WAVES": 4]),
        ]
        for (parameters, tunables) in cases {
            for precision in [Precision.f32, .f16] where device.limits.precisions.contains(precision) {
                try verify(
                    device: device, family: "attention", strategy: "flash-split-kv", parameters: parameters,
                    precision: precision, tunables: tunables, catalogue: catalogue)
            }
        }
        #expect(log.messages == [])
    }

    @Test(
        "a sum over very many keys rounds little, as when decoding after a long text", arguments: TestedDevice.ofKernels
    )
    func longContext(device name: TestedDevice) throws {
        let log = VulkanValidationLog()
        let device = try name.open(log)
        let catalogue = try Catalogue.shared()
        // One term after the other, such a sum would have twice the error that passes.
        let parameters = ["Hq": 2, "Hkv": 1, "Lq": 1, "Lk": 70001, "D": 16, "causal": 1]
        for strategy in catalogue.strategies(of: try catalogue.family("attention"))
        where strategy.isMeant(for: "cpu", isRuntime: false) {
            let errors = try verify(
                device: device, family: "attention", strategy: strategy.name, parameters: parameters,
                catalogue: catalogue)
            #expect(errors.allSatisfy { $0.normalizedMeanSquaredError < 4e-12 }, "\(strategy.name): \(errors)")
        }
        #expect(log.messages == [])
    }

    @Test("more keys than a word of classes or a row of work-items holds are right", arguments: TestedDevice.ofKernels)
    func longRows(device name: TestedDevice) throws {
        let log = VulkanValidationLog()
        let device = try name.open(log)
        let catalogue = try Catalogue.shared()
        let dense = ["Hq": 2, "Hkv": 1, "Lq": 3, "Lk": 2500, "D": 16, "causal": 1]
        let sparse = dense.merging(["Lq": 20, "block": 32, "localBlocks": 5, "globalBlocks": 1, "randomBlocks": 9]) {
            $1
        }
        for (family, parameters) in [("attention", dense), ("sparse-attention", sparse)] {
            for strategy in catalogue.strategies(of: try catalogue.family(family))
            where strategy.isMeant(for: "cpu", isRuntime: false) {
                try verify(
                    device: device, family: family, strategy: strategy.name, parameters: parameters,
                    catalogue: catalogue)
            }
        }
        #expect(log.messages == [])
    }

    @Test("every size of tile is right", arguments: TestedDevice.ofKernels.filter { $0.backend != "cpu" })
    func tiles(device name: TestedDevice) throws {
        let log = VulkanValidationLog()
        let device = try name.open(log)
        let catalogue = try Catalogue.shared()
        let shape = ["Hq": 2, "Hkv": 1, "Lq": 70, "Lk": 90, "D": 64, "causal": 1, "block": 16, "localBlocks": 2]
        for family in try ["attention", "sparse-attention"].map({ try catalogue.family($0) }) {
            let parameters = shape.filter { key, _ in family.parameters.contains { $0.name == key } }
            for strategy in catalogue.strategies(of: family) where strategy.tunables["BLOCK_M"] != nil {
                // PoCL 3.1 miscompiles flash with 64 rows, which are not its default.
                for rows in name.backend == "opencl" ? [8, 16] : [8, 16, 32, 64] {
                    try verify(
                        device: device, family: family.name, strategy: strategy.name, parameters: parameters,
                        tunables: ["BLOCK_M": rows], catalogue: catalogue)
                }
            }
        }
        #expect(log.messages == [])
    }
}
