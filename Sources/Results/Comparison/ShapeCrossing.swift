import Statistics

/// A size from which on another strategy is the faster: of a run over several values of one parameter.
public struct ShapeCrossing: Sendable, Equatable {
    public let family: String
    public let device: String
    public let precision: String
    /// The parameter that grows, all others being equal.
    public let parameter: String
    /// The faster one at smaller values.
    public let before: String
    /// The faster one at larger ones.
    public let after: String
    public let value: Double
    /// An end is `nil` where it lies outside of what was measured.
    public let lower: Double?
    public let upper: Double?

    /// Between every strategy and its baseline.
    public static func all(_ run: RunRecord) -> [ShapeCrossing] {
        let parameters = Dictionary(
            run.measurements.map { ([$0.family, $0.workload], $0.parameters) }, uniquingKeysWith: { first, _ in first })
        var order: [[String]] = []
        var groups: [[String]: [ComparisonRecord]] = [:]
        for comparison in run.comparisons {
            let key = [
                comparison.family, comparison.device, comparison.precision, comparison.strategy, comparison.baseline,
            ]
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(comparison)
        }
        return order.flatMap { key in
            let own = (groups[key] ?? []).compactMap { comparison in
                parameters[[comparison.family, comparison.workload]].map { (comparison: comparison, shape: $0) }
            }
            return crossings(own)
        }
    }

    private static func crossings(
        _ cases: [(comparison: ComparisonRecord, shape: [String: Int])]
    ) -> [ShapeCrossing] {
        guard let first = cases.first else { return [] }
        let varying = first.shape.keys.filter { key in Set(cases.map { $0.shape[key] }).count > 1 }
        // With two that vary there is no line along which anything could cross.
        guard varying.count == 1, let parameter = varying.first else { return [] }
        let sights = cases.compactMap { entry -> Crossing.Sight? in
            guard let value = entry.shape[parameter], value > 0, let interval = entry.comparison.speedupInterval else {
                return nil
            }
            return Crossing.Sight(place: Double(value), ratio: entry.comparison.speedup, interval: interval)
        }
        let (strategy, baseline) = (first.comparison.strategy, first.comparison.baseline)
        return Crossing.all(sights).map { crossing in
            ShapeCrossing(
                family: first.comparison.family, device: first.comparison.device, precision: first.comparison.precision,
                parameter: parameter, before: crossing.rises ? baseline : strategy,
                after: crossing.rises ? strategy : baseline, value: crossing.place, lower: crossing.lower,
                upper: crossing.upper)
        }
    }

    /// `attention on cpu:0: flash is faster than unfused from Lk ≈ 1900 on (1500 to 2400)`.
    public var words: String {
        func size(_ value: Double) -> String { NumberFormat.quantity(value, .count) }
        let range =
            lower == nil && upper == nil
            ? "where exactly is open"
            : "\(lower.map(size) ?? "less than measured") to \(upper.map(size) ?? "more than measured")"
        let place = "\(family) on \(device)\(precision == "f32" ? "" : " in \(precision)")"
        return "\(place): \(after) is faster than \(before) from about \(parameter) = \(size(value)) on (\(range))"
    }
}
