import CVulkan
import Kernels
import Results

/// An open Vulkan device.
///
/// Storage buffers lie in the device's own memory. Where host and device share their memory they are mapped and copied
/// directly; elsewhere bytes pass through one staging buffer, in chunks.
final class VulkanDevice: Device {
    let record: DeviceRecord
    let limits: DeviceLimits
    /// The driver: what compiles the stages to the instructions that run.
    var codePath: String? { context.physicalDevice.driver }

    let context: VulkanContext
    let options: VulkanBackend.Options
    /// `nil` when stages are timed by the host's clock.
    let clock: VulkanClock?
    private let calibration: VulkanCalibration?
    private var buffers: [Int: VulkanBuffer] = [:]
    private var pipelines: [Int: VulkanPipeline] = [:]
    private var nextID = 0
    private let transfer: VulkanCommandBuffer
    /// Pipelines that were compiled by earlier processes; `nil` where the driver cannot keep them.
    private let cache: VulkanPipelineCache?
    private var staging: VulkanBuffer?
    /// Made when they are first needed, then used by every run.
    var batches: [VulkanBatch] = []

    static let stagingBytes = 16 << 20

    init(_ context: VulkanContext, index: Int, options: VulkanBackend.Options) throws(BackendError) {
        self.context = context
        self.options = options
        record = context.physicalDevice.record(index: index)
        limits = context.physicalDevice.limits
        clock = options.ignoresTimestamps ? nil : VulkanClock(context.physicalDevice)
        calibration = clock.flatMap { VulkanCalibration(context, $0) }
        transfer = try VulkanCommandBuffer(context)
        cache = try? VulkanPipelineCache(context, folder: options.pipelineCacheFolder)
    }

    var clockDescription: DeviceClockRecord? {
        guard let clock else { return nil }
        var description = DeviceClockRecord(secondsPerTick: clock.secondsPerTick, validBits: Int(clock.validBits))
        description.reason = "the driver does not have \(VulkanCalibration.extensionName)"
        return calibration?.describe(description) ?? description
    }

    private func nextRawValue() -> Int {
        nextID += 1
        return nextID
    }

    // MARK: Buffers

    func makeBuffer(byteCount: Int) throws(BackendError) -> BufferID {
        guard byteCount >= 0, byteCount <= limits.maxBufferBytes else {
            throw BackendError(
                .outOfMemory, "\(byteCount) bytes in one buffer; the device binds at most \(limits.maxBufferBytes)")
        }
        let isMapped = context.physicalDevice.hasUnifiedMemory && !options.alwaysStages
        let buffer = try VulkanBuffer(context, byteCount: byteCount, place: .device(mapped: isMapped))
        let id = nextRawValue()
        buffers[id] = buffer
        return BufferID(rawValue: id)
    }

    func release(_ buffer: BufferID) { buffers[buffer.rawValue] = nil }

    func buffer(_ id: BufferID) throws(BackendError) -> VulkanBuffer {
        if let buffer = buffers[id.rawValue] { return buffer }
        throw BackendError(.driver, "buffer \(id.rawValue) is not one of this device's")
    }

    private func buffer(_ id: BufferID, holding byteCount: Int) throws(BackendError) -> VulkanBuffer {
        let buffer = try buffer(id)
        guard byteCount >= 0, byteCount <= buffer.byteCount else {
            throw BackendError(.limit, "\(byteCount) bytes do not fit a buffer of \(buffer.byteCount)")
        }
        return buffer
    }

    func write(_ bytes: RawSpan, to id: BufferID) throws(BackendError) {
        let target = try buffer(id, holding: bytes.byteCount)
        if target.isMapped { return target.store(bytes) }
        let staging = try stagingBuffer()
        var offset = 0
        while offset < bytes.byteCount {
            let count = min(staging.byteCount, bytes.byteCount - offset)
            staging.store(bytes.extracting(offset..<(offset + count)))
            try transfer.execute { $0.copy(staging, at: 0, to: target, at: offset, count: count) }
            offset += count
        }
    }

