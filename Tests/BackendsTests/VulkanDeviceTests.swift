import Backends
import Kernels
import Testing

/// Options under which the validation layer watches.
private func watched(_ log: VulkanValidationLog, alwaysStages: Bool = false, ignoresTimestamps: Bool = false)
    -> VulkanBackend
{
    var options = VulkanBackend.Options()
    options.validation = log
    options.alwaysStages = alwaysStages
    options.ignoresTimestamps = ignoresTimestamps
    return VulkanBackend(options)
}

@Suite struct VulkanDeviceTests {
    @Test("a Vulkan device keeps the promises of every device, and the validation layer is silent")
    func conformance() throws {
        let log = VulkanValidationLog()
        try expectConformance(of: watched(log).open(index: 0))
        #expect(log.messages == [])
    }

    @Test("it keeps them where bytes pass through staging buffers")
    func conformanceWithStaging() throws {
        let log = VulkanValidationLog()
        try expectConformance(of: watched(log, alwaysStages: true).open(index: 0))
        #expect(log.messages == [])
    }

    @Test("it keeps them without a device clock")
    func conformanceWithoutClock() throws {
        let log = VulkanValidationLog()
        let device = try watched(log, ignoresTimestamps: true).open(index: 0)
        try expectConformance(of: device)
        #expect(log.messages == [])
    }
}
