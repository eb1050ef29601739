import Backends
import Kernels
import Results

/// A device that counts the bytes of what every dispatch binds to read and to write, as the stage declares it.
final class CountingDevice: Device {
    /// Read and written so far. Of a tensor that a stage says to touch in part, the part.
    private(set) var bytes = 0
    /// Tensors of which a stage claims to touch more than the buffer that was bound holds, and does not write or read
    /// twice.
    private(set) var overdrawn: [String] = []
    private let device: any Device
    private var sizes: [BufferID: Int] = [:]
    private var stages: [PipelineID: StagePlan] = [:]

    init(_ device: any Device) { self.device = device }

    var record: DeviceRecord { device.record }
    var limits: DeviceLimits { device.limits }
    var codePath: String? { device.codePath }

    func makeBuffer(byteCount: Int) throws(BackendError) -> BufferID {
        let buffer = try device.makeBuffer(byteCount: byteCount)
        sizes[buffer] = byteCount
        return buffer
    }

    func release(_ buffer: BufferID) { device.release(buffer) }
    func write(_ bytes: RawSpan, to buffer: BufferID) throws(BackendError) { try device.write(bytes, to: buffer) }
    func read(_ buffer: BufferID, byteCount: Int) throws(BackendError) -> [UInt8] {
        try device.read(buffer, byteCount: byteCount)
    }
    func fill(_ buffer: BufferID, pattern: UInt32) throws(BackendError) { try device.fill(buffer, pattern: pattern) }

    func makePipeline(_ stage: StagePlan, sources: KernelLibrary) throws(BackendError) -> PipelineID {
        let pipeline = try device.makePipeline(stage, sources: sources)
        stages[pipeline] = stage
        return pipeline
    }

    func release(_ pipeline: PipelineID) { device.release(pipeline) }

    func run(_ dispatches: [Dispatch], repetitions: Int, timing: Timing) throws(BackendError) -> RunTimes {
        for dispatch in dispatches {
            guard let stage = stages[dispatch.pipeline] else { continue }
            for (name, buffer) in zip(stage.buffers, dispatch.buffers) {
                let size = sizes[buffer] ?? 0
                let uses = (stage.reads.contains(name) ? 1 : 0) + (stage.writes.contains(name) ? 1 : 0)
                // A stage that says to touch less, such as the weights of the experts that have a token, is taken at
                // its word.
                let stated = stage.traffic.filter { $0.tensor == name }.reduce(0) { $0 + $1.bytes }
                if stated > uses * size { overdrawn.append("\(stage.name): \(name)") }
                bytes += repetitions * (stage.statesTraffic(of: name) ? stated : uses * size)
            }
        }
        return try device.run(dispatches, repetitions: repetitions, timing: timing)
    }
}
