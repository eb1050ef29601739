import Backends
import Kernels
import Results

/// What a worker is asked to prepare: one strategy on one workload.
struct Assignment: Sendable, Equatable {
    var workload: WorkloadCase
    /// Of the workload's family, by its name.
    var strategy: String
    /// Values of the strategy's tunables in place of the defaults.
    var tunables: [String: Int] = [:]
    /// The variant that stages take; `nil`: the first that the device can.
    var variant: String?
    var isHot: Bool
    /// Folder for every input and output as .npy.
    var dumpDirectory: String?
    /// Verified in an earlier worker of this run: prepared again without the oracle.
    var isVerified = false
    /// Of the outputs that were verified then.
    var outputSample: OutputSample?
    /// Beyond which the workload does not fit its suite; `nil`: it is measured however long it takes.
    var durationLimit: DurationLimit?
    /// What is prepared in place of a strategy of the catalogue.
    var chain: Chain?

    init(workload: WorkloadCase, strategy: Strategy, isHot: Bool) {
        self.workload = workload
        self.strategy = strategy.name
        tunables = strategy.chosenTunables
        variant = strategy.forcedVariant
        self.isHot = isHot
    }
}

/// On the wire the workload's keys stand beside the others, as builds expect it that take turns with this one.
extension Assignment: Codable {
    private enum CodingKeys: String, CodingKey {
        case strategy, tunables, variant, isHot, dumpDirectory, isVerified, outputSample, chain
        case durationLimit = "pace"
    }

    init(from decoder: any Decoder) throws {
        workload = try WorkloadCase(from: decoder)
        let values = try decoder.container(keyedBy: CodingKeys.self)
        strategy = try values.decode(String.self, forKey: .strategy)
        tunables = try values.decode([String: Int].self, forKey: .tunables)
        variant = try values.decodeIfPresent(String.self, forKey: .variant)
        isHot = try values.decode(Bool.self, forKey: .isHot)
        dumpDirectory = try values.decodeIfPresent(String.self, forKey: .dumpDirectory)
        isVerified = try values.decode(Bool.self, forKey: .isVerified)
        outputSample = try values.decodeIfPresent(OutputSample.self, forKey: .outputSample)
        durationLimit = try values.decodeIfPresent(DurationLimit.self, forKey: .durationLimit)
        chain = try values.decodeIfPresent(Chain.self, forKey: .chain)
    }

    func encode(to encoder: any Encoder) throws {
        try workload.encode(to: encoder)
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(strategy, forKey: .strategy)
        try values.encode(tunables, forKey: .tunables)
        try values.encodeIfPresent(variant, forKey: .variant)
        try values.encode(isHot, forKey: .isHot)
        try values.encodeIfPresent(dumpDirectory, forKey: .dumpDirectory)
        try values.encode(isVerified, forKey: .isVerified)
        try values.encodeIfPresent(outputSample, forKey: .outputSample)
        try values.encodeIfPresent(durationLimit, forKey: .durationLimit)
        try values.encodeIfPresent(chain, forKey: .chain)
    }
}

/// Who answers at the other end of the pipe.
struct WorkerIdentity: Codable, Sendable {
    /// Of the messages in this file: builds with other messages cannot take turns.
    static let currentProtocolVersion = 1

    var protocolVersion = WorkerIdentity.currentProtocolVersion
    var tool: ToolRecord
}

