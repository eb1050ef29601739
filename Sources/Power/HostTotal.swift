import Results

/// The host's total: which sources are added, which are parts of them, and the rule in words.
struct HostTotal {
    private(set) var ids: [String] = []
    /// Sources that are shown and not added, because they are contained in what is.
    private(set) var parts: [String] = []
    private(set) var words = ""
    /// Why there is no total.
    private(set) var missing = "no power source speaks for the host"

    /// Counters of RAPL before others, since every reading of theirs is of use; then what counts or shows the whole
    /// machine; then what shows the processor alone.
    init(sources: [PowerSource]) {
        for interface in Self.raplInterfaces where ids.isEmpty {
            addRAPL(sources.filter { $0.interface == interface && $0.record.state != .duplicate })
        }
        let others = sources.filter { !Self.raplInterfaces.contains($0.interface) }
        let tiers: [(PowerScope, PowerSourceKind)] = [
            (.host, .counter), (.wholeSystem, .counter), (.wholeSystem, .sensor), (.host, .sensor),
        ]
        for (scope, kind) in tiers where ids.isEmpty {
            addBest(others.filter { $0.scope == scope && $0.record.kind == kind })
        }
        if ids.isEmpty { addProcessorWithGraphics(sources) }
        guard ids.isEmpty else {
            let copies = sources.filter { $0.record.state == .duplicate }.map(\.record.id)
            if !copies.isEmpty { words += " Left out as copies: \(Self.listed(copies))." }
            sayWhatIsBetter(sources)
            parts = sources.filter { $0.scope == .host && $0.record.state == .ok && !ids.contains($0.record.id) }
                .map(\.record.id)
            return
        }
        let blocked = sources.filter {
            ([.host, .wholeSystem].contains($0.scope) || $0.record.domain == "apu")
                && ![.ok, .duplicate].contains($0.record.state)
        }
        // What can be mended comes first.
        if let blocked = blocked.first(where: { $0.fix != nil }) ?? blocked.first {
            missing = "\(blocked.record.id) cannot be used: \(blocked.record.reason ?? blocked.record.state.rawValue)"
        }
    }

    private static let raplInterfaces = ["powercap", "perf"]

    /// True for what lies within a domain that is added.
    static func isPart(_ source: PowerSource) -> Bool {
        raplInterfaces.contains(source.interface) && !["package", "dram", "psys"].contains(source.record.domain)
    }

    /// Where the processor's counters may not be read, something else stands for them: the reader is to know.
    private mutating func sayWhatIsBetter(_ sources: [PowerSource]) {
        let unread = sources.filter {
            Self.raplInterfaces.contains($0.interface) && $0.record.state == .permission
                && ["package", "psys"].contains($0.record.domain)
        }
        guard let first = unread.first,
            !sources.contains(where: { ids.contains($0.record.id) && $0.interface == first.interface })
        else { return }
        words += " \(first.record.id) would tell more, and may not be read: 'joulemark doctor' has the fix."
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

    /// psys is valid on root packages, of which a large machine has several, and reads 0 on the packages that belong to
    /// a root (Linux, commit f1e8d7560d30 of intel_rapl): each root speaks for other packages, and all together for the
    /// machine.
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

    /// True when psys domains of an interface cannot be read, or are otherwise unfit, so that the others are not the
    /// whole.
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
        // Two zones of one domain: where one is dead or closed, the other stands for it.
        let unneeded = domains.filter { source in
            source.record.state != .ok
                && domains.contains {
                    $0.record.state == .ok && $0.record.domain == source.record.domain && $0.package == source.package
                }
        }
        let dead = domains.filter { $0.record.domain == "dram" && $0.record.state == .stale }
        let left = Set((unneeded + dead).map(\.record.id))
        let domains = domains.filter { !left.contains($0.record.id) }
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
            if !dead.isEmpty {
                words += " \(Self.listed(dead.map(\.record.id))) does not count: memory is not in the total."
            }
        }
        if !ids.isEmpty, !unneeded.isEmpty {
            words += " Left out, since others show the same: \(Self.listed(unneeded.map(\.record.id)))."
        }
        if case .undecided(let why) = system {
            if ids.isEmpty { missing = why } else { words += " psys is not used: \(why)." }
        }
    }

    /// The best source, or the best group of them: one that is complete, by rank.
    private mutating func addBest(_ sources: [PowerSource]) {
        let candidates = sources.filter { !$0.isPart && $0.record.state != .duplicate }
        let units = Dictionary(grouping: candidates) { $0.group ?? $0.record.id }.values.compactMap { members in
            // Of several batteries only those feed the machine that are discharged now.
            let members = members.filter { $0.interface != "power_supply" || $0.record.state == .ok }
            return !members.isEmpty && members.allSatisfy { $0.record.state == .ok } ? members : nil
        }
        let best = units.min { first, second in
            (first.map(\.rank).min() ?? 0, first[0].record.id) < (second.map(\.rank).min() ?? 0, second[0].record.id)
        }
        guard let best else { return }
        ids = best.map(\.record.id)
        words = Self.listed(ids) + Self.meaning(best)
    }

    private static func meaning(_ total: [PowerSource]) -> String {
        let isAlone = total.count == 1
        if total[0].scope == .host {
            return (isAlone ? " alone" : " together") + ": the processor, without memory and the rest of the machine."
        }
        if isAlone { return " alone: the power of the whole machine, to which nothing is added." }
        return total[0].interface == "power_supply"
            ? ": the batteries together feed the whole machine; nothing else is added."
            : ": the rails that feed the whole board; nothing else is added."
    }

    /// Names in a sentence, of many the first ones.
    static func listed(_ names: [String]) -> String {
        let shown = 8
        guard names.count > shown else { return names.joined(separator: " + ") }
        return names.prefix(shown).joined(separator: " + ") + " and \(names.count - shown) more"
    }

    private mutating func addProcessorWithGraphics(_ sources: [PowerSource]) {
        guard let best = sources.first(where: { $0.record.domain == "apu" && $0.record.state == .ok }) else { return }
        ids = [best.record.id]
        words = "\(best.record.id) alone: processor and graphics of one chip together."
    }
}
