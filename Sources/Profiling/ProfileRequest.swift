import Backends
import Kernels
import Power
import Statistics

/// What a user asks `joulemark profile` to measure, and how.
public struct ProfileRequest: Sendable {
    /// `quick`, `standard` or `full`; `nil` is `quick`, unless workloads or a shape are given.
    public var suite: String?
    /// Empty: every family that is not internal.
    public var families: [String] = []
    /// Empty: every strategy.
    public var strategies: [String] = []
    /// Presets by name; empty: those of the suite.
    public var workloads: [String] = []
    /// `backend:index` or a whole `backend`; empty: every device.
    public var devices: [String] = []
    /// How the device cpu:0 uses the host's processor.
    public var processor = ProcessorSettings()
    /// Empty: f32.
    public var precisions: [Precision] = []
    /// Parameters of a workload of the user's own; empty: presets.
    public var shape: [String: Int] = [:]
    /// Files that replace generated inputs, by tensor name.
    public var inputs: [String: String] = [:]
    /// Folders with the user's own strategies.
    public var kernelDirectories: [String] = []
    /// Another build of this program, whose kernels take turns with this one's; `nil`: this program itself, when there are
    /// ``baseKernelDirectories``, else nobody.
    public var baseProgram: String?
    /// The kernels beside those of the base's own; `nil`: those of ``kernelDirectories``.
    public var baseKernelDirectories: [String]?
    /// Where to write every input and output as `<family>/<strategy>/<device>/<name>.npy`.
    public var dumpDirectory: String?
    /// Seconds that the timing of one measurement may take, and again its metering; `nil` is what the suite allows, else 5, and
    /// for metering what ``meteringLimit`` says.
    public var timeLimitSeconds: Double?
    /// Workloads of which an execution would take longer, by what smaller ones of the same strategy took, are skipped; `nil` is what
    /// the suite says.
    public var longestExecutionSeconds: Double?
    /// Shortest window of the meter, seconds.
    public var minimumWindowSeconds = 0.25
    public var seed: UInt64 = 1
    /// Repeat one input set, which may stay in the caches, instead of rotating through more than they hold.
    public var isHot = false
    /// Every result is checked, and nothing timed or metered.
    public var verifiesOnly = false
    public var energyMode = EnergySession.Mode.auto
    /// Coefficients for what cannot be measured.
    public var energyModel = EnergyModel.default
    /// Configurations of the selected strategy that are measured beside its default one.
    var configurations: Configurations?
    /// Passes at most; `nil`: as many as the suite has.
    var passLimit: Int?
    /// Keeps the raw readings of every power source that counts, in the record's `meterTrace`.
    public var keepsMeterSamples = false
    /// Seconds after which a worker that gives no answer to a preparation is ended, besides those that the oracle of a large
    /// workload takes; other requests have shorter limits.
    public var answerLimitSeconds = 180.0
    /// Replaces `/sys` for every reader.
    public var sysfs = "/sys"

    public init() {}

    /// Values of one strategy's tunables, in groups; the members of a group are sampled in turn, together with the default.
    struct Configurations: Sendable {
        var strategy: String
        var groups: [[[String: Int]]]
    }

    /// True when two builds take turns.
    public var hasBase: Bool { baseProgram != nil || baseKernelDirectories != nil }

    /// The build that this one takes turns with.
    func base(executable: String) -> Build? {
        guard hasBase else { return nil }
        return Build(
            executable: baseProgram ?? executable, kernelDirectories: baseKernelDirectories ?? kernelDirectories)
    }

    /// How much time a suite gives each of its measurements.
    private struct Effort {
        var timeLimitSeconds = 5.0
        var passCount = 5
        /// Longest execution that is part of the suite; `nil`: each is, however long.
        var longestExecutionSeconds: Double?

        /// A first look, which is to be over in three minutes.
        static let quick = Effort(timeLimitSeconds: 0.5, passCount: 2)
        /// Every strategy on two hundred shapes, which is to be over in half an hour also where devices are slow.
        static let standard = Effort(timeLimitSeconds: 1, passCount: 3, longestExecutionSeconds: 1)
    }

    /// Workloads that are given by name, shape or data have all the time that they need.
    private var effort: Effort {
        guard shape.isEmpty, workloads.isEmpty, inputs.isEmpty else { return Effort() }
        return switch suite ?? "quick" {
        case "quick": .quick
        case "standard": .standard
        default: Effort()
        }
    }

    /// ``timeLimitSeconds``, or what holds without it.
    var timeLimit: Double { timeLimitSeconds ?? effort.timeLimitSeconds }

    /// ``longestExecutionSeconds``, or what holds without it; `nil`: every execution is taken, however long.
    var longestExecution: Double? { verifiesOnly ? nil : longestExecutionSeconds ?? effort.longestExecutionSeconds }

    /// Seconds that metering one measurement may take. A limit that was given holds; without one there is time for idle power
    /// before and after and for the five windows and more that an interval needs.
    var meteringLimit: Double {
        max(timeLimitSeconds ?? max(1.5 * timeLimit, 8 * minimumWindowSeconds), minimumWindowSeconds)
    }

    /// Passes over all measurements of a device, each in a worker of its own with memory of its own: what depends on where
    /// memory lies, and on when it was measured, then shows as a spread within the run instead of between runs.
    var passCount: Int { verifiesOnly ? 1 : min(effort.passCount, passLimit ?? .max) }

    /// When a measurement has enough samples of one pass.
    var samplingOfAPass: AdaptiveSampling {
        let share = 1 / Double(passCount)
        return AdaptiveSampling(
            minimumSamples: 7, minimumSeconds: 0.5 * share, timeLimitSeconds: timeLimit * share)
    }
}

/// What the profiler is doing, for those who watch.
public enum ProfileEvent: Sendable {
    /// The plan is made: this many measurements.
    case planned(measurements: Int)
    case openingDevice(String)
    case compiling(device: String)
    case measuringPeaks(device: String)
    case step(Step)
    /// That many measurements' worth of the work is done.
    case advanced(done: Int)
    /// A measurement is complete, whatever became of it. `done` of `total`.
    case finished(measurement: String, status: String, done: Int, total: Int)
    /// Something that the user should know while the run goes on.
    case warning(String)

    /// A step within a measurement.
    public struct Step: Sendable {
        public enum Activity: Sendable {
            case preparing
            /// Samples so far, and the relative noise of their median when it is known.
            case timing(samples: Int, noise: Double?)
            case metering
        }

        /// `family/strategy workload precision`.
        public var measurement: String
        public var device: String
        public var activity: Activity

        public init(measurement: String, device: String, activity: Activity) {
            self.measurement = measurement
            self.device = device
            self.activity = activity
        }
    }
}