    func read(_ id: BufferID, byteCount: Int) throws(BackendError) -> [UInt8] {
        let source = try buffer(id, holding: byteCount)
        var bytes = [UInt8](repeating: 0, count: byteCount)
        if source.isMapped {
            source.load(into: &bytes, at: 0, count: byteCount)
            return bytes
        }
        let staging = try stagingBuffer()
        var offset = 0
        while offset < byteCount {
            let count = min(staging.byteCount, byteCount - offset)
            try transfer.execute { recorder in
                recorder.copy(source, at: offset, to: staging, at: 0, count: count)
                recorder.barrierToHost()
            }
            staging.load(into: &bytes, at: offset, count: count)
            offset += count
        }
        return bytes
    }

    func fill(_ id: BufferID, pattern: UInt32) throws(BackendError) {
        let target = try buffer(id)
        try transfer.execute { recorder in
            recorder.fill(target, pattern: pattern)
            recorder.barrierToHost()
        }
    }

    private func stagingBuffer() throws(BackendError) -> VulkanBuffer {
        if let staging { return staging }
        let buffer = try VulkanBuffer(context, byteCount: Self.stagingBytes, place: .host)
        staging = buffer
        return buffer
    }

    // MARK: Pipelines

    func makePipeline(_ stage: StagePlan, sources: KernelLibrary) throws(BackendError) -> PipelineID {
        let checked = try VulkanStage(stage, sources: sources)
        try check(stage, checked)
        let pipeline = try VulkanPipeline(
            context, checked, cache: cache, largestGrid: largestGrid, sharingWith: pipelines.values)
        let id = nextRawValue()
        pipelines[id] = pipeline
        return PipelineID(rawValue: id)
    }

    func release(_ pipeline: PipelineID) { pipelines[pipeline.rawValue] = nil }

    func pipeline(_ id: PipelineID) throws(BackendError) -> VulkanPipeline {
        if let pipeline = pipelines[id.rawValue] { return pipeline }
        throw BackendError(.driver, "pipeline \(id.rawValue) is not one of this device's")
    }

    /// Work-groups that a dispatch has at most.
    private var largestGrid: VulkanGrid.Size {
        let largest = context.physicalDevice.properties.limits.maxComputeWorkGroupCount
        return (
            min(largest.0, options.largestDispatch), min(largest.1, options.largestDispatch),
            min(largest.2, options.largestDispatch)
        )
    }

    func check(_ stage: StagePlan, _ checked: VulkanStage) throws(BackendError) {
        let device = context.physicalDevice.properties.limits
        func limit(_ found: Int, _ largest: UInt32, _ what: String) throws(BackendError) {
            guard found > Int(largest) else { return }
            throw BackendError(.limit, "\(checked.source): \(found) \(what); the device takes at most \(largest)")
        }
        let (sizes, groups) = (device.maxComputeWorkGroupSize, largestGrid)
        for (axis, largest) in [sizes.0, sizes.1, sizes.2].enumerated() {
            try limit(stage.workGroupSize[axis], largest, "work-items a work-group along \(["x", "y", "z"][axis])")
        }
        for (axis, largest) in [groups.x, groups.y, groups.z].enumerated() {
            let limitation = checked.module.readsGridSize ? largest : UInt32(Int32.max)
            try limit(stage.workGroups[axis], limitation, "work-groups along \(["x", "y", "z"][axis])")
        }
        try limit(
            stage.workGroupSize.reduce(1, *), device.maxComputeWorkGroupInvocations, "work-items a work-group")
        try limit(
            checked.sharedMemoryBytes ?? 0, device.maxComputeSharedMemorySize, "bytes of shared memory a work-group")
        try limit(4 * checked.arguments.count, device.maxPushConstantsSize, "bytes of arguments")
        try limit(checked.bufferCount, device.maxPerStageDescriptorStorageBuffers, "buffers")
        guard limits.precisions.contains(stage.precision) else {
            throw BackendError(.unsupported, "\(checked.source): the device does not store \(stage.precision.rawValue)")
        }
    }
}
