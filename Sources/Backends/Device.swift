import Kernels
import Results

/// A buffer on a device. Valid for the device that made it, until released.
public struct BufferID: Sendable, Hashable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }
}

/// A compiled stage on a device.
public struct PipelineID: Sendable, Hashable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }
}

/// One dispatch: a compiled stage with its buffers, in the order of ``StagePlan/buffers``.
public struct Dispatch: Sendable {
    public var pipeline: PipelineID
    public var buffers: [BufferID]

    public init(pipeline: PipelineID, buffers: [BufferID]) {
        self.pipeline = pipeline
        self.buffers = buffers
    }
}

/// How closely ``Device/run(_:repetitions:timing:)`` looks.
public enum Timing: Sendable {
    /// No times but the total: for windows, where nothing may stand between dispatches.
    case none
    /// Begin and end of every repetition.
    case repetitions
    /// Begin and end of every stage of every repetition. May add gaps between dispatches.
    case stages
}

/// Seconds that repeated dispatches took.
public struct RunTimes: Sendable {
    /// All repetitions together by the host's clock, submission to completion.
    public var totalHostSeconds: Double
    /// A repetition each, by the host's clock. Empty with `Timing.none`.
    public var hostSeconds: [Double]
    /// A repetition each, by the device's clock, first stage's begin to last stage's end, gaps included.
    /// `nil` when the device has no clock.
    public var deviceSeconds: [Double]?
    /// `stageSeconds[stage][repetition]`, by the device's clock if there is one, else the host's. Only with
    /// `Timing.stages`.
    public var stageSeconds: [[Double]]

    public init(totalHostSeconds: Double, hostSeconds: [Double], deviceSeconds: [Double]?, stageSeconds: [[Double]]) {
        self.totalHostSeconds = totalHostSeconds
        self.hostSeconds = hostSeconds
        self.deviceSeconds = deviceSeconds
        self.stageSeconds = stageSeconds
    }
}

/// A device that runs stages. It knows nothing of families, energy or reports.
///
/// A device is used from one thread. What every conformance must do, as the tests of the backends check:
/// - `write` then `read` of any size gives the same bytes; `fill` repeats its pattern to the end, also when the size is
///   not a multiple of four;
/// - dispatches in one `run` see each other's writes, in order, and so does every repetition;
/// - an error leaves the device usable, and carries the compiler's log where a compiler spoke;
/// - a buffer or pipeline that is not the device's is an error, never a trap.
public protocol Device: AnyObject {
    /// What it is. `peaks` is filled in by whoever measures them.
    var record: DeviceRecord { get }
    var limits: DeviceLimits { get }
    /// The code path that pipelines run, such as an instruction set; `nil` when the device does not tell.
    var codePath: String? { get }
    /// The device's own clock, checked as far as the driver allows; `nil` when kernels are timed by the host's.
    var clockDescription: DeviceClockRecord? { get }

    func makeBuffer(byteCount: Int) throws(BackendError) -> BufferID
    func release(_ buffer: BufferID)
    func write(_ bytes: RawSpan, to buffer: BufferID) throws(BackendError)
    func read(_ buffer: BufferID, byteCount: Int) throws(BackendError) -> [UInt8]
    func fill(_ buffer: BufferID, pattern: UInt32) throws(BackendError)

    func makePipeline(_ stage: StagePlan, sources: KernelLibrary) throws(BackendError) -> PipelineID
    func release(_ pipeline: PipelineID)
    /// Compiles a stage apart from what is timed, and says what its compiler tells of it.
    ///
    /// - Parameter disassembles: whether the compiler's texts are wanted too.
    func inspect(
        _ stage: StagePlan, sources: KernelLibrary, disassembles: Bool
    ) throws(BackendError) -> CompiledStageRecord

    /// Runs the dispatches in order, `repetitions` times, and waits.
    func run(_ dispatches: [Dispatch], repetitions: Int, timing: Timing) throws(BackendError) -> RunTimes

    /// Waits until no thread of the device looks for work any more: others are about to be timed.
    func rest() throws(BackendError)
}

/// A way to reach devices. Adding one = one folder and one line in ``Backends/all``.
public protocol Backend: Sendable {
    var name: String { get }
    /// The devices found, or why there are none (a one-line reason that says what to install or permit).
    func devices() -> Result<[DeviceRecord], BackendError>
    /// Opens the device with this index.
    func open(index: Int) throws(BackendError) -> any Device
}

extension Device {
    public var clockDescription: DeviceClockRecord? { nil }

    public func inspect(
        _ stage: StagePlan, sources: KernelLibrary, disassembles: Bool
    ) throws(BackendError) -> CompiledStageRecord {
        release(try makePipeline(stage, sources: sources))
        let reason = "the compiler of \(limits.backend) had its say when the program was built"
        return CompiledStageRecord(figures: CompilerFigures(unavailable: reason))
    }

    public func rest() throws(BackendError) {}
}
