import Backends
import Foundation
import Kernels
import Results
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
        let device = try watched(log).open(index: 0)
        try expectConformance(of: device)
        #expect(log.messages == [])
        // The layer is unloaded with the device's instance.
        let maps = try withExtendedLifetime(device) {
            try #require(FileManager.default.contents(atPath: "/proc/self/maps"))
        }
        let isLoaded = String(decoding: maps, as: UTF8.self).contains("VkLayer_khronos_validation")
        #expect(isLoaded, "silence counts for something only when the layer is there")
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

    @Test("repetitions beyond one batch are each timed, by stage too, and the stages make up the whole")
    func manyRepetitions() throws {
        let log = VulkanValidationLog()
        let device = try watched(log).open(index: 0)
        let catalogue = try Catalogue()
        let family = try catalogue.family("peak-bandwidth")
        let plan = try catalogue.strategy("scale", of: family).plan(
            family: family, parameters: try family.parameters(overriding: ["N": 4096]), precision: .f32,
            limits: device.limits)
        let pipeline = try device.makePipeline(try #require(plan.stages.first), sources: catalogue.library)
        let buffers = [try device.makeBuffer(byteCount: 16384), try device.makeBuffer(byteCount: 16384)]
        let dispatch = Dispatch(pipeline: pipeline, buffers: buffers)
        let times = try device.run([dispatch, dispatch, dispatch], repetitions: 1500, timing: .stages)
        let deviceSeconds = try #require(times.deviceSeconds)
        #expect(deviceSeconds.count == 1500)
        #expect(times.hostSeconds.count == 1500)
        #expect(times.stageSeconds.map(\.count) == [1500, 1500, 1500])
        for repetition in 0..<1500 {
            let sum = times.stageSeconds.reduce(0) { $0 + $1[repetition] }
            #expect(abs(sum - deviceSeconds[repetition]) <= 1e-9)
        }
        #expect(deviceSeconds.reduce(0, +) <= times.totalHostSeconds)
        #expect(log.messages == [])
    }

    @Test("a device that is not there is said to be missing")
    func absentDevice() {
        let error = #expect(throws: BackendError.self) { _ = try VulkanBackend().open(index: 1000) }
        #expect(error?.code == .missing)
        #expect(error?.description.contains("vulkan:1000") == true)
    }

    @Test("a device's record says what a report needs")
    func record() throws {
        let records = try VulkanBackend().devices().get()
        let first = try #require(records.first)
        #expect(first.id == "vulkan:0")
        #expect(first.backend == "vulkan")
        #expect(!first.name.isEmpty && !first.driver.isEmpty)
        #expect(first.apiVersion.hasPrefix("1."))
        #expect(first.memoryBytes > 0 && first.computeUnits > 0)
        #expect(first.isHostProcessor == first.name.contains("llvmpipe"))
    }
}
