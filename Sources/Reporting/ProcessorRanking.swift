import Results
import Statistics

/// What one processor ran of a workload in the same rounds, on whichever of its devices, the fastest first.
struct ProcessorRanking {
    struct Entry {
        let measurement: MeasurementRecord
        /// With the fastest as the baseline; `nil` for that itself.
        let comparison: ComparisonRecord?
    }

    let family: String
    let workload: String
    let precision: String
    let entries: [Entry]

    /// All that a run has, in the order in which it measured them.
    static func all(_ run: ReportedRun) -> [ProcessorRanking] {
        let comparisons = run.record.processorComparisons ?? []
        let devices = run.record.devices.measuredTogether.filter { $0.count > 1 }.map { Set($0.map(\.id)) }
        var rankings: [ProcessorRanking] = []
        for group in devices {
            let right = run.record.measurements.filter { group.contains($0.device) && $0.validTime != nil }
            for first in right where !rankings.contains(where: { $0.hasProblem(of: first, on: group) }) {
                let own = right.filter { Self.isSameProblem($0, first) }
                    .sorted { ($0.validTime?.median ?? 0) < ($1.validTime?.median ?? 0) }
                guard Set(own.map(\.device)).count > 1 else { continue }
                let entries = own.map { measurement in
                    Entry(
                        measurement: measurement,
                        comparison: comparisons.first { comparison in
                            comparison.device == measurement.device && comparison.strategy == measurement.strategy
                                && comparison.family == measurement.family
                                && comparison.workload == measurement.workload
                                && comparison.precision == measurement.precision
                        })
                }
                rankings.append(
                    ProcessorRanking(
                        family: first.family, workload: first.workload, precision: first.precision, entries: entries))
            }
        }
        return rankings
    }

    private func hasProblem(of other: MeasurementRecord, on devices: Set<String>) -> Bool {
        guard let own = entries.first?.measurement else { return false }
        return Self.isSameProblem(own, other) && devices.contains(own.device)
    }

    private static func isSameProblem(_ one: MeasurementRecord, _ other: MeasurementRecord) -> Bool {
        one.family == other.family && one.workload == other.workload && one.precision == other.precision
            && one.parameters == other.parameters
    }
}

extension ProcessorRanking.Entry {
    /// `1`, or `3.1 × [2.9, 3.3]`: its time by that of the fastest.
    var ratio: String {
        guard let comparison else { return "1" }
        let interval = comparison.speedupInterval.map { Interval(1 / $0.upper, 1 / $0.lower) }
        return NumberFormat.ratio(1 / comparison.speedup, interval)
    }

    /// `slower`, `same`, `unresolved`; what stands for the fastest itself is empty.
    var verdict: String { comparison?.timeVerdict ?? "" }

    var seconds: String {
        let median = measurement.validTime?.median ?? 0
        return NumberFormat.quantity(median, .seconds)
    }

    var joules: String {
        guard let figure = Metric.leadingJoules.figure(measurement) else { return NumberFormat.unknown }
        return figure.mark + NumberFormat.quantity(figure.value, figure.unit)
    }
}
