import Backends
import Kernels
import Statistics
import Testing

@Suite struct VulkanKernelTests {
    private let device: any Device
    private let log = VulkanValidationLog()

    init() throws {
        var options = VulkanBackend.Options()
        options.validation = log
        device = try VulkanBackend(options).open(index: 0)
    }

    @Test("attention is right on every shape that is known to break careless kernels", arguments: ["unfused", "flash"])
    func hardCases(strategy: String) throws {
        let catalogue = try Catalogue()
        let reference = try catalogue.reference(of: try catalogue.family("attention"))
        for hardCase in reference.hardCases {
            try verify(
                device: device, family: "attention", strategy: strategy, parameters: hardCase.parameters,
                catalogue: catalogue)
        }
        #expect(log.messages == [])
    }

    @Test("attention is right on seeded random shapes", arguments: ["unfused", "flash"])
    func randomShapes(strategy: String) throws {
        let catalogue = try Catalogue()
        var random = SeededGenerator(seed: 20, purpose: "vulkan.shapes")
        func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        for round in 0..<12 {
            let keyHeads = pick(1...3)
            let parameters = [
                "B": pick(1...2), "Hq": keyHeads * pick(1...3), "Hkv": keyHeads, "Lq": pick(1...150),
                "Lk": pick(1...300), "D": 8 * pick(2...12), "causal": pick(0...1), "window": pick(0...1) * pick(1...90),
            ]
            try verify(
                device: device, family: "attention", strategy: strategy, parameters: parameters,
                seed: UInt64(round), repetitions: 2, catalogue: catalogue)
        }
        #expect(log.messages == [])
    }

    @Test("flash is right where tensors are stored in 16 bits")
    func halfStorage() throws {
        guard device.limits.precisions.contains(.f16) else { return }
        let catalogue = try Catalogue()
        let reference = try catalogue.reference(of: try catalogue.family("attention"))
        for hardCase in reference.hardCases where (hardCase.parameters["D"] ?? 64) % 64 == 0 {
            try verify(
                device: device, family: "attention", strategy: "flash", parameters: hardCase.parameters,
                precision: .f16, catalogue: catalogue)
        }
        #expect(log.messages == [])
    }

    @Test("flash is right whatever its tunables")
    func tunables() throws {
        for rows in [8, 16, 32, 64] {
            try verify(
                device: device, family: "attention", strategy: "flash",
                parameters: ["Hq": 2, "Hkv": 1, "Lq": 70, "Lk": 90, "D": 64, "causal": 1], tunables: ["BLOCK_M": rows])
        }
        #expect(log.messages == [])
    }

    @Test("rows longer than a work-group holds in registers are right")
    func longRows() throws {
        try verify(
            device: device, family: "attention", strategy: "unfused",
            parameters: ["Hq": 1, "Hkv": 1, "Lq": 2, "Lk": 2500, "D": 16])
        #expect(log.messages == [])
    }

    @Test("the stages that measure peaks compute what they claim")
    func peaks() throws {
        try verify(device: device, family: "peak-flops", strategy: "fma", parameters: ["N": 8192, "R": 100])
        try verify(device: device, family: "peak-bandwidth", strategy: "scale", parameters: ["N": 3 * 4096])
        #expect(log.messages == [])
    }
}
