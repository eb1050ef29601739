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
        let held = Dictionary(
            comparisons.map { (ReportedRun.CaseKey($0, strategy: $0.strategy), $0) },
            uniquingKeysWith: { first, _ in first })
        for group in devices {
            let right = run.record.measurements.filter { group.contains($0.device) && $0.validTime != nil }
            for (_, contenders) in right.grouped(by: Problem.init) where Set(contenders.map(\.device)).count > 1 {
                let own = contenders.sorted { ($0.validTime?.median ?? 0) < ($1.validTime?.median ?? 0) }
                rankings.append(
                    ProcessorRanking(
                        family: own[0].family, workload: own[0].workload, precision: own[0].precision,
                        entries: own.map { Entry(measurement: $0, comparison: held[ReportedRun.CaseKey($0)]) }))
            }
        }
        return rankings
    }

    /// What is computed, whoever does it and where.
    private struct Problem: Hashable {
        let family, workload, precision: String
        let parameters: [String: Int]

        init(_ measurement: MeasurementRecord) {
            (family, workload) = (measurement.family, measurement.workload)
            (precision, parameters) = (measurement.precision, measurement.parameters)
        }
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
