import COpenCL
import Kernels
import Results

/// One OpenCL device, with a context of its own and in-order queues.
final class OpenCLDevice: Device {
    let record: DeviceRecord
    let limits: DeviceLimits
    let codePath: String? = nil

    let library: OpenCLLibrary
    private let device: OpenCLLibrary.Device
    private let context: OpenCLObject<ContextKind>
    /// Transfers and untimed dispatches: a queue that keeps times may put something between dispatches.
    let queue: OpenCLObject<QueueKind>
    /// Timed dispatches.
    let profilingQueue: OpenCLObject<QueueKind>

    private(set) var buffers: [BufferID: OpenCLBuffer] = [:]
    private var pipelines: [PipelineID: OpenCLPipeline] = [:]
    private var nextID = 1
    /// The programs built last, the newest at the end.
    private var programs: [(source: OpenCLProgram.Source, program: OpenCLProgram)] = []
    private static let programCacheSize = 256

    init(_ library: OpenCLLibrary, _ device: OpenCLLibrary.Device, index: Int) throws(BackendError) {
        let info = OpenCLDeviceInfo(library, device)
        let record = info.record(index: index)
        guard info.isUsable, info.isLittleEndian else {
            throw BackendError(
                .unsupported,
                "\(record.id) (\(record.name)) cannot be used: it is not available now, has no compiler, or "
                    + "stores numbers with the highest byte first")
        }
        OpenCLWorkaround.needed(record.driver)?.apply()
        self.library = library
        self.device = device
        self.record = record
        limits = info.limits
        let functions = library.functions
        var id: OpaquePointer? = unsafe device.id
        context = unsafe try OpenCLObject(
            library, releasedBy: functions.releaseContext, asked: "a context on \(record.name)"
        ) { status in unsafe functions.createContext(nil, 1, &id, nil, nil, status) }
        queue = try Self.makeQueue(library, context, device, properties: 0)
        profilingQueue = try Self.makeQueue(library, context, device, properties: CL_QUEUE_PROFILING_ENABLE)
    }

    private static func makeQueue(
        _ library: OpenCLLibrary, _ context: borrowing OpenCLObject<ContextKind>, _ device: OpenCLLibrary.Device,
        properties: CInt
    ) throws(BackendError) -> OpenCLObject<QueueKind> {
        let functions = library.functions
        let contextPointer = unsafe context.pointer
        return unsafe try OpenCLObject(
            library, releasedBy: functions.releaseCommandQueue, asked: "a command queue"
        ) { status in
            unsafe functions.createCommandQueue(
                contextPointer, device.id, cl_command_queue_properties(properties), status)
        }
    }

    private func makeID() -> Int {
        defer { nextID += 1 }
        return nextID
    }

    // MARK: Buffers

    func makeBuffer(byteCount: Int) throws(BackendError) -> BufferID {
        guard (0...limits.maxBufferBytes).contains(byteCount) else {
            throw BackendError(
                .outOfMemory,
                "\(record.id): a buffer of \(byteCount) bytes; the device takes 0…\(limits.maxBufferBytes)")
        }
        let id = BufferID(rawValue: makeID())
        buffers[id] = unsafe try OpenCLBuffer(byteCount: byteCount, library: library, context: context.pointer)
        return id
    }

    func release(_ buffer: BufferID) { buffers[buffer] = nil }

    /// The buffer, if it holds at least `byteCount` bytes.
    private func buffer(_ id: BufferID, holding byteCount: Int) throws(BackendError) -> OpenCLBuffer {
        guard let buffer = buffers[id] else {
            throw BackendError(.driver, "\(record.id): buffer \(id.rawValue) is not this device's")
        }
        guard (0...buffer.byteCount).contains(byteCount) else {
            throw BackendError(
                .limit, "\(record.id): \(byteCount) bytes do not lie in a buffer of \(buffer.byteCount)")
        }
        return buffer
    }

    func write(_ bytes: RawSpan, to buffer: BufferID) throws(BackendError) {
        let target = try self.buffer(buffer, holding: bytes.byteCount)
        guard bytes.byteCount > 0 else { return }
        let status = unsafe bytes.withUnsafeBytes { source in
            unsafe library.functions.enqueueWriteBuffer(
                queue.pointer, target.object.pointer, cl_bool(CL_TRUE), 0, source.count, source.baseAddress, 0, nil, nil
            )
        }
        try OpenCLStatus.check(status, "\(record.id): a write of \(bytes.byteCount) bytes")
    }

