import Results

/// The host's total: which sources are added, which are parts of them, and the rule in words.
struct HostTotal {
    private(set) var ids: [String] = []
    /// Sources that are shown and not added, because they are contained in what is.
    private(set) var parts: [String] = []
    private(set) var words = ""
    /// Why there is no total.
    private(set) var missing = "no power source speaks for the host"

    init(sources: [PowerSource]) {
        for interface in ["powercap", "perf"] where ids.isEmpty {
            addRAPL(sources.filter { $0.interface == interface && $0.record.state != .duplicate })
        }
        if ids.isEmpty { addWholeSystem(sources) }
        if ids.isEmpty { addProcessorWithGraphics(sources) }
        guard ids.isEmpty else {
            let duplicates = sources.filter { $0.record.state == .duplicate }.map(\.record.id)
            if !duplicates.isEmpty { words += " Left out as copies: \(duplicates.joined(separator: ", "))." }
            return
        }
        if let blocked = sources.first(where: {
            $0.scope == .host && ![.ok, .duplicate].contains($0.record.state)
        }) {
            missing = "\(blocked.record.id) cannot be used: \(blocked.record.reason ?? blocked.record.state.rawValue)"
        }
    }

    /// What psys says of the whole machine.
    private enum System {
        /// There is none that can be used.
        case absent
        /// These together are the whole.
        case whole([PowerSource])
        /// Why it cannot be told what they are together.
        case undecided(String)
    }

    /// psys is valid on root packages, of which a large machine has several, and reads 0 on the packages that belong to a root
    /// (Linux, commit f1e8d7560d30 of intel_rapl): each root speaks for other packages, and all together for the machine.
    private static func system(_ domains: [PowerSource]) -> System {
        // One that shows nothing is that of a package which is no root.
        let roots = domains.filter { $0.record.domain == "psys" && $0.record.state != .stale }
        guard roots.count > 1 else { return roots.first?.record.state == .ok ? .whole(roots) : .absent }
        if let blocked = roots.first(where: { $0.record.state != .ok }) {
            return .undecided("\(blocked.record.id), one of \(roots.count), cannot be used")
        }
        guard Set(roots.compactMap(\.socket)).count == roots.count else {
            return .undecided("it is not known which packages \(list(roots)) belong to")
        }
        return .whole(roots)
    }

    /// True when psys domains of an interface cannot be read, or are otherwise unfit, so that the others are not the whole.
    static func lacksSystem(_ sources: [PowerSource], interface: String) -> Bool {
        sources.contains {
            $0.interface == interface && $0.record.domain == "psys"
                && ![.ok, .stale, .duplicate].contains($0.record.state)
        }
    }

    private static func list(_ sources: [PowerSource]) -> String {
        sources.map { "\($0.record.id) (\($0.record.domain))" }.joined(separator: " + ")
    }

    private mutating func addRAPL(_ domains: [PowerSource]) {
        let summed = domains.filter { ["package", "dram"].contains($0.record.domain) }
        let system = Self.system(domains)
        if case .whole(let roots) = system {
            ids = roots.map(\.record.id)
            words =
                roots.count == 1
                ? "\(Self.list(roots)) alone, which contains package and dram."
                : "\(Self.list(roots)), one of each root package: together they contain every package and dram."
        } else if summed.contains(where: { $0.record.domain == "package" }),
            summed.allSatisfy({ $0.record.state == .ok })
        {
            ids = summed.map(\.record.id)
            words =
                "\(Self.list(summed)). Core and uncore lie inside package and are not added; dram lies outside it."
        }
        if case .undecided(let why) = system {
            if ids.isEmpty { missing = why } else { words += " psys is not used: \(why)." }
        }
        guard !ids.isEmpty else { return }
        parts = domains.filter { $0.record.state == .ok && !ids.contains($0.record.id) }.map(\.record.id)
    }

    private mutating func addWholeSystem(_ sources: [PowerSource]) {
        let candidates = sources.filter { $0.scope == .wholeSystem && $0.record.state == .ok }
        guard let best = candidates.min(by: { ($0.rank, $0.record.id) < ($1.rank, $1.record.id) }) else { return }
        // Of several batteries each gives a part; any other source of the whole machine stands for itself.
        let together = best.interface == "power_supply" ? candidates.filter { $0.interface == best.interface } : [best]
        ids = together.map(\.record.id)
        words =
            ids.count == 1
            ? "\(ids[0]) alone: the power of the whole machine, to which nothing is added."
            : "\(ids.joined(separator: " + ")): the batteries together feed the whole machine; nothing else is added."
    }

    private mutating func addProcessorWithGraphics(_ sources: [PowerSource]) {
        guard let best = sources.first(where: { $0.record.domain == "apu" && $0.record.state == .ok }) else { return }
        ids = [best.record.id]
        words = "\(best.record.id) alone: processor and graphics of one chip together."
    }
}
