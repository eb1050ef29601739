import Results
import Statistics

/// Where a form of a model and the one that it changes change places as the context grows, by time.
struct Crossings {
    let records: [CrossingRecord]

    init(_ points: [ComposedPoint], device: String) {
        var records: [CrossingRecord] = []
        for phase in ModelPhase.allCases {
            let own = points.filter { $0.plan.phase == phase && $0.time != nil }
            var names: Set<String> = []
            for rung in own.compactMap(\.plan.rung?.record) where names.insert(rung.name).inserted {
                guard let on = rung.on else { continue }
                let sights = Self.sights(of: rung.name, against: on, own)
                records += Crossing.all(sights).map { crossing in
                    CrossingRecord(
                        phase: phase, device: device, before: crossing.rises ? on : rung.name,
                        after: crossing.rises ? rung.name : on, context: crossing.place, lower: crossing.lower,
                        upper: crossing.upper)
                }
            }
        }
        self.records = records
    }

    private static func sights(of rung: String, against on: String, _ points: [ComposedPoint]) -> [Crossing.Sight] {
        points.filter { $0.plan.rung?.record.name == rung }.compactMap { point -> Crossing.Sight? in
            let other = points.first { $0.isBeside(point) && $0.plan.rung?.record.name == on }
            guard let factor = other.flatMap({ point.factor(from: $0, \.time) }) else { return nil }
            return Crossing.Sight(
                place: Double(point.plan.context), ratio: factor.factor,
                interval: factor.interval ?? Interval(factor.factor, factor.factor))
        }
    }
}
