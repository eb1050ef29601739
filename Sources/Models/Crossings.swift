import Glibc
import Results
import Statistics

/// Where a form of a model and the one that it changes change places as the context grows, by time.
struct Crossings {
    /// The ratio of a pair's times at one context.
    private struct Sight {
        let context: Double
        let ratio: Double
        let interval: Interval

        /// On which side of 1 the ratio lies beyond doubt: −1 or 1, and 0 where that is open.
        var side: Double { interval.lower > 1 ? 1 : interval.upper < 1 ? -1 : 0 }
    }

    let records: [CrossingRecord]

    init(_ points: [ComposedPoint], device: String) {
        var records: [CrossingRecord] = []
        for phase in ModelPhase.allCases {
            let own = points.filter { $0.plan.phase == phase && $0.time != nil }
            var names: Set<String> = []
            for rung in own.compactMap(\.plan.rung?.record) where names.insert(rung.name).inserted {
                guard let on = rung.on else { continue }
                let sights = Self.sights(of: rung.name, against: on, own)
                records += Self.crossings(sights).map { sign, context, lower, upper in
                    CrossingRecord(
                        phase: phase, device: device, before: sign < 0 ? on : rung.name,
                        after: sign < 0 ? rung.name : on, context: context, lower: lower, upper: upper)
                }
            }
        }
        self.records = records
    }

    private static func sights(of rung: String, against on: String, _ points: [ComposedPoint]) -> [Sight] {
        points.filter { $0.plan.rung?.record.name == rung }.compactMap { point -> Sight? in
            let other = points.first { $0.isBeside(point) && $0.plan.rung?.record.name == on }
            guard let factor = other.flatMap({ point.factor(from: $0, \.time) }) else { return nil }
            return Sight(
                context: Double(point.plan.context), ratio: factor.factor,
                interval: factor.interval ?? Interval(factor.factor, factor.factor))
        }.sorted { $0.context < $1.context }
    }

    /// Only where the ratio lies beyond doubt on one side of 1 before and on the other after: two forms that are alike cross by noise all
    /// the time. The sign is that of the ratio's logarithm before the crossing.
    private static func crossings(
        _ sights: [Sight]
    ) -> [(sign: Double, context: Double, lower: Double?, upper: Double?)] {
        zip(sights, sights.dropFirst()).compactMap { left, right in
            let sign: Double = left.ratio < 1 ? -1 : 1
            guard sights.contains(where: { $0.context <= left.context && $0.side == sign }),
                sights.contains(where: { $0.context >= right.context && $0.side == -sign })
            else { return nil }
            guard log(left.ratio) * log(right.ratio) < 0, let place = place(left, right, \.ratio) else { return nil }
            let ends = [\Sight.interval.lower, \Sight.interval.upper].map { end in
                zip(sights, sights.dropFirst()).lazy.compactMap { self.place($0, $1, end) }.first
            }
            let known = ends.compactMap(\.self)
            // An end that never crosses leaves its side open.
            let below = known.filter { $0 <= place }.min()
            let above = known.filter { $0 >= place }.max()
            return (sign, place, below, above)
        }
    }

    /// Where a figure of two neighbours is 1, on a straight line of the logarithms; `nil` where it is not between them.
    private static func place(_ left: Sight, _ right: Sight, _ figure: KeyPath<Sight, Double>) -> Double? {
        let (first, second) = (log(left[keyPath: figure]), log(right[keyPath: figure]))
        guard first.isFinite, second.isFinite, first * second < 0 else { return nil }
        let share = first / (first - second)
        return exp(log(left.context) + share * (log(right.context) - log(left.context)))
    }
}
