import CPlatform
import FoundationEssentials
import Glibc
import Kernels
import Platform
import Results

/// A device behind a runtime. Tensors cross through a file, once; what is timed stays over there.
final class PythonDevice: Device {
    let record: DeviceRecord
    let limits: DeviceLimits
    let codePath: String?
    private let runtime: RuntimeProcess
    private var byteCounts: [BufferID: Int] = [:]
    private var lastID = 0

    init(_ runtime: RuntimeProcess, _ description: RuntimeDescription, _ opened: RuntimeMessages.Opened) {
        self.runtime = runtime
        record = description.record
        limits = description.limits(precisions: opened.precisions)
        codePath = opened.codePath
        joulemark_watch_threads_of(runtime.processID)
    }

    deinit {
        joulemark_watch_threads_of(0)
        runtime.close()
    }

    // MARK: Buffers

    func makeBuffer(byteCount: Int) throws(BackendError) -> BufferID {
        guard (0...limits.maxBufferBytes).contains(byteCount) else {
            throw BackendError(
                .outOfMemory, "a buffer of \(byteCount) bytes; at most \(limits.maxBufferBytes) are possible")
        }
        let buffer = BufferID(rawValue: nextID())
        try runtime.ask("makeBuffer", RuntimeMessages.MakeBuffer(id: buffer.rawValue, byteCount: byteCount))
        byteCounts[buffer] = byteCount
        return buffer
    }

    func release(_ buffer: BufferID) {
        guard byteCounts.removeValue(forKey: buffer) != nil else { return }
        _ = try? runtime.ask("release", RuntimeMessages.Release(kind: "buffer", id: buffer.rawValue))
    }

    func write(_ bytes: RawSpan, to buffer: BufferID) throws(BackendError) {
        try check(buffer, holds: bytes.byteCount)
        try writeTransferFile(bytes)
        defer { try? FileManager.default.removeItem(atPath: runtime.transferFile) }
        try runtime.ask("write", transfer(buffer, bytes.byteCount))
    }

    func read(_ buffer: BufferID, byteCount: Int) throws(BackendError) -> [UInt8] {
        try check(buffer, holds: byteCount)
        defer { try? FileManager.default.removeItem(atPath: runtime.transferFile) }
        try runtime.ask("read", transfer(buffer, byteCount))
        guard let data = FileManager.default.contents(atPath: runtime.transferFile), data.count == byteCount else {
            throw BackendError(.driver, "\(runtime.transferFile): \(byteCount) bytes were expected there")
        }
        return [UInt8](data)
    }

    func fill(_ buffer: BufferID, pattern: UInt32) throws(BackendError) {
        try check(buffer, holds: 0)
        try runtime.ask("fill", RuntimeMessages.Fill(id: buffer.rawValue, pattern: pattern))
    }

    // MARK: Stages

    func makePipeline(_ stage: StagePlan, sources: KernelLibrary) throws(BackendError) -> PipelineID {
        if runtime.isPython {
            guard sources.contains("\(stage.sourcePath).py") else {
                throw BackendError(
                    .unsupported, "\(stage.family)/\(stage.strategy): no \(stage.sourceName).py in its folder")
            }
            try runtime.addSources(of: sources)
        }
        func tensors(_ names: [String]) -> [RuntimeMessages.MakeStage.Tensor] {
            names.compactMap { name in stage.tensors.first { $0.name == name } }.map {
                RuntimeMessages.MakeStage.Tensor(name: $0.name, type: $0.type, shape: $0.shape)
            }
        }
        let numbers = Dictionary(
            (stage.arguments + stage.constants).map { ($0.name, RuntimeMessages.Number(value: $0.value)) }
        ) { _, last in last }
        let pipeline = PipelineID(rawValue: nextID())
        try runtime.ask(
            "makeStage",
            RuntimeMessages.MakeStage(
                id: pipeline.rawValue, family: stage.family, strategy: stage.strategy, name: stage.name,
                module: ([RuntimeProcess.package] + stage.sourcePath.split(separator: "/").map(String.init))
                    .joined(separator: "."), precision: stage.precision, reads: tensors(stage.reads),
                writes: tensors(stage.writes), numbers: numbers))
        return pipeline
    }

    func release(_ pipeline: PipelineID) {
        _ = try? runtime.ask("release", RuntimeMessages.Release(kind: "stage", id: pipeline.rawValue))
    }

    func run(_ dispatches: [Dispatch], repetitions: Int, timing: Timing) throws(BackendError) -> RunTimes {
        guard repetitions >= 0 else { throw BackendError(.driver, "\(repetitions) repetitions; expected 0 or more") }
        let order = RuntimeMessages.Run(
            dispatches: dispatches.map { dispatch in
                RuntimeMessages.Run.Dispatch(
                    stage: dispatch.pipeline.rawValue, buffers: dispatch.buffers.map(\.rawValue))
            }, repetitions: repetitions, timing: timing.word)
        let ran = try runtime.ask("run", order, RuntimeMessages.Ran.self)
        return RunTimes(
            totalHostSeconds: ran.totalHostSeconds, hostSeconds: ran.hostSeconds, deviceSeconds: ran.deviceSeconds,
            stageSeconds: ran.stageSeconds)
    }

    func rest() throws(BackendError) { try runtime.ask("rest", RuntimeMessages.Nothing()) }

    // MARK: Tensors in transit

    private func nextID() -> Int {
        lastID += 1
        return lastID
    }

    private func check(_ buffer: BufferID, holds byteCount: Int) throws(BackendError) {
        guard let size = byteCounts[buffer] else { throw BackendError(.driver, "there is no such buffer") }
        guard (0...size).contains(byteCount) else {
            throw BackendError(.driver, "\(byteCount) bytes of a buffer that holds \(size)")
        }
    }

    private func transfer(_ buffer: BufferID, _ byteCount: Int) -> RuntimeMessages.Transfer {
        RuntimeMessages.Transfer(id: buffer.rawValue, byteCount: byteCount, file: runtime.transferFile)
    }

    private func writeTransferFile(_ bytes: RawSpan) throws(BackendError) {
        let file = unsafe open(runtime.transferFile, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { if file >= 0 { close(file) } }
        let content = unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) }
        guard file >= 0, FileDescriptor.write(content, to: file) else {
            throw BackendError(
                .driver, "\(runtime.transferFile): cannot be written: \(unsafe String(cString: strerror(errno)))")
        }
    }
}

extension Timing {
    fileprivate var word: String {
        switch self {
        case .none: "none"
        case .repetitions: "repetitions"
        case .stages: "stages"
        }
    }
}
