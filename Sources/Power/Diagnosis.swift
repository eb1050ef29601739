import Results

/// One thing that `doctor` looked at: its state, why, and the exact fix.
public struct Finding: Codable, Sendable, Equatable {
    /// What it is about.
    public enum Area: String, Codable, Sendable {
        case power, clocks, host, permissions, runtimes
    }

    public enum State: String, Codable, Sendable {
        case ok, permission, missing, duplicate, stale, nonsense
        /// Works, but makes figures noisier or narrower than they could be.
        case notice
    }

    /// The source's id, or a name such as `governor`.
    public var id: String
    public var area: Area
    public var state: State
    /// What was found, in words.
    public var found: String
    /// Why the state is not `ok`.
    @ExplicitNull public var why: String?
    /// The exact command or rule that mends it.
    @ExplicitNull public var fix: String?

    public init(
        id: String, area: Area, state: State, found: String, why: String? = nil, fix: String? = nil
    ) {
        self.id = id
        self.area = area
        self.state = state
        self.found = found
        self.why = why
        self.fix = fix
    }
}

/// What can be measured on a machine, and what stands in the way.
public struct Examination: Sendable {
    public var findings: [Finding]
    /// For the host, and for each graphics card that has power sources: what its total is made of, or why it has none.
    public var accounting: EnergyAccounting

    /// True when something's joules can be measured.
    public var isMeasurable: Bool { !accounting.included.isEmpty }
}

/// Looks at everything that energy and time depend on: what `doctor` shows.
public struct Diagnosis {
    private let tree: SysfsTree
    private let time: any MeterTime
    private let finders: [any PowerSourceFinder]

    /// - Parameter sysfs: What to read in place of `/sys`.
    public init(sysfs: String = "/sys") { self.init(tree: SysfsTree(root: sysfs), time: RealTime()) }

    package init(
        tree: SysfsTree, time: any MeterTime, finders: [any PowerSourceFinder] = PowerSourceFinders.all
    ) {
        self.tree = tree
        self.time = time
        self.finders = finders
    }

    /// Seconds that a measurement may take where nobody says how long.
    public static let usualTimeLimit = 30.0

    /// Every source and every condition. Takes about a second where there are sources, since each is watched for a
    /// while, and up to 10 s where a counter moves seldom.
    ///
    /// - Parameter timeLimit: Seconds that a measurement may take: what resolves no load within them is of no use.
    public func examine(timeLimit: Double = Diagnosis.usualTimeLimit) -> Examination {
        let sources = SourceDiscovery(tree: tree, time: time, finders: finders, timeLimit: timeLimit).sources()
        let accounting = Accounting(sources: sources, devices: Self.parties(sources))
        let included = Set(accounting.included.values.joined()).sorted()
        return Examination(
            findings: sources.map(Self.finding) + absences(sources) + HostConditions(tree: tree).findings()
                + graphicsConditions(),
            accounting: EnergyAccounting(rule: accounting.rule, included: included, meterCoreFraction: nil))
    }

    /// Whose joules there may be: the host's, and those of every card that a source belongs to.
    private static func parties(_ sources: [PowerSource]) -> [DeviceRecord] {
        func party(_ name: String, address: String?) -> DeviceRecord {
            DeviceRecord(
                id: name, backend: name, name: name, vendor: "", driver: "", apiVersion: "", pciAddress: address,
                computeUnits: nil, memoryBytes: nil, features: [], isHostProcessor: address == nil)
        }
        let addresses = Set(
            sources.compactMap { source -> String? in
                if case .device(let address) = source.scope { return address }
                return nil
            })
        return [party("host", address: nil)] + addresses.sorted().map { party("card at \($0)", address: $0) }
    }

    private static func finding(_ source: PowerSource) -> Finding {
        let record = source.record
        var words = ["\(record.kind.rawValue), \(record.domain)"]
        if let update = record.updateIntervalSeconds {
            words.append("updated every \(NumberFormat.quantity(update, .seconds))")
        } else if record.state == .ok {
            words.append("not seen to change while it was watched")
        }
        if source.averagingSeconds > 0 {
            words.append("averaged over \(NumberFormat.quantity(source.averagingSeconds, .seconds))")
        }
        if let quantum = record.quantumJoules { words.append("steps of \(NumberFormat.quantity(quantum, .joules))") }
        if let latency = record.readLatencySeconds {
            words.append("read in \(NumberFormat.quantity(latency, .seconds))")
        }
        return Finding(
            id: record.id, area: .power, state: Finding.State(rawValue: record.state.rawValue) ?? .notice,
            found: words.joined(separator: ", "),
            why: [.ok, .duplicate].contains(record.state) ? record.reason : source.fault ?? record.reason,
            fix: source.fix)
    }

    /// Kinds of sources of which this machine shows none.
    private func absences(_ sources: [PowerSource]) -> [Finding] {
        var findings: [Finding] = []
        func missing(_ id: String, _ why: String, _ fix: String?) {
            guard !sources.contains(where: { $0.interface == id }) else { return }
            findings.append(Finding(id: id, area: .power, state: .missing, found: "none", why: why, fix: fix))
        }
        let isVirtual = HostConditions(tree: tree).hypervisor != nil
        missing(
            "powercap",
            isVirtual ? "a virtual machine is not shown the processor's energy" : "no RAPL zone in powercap",
            isVirtual
                ? "run on the host, or have it share its counters with the guest and pass that tree as --sysfs"
                : "sudo modprobe intel_rapl_msr || sudo modprobe intel_rapl_common")
        missing(
            "hwmon", "no power or energy sensor in hwmon",
            isVirtual ? nil : "sudo apt install lm-sensors && sudo sensors-detect --auto")
        missing(
            "perf", "the perf unit 'power' is not there or has no events",
            isVirtual ? nil : "sudo modprobe rapl")
        missing("nvml", NVML().absence() ?? "no NVIDIA GPU", nil)
        missing("power_supply", "no battery", nil)
        return findings
    }

    private func graphicsConditions() -> [Finding] {
        finders.compactMap { $0 as? NVML }.flatMap { $0.conditions() }.map { condition in
            var words: [String] = []
            if let clock = condition.coreMegahertz { words.append("core \(Int(clock)) MHz") }
            if let clock = condition.memoryMegahertz { words.append("memory \(Int(clock)) MHz") }
            if let degrees = condition.celsius { words.append("\(Int(degrees)) °C") }
            let throttling = condition.throttling ?? []
            return Finding(
                id: "gpu clocks \(condition.pciAddress ?? "?")", area: .clocks,
                state: throttling.isEmpty ? .ok : .notice,
                found: words.joined(separator: ", "),
                why: throttling.isEmpty ? nil : "held back by: \(throttling.joined(separator: ", "))",
                fix: throttling.isEmpty ? nil : "let it cool down; see nvidia-smi -q -d PERFORMANCE,POWER")
        }
    }
}
