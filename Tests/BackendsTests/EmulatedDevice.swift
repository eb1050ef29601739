import Backends
import Foundation
import Kernels
import Results

/// A processor that this machine is not, by an emulator: stages run in a child, `Tests/Emulation/stage_server.c`, which
/// was compiled for it. For right results only; its times mean nothing.
final class EmulatedDevice: Device {
    /// The child's command and arguments, separated by spaces; `nil` when there is none, as outside the steps
    /// `emulation` and `sanitizers`.
    static let command = ProcessInfo.processInfo.environment["JOULEMARK_STAGE_SERVER"]

    /// What the child's processor has: Arm's vectors, or what the step `sanitizers` says, whose child runs here.
    static let instructionSet =
        ProcessInfo.processInfo.environment["JOULEMARK_STAGE_INSTRUCTIONS"].flatMap { InstructionSet(rawValue: $0) }
        ?? .neon

    /// Requests, as the server's comment tells them.
    private enum Operation: UInt32 {
        case make = 1
        case free, write, fill, read, find, run
    }

    let record = DeviceRecord(
        id: "cpu:0", backend: "cpu", name: "emulated processor", vendor: "", driver: "stage server", apiVersion: "",
        pciAddress: nil, computeUnits: 2, memoryBytes: 1 << 32, features: [], isHostProcessor: false)
    let limits = DeviceLimits(
        backend: "cpu", computeUnits: 2, sharedMemoryBytes: 256 << 10, maxWorkGroupSize: 1 << 20,
        maxWorkGroups: Array(repeating: Int(Int32.max), count: 3), maxBufferBytes: 1 << 30, memoryBytes: 1 << 32,
        subgroupSize: 1, lastLevelCacheBytes: 1 << 20, precisions: Precision.allCases)
    let codePath: String?
    private let server = Process()
    private let requests = Pipe()
    private let answers = Pipe()
    private var bufferCounts: [PipelineID: Int] = [:]
    /// Numbers that are free, of buffers and of pipelines alike.
    private var freeNumbers = Array((1..<4096 as Range<UInt32>).reversed())

    init(command: String) throws {
        codePath = Self.instructionSet.rawValue
        // A server that has ended shows in an answer that does not come.
        signal(SIGPIPE, SIG_IGN)
        server.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        server.arguments = command.split(separator: " ").map(String.init)
        server.standardInput = requests
        server.standardOutput = answers
        try server.run()
    }

    deinit {
        try? requests.fileHandleForWriting.close()
        server.waitUntilExit()
    }

    func makeBuffer(byteCount: Int) throws(BackendError) -> BufferID {
        let number = try takeNumber()
        try send(.make, words: [number], size: byteCount)
        return BufferID(rawValue: Int(number))
    }

    func release(_ buffer: BufferID) {
        try? send(.free, words: [UInt32(buffer.rawValue)])
        freeNumbers.append(UInt32(buffer.rawValue))
    }

    func write(_ bytes: RawSpan, to buffer: BufferID) throws(BackendError) {
        var content = Data(capacity: bytes.byteCount)
        for index in 0..<bytes.byteCount {
            content.append(unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self))
        }
        try send(.write, words: [UInt32(buffer.rawValue)], size: bytes.byteCount, content: content)
    }

    func read(_ buffer: BufferID, byteCount: Int) throws(BackendError) -> [UInt8] {
        try send(.read, words: [UInt32(buffer.rawValue)], size: byteCount)
        return try receive(byteCount)
    }

    func fill(_ buffer: BufferID, pattern: UInt32) throws(BackendError) {
        try send(.fill, words: [UInt32(buffer.rawValue), pattern])
    }

    func makePipeline(_ stage: StagePlan, sources: KernelLibrary) throws(BackendError) -> PipelineID {
        let number = try takeNumber()
        var request = Data(words: [number])
        for text in [
            stage.family, stage.strategy, stage.sourceName, stage.precision.rawValue,
            Self.instructionSet.rawValue,
        ] {
            request.append(Data(words: [UInt32(text.utf8.count)]))
            request.append(contentsOf: text.utf8)
        }
        for values in [stage.arguments, stage.constants] {
            request.append(Data(words: [UInt32(values.count)] + values.map(\.bits)))
        }
        request.append(Data(words: stage.workGroups.map { UInt32($0) }))
        try send(.find, content: request)
        let answer = try receiveWord()
        let name = "\(stage.family)/\(stage.strategy)/\(stage.name)"
        guard answer != 0 else {
            freeNumbers.append(number)
            throw BackendError(.unsupported, "\(name): the server has no \(stage.precision.rawValue) stage of it")
        }
        guard answer == 1 + UInt32(stage.buffers.count) << 8 + UInt32(stage.arguments.count) << 16 else {
            throw BackendError(.compilation, "\(name): takes other tensors or arguments than strategy.json gives it")
        }
        let pipeline = PipelineID(rawValue: Int(number))
        bufferCounts[pipeline] = stage.buffers.count
        return pipeline
    }

    func release(_ pipeline: PipelineID) {
        bufferCounts[pipeline] = nil
        freeNumbers.append(UInt32(pipeline.rawValue))
    }

    func run(_ dispatches: [Dispatch], repetitions: Int, timing: Timing) throws(BackendError) -> RunTimes {
        for _ in 0..<repetitions {
            for dispatch in dispatches {
                guard bufferCounts[dispatch.pipeline] == dispatch.buffers.count else {
                    throw BackendError(.driver, "a dispatch has \(dispatch.buffers.count) buffers")
                }
                let words =
                    [UInt32(dispatch.pipeline.rawValue), UInt32(dispatch.buffers.count)]
                    + dispatch.buffers.map { UInt32($0.rawValue) }
                try send(.run, words: words)
                guard try receiveWord() == 1 else {
                    throw BackendError(.driver, "the stage server did not run a stage")
                }
            }
        }
        return RunTimes(totalHostSeconds: 0, hostSeconds: [], deviceSeconds: nil, stageSeconds: [])
    }

    private func takeNumber() throws(BackendError) -> UInt32 {
        guard let number = freeNumbers.popLast() else { throw BackendError(.outOfMemory, "all numbers are taken") }
        return number
    }

    private func send(
        _ operation: Operation, words: [UInt32] = [], size: Int? = nil, content: Data = Data()
    ) throws(BackendError) {
        var request = Data(words: [operation.rawValue] + words)
        if let size { request.append(Data(words: [UInt32(truncatingIfNeeded: size), UInt32(size >> 32)])) }
        request.append(content)
        do { try requests.fileHandleForWriting.write(contentsOf: request) } catch {
            throw BackendError(.driver, "the stage server has ended: \(error)")
        }
    }

    private func receive(_ byteCount: Int) throws(BackendError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < byteCount {
            let more = (try? answers.fileHandleForReading.read(upToCount: byteCount - bytes.count)) ?? nil
            guard let more, !more.isEmpty else { throw BackendError(.driver, "the stage server has ended") }
            bytes += more
        }
        return bytes
    }

    private func receiveWord() throws(BackendError) -> UInt32 {
        try receive(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
}

extension Data {
    /// Each in the order of its bytes that the server reads.
    fileprivate init(words: [UInt32]) {
        self.init()
        for word in words { for shift in [0, 8, 16, 24] { append(UInt8(truncatingIfNeeded: word >> UInt32(shift))) } }
    }
}

extension NamedValue {
    /// As a `joulemark_value` holds them.
    fileprivate var bits: UInt32 {
        switch value {
        case .integer(let integer): UInt32(bitPattern: Int32(clamping: integer))
        case .real(let real): Float(real).bitPattern
        }
    }
}
