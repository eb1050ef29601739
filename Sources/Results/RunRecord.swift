import Statistics

/// Everything that one invocation of `joulemark profile` found: the content of a result file, schema 1.
///
/// Times are seconds, energies joules, powers watts, sizes bytes. An unknown is `null` with a reason, never 0.
public struct RunRecord: Codable, Sendable, Equatable {
    /// The major version of the schema. Readers ignore unknown keys and reject a newer version.
    public static let currentSchemaVersion = 1

    /// The version that the file was written in.
    public var schemaVersion = RunRecord.currentSchemaVersion
    public var tool: ToolRecord
    /// What whoever made the run calls it; `nil` when it was given no name.
    public var label: String?
    /// ISO 8601, UTC.
    public var startedAt: String
    /// ISO 8601, UTC; `nil` when it was not recorded.
    @ExplicitNull public var finishedAt: String?
    /// True when somebody ended the run: it then holds what was measured until then.
    public var interrupted = false
    public var host: HostRecord
    /// The run that was made in turn with this one; `nil` for a run on its own.
    @ExplicitNull public var turns: TurnsRecord?
    /// Those that were opened, in the order in which they were measured.
    public var devices: [DeviceRecord] = []
    /// Backends that have no device here, and why.
    public var unavailableBackends: [UnavailableBackend] = []
    /// Every power source that was found, readable or not; empty when energy is switched off.
    public var powerSources: [PowerSourceRecord] = []
    /// How sources became totals; `nil` when energy is switched off.
    @ExplicitNull public var energyAccounting: EnergyAccounting?
    /// The raw readings behind every joule, in units of their sources; `nil` when they were not asked for.
    @ExplicitNull public var meterTrace: MeterTrace?
    /// In the order in which they were planned, device by device.
    public var measurements: [MeasurementRecord] = []
    /// Of strategies with their family's baseline, where both results are right.
    public var comparisons: [ComparisonRecord] = []

    /// Of everything that a processor ran in the same rounds, on whichever of its devices, with the fastest of it as
    /// the baseline; `nil` where no two devices were measured together.
    public var processorComparisons: [ComparisonRecord]?

    /// Of a run of `joulemark tune`; `nil` for every other.
    @ExplicitNull public var tuning: TuningRecord?

    /// Of a run of `joulemark model`: the models that its measurements make; `nil` for every other.
    public var models: [ModelRecord]?
    /// What their joules are turned into emissions and money with; `nil` when that was not asked for.
    public var footprint: FootprintRecord?

    public init(tool: ToolRecord, startedAt: String, host: HostRecord) {
        self.tool = tool
        self.startedAt = startedAt
        self.host = host
    }
}

/// Which side a run is of two whose samples were taken in turn, round by round: what the machine did meanwhile, it did
/// to both.
public struct TurnsRecord: Codable, Sendable, Equatable {
    public enum Side: String, Codable, Sendable {
        /// The build that is held against the base.
        case new
        case base
    }

    /// The same in both runs, and in no others.
    public var id: String
    public var side: Side

    public init(id: String, side: Side) {
        self.id = id
        self.side = side
    }
}

extension RunRecord {
    /// True when the samples of this run and of `base` were taken in turn.
    public func tookTurns(with base: RunRecord) -> Bool {
        guard let mine = turns, let other = base.turns else { return false }
        return mine.id == other.id && mine.side != other.side
    }
}

/// The program that made the run.
public struct ToolRecord: Codable, Sendable, Equatable {
    public var name = "joulemark"
    public var version: String
    /// Of the sources that it was built from; `nil` when they were not in git.
    @ExplicitNull public var commit: String?
    /// The command line, without the program's name.
    public var arguments: [String]

    public init(version: String, commit: String?, arguments: [String]) {
        self.version = version
        self.commit = commit
        self.arguments = arguments
    }
}

/// The machine that the run was made on.
public struct HostRecord: Codable, Sendable, Equatable {
    /// The distribution and its version, as /etc/os-release names them; `Linux` when there is no such file.
    public var operatingSystem: String
    /// The kernel's release, as `uname -r` gives it; `unknown` when /proc does not tell.
    public var kernel: String
    public var cpu: CPURecord
    /// Bytes of physical memory.
    public var memoryBytes: Int
    /// The frequency governor of the first processor, such as `performance`; `nil` when the kernel offers none, as in
    /// most virtual machines, where the host decides on clocks.
    @ExplicitNull public var governor: String?
    /// The hypervisor, as the machine's firmware names it; `nil` when the processor reports none, as on bare metal.
    @ExplicitNull public var virtualization: String?

    public init(
        operatingSystem: String, kernel: String, cpu: CPURecord, memoryBytes: Int, governor: String?,
        virtualization: String?
    ) {
        self.operatingSystem = operatingSystem
        self.kernel = kernel
        self.cpu = cpu
        self.memoryBytes = memoryBytes
        self.governor = governor
        self.virtualization = virtualization
    }
}

