import Statistics

/// What to pick on one device for one family, over all workloads for which that is the same strategy.
public struct PickAnswer: Codable, Sendable, Equatable {
    public var device: String
    public var family: String
    /// What to pick; `nil` where the samples do not say.
    public var strategy: String?
    /// The workloads that it holds for, with the precision where that is not f32.
    public var workloads: [String]
    /// The whole answer in a sentence, in plain text.
    public var sentence: String

    static func all(_ picks: [StrategyPick]) -> [PickAnswer] {
        var order: [[String]] = []
        var groups: [[String]: [StrategyPick]] = [:]
        for pick in picks {
            let key = [pick.device, pick.family, pick.baseline, pick.isDecided ? pick.strategy : ""]
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(pick)
        }
        let totals = Dictionary(grouping: picks) { [$0.device, $0.family, $0.baseline] }.mapValues(\.count)
        return order.compactMap { key in
            groups[key].map { PickAnswer($0, of: totals[Array(key.prefix(3))] ?? $0.count) }
        }
    }

    /// - Parameters:
    ///   - picks: of the same device, family, baseline and strategy; at least one.
    ///   - total: workloads of this device and family.
    private init(_ picks: [StrategyPick], of total: Int) {
        device = picks[0].device
        family = picks[0].family
        strategy = picks[0].isDecided ? picks[0].strategy : nil
        workloads = picks.map(\.place)
        let names = Self.list(workloads)
        let scope =
            picks.count == total
            ? total == 1 ? names : total == 2 ? "both workloads" : "all \(total) workloads"
            : "\(picks.count) of \(total) workloads (\(names))"
        guard picks[0].isDecided else {
            let leaders = Set(picks.map(\.strategy)).sorted()
            sentence =
                "On \(device), \(family) in \(scope): which strategy is fastest is undecided; \(Self.list(leaders)) "
                + "\(leaders.count == 1 ? "leads" : "lead") by too little."
            return
        }
        if picks[0].isBaseline {
            sentence =
                "On \(device), keep \(picks[0].strategy) for \(family) in \(scope): "
                + "nothing tried is faster; \(Self.confidence(picks))."
            return
        }
        sentence =
            "On \(device), pick \(picks[0].strategy) for \(family) in \(scope): "
            + "\(Self.range(picks.map(\.speedup))) faster than \(picks[0].baseline), \(Self.energy(picks)); "
            + "\(Self.savings(picks)); \(Self.confidence(picks))."
    }

    // MARK: A line for each device

    /// What to pick on each device, family by family, without the savings.
    static func byDevice(_ picks: [StrategyPick]) -> [String] {
        let devices = picks.map(\.device).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        return devices.map { device in
            let own = picks.filter { $0.device == device }
            let decided = own.filter(\.isDecided)
            let totals = Dictionary(own.map { ($0.family, 1) }, uniquingKeysWith: +)
            let parts: [(String, [String])] = [
                ("pick", wins(decided.filter { !$0.isBaseline && $0.certainty == .certain }, of: totals)),
                ("probably", wins(decided.filter { !$0.isBaseline && $0.certainty == .probable }, of: totals)),
                ("keep", keeps(decided.filter { $0.isBaseline && $0.certainty == .certain }, of: totals)),
                ("probably keep", keeps(decided.filter { $0.isBaseline && $0.certainty == .probable }, of: totals)),
                ("no matter which for", kinds(own.filter { $0.certainty == .same }, of: totals)),
                ("undecided for", kinds(own.filter { $0.certainty == .undecided }, of: totals)),
            ]
            let words = parts.filter { !$0.1.isEmpty }.map { "\($0.0) \($0.1.joined(separator: ", "))" }
            return "On \(device): \(words.joined(separator: "; "))."
        }
    }

    /// `flash for attention in 2 of 5 (1.35 × to 5.23 ×)`, by family and strategy.
    private static func wins(_ picks: [StrategyPick], of totals: [String: Int]) -> [String] {
        grouped(picks).map { group in
            "\(group[0].strategy) for \(scope(group, of: totals)) (\(range(group.map(\.speedup))))"
        }
    }

    private static func keeps(_ picks: [StrategyPick], of totals: [String: Int]) -> [String] {
        grouped(picks).map { "\($0[0].strategy) for \(scope($0, of: totals))" }
    }

