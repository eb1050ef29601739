import Results
import Statistics

/// A run with the name that the page gives it and the look-ups that several sections share.
struct ReportedRun: Sendable {
    /// Position on the page, from 0.
    let index: Int
    /// Its own name, or `run 2`, when the page shows several runs, otherwise empty.
    let label: String
    let record: RunRecord

    static func all(_ records: [RunRecord]) -> [ReportedRun] {
        let names = records.map(\.label)
        return records.enumerated().map { index, record in
            let isShared = names.count { $0 == record.label } > 1
            let number = "run \(index + 1)"
            let name = record.label.map { isShared ? "\($0) (\(number))" : $0 } ?? number
            return ReportedRun(index: index, label: records.count > 1 ? name : "", record: record)
        }
    }

    /// A device's id, preceded by the run's label where there are several runs.
    func name(of device: String) -> String { label.isEmpty ? device : "\(label) · \(device)" }

    func device(_ id: String) -> DeviceRecord? { record.devices.first { $0.id == id } }

    /// What stands above a chart of one device.
    func title(of device: String) -> String {
        name(of: device) + (self.device(device).map { " · \($0.name)" } ?? "")
    }

    /// Families in the order in which the run measured them.
    var families: [String] { record.measurements.map(\.family).uniqued() }

    func measurements(family: String, device: String? = nil) -> [MeasurementRecord] {
        record.measurements.filter { $0.family == family && (device == nil || $0.device == device) }
    }

    /// Comparisons of results that are right: a strategy that fails verification has no speed, whatever a file says.
    func comparisons(family: String? = nil) -> [ComparisonRecord] {
        record.comparisons.filter { comparison in
            guard family == nil || comparison.family == family else { return false }
            return !record.measurements.contains { measurement in
                measurement.status != .ok && measurement.family == comparison.family
                    && measurement.workload == comparison.workload && measurement.device == comparison.device
                    && measurement.precision == comparison.precision
                    && [comparison.baseline, comparison.strategy].contains(measurement.strategy)
            }
        }
    }
}

extension Sequence where Element: Hashable {
    /// The elements in order, each once.
    func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
