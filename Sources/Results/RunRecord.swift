import Statistics

/// Everything that one invocation of `joulemark profile` found: the content of a result file, schema 1.
///
/// Times are seconds, energies joules, powers watts, sizes bytes. An unknown is `null` with a reason, never 0.
public struct RunRecord: Codable, Sendable, Equatable {
    /// The major version of the schema. Readers ignore unknown keys and reject a newer version.
    public static let currentSchemaVersion = 1

    public var schemaVersion = RunRecord.currentSchemaVersion
    public var tool: ToolRecord
    /// ISO 8601, UTC.
    public var startedAt: String
    @ExplicitNull public var finishedAt: String?
    public var interrupted = false
    public var host: HostRecord
    public var devices: [DeviceRecord] = []
    /// Backends that have no device here, and why.
    public var unavailableBackends: [UnavailableBackend] = []
    /// Every power source that was found, readable or not; empty when energy is switched off.
    public var powerSources: [PowerSourceRecord] = []
    /// How sources became totals; `nil` when energy is switched off.
    @ExplicitNull public var energyAccounting: EnergyAccounting?
    /// The raw readings behind every joule, in units of their sources; `nil` when they were not asked for.
    @ExplicitNull public var meterTrace: MeterTrace?
    public var measurements: [MeasurementRecord] = []
    public var comparisons: [ComparisonRecord] = []

    public init(tool: ToolRecord, startedAt: String, host: HostRecord) {
        self.tool = tool
        self.startedAt = startedAt
        self.host = host
    }
}

/// The program that made the run.
public struct ToolRecord: Codable, Sendable, Equatable {
    public var name = "joulemark"
    public var version: String
    @ExplicitNull public var commit: String?
    public var arguments: [String]

    public init(version: String, commit: String?, arguments: [String]) {
        self.version = version
        self.commit = commit
        self.arguments = arguments
    }
}

/// The machine that the run was made on.
public struct HostRecord: Codable, Sendable, Equatable {
    public var operatingSystem: String
    public var kernel: String
    public var cpu: CPURecord
    public var memoryBytes: Int
    @ExplicitNull public var governor: String?
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
    public var model: String
    public var physicalCores: Int
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
    public var backend: String
    public var name: String
    public var vendor: String
    public var driver: String
    public var apiVersion: String
    /// `domain:bus:device.function`, in lower-case hexadecimal as sysfs writes it; `nil` for devices that are not on PCI.
    @ExplicitNull public var pciAddress: String?
    public var computeUnits: Int
    public var memoryBytes: Int
    public var features: [String]
    /// True when the device is the host's processor under another name (PoCL, lavapipe, the CPU backend).
    public var isHostProcessor: Bool
    @ExplicitNull public var peaks: PeaksRecord?
    /// What launching costs, and how finely times are counted.
    @ExplicitNull public var dispatch: DispatchRecord?

    public init(
        id: String, backend: String, name: String, vendor: String, driver: String, apiVersion: String,
        pciAddress: String?, computeUnits: Int, memoryBytes: Int, features: [String], isHostProcessor: Bool
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
    @ExplicitNull public var flopsPerSecond: Double?
    @ExplicitNull public var bytesPerSecond: Double?

    public init(flopsPerSecond: Double?, bytesPerSecond: Double?) {
        self.flopsPerSecond = flopsPerSecond
        self.bytesPerSecond = bytesPerSecond
    }
}