    private static func kinds(_ picks: [StrategyPick], of totals: [String: Int]) -> [String] {
        families(picks).map { family in scope(picks.filter { $0.family == family }, of: totals) }
    }

    /// The family, with the share of its workloads where it is not all of them.
    private static func scope(_ picks: [StrategyPick], of totals: [String: Int]) -> String {
        let total = totals[picks[0].family] ?? picks.count
        return picks[0].family + (picks.count == total ? "" : " in \(picks.count) of \(total)")
    }

    private static func families(_ picks: [StrategyPick]) -> [String] {
        picks.map(\.family).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    }

    private static func grouped(_ picks: [StrategyPick]) -> [[StrategyPick]] {
        families(picks).flatMap { family in
            let own = picks.filter { $0.family == family }
            let strategies = own.map(\.strategy).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
            return strategies.map { name in own.filter { $0.strategy == name } }
        }
    }

    // MARK: In words

    /// Names that a sentence has before it counts the rest.
    private static let mostNames = 3

    private static func list(_ names: [String]) -> String {
        guard names.count > mostNames else { return names.joined(separator: ", ") }
        return names.prefix(mostNames).joined(separator: ", ") + " and \(names.count - mostNames) more"
    }

    private static func range(_ values: [Double]) -> String {
        span(values.map { NumberFormat.ratio($0) }, values)
    }

    /// The texts of the least and the greatest value, or the one that both have.
    private static func span(_ texts: [String], _ values: [Double]) -> String {
        let sorted = zip(values, texts).sorted { $0.0 < $1.0 }.map(\.1)
        guard let least = sorted.first, let most = sorted.last else { return NumberFormat.unknown }
        return least == most ? least : "\(least) to \(most)"
    }

    private static func energy(_ picks: [StrategyPick]) -> String {
        let known = picks.filter { $0.energyRatio != nil }
        let ratios = known.compactMap(\.energyRatio)
        guard let least = ratios.min(), let most = ratios.max(), least > 0 else { return "energy not known" }
        // What a model says of its own work is no finding.
        guard !known.contains(where: { $0.energyProvenance == .modelled }) else {
            return "energy modelled, not measured"
        }
        let words =
            least >= 1
            ? "\(range(ratios)) cheaper"
            : most < 1
                ? "\(range(ratios.map { 1 / $0 })) costlier"
                : "from \(NumberFormat.ratio(1 / least)) costlier to \(NumberFormat.ratio(most)) cheaper"
        let open = known.count { $0.energyVerdict == "unresolved" }
        let remarks =
            ["measured"] + (open > 0 ? ["unresolved in \(open)"] : [])
            + (known.count < picks.count ? ["known in \(known.count)"] : [])
        return "\(words) (\(remarks.joined(separator: ", ")))"
    }

    private static func savings(_ picks: [StrategyPick]) -> String {
        let quantities: [([Double], NumberFormat.Unit)] = [
            (picks.map(\.savedSeconds), .seconds), (picks.compactMap(\.savedJoules), .joules),
            (picks.map(\.savedBytes), .bytes),
        ]
        let parts = quantities.compactMap { values, unit -> String? in
            guard values.contains(where: { $0 != 0 }) else { return nil }
            return span(values.map { NumberFormat.quantity($0, unit) }, values)
        }
        return parts.isEmpty ? "it saves nothing else" : "saves \(parts.joined(separator: ", ")) an execution"
    }

    private static func confidence(_ picks: [StrategyPick]) -> String {
        let probable = picks.filter { $0.certainty == .probable }.map(\.place)
        let sure = picks.count - probable.count
        let rivals = Set(picks.flatMap(\.rivals)).sorted()
        let words =
            probable.isEmpty
            ? "beyond doubt (95 %)"
            : sure == 0
                ? "only probable" : "beyond doubt (95 %) in \(sure), probable in \(probable.count) (\(list(probable)))"
        return words + (rivals.isEmpty || picks[0].isBaseline ? "" : "; not told apart from \(list(rivals))")
    }
}

extension StrategyPick {
    /// False where the samples do not say what is fastest, or that makes no difference.
    package var isDecided: Bool { certainty == .certain || certainty == .probable }

    /// The workload, with the precision where that is not f32.
    package var place: String { workload + (precision == "f32" ? "" : " \(precision)") }
}
