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

    /// Said of a pair: the weaker one decides how far it can be trusted.
    func isWeaker(than other: EnergyProvenance) -> Bool {
        let order: [EnergyProvenance] = [.unavailable, .modelled, .integrated, .measured]
        return (order.firstIndex(of: self) ?? 0) < (order.firstIndex(of: other) ?? 0)
    }
}

/// Joules that one execution of the workload takes.
public struct EnergyRecord: Codable, Sendable, Equatable {
    /// Where the joules come from.
    public var provenance: EnergyProvenance
    /// Why energy is unavailable, or a remark such as drift of the idle power; `nil` when there is nothing to say.
    @ExplicitNull public var reason: String?
    /// Joules an execution, all that was drawn meanwhile; `nil` when energy is unavailable.
    @ExplicitNull public var grossJoules: Double?
    /// Joules that an idle machine would have drawn in one execution's time; `nil` when idle power is not known.
    @ExplicitNull public var idleJoules: Double?
    /// Joules an execution, gross less idle; `nil` when idle power is not known.
    @ExplicitNull public var netJoules: Double?
    /// Interval of the net joules of an execution; `nil` when they are not known.
    @ExplicitNull public var netInterval: Interval?
    /// 95 % interval of the gross joules of an execution; `nil` when energy is unavailable. A model's is what its
    /// coefficients leave open.
    @ExplicitNull public var interval: Interval?
    /// False when the interval is wider than the target: the figure is imprecise.
    public var resolved = false
    /// Seconds, the sum over the windows; `nil` when nothing was measured.
    @ExplicitNull public var windowSeconds: Double?
    /// Executions in all windows together; `nil` when nothing was measured.
    @ExplicitNull public var iterations: Int?
    /// Gross watts over the windows, or the model's over an execution; `nil` when energy is unavailable.
    @ExplicitNull public var averageWatts: Double?
    /// Watts of the idle machine, before and after the windows, or the model's constant power; `nil` when they could
    /// not be measured.
    @ExplicitNull public var idleWatts: Double?
    /// Every source that was read in all windows, included in the total or not.
    public var domains: [DomainEnergy] = []
    /// Every valid window, in the order of time; empty when nothing was measured.
    public var windows: [WindowRecord] = []

    /// The joules that a reader is shown first: gross ones, but of a model the net ones, since most of its gross joules
    /// are an assumption about the machine.
    public var leadingJoules: Double? { leadsWithNet ? netJoules : grossJoules }
    /// The interval of ``leadingJoules``.
    public var leadingInterval: Interval? { leadsWithNet ? netInterval : interval }
    /// True for a model that says what its coefficients leave open of the net joules.
    var leadsWithNet: Bool { provenance == .modelled && netJoules != nil && netInterval != nil }

    public init(provenance: EnergyProvenance, reason: String? = nil) {
        self.provenance = provenance
        self.reason = reason
    }
}

/// The share of one power source, joules an execution.
public struct DomainEnergy: Codable, Sendable, Equatable {
    /// Id of the source.
    public var source: String
    /// Gross joules an execution.
    public var joules: Double

    public init(source: String, joules: Double) {
        self.source = source
        self.joules = joules
    }
}

/// One window: a strategy repeated back to back while the meter integrates. Times are CLOCK_MONOTONIC seconds.
public struct WindowRecord: Codable, Sendable, Equatable {
    /// Seconds at which the first execution was submitted.
    public var begin: Double
    /// Seconds at which the last execution was complete.
    public var end: Double
    /// Executions in between.
    public var iterations: Int
    /// Joules of all included sources over the whole window; `nil` when they are not known, as before the meter has
    /// integrated.
    @ExplicitNull public var grossJoules: Double?
    /// What held the device's clocks back meanwhile, in words: empty when nothing did, `nil` when nothing could tell.
    @ExplicitNull public var throttling: [String]?

    public init(begin: Double, end: Double, iterations: Int, grossJoules: Double? = nil) {
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
    /// The reader, the place and the channel, such as `powercap/intel-rapl:0`: the same at every start of the machine.
    public var id: String
    /// Whether it tells joules or watts.
    public var kind: PowerSourceKind
    /// `package`, `dram`, `psys`, `gpu`, `board`, `system`…
    public var domain: String
    /// The file, or the library, that it is read from.
    public var path: String
    /// Whether it can be used.
    public var state: PowerSourceState
    /// What is wrong and the exact command or rule that mends it; `nil` when nothing is.
    @ExplicitNull public var reason: String?
    /// Seconds between two changes of its value, the median; `nil` when fewer than two were seen.
    @ExplicitNull public var updateIntervalSeconds: Double?
    /// Joules of a counter's smallest step; `nil` for a sensor, and when no steps were seen.
    @ExplicitNull public var quantumJoules: Double?
    /// Seconds that a reading takes, the median; `nil` when it could not be read.
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
    /// Ids of the sources that are part of a total.
    public var included: [String]
    /// CPU seconds of the meter's thread over elapsed seconds; `nil` when it did not run.
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
        let share = fraction < 0.0005 ? "less than 0.1 %" : NumberFormat.percentage(fraction)
        return "Metering took \(share) of one core."
    }
}
