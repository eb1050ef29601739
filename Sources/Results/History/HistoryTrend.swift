import Statistics

/// How the measurements of one machine went from run to run: what became faster or slower, and in which version.
public struct HistoryTrend: Codable, Sendable, Equatable {
    /// A measurement in one run.
    public struct Point: Codable, Sendable, Equatable {
        /// The run's id in the history.
        public var run: Int
        public var startedAt: String
        public var version: String
        @ExplicitNull public var commit: String?
        @ExplicitNull public var label: String?
        /// Median seconds, and their 95 % interval.
        public var seconds: Double
        @ExplicitNull public var interval: Interval?
        /// Gross joules an execution; `nil` where they are not known.
        @ExplicitNull public var joules: Double?
        @ExplicitNull public var energyProvenance: EnergyProvenance?
        /// Against the point before, by the rules of `compare`: `faster`, `slower`, `same` or `unresolved`; `nil` for
        /// the first one, and where the two must not be weighed.
        @ExplicitNull public var timeVerdict: String?
        /// Time of the point before ÷ this one's, without what the machine itself did where controls tell.
        @ExplicitNull public var timeRatio: Double?
        @ExplicitNull public var timeRatioInterval: Interval?
        /// Likewise: `cheaper`, `costlier`, `same` or `unresolved`.
        @ExplicitNull public var energyVerdict: String?
        /// Why the two must not be weighed; `nil` where they were.
        @ExplicitNull public var reason: String?
    }

    /// One measurement over all runs that have it.
    public struct Series: Codable, Sendable, Equatable {
        public var key: MeasurementKey
        /// The oldest first.
        public var points: [Point]

        /// Points where the time changed beyond doubt.
        public var changes: [Point] { points.filter { $0.timeVerdict == "faster" || $0.timeVerdict == "slower" } }
    }

    public var schemaVersion = 1
    /// Model of the host's processor.
    public var machine: String
    /// In the order of the newest run that has them.
    public var series: [Series]

    /// - Parameters:
    ///   - runs: the oldest first; those of other machines than that of the newest one are left out.
    ///   - isWanted: chooses measurements.
    public init(_ runs: [(id: Int, run: RunRecord)], isWanted: (MeasurementKey) -> Bool = { _ in true }) {
        machine = runs.last?.run.host.cpu.model ?? ""
        let model = machine
        // The base of two that took turns is another build's: it is no point of this one's line.
        let own = runs.filter { $0.run.host.cpu.model == model && $0.run.turns?.side != .base }
        var order: [MeasurementKey] = []
        var points: [MeasurementKey: [Point]] = [:]
        var last: [MeasurementKey: Int] = [:]
        var comparisons: [[Int]: RunComparison] = [:]
        for (place, entry) in own.enumerated() {
            for measurement in entry.run.measurements where measurement.status == .ok && measurement.time != nil {
                let key = MeasurementKey(measurement)
                guard isWanted(key), var point = Point(measurement, entry.run, id: entry.id) else { continue }
                if let before = last[key] {
                    let pair = [before, place]
                    let comparison = comparisons[pair] ?? Self.compare(own[before].run, entry.run)
                    comparisons[pair] = comparison
                    point.judge(by: comparison, key)
                }
                if points[key] == nil { order.append(key) }
                points[key, default: []].append(point)
                last[key] = place
            }
        }
        series = order.map { Series(key: $0, points: points[$0] ?? []) }
    }

    private static func compare(_ base: RunRecord, _ candidate: RunRecord) -> RunComparison {
        RunComparison(base: (base, "before"), candidate: (candidate, "after"))
    }
}

extension HistoryTrend.Point {
    fileprivate init?(_ measurement: MeasurementRecord, _ run: RunRecord, id: Int) {
        guard let time = measurement.time, time.median > 0, time.median.isFinite else { return nil }
        self.run = id
        startedAt = run.startedAt
        version = run.tool.version
        seconds = time.median
        commit = run.tool.commit
        label = run.label
        interval = time.interval
        joules = measurement.energy?.grossJoules
        energyProvenance = measurement.energy?.provenance
    }

    fileprivate mutating func judge(by comparison: RunComparison, _ key: MeasurementKey) {
        guard let compared = comparison.measurements.first(where: { $0.key == key }) else {
            reason = comparison.objections.first?.reason ?? "not compared"
            return
        }
        timeVerdict = compared.time?.verdict
        timeRatio = compared.time?.ratio
        timeRatioInterval = compared.time?.interval
        energyVerdict = compared.energy?.verdict
        reason = compared.timeReason
    }
}
