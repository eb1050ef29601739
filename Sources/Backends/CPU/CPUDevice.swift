import Kernels
import Platform
import Results

/// The host's processor: one thread a physical core, kernels in C.
public final class CPUDevice: Device {
    public let record: DeviceRecord
    public let limits: DeviceLimits
    private let isa: InstructionSet
    private let team: ThreadTeam
    private let guardsMemory: Bool
    private var buffers: [Int: Buffer] = [:]
    private var stages: [Int: CPUStage] = [:]
    private var scratch: [Buffer] = []
    private var nextID = 1

    /// Shares its memory with the runs that use it.
    private final class Buffer {
        let memory: CPUMemory
        init(byteCount: Int, isGuarded: Bool, prefersLargePages: Bool? = nil) throws(BackendError) {
            memory =
                isGuarded
                ? try CPUMemory(guarding: byteCount)
                : try CPUMemory(byteCount: byteCount, prefersLargePages: prefersLargePages)
        }
    }

    public var codePath: String? { isa.rawValue }

    /// Bytes beyond the buffers, which the threads have to themselves since the last run.
    package var scratchByteCount: Int { scratch.reduce(0) { $0 + $1.memory.byteCount } }

    /// - Parameters:
    ///   - isa: must be supported by this processor.
    ///   - topology: a thread is started on each of its cores.
    /// - Throws: ``BackendError`` when the system starts no threads.
    init(isa: InstructionSet, topology: CPUTopology, guardsMemory: Bool = false) throws(BackendError) {
        let description = CPUDescription(isa: isa, topology: topology)
        self.isa = isa
        self.guardsMemory = guardsMemory
        record = description.record
        limits = description.limits
        team = try ThreadTeam(processors: topology.cores)
    }

    public func makeBuffer(byteCount: Int) throws(BackendError) -> BufferID {
        guard byteCount <= limits.maxBufferBytes else {
            throw BackendError(
                .outOfMemory, "a buffer of \(byteCount) bytes: the machine has \(limits.memoryBytes) bytes of memory")
        }
        let buffer = try Buffer(byteCount: byteCount, isGuarded: guardsMemory)
        nextID += 1
        buffers[nextID] = buffer
        return BufferID(rawValue: nextID)
    }

    public func release(_ buffer: BufferID) { buffers[buffer.rawValue] = nil }

    public func write(_ bytes: RawSpan, to buffer: BufferID) throws(BackendError) {
        let target = try find(buffer)
        try check(bytes.byteCount, target, "write")
        target.memory.write(bytes)
    }

    public func read(_ buffer: BufferID, byteCount: Int) throws(BackendError) -> [UInt8] {
        let source = try find(buffer)
        try check(byteCount, source, "read")
        return source.memory.read(byteCount: byteCount)
    }

    public func fill(_ buffer: BufferID, pattern: UInt32) throws(BackendError) {
        try find(buffer).memory.fill(pattern)
    }

    public func makePipeline(_ stage: StagePlan, sources: KernelLibrary) throws(BackendError) -> PipelineID {
        let compiled = try CPUStage(stage, isa: isa, sources: sources)
        nextID += 1
        stages[nextID] = compiled
        return PipelineID(rawValue: nextID)
    }

    public func release(_ pipeline: PipelineID) { stages[pipeline.rawValue] = nil }

    public func run(_ dispatches: [Dispatch], repetitions: Int, timing: Timing) throws(BackendError) -> RunTimes {
        guard repetitions >= 0 else {
            throw BackendError(.limit, "\(repetitions) repetitions are asked for; expected none or more")
        }
        let run = CPURun(
            threadCount: team.count, cacheBytes: limits.sharedMemoryBytes, repetitions: repetitions, timing: timing)
        for dispatch in dispatches {
            guard let stage = stages[dispatch.pipeline.rawValue] else {
                throw BackendError(.driver, "pipeline \(dispatch.pipeline.rawValue) is not one of this device")
            }
            guard dispatch.buffers.count == stage.bufferCount else {
                throw BackendError(
                    .driver, "a dispatch has \(dispatch.buffers.count) buffers; its stage takes \(stage.bufferCount)")
            }
            var addresses: [UnsafeMutableRawPointer] = unsafe []
            for buffer in dispatch.buffers { unsafe addresses.append(try find(buffer).memory.start) }
            unsafe try run.append(stage, addresses)
        }
        try reserveScratch(run.scratchBytes)
        let scratch = unsafe ScratchAddresses(starts: self.scratch.map { unsafe $0.memory.start })
        let begin = MonotonicClock.now()
        team.run { thread in unsafe run.work(scratch: scratch.starts[thread]) }
        let total = MonotonicClock.now() - begin
        return run.times(totalHostSeconds: total)
    }

    /// Each thread's own memory, which nobody else touches.
    @safe private struct ScratchAddresses: @unchecked Sendable {
        let starts: [UnsafeMutableRawPointer]
    }

    private func reserveScratch(_ byteCount: Int) throws(BackendError) {
        let fits = scratch.count == team.count && scratch.allSatisfy { $0.memory.byteCount >= byteCount }
        // A guard stands behind the last byte, so that memory left from a larger stage would hide a mistake.
        guard !fits || guardsMemory && scratch.contains(where: { $0.memory.byteCount != byteCount }) else { return }
        scratch = []
        // At least a page, so that no two threads write to one.
        let ownBytes = guardsMemory ? byteCount : max(byteCount, 4096)
        for _ in 0..<team.count {
            scratch.append(try Buffer(byteCount: ownBytes, isGuarded: guardsMemory, prefersLargePages: true))
        }
    }

    private func find(_ buffer: BufferID) throws(BackendError) -> Buffer {
        guard let found = buffers[buffer.rawValue] else {
            throw BackendError(.driver, "buffer \(buffer.rawValue) is not one of this device")
        }
        return found
    }

    private func check(_ byteCount: Int, _ buffer: Buffer, _ verb: String) throws(BackendError) {
        guard (0...buffer.memory.byteCount).contains(byteCount) else {
            throw BackendError(
                .limit, "a \(verb) of \(byteCount) bytes; the buffer has \(buffer.memory.byteCount) bytes")
        }
    }
}
