import Backends
import Kernels
import Results

/// A device whose results are wrong as soon as it has compiled one of the variants that it falsifies, as a faulty
/// driver's would be.
final class FalsifyingDevice: Device {
    let falsified: Set<String>
    private let device: any Device
    private var isFalse = false

    init(_ device: any Device, falsifying falsified: Set<String>) {
        self.device = device
        self.falsified = falsified
    }

    var record: DeviceRecord { device.record }
    /// Without what says that it is the host's processor, where few variants pay.
    var limits: DeviceLimits {
        var limits = device.limits
        limits.features.remove(.hostProcessor)
        return limits
    }
    var codePath: String? { device.codePath }

    func makeBuffer(byteCount: Int) throws(BackendError) -> BufferID { try device.makeBuffer(byteCount: byteCount) }
    func release(_ buffer: BufferID) { device.release(buffer) }
    func write(_ bytes: RawSpan, to buffer: BufferID) throws(BackendError) { try device.write(bytes, to: buffer) }
    func read(_ buffer: BufferID, byteCount: Int) throws(BackendError) -> [UInt8] {
        let bytes = try device.read(buffer, byteCount: byteCount)
        return isFalse ? bytes.map { _ in 0 } : bytes
    }
    func fill(_ buffer: BufferID, pattern: UInt32) throws(BackendError) { try device.fill(buffer, pattern: pattern) }

    func makePipeline(_ stage: StagePlan, sources: KernelLibrary) throws(BackendError) -> PipelineID {
        isFalse = stage.variant.map(falsified.contains) ?? false
        return try device.makePipeline(stage, sources: sources)
    }

    func release(_ pipeline: PipelineID) { device.release(pipeline) }
    func run(_ dispatches: [Dispatch], repetitions: Int, timing: Timing) throws(BackendError) -> RunTimes {
        try device.run(dispatches, repetitions: repetitions, timing: timing)
    }
}
