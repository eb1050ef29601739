import Backends
import Foundation
import Glibc
import Kernels
import Results
import TestSupport
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
        let layer = unsafe withExtendedLifetime(device) {
            unsafe dlopen("libVkLayer_khronos_validation.so", RTLD_LAZY | RTLD_NOLOAD)
        }
        #expect(unsafe layer != nil, "silence counts for something only when the layer is there")
        if let layer = unsafe layer { unsafe dlclose(layer) }
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

    @Test("grids of more work-groups than a dispatch has go in parts, and every strategy is as right as in one")
    func dividedGrids() throws {
        let log = VulkanValidationLog()
        var options = VulkanBackend.Options()
        options.validation = log
        options.largestDispatch = 2
        let trial = try StrategyTrial(VulkanBackend(options).open(index: 0))
        for family in trial.families {
            let reference = try trial.catalogue.reference(of: family)
            for shape in reference.hardCases.prefix(2) {
                try trial.verifyAll(family, shape.parameters, precisions: [.f32])
            }
        }
        #expect(log.messages == [])
    }

    @Test("more than 65535 work-groups along x are no reason to leave a strategy out")
    func largeGrids() throws {
        let device = try VulkanBackend().open(index: 0)
        let shape = ["B": 1, "Hq": 1, "Hkv": 1, "Lk": 2, "D": 16]
        for (strategy, rows) in [("unfused", 70_001), ("fused-scores", 70_001), ("flash-split-kv", 1_048_640)] {
            try verify(
                device: device, family: "attention", strategy: strategy, parameters: shape.merging(["Lq": rows]) { $1 })
        }
    }

    @Test("repetitions beyond one batch are each timed, by stage too, and the stages make up the whole")
    func manyRepetitions() throws {
        let log = VulkanValidationLog()
        let device = try watched(log).open(index: 0)
        let catalogue = try Catalogue.shared()
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
            // They leave out the gaps, of which there are some where a slow machine made the device divide the work.
            #expect(sum <= deviceSeconds[repetition] + 1e-9 && sum > 0)
        }
        #expect(deviceSeconds.reduce(0, +) <= times.totalHostSeconds)
        #expect(log.messages == [])
    }

    @Test("work that takes longer than a submission may is divided between its dispatches, and its times stay whole")
    func divided() throws {
        let log = VulkanValidationLog()
        var options = VulkanBackend.Options()
        options.validation = log
        options.longestSubmissionSeconds = 0
        let device = try VulkanBackend(options).open(index: 0)
        try expectConformance(of: device)
        let (dispatch, buffers) = try halving(4096, on: device)
        let next = Dispatch(pipeline: dispatch.pipeline, buffers: [buffers[1], buffers[0]])
        let ones = [Float](repeating: 1, count: 4096)
        try unsafe device.write(ones.span.bytes, to: buffers[0])
        let times = try device.run([dispatch, next, dispatch], repetitions: 2, timing: .stages)
        // Three halvings, then the first of them anew from what the second left.
        let bytes = try device.read(buffers[1], byteCount: 4)
        #expect(Float(bitPattern: bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }) == 1.0 / 32)
        let deviceSeconds = try #require(times.deviceSeconds)
        #expect(deviceSeconds.count == 2 && times.hostSeconds.count == 2)
        #expect(times.stageSeconds.map(\.count) == [2, 2, 2])
        for repetition in 0..<2 {
            let sum = times.stageSeconds.reduce(0) { $0 + $1[repetition] }
            #expect(sum > 0 && sum <= deviceSeconds[repetition] * (1 + 1e-9))
            #expect(deviceSeconds[repetition] <= times.hostSeconds[repetition])
        }
        #expect(log.messages == [])
    }

    @Test("a device's clock runs as fast as the driver says, or it is said why nobody can tell")
    func calibration() throws {
        let device = try VulkanBackend().open(index: 0)
        let clock = try #require(device.clockDescription)
        #expect(clock.secondsPerTick > 0 && (1...64).contains(clock.validBits ?? 0))
        if device.record.features.contains("calibrated-timestamps") {
            let rate = try #require(clock.rate)
            #expect(abs(rate - 1) < 1e-3 && (clock.deviationSeconds ?? 1) < 1e-2 && clock.reason == nil)
        } else {
            #expect(clock.rate == nil && clock.reason?.contains("VK_EXT_calibrated_timestamps") == true)
        }
        var options = VulkanBackend.Options()
        options.ignoresTimestamps = true
        #expect(try VulkanBackend(options).open(index: 0).clockDescription == nil)
    }

    /// A dispatch of y = 0.5 · x over `count` elements, with its two buffers.
    private func halving(_ count: Int, on device: any Device) throws -> (Dispatch, [BufferID]) {
        let catalogue = try Catalogue.shared()
        let family = try catalogue.family("peak-bandwidth")
        let plan = try catalogue.strategy("scale", of: family).plan(
            family: family, parameters: try family.parameters(overriding: ["N": count]), precision: .f32,
            limits: device.limits)
        let pipeline = try device.makePipeline(try #require(plan.stages.first), sources: catalogue.library)
        let buffers = [try device.makeBuffer(byteCount: 4 * count), try device.makeBuffer(byteCount: 4 * count)]
        return (Dispatch(pipeline: pipeline, buffers: buffers), buffers)
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
        #expect(try #require(first.memoryBytes) > 0)
        #expect(
            first.computeUnits.map { $0 > 0 } != false, "0 is no number of units: it would mean that it is not known")
        #expect(first.isHostProcessor == first.name.contains("llvmpipe"))
    }
}