    func read(_ buffer: BufferID, byteCount: Int) throws(BackendError) -> [UInt8] {
        let source = try self.buffer(buffer, holding: byteCount)
        guard byteCount > 0 else { return [] }
        var status: cl_int = CL_SUCCESS
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { target, count in
            unsafe status = library.functions.enqueueReadBuffer(
                queue.pointer, source.object.pointer, cl_bool(CL_TRUE), 0, byteCount, target.baseAddress, 0, nil, nil)
            count = status == CL_SUCCESS ? byteCount : 0
        }
        try OpenCLStatus.check(status, "\(record.id): a read of \(byteCount) bytes")
        return bytes
    }

    func fill(_ buffer: BufferID, pattern: UInt32) throws(BackendError) {
        let target = try self.buffer(buffer, holding: 0)
        let wholeBytes = target.byteCount / 4 * 4
        if wholeBytes > 0 { try fill(target, with: pattern, from: 0, byteCount: wholeBytes) }
        // The API fills whole patterns only: the rest goes byte by byte.
        for offset in wholeBytes..<target.byteCount {
            let byte = UInt8(truncatingIfNeeded: pattern >> UInt32(8 * (offset % 4)))
            try fill(target, with: byte, from: offset, byteCount: 1)
        }
        try OpenCLStatus.check(unsafe library.functions.finish(queue.pointer), "\(record.id): a fill")
    }

    private func fill<Pattern: FixedWidthInteger & BitwiseCopyable>(
        _ target: OpenCLBuffer, with pattern: Pattern, from offset: Int, byteCount: Int
    ) throws(BackendError) {
        var pattern = pattern
        let status = unsafe library.functions.enqueueFillBuffer(
            queue.pointer, target.object.pointer, &pattern, MemoryLayout<Pattern>.size, offset, byteCount, 0, nil, nil)
        try OpenCLStatus.check(status, "\(record.id): a fill of \(byteCount) bytes")
    }

    // MARK: Pipelines

    func makePipeline(_ stage: StagePlan, sources: KernelLibrary) throws(BackendError) -> PipelineID {
        let source = try OpenCLProgram.Source(stage, sources: sources, isHostProcessor: record.isHostProcessor)
        let pipeline = unsafe try OpenCLPipeline(
            stage, program: try program(source), library: library, device: device.id)
        let id = PipelineID(rawValue: makeID())
        pipelines[id] = pipeline
        return id
    }

    /// The program of this source, built now or earlier.
    private func program(_ source: OpenCLProgram.Source) throws(BackendError) -> OpenCLProgram {
        if let index = programs.firstIndex(where: { $0.source == source }) {
            programs.append(programs.remove(at: index))
        } else {
            let program = unsafe try OpenCLProgram(
                source, library: library, context: context.pointer, device: device.id)
            if programs.count == Self.programCacheSize { programs.removeFirst() }
            programs.append((source, program))
        }
        return programs[programs.count - 1].program
    }

    func release(_ pipeline: PipelineID) { pipelines[pipeline] = nil }

    /// A program outside the cache, for questions about it.
    func build(_ source: OpenCLProgram.Source) throws(BackendError) -> OpenCLProgram {
        unsafe try OpenCLProgram(source, library: library, context: context.pointer, device: device.id)
    }

    /// A stage of a program, with which nothing is run.
    func pipeline(_ stage: StagePlan, of program: OpenCLProgram) throws(BackendError) -> OpenCLPipeline {
        unsafe try OpenCLPipeline(stage, program: program, library: library, device: device.id)
    }

    /// The compiler's words on a program.
    func log(of program: OpenCLProgram) -> String {
        unsafe OpenCLProgram.log(library.functions, program.object.pointer, device.id)
    }

    /// An answer of eight bytes about a kernel on this device; `nil` where the driver does not know the question.
    func workGroupInfo(_ pipeline: OpenCLPipeline, _ query: Int) -> UInt64? {
        var value: UInt64 = 0
        let status = unsafe library.functions.getKernelWorkGroupInfo(
            pipeline.kernel.pointer, device.id, cl_kernel_work_group_info(query), MemoryLayout<UInt64>.size, &value, nil
        )
        return status == CL_SUCCESS ? value : nil
    }

    /// The pipeline of a dispatch, when it and its buffers are this device's.
    func pipeline(of dispatch: Dispatch) throws(BackendError) -> OpenCLPipeline {
        guard let pipeline = pipelines[dispatch.pipeline] else {
            throw BackendError(.driver, "\(record.id): pipeline \(dispatch.pipeline.rawValue) is not this device's")
        }
        guard dispatch.buffers.count == pipeline.bufferCount else {
            throw BackendError(
                .driver,
                "\(pipeline.stageName) takes \(pipeline.bufferCount) buffers, found \(dispatch.buffers.count)")
        }
        for id in dispatch.buffers { _ = try buffer(id, holding: 0) }
        return pipeline
    }
}
