import Backends
import Kernels
import Testing

@Suite struct VulkanKernelTests {
    private let device: any Device
    private let log = VulkanValidationLog()

    init() throws {
        var options = VulkanBackend.Options()
        options.validation = log
        device = try VulkanBackend(options).open(index: 0)
    }

    @Test("the stages that measure peaks compute what they claim")
    func peaks() throws {
        try verify(device: device, family: "peak-flops", strategy: "fma", parameters: ["N": 8192, "R": 100])
        try verify(device: device, family: "peak-bandwidth", strategy: "scale", parameters: ["N": 3 * 4096])
        #expect(log.messages == [])
    }
}
