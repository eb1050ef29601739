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
