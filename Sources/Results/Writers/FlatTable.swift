import Statistics

/// Runs as one table, a row a measurement: what CSV and the flat JSON hold, under the same names.
///
/// Numbers are in SI units and full precision. An unknown is no value, never 0.
struct FlatTable {
    enum Value: Equatable {
        case text(String)
        case number(Double)
        case count(Int)
        case flag(Bool)
    }

    struct Column {
        let name: String
        let value: @Sendable (Row) -> Value?
    }

    /// A measurement with what belongs to it.
    struct Row {
        let run: RunRecord
        /// From 1, in the order in which the runs were given.
        let number: Int
        let measurement: MeasurementRecord
        /// With the baseline; `nil` for the baseline itself, and where there is none.
        let comparison: ComparisonRecord?
    }

    let columns: [Column]
    let rows: [Row]

    init(_ runs: [RunRecord], metrics: [Metric] = Metric.all) {
        columns = Self.columns(metrics)
        rows = runs.enumerated().flatMap { index, run in
            let comparisons = Dictionary(
                run.comparisons.map { (Key($0), $0) }, uniquingKeysWith: { first, _ in first })
            return run.measurements.map {
                Row(run: run, number: index + 1, measurement: $0, comparison: comparisons[Key($0)])
            }
        }
    }

    private struct Key: Hashable {
        let family: String
        let strategy: String
        let workload: String
        let device: String
        let precision: String

        init(_ comparison: ComparisonRecord) {
            family = comparison.family
            strategy = comparison.strategy
            workload = comparison.workload
            device = comparison.device
            precision = comparison.precision
        }

        init(_ measurement: MeasurementRecord) {
            family = measurement.family
            strategy = measurement.strategy
            workload = measurement.workload
            device = measurement.device
            precision = measurement.precision
        }
    }

    /// The order of the columns that CSV began with, which those who read it by position rely on. Others follow.
    private static let established = """
        family strategy workload parameters device precision seed codePath status message normalizedMeanSquaredError tolerance \
        flops minimumBytes strategyBytes seconds secondsLower secondsUpper relativeNoise samples stopReason cold clock \
        energyProvenance energyReason grossJoules grossJoulesLower grossJoulesUpper energyResolved idleJoules netJoules \
        averageWatts flopsPerSecond bytesPerSecond flopsPerJoule netFlopsPerJoule energyDelayProduct joulesPerToken \
        fractionOfRoofline meterCoreFraction
        """.split(separator: " ").map(String.init)

    private static func columns(_ metrics: [Metric]) -> [Column] {
        let attributes = Attribute.all.map { attribute in
            Column(name: attribute.key) { row in
                attribute.text(row.measurement, in: row.run).map { typed($0, attribute.form) }
            }
        }
        let figures = metrics.flatMap { metric -> [Column] in
            let value = Column(name: metric.key) { row in
                metric.figure(row.measurement).flatMap { number($0.value, metric) }
            }
            guard metric.hasInterval else { return [value] }
            return [
                value,
                Column(name: metric.key + "Lower") { row in
                    metric.figure(row.measurement)?.interval.flatMap { number($0.lower, metric) }
                },
                Column(name: metric.key + "Upper") { row in
                    metric.figure(row.measurement)?.interval.flatMap { number($0.upper, metric) }
                },
            ]
        }
        let all = attributes + comparisons + origins + figures
        let isNew = { (column: Column) in !established.contains(column.name) }
        return established.compactMap { name in all.first { $0.name == name } } + all.filter(isNew)
    }

    /// Of a strategy with its family's baseline.
    private static let comparisons = [
        Column(name: "baseline") { $0.comparison.map { .text($0.baseline) } },
        Column(name: "speedup") { $0.comparison.flatMap { number($0.speedup) } },
        Column(name: "speedupLower") { $0.comparison?.speedupInterval.flatMap { number($0.lower) } },
        Column(name: "speedupUpper") { $0.comparison?.speedupInterval.flatMap { number($0.upper) } },
        Column(name: "timeVerdict") { $0.comparison?.timeVerdict.map(Value.text) },
        Column(name: "energyRatio") { $0.comparison?.energyRatio.flatMap { number($0) } },
        Column(name: "energyRatioLower") { $0.comparison?.energyRatioInterval.flatMap { number($0.lower) } },
        Column(name: "energyRatioUpper") { $0.comparison?.energyRatioInterval.flatMap { number($0.upper) } },
        Column(name: "energyVerdict") { $0.comparison?.energyVerdict.map(Value.text) },
        Column(name: "trafficRatio") { $0.comparison.flatMap { number($0.trafficRatio) } },
    ]

    /// Where the row comes from.
    private static let origins = [
        Column(name: "run") { .count($0.number) },
        Column(name: "label") { $0.run.label.map(Value.text) },
        Column(name: "startedAt") { .text($0.run.startedAt) },
        Column(name: "host") { .text($0.run.host.cpu.model) },
        Column(name: "operatingSystem") { .text($0.run.host.operatingSystem) },
        Column(name: "deviceName") { row in
            row.run.devices.first { $0.id == row.measurement.device }.map { .text($0.name) }
        },
        Column(name: "version") { .text($0.run.tool.version) },
        Column(name: "commit") { $0.run.tool.commit.map(Value.text) },
    ]

    private static func typed(_ text: String, _ form: Attribute.Form) -> Value {
        switch form {
        case .text: .text(text)
        case .number: Int(text).map(Value.count) ?? Double(text)?.finiteOrNil.map(Value.number) ?? .text(text)
        case .flag: text == "true" ? .flag(true) : text == "false" ? .flag(false) : .text(text)
        }
    }

    private static func number(_ value: Double, _ metric: Metric? = nil) -> Value? {
        guard value.isFinite else { return nil }
        if metric?.unit == .count, let count = Int(exactly: value) { return .count(count) }
        return .number(value)
    }
}