/// The host's processor.
public struct CPURecord: Codable, Sendable, Equatable {
    /// As /proc/cpuinfo names it; `unknown` when it does not.
    public var model: String
    /// Cores with execution units of their own; the logical count when the kernel does not tell.
    public var physicalCores: Int
    /// Processors that the operating system schedules on.
    public var logicalCores: Int
    /// Instruction sets that the CPU backend has code for and the processor has: `baseline`, `avx2`, `avx512`, `neon`.
    public var isa: [String]

    public init(model: String, physicalCores: Int, logicalCores: Int, isa: [String]) {
        self.model = model
        self.physicalCores = physicalCores
        self.logicalCores = logicalCores
        self.isa = isa
    }
}

/// A backend without a device on this machine.
public struct UnavailableBackend: Codable, Sendable, Equatable {
    /// `cpu`, `opencl`, `vulkan` or `python`.
    public var backend: String
    /// What is missing and what to do about it, in one line.
    public var reason: String

    public init(backend: String, reason: String) {
        self.backend = backend
        self.reason = reason
    }
}

/// A device that kernels ran on.
public struct DeviceRecord: Codable, Sendable, Equatable {
    /// `backend:index`, such as `vulkan:0`.
    public var id: String
    /// `cpu`, `opencl`, `vulkan` or `python`.
    public var backend: String
    /// As the driver names it.
    public var name: String
    public var vendor: String
    /// The driver's name and version.
    public var driver: String
    /// The version of the backend's interface that the device speaks.
    public var apiVersion: String
    /// `domain:bus:device.function`, in lower-case hexadecimal as sysfs writes it; `nil` for devices that are not on
    /// PCI.
    @ExplicitNull public var pciAddress: String?
    /// Cores, multiprocessors or what the vendor calls them; `nil` when the driver does not tell.
    @ExplicitNull public var computeUnits: Int?
    /// Bytes of the device's own memory, the host's for its processor; `nil` when the driver does not tell.
    @ExplicitNull public var memoryBytes: Int?
    /// What kernels may use, in the backend's words.
    public var features: [String]
    /// Sizes of sub-groups that kernels can have, the smallest and the largest; one where there is no choice. `nil`
    /// when the device does not tell.
    public var subgroupSizes: [Int]?
    /// Products that matrix units do, in the driver's order; `nil` when it lists none.
    public var matrixProducts: [MatrixProductRecord]?
    /// Python modules that functions can import there, the framework that has the tensors first; `nil` for a backend
    /// whose kernels are compiled.
    public var frameworks: [String]?
    /// True when the device is the host's processor under another name (PoCL, lavapipe, the CPU backend).
    public var isHostProcessor: Bool
    /// `nil` when none was measured, for ``peaksReason``.
    @ExplicitNull public var peaks: PeaksRecord?
    /// What launching costs, and how finely times are counted; `nil` when it was not measured, for ``peaksReason``.
    @ExplicitNull public var dispatch: DispatchRecord?
    /// Why a peak or the cost of a dispatch is not known; `nil` when all are.
    @ExplicitNull public var peaksReason: String?

    public init(
        id: String, backend: String, name: String, vendor: String, driver: String, apiVersion: String,
        pciAddress: String?, computeUnits: Int?, memoryBytes: Int?, features: [String], isHostProcessor: Bool
    ) {
        self.id = id
        self.backend = backend
        self.name = name
        self.vendor = vendor
        self.driver = driver
        self.apiVersion = apiVersion
        self.pciAddress = pciAddress
        self.computeUnits = computeUnits
        self.memoryBytes = memoryBytes
        self.features = features
        self.isHostProcessor = isHostProcessor
    }
}

/// The best rates that a device reached in this run, as measured: never datasheet figures.
public struct PeaksRecord: Codable, Sendable, Equatable {
    /// Multiply-adds of f32 in registers, two FLOPs each; `nil` when the device could not run them.
    @ExplicitNull public var flopsPerSecond: Double?
    /// Bytes read and written by a scaled copy beyond the caches; `nil` when the device could not run it.
    @ExplicitNull public var bytesPerSecond: Double?
    /// Operations a second of other kinds of arithmetic than f32, such as `int8Dot`, as far as a selected strategy
    /// computes in them.
    public var rates: [String: Double]?

    public init(flopsPerSecond: Double?, bytesPerSecond: Double?, rates: [String: Double]? = nil) {
        self.flopsPerSecond = flopsPerSecond
        self.bytesPerSecond = bytesPerSecond
        self.rates = rates
    }

    /// The peak of a kind of arithmetic, `nil` being f32; `nil` where it was not measured.
    public func operationsPerSecond(of rate: String?) -> Double? {
        guard let rate else { return flopsPerSecond }
        return rates?[rate]
    }

    /// Raises what another measurement found higher. What the first one could not measure stays unknown.
    public mutating func raise(to other: PeaksRecord) {
        flopsPerSecond = flopsPerSecond.map { max($0, other.flopsPerSecond ?? 0) }
        bytesPerSecond = bytesPerSecond.map { max($0, other.bytesPerSecond ?? 0) }
        rates = rates?.merging((other.rates ?? [:]).filter { rates?[$0.key] != nil }) { max($0, $1) }
    }
}