/// A line from parent to worker.
enum WorkerRequest: Codable, Sendable {
    /// Which build the worker is; may come before anything else.
    case identify
    /// The devices of a backend.
    case list(
        backend: String, processor: ProcessorSettings, python: PythonSettings? = nil, runtimes: [RuntimeSettings]? = nil
    )
    /// Opens a device; once, before anything else. `scratch` is a folder that the run's workers share.
    case open(
        backend: String, index: Int, processor: ProcessorSettings, python: PythonSettings? = nil,
        runtimes: [RuntimeSettings]? = nil, kernelDirectories: [String], scratch: String)
    /// Compiles, so that the driver's cache holds what later workers prepare. What cannot be compiled is told by them.
    case compile([Assignment])
    /// Compiles for the compiler's sake, and says what it tells.
    case inspect(Assignment, disassembles: Bool)
    /// Compiles, uploads, verifies.
    case prepare(id: Int, Assignment)
    /// Timed repetitions.
    case sample(SampleOrder)
    /// What is known of the device's clock.
    case clock
    /// Repeats without pause for about so many seconds.
    case window(id: Int, seconds: Double)
    /// Executes once more as samples do, and holds the outputs against those that were verified.
    case confirm(id: Int)
    /// Frees what `prepare` made.
    case discard(id: Int)
    case close
}

/// A line from worker to parent.
enum WorkerResponse: Codable, Sendable {
    case identity(WorkerIdentity)
    case devices([DeviceRecord])
    case noDevices(reason: String)
    case opened(DeviceRecord, DeviceLimits)
    case inspected([ProgramRecord])
    case prepared(Preparation)
    case sampled(SampleTimes)
    case clock(DeviceClockRecord?)
    case windowDone(begin: Double, end: Double, iterations: Int)
    /// How the outputs differ from those that were verified; `nil` when they do not.
    case confirmed(difference: String?)
    case done
    /// The request failed; the worker goes on.
    case failed(reason: String)
    /// The request failed, and the device or its driver with it; the worker ends.
    case lost(reason: String)
}

/// What came of `prepare`.
struct Preparation: Codable, Sendable {
    /// `ok`, or why the strategy cannot be measured: `incorrect`, `failed`, `skipped`.
    var status: MeasurementStatus
    var message: String?
    var verification: VerificationRecord?
    var work: WorkRecord?
    var codePath: String?
    /// The variants that stages take, by the stage's name.
    var variants: [String: String]?
    /// Variants that were passed over, `<stage>.<variant>`, with the reason.
    var struckVariants: [String: String]?
    /// A digest of what the strategy's programs are made from in the worker's build; `nil` where it does not tell.
    var kernelDigest: String?
    /// Names of the stages, in order.
    var stages: [String] = []
    /// Whether inputs rotate through more than the last-level cache.
    var isCold = false
    /// Tokens an execution, where the word means something.
    var tokens: Double?
    /// Of the outputs, when they were found right.
    var outputSample: OutputSample?
}

/// Which repetitions to time.
struct SampleOrder: Codable, Sendable {
    var id: Int
    var repetitions: Int
    /// Executions back to back that one repetition times together; each is then a share of it.
    var batch = 1
    /// What to time before and after, as controls of the device's own speed.
    var controls: [Int] = []
    /// Times every stage too.
    var stages = false
}

/// Seconds of repeated executions, and what happened meanwhile.
package struct SampleTimes: Codable, Sendable {
    package var hostSeconds: [Double] = []
    package var deviceSeconds: [Double]? = []
    /// `[stage][repetition]`; empty when not asked for.
    package var stageSeconds: [[Double]] = []
    /// Seconds that the worker's threads, taken together, were ready and waited for a processor during each repetition,
    /// or for short ones an equal share of all; empty when the kernel does not say.
    package var waitSeconds: [Double] = []
    /// Processor seconds that a hypervisor withheld from the machine meanwhile; `nil` when the kernel does not say.
    package var stealSeconds: Double?
    /// `[control][reading]`: each control before and after.
    package var controlSeconds: [[Double]] = []

    package init() {}

    /// By the device's clock where it has one that can be right.
    package var seconds: [Double] {
        guard let deviceSeconds, deviceSeconds.count == hostSeconds.count else { return deviceSeconds ?? hostSeconds }
        let check = DeviceClockCheck(deviceSeconds: deviceSeconds, hostSeconds: hostSeconds, durations: hostSeconds)
        return check.doubt == nil ? deviceSeconds : hostSeconds
    }
}
