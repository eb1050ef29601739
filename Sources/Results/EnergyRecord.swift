import Statistics

/// Where a joule comes from.
public enum EnergyProvenance: String, Codable, Sendable {
    /// Difference of a counter.
    case measured
    /// Integral of a power sensor.
    case integrated
    /// Computed by the energy model; marked ≈ wherever it is shown.
    case modelled
    /// Not known; the reason says why.
    case unavailable
}

/// Joules that one execution of the workload takes.
public struct EnergyRecord: Codable, Sendable, Equatable {
    public var provenance: EnergyProvenance
    /// Why energy is unavailable, or a remark such as drift of the idle power.
    @ExplicitNull public var reason: String?
    @ExplicitNull public var grossJoules: Double?
    @ExplicitNull public var idleJoules: Double?
    @ExplicitNull public var netJoules: Double?
    /// 95 % interval of the gross joules.
    @ExplicitNull public var interval: Interval?
    /// False when the interval is wider than the target: the figure is "unresolved".
    public var resolved = false
    /// Sum over the windows.
    @ExplicitNull public var windowSeconds: Double?
    /// Executions in all windows together.
    @ExplicitNull public var iterations: Int?
    /// Gross watts over the windows.
    @ExplicitNull public var averageWatts: Double?
    @ExplicitNull public var idleWatts: Double?
    public var domains: [DomainEnergy] = []
    public var windows: [WindowRecord] = []

    public init(provenance: EnergyProvenance, reason: String? = nil) {
        self.provenance = provenance
        self.reason = reason
    }
}

/// The share of one power source, joules an execution.
public struct DomainEnergy: Codable, Sendable, Equatable {
    public var source: String
    public var joules: Double

    public init(source: String, joules: Double) {
        self.source = source
        self.joules = joules
    }
}

/// One window over which the meter integrated. Times are CLOCK_MONOTONIC seconds.
public struct WindowRecord: Codable, Sendable, Equatable {
    public var begin: Double
    public var end: Double
    public var iterations: Int
    @ExplicitNull public var grossJoules: Double?
    /// What held the device's clocks back meanwhile, in words: empty when nothing did, `nil` when nothing could tell.
    @ExplicitNull public var throttling: [String]?

    public init(begin: Double, end: Double, iterations: Int, grossJoules: Double?) {
        self.begin = begin
        self.end = end
        self.iterations = iterations
        self.grossJoules = grossJoules
    }
}

/// How a power source reports.
public enum PowerSourceKind: String, Codable, Sendable {
    /// Joules that only grow.
    case counter
    /// Watts now.
    case sensor
    /// Computed.
    case model
}

/// Whether a power source can be used.
public enum PowerSourceState: String, Codable, Sendable {
    case ok, permission, missing, duplicate, stale, nonsense
}

/// A power source as found and characterised at the start of the run.
public struct PowerSourceRecord: Codable, Sendable, Equatable {
    public var id: String
    public var kind: PowerSourceKind
    /// `package`, `dram`, `psys`, `gpu`, `board`, `system`…
    public var domain: String
    public var path: String
    public var state: PowerSourceState
    /// What is wrong and the exact command or rule that mends it.
    @ExplicitNull public var reason: String?
    @ExplicitNull public var updateIntervalSeconds: Double?
    @ExplicitNull public var quantumJoules: Double?
    @ExplicitNull public var readLatencySeconds: Double?
    /// Ids of the devices that it speaks for.
    public var devices: [String]

    public init(
        id: String, kind: PowerSourceKind, domain: String, path: String, state: PowerSourceState,
        reason: String? = nil, devices: [String] = []
    ) {
        self.id = id
        self.kind = kind
        self.domain = domain
        self.path = path
        self.state = state
        self.reason = reason
        self.devices = devices
    }
}

/// How overlapping power sources became one total, and what metering cost.
public struct EnergyAccounting: Codable, Sendable, Equatable {
    /// The rule in words: which sources are added, which are left out and why.
    public var rule: String
    public var included: [String]
    /// CPU seconds of the meter's thread over elapsed seconds.
    @ExplicitNull public var meterCoreFraction: Double?

    public init(rule: String, included: [String], meterCoreFraction: Double?) {
        self.rule = rule
        self.included = included
        self.meterCoreFraction = meterCoreFraction
    }
}

extension EnergyAccounting {
    /// What metering cost, as every report says it.
    package var costSentence: String {
        guard let fraction = meterCoreFraction else { return "What metering cost was not measured." }
        let share = fraction < 0.0005 ? "less than 0.1 %" : FormattedQuantity.percent(fraction)
        return "Metering took \(share) of one core."
    }
}
