import Backends
import Kernels
import Power
import Results

/// What a user asks `joulemark profile` to measure, and how.
public struct ProfileRequest: Sendable {
    public var selection = Selection()
    public var builds = Builds()
    public var sampling = Sampling()
    public var energy = Energy()
    /// Configurations that searches found, which stand for the default ones of their strategies where they apply.
    public var tuned: [TunedConfiguration] = []
    /// Of inputs, intervals and the order of samples.
    public var seed: UInt64 = 1
    /// How the device cpu:0 uses the host's processor.
    public var processor: ProcessorSettings {
        get { backends.processor }
        set { backends.processor = newValue }
    }
    /// How all backends use this machine.
    public var backends = BackendSettings()
    /// Where to write every input and output as `<family>/<strategy>/<device>/<name>.npy`.
    public var dumpDirectory: String?
    /// Replaces `/sys` for every reader.
    public var sysfs = "/sys"

    public init() {}

    /// What is measured: all that the lists name together.
    public struct Selection: Sendable {
        /// `quick`, `standard` or `full`; `nil` is `quick`, unless workloads or a shape are given.
        public var suite: String?
        /// Empty: every family that is not internal.
        public var families: [String] = []
        /// Empty: every strategy.
        public var strategies: [String] = []
        /// The variant that stages take, or `plain`; `nil`: the first that the device can.
        public var variant: String?
        /// Presets by name; empty: those of the suite.
        public var workloads: [String] = []
        /// `backend:index` or a whole `backend`; empty: every device.
        public var devices: [String] = []
        /// Empty: f32.
        public var precisions: [Precision] = []
        /// Parameters of workloads of the user's own, one or several; empty: presets.
        public var shapes: [[String: Int]] = []
        /// Parameters of the one workload of the user's own; empty: none, or the first of several.
        public var shape: [String: Int] {
            get { shapes.first ?? [:] }
            set { shapes = newValue.isEmpty ? [] : [newValue] }
        }
        /// Files that replace generated inputs, by tensor name.
        public var inputs: [String: String] = [:]
        /// Workloads with the strategies to measure on each, in place of all other lists but that of the devices.
        public var kernels: [Kernel] = []
        /// Configurations of the selected strategy that are measured beside its default one.
        var configurations: Configurations?
    }

    /// A workload and what is to compute it.
    public struct Kernel: Sendable {
        /// What the record calls the workload.
        public var name: String
        /// The seed is the request's.
        public var workload: WorkloadCase
        public var strategies: [String]
        /// Kernels in a row that are measured as one; the workload then says what they are to the record alone.
        public private(set) var chain: Chain?
        /// Those with the same number are sampled in turn, such as a chain and its kernels; `nil`: it is alone.
        public var group: Int?

        public init(name: String, workload: WorkloadCase, strategies: [String]) {
            self.name = name
            self.workload = workload
            self.strategies = strategies
        }

        /// - Parameter parameters: what the record says of the chain's size.
        public init(name: String, chain: Chain, parameters: [String: Int], strategy: String) {
            self.init(
                name: name,
                workload: WorkloadCase(family: Chain.family, parameters: parameters, precision: chain.precision),
                strategies: [strategy])
            self.chain = chain
        }
    }

    /// Configurations of one strategy, in groups; the members of a group are sampled in turn, together with the
    /// default.
    struct Configurations: Sendable {
        var strategy: String
        var groups: [[StrategyConfiguration]]
    }

    /// Whose kernels are measured.
    public struct Builds: Sendable {
        /// Folders with the user's own strategies.
        public var kernelDirectories: [String] = []
        /// Another build of this program, whose kernels take turns with this one's; `nil`: this program itself, when
        /// there are ``baseKernelDirectories``, else nobody.
        public var baseProgram: String?
        /// The kernels beside those of the base's own; `nil`: those of ``kernelDirectories``.
        public var baseKernelDirectories: [String]?

        /// True when two builds take turns.
        public var hasBase: Bool { baseProgram != nil || baseKernelDirectories != nil }

        /// This program, with the user's kernels.
        func own(executable: String) -> Build {
            Build(executable: executable, kernelDirectories: kernelDirectories)
        }

        /// The build that this one takes turns with.
        func base(executable: String) -> Build? {
            guard hasBase else { return nil }
            return Build(
                executable: baseProgram ?? executable, kernelDirectories: baseKernelDirectories ?? kernelDirectories)
        }
    }

    /// How executions are sampled, and how long.
    public struct Sampling: Sendable {
        /// Seconds that the timing of one measurement may take, and again its metering; `nil` is what the suite allows,
        /// else 5, and for metering what ``ProfileRequest/meteringLimit`` says.
        public var timeLimitSeconds: Double?
        /// Workloads of which an execution would take longer, by what smaller ones of the same strategy took, are
        /// skipped; `nil` is what the suite says.
        public var longestExecutionSeconds: Double?
        /// Repeat one input set, which may stay in the caches, instead of rotating through more than they hold.
        public var isHot = false
        /// Every result is checked, and nothing timed or metered.
        public var verifiesOnly = false
        /// Seconds after which a worker that gives no answer to a preparation is ended, besides those that the oracle
        /// of a large workload takes; other requests have shorter limits.
        public var answerLimitSeconds = 180.0
        /// Passes at most; `nil`: as many as the suite has.
        var passLimit: Int?
    }

    /// Where joules come from.
    public struct Energy: Sendable {
        public var mode = EnergySession.Mode.auto
        /// Coefficients for what cannot be measured.
        public var model = EnergyModel.default
        /// Shortest window of the meter, seconds.
        public var minimumWindowSeconds = 0.25
        /// Keeps the raw readings of every power source that counts, in the record's `meterTrace`.
        public var keepsReadings = false
    }
}
