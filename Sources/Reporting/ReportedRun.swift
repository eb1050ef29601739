import Results
import Statistics

/// A run with the name that the page gives it and the look-ups that several sections share: each by a key, since a run
/// may have ten thousand measurements.
struct ReportedRun: Sendable {
    /// Position on the page, from 0.
    let index: Int
    /// Its own name, or `run 2`, when the page shows several runs, otherwise empty.
    let label: String
    let record: RunRecord
    /// Of results that are right: a strategy that fails verification has no speed, whatever a file says.
    let comparisons: [ComparisonCase]

    /// The strategy that a family's others are compared with.
    let baselines: [String: String]

    private let places: [CaseKey: Int]
    private let placesByFamily: [String: [Int]]
    private let comparisonsByKey: [CaseKey: Int]
    private let devices: [String: DeviceRecord]

    /// What a measurement is known by in its run.
    struct CaseKey: Hashable {
        var family, workload, device, precision, strategy: String

        init(_ measurement: MeasurementRecord) {
            (family, workload) = (measurement.family, measurement.workload)
            (device, precision, strategy) = (measurement.device, measurement.precision, measurement.strategy)
        }

        init(_ comparison: ComparisonRecord, strategy: String) {
            (family, workload) = (comparison.family, comparison.workload)
            (device, precision, self.strategy) = (comparison.device, comparison.precision, strategy)
        }

        init(_ pick: StrategyPick, strategy: String) {
            (family, workload) = (pick.family, pick.workload)
            (device, precision, self.strategy) = (pick.device, pick.precision, strategy)
        }
    }

    static func all(_ records: [RunRecord]) -> [ReportedRun] {
        let names = records.map(\.label)
        return records.enumerated().map { index, record in
            let isShared = names.count { $0 == record.label } > 1
            let number = "run \(index + 1)"
            let name = record.label.map { isShared ? "\($0) (\(number))" : $0 } ?? number
            return ReportedRun(index: index, label: records.count > 1 ? name : "", record)
        }
    }

    /// A run on its own.
    init(_ record: RunRecord) { self.init(index: 0, label: "", record) }

    private init(index: Int, label: String, _ record: RunRecord) {
        (self.index, self.label, self.record) = (index, label, record)
        let keys = record.measurements.map(CaseKey.init)
        let places = Dictionary(zip(keys, keys.indices), uniquingKeysWith: { first, _ in first })
        self.places = places
        placesByFamily = Dictionary(grouping: keys.indices) { keys[$0].family }
        devices = Dictionary(record.devices.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let wrong = Set(zip(keys, record.measurements).filter { $0.1.status != .ok }.map(\.0))
        let cases = record.comparisons.compactMap { comparison -> ComparisonCase? in
            let sides = [comparison.baseline, comparison.strategy].map { CaseKey(comparison, strategy: $0) }
            guard !sides.contains(where: wrong.contains) else { return nil }
            let measured = sides.map { places[$0].map { record.measurements[$0] } }
            return ComparisonCase(
                runIndex: index, runLabel: label, comparison: comparison, baseline: measured[0], candidate: measured[1])
        }
        comparisons = cases
        baselines = Dictionary(
            cases.map { ($0.comparison.family, $0.comparison.baseline) }, uniquingKeysWith: { first, _ in first })
        let caseKeys = cases.map { CaseKey($0.comparison, strategy: $0.comparison.strategy) }
        comparisonsByKey = Dictionary(zip(caseKeys, caseKeys.indices), uniquingKeysWith: { first, _ in first })
    }

    /// A device's id, preceded by the run's label where there are several runs.
    func name(of device: String) -> String { label.isEmpty ? device : "\(label) · \(device)" }

    func device(_ id: String) -> DeviceRecord? { devices[id] }

    /// What stands above a chart of one device.
    func title(of device: String) -> String {
        name(of: device) + (self.device(device).map { " · \($0.name)" } ?? "")
    }

    /// Families in the order in which the run measured them.
    var families: [String] { record.measurements.map(\.family).uniqued() }

    /// In the order of the run.
    func measurements(family: String) -> [MeasurementRecord] {
        (placesByFamily[family] ?? []).map { record.measurements[$0] }
    }

    func measurement(_ key: CaseKey) -> MeasurementRecord? { places[key].map { record.measurements[$0] } }

    /// The id of a measurement's row in the table of results.
    func anchor(of measurement: MeasurementRecord) -> String? { places[CaseKey(measurement)].map(anchor) }

    /// The id of the row of the measurement at a place in the run.
    func anchor(_ place: Int) -> String { "m\(index)-\(place)" }

    /// The comparison that holds a measurement against its baseline.
    func comparison(of measurement: MeasurementRecord) -> ComparisonCase? {
        comparisonsByKey[CaseKey(measurement)].map { comparisons[$0] }
    }
}

extension Sequence where Element: Hashable {
    /// The elements in order, each once.
    func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}

extension Sequence {
    /// The elements by a key, the keys in the order in which they come first.
    func grouped<Key: Hashable>(by key: (Element) -> Key) -> [(key: Key, elements: [Element])] {
        var places: [Key: Int] = [:]
        var groups: [(key: Key, elements: [Element])] = []
        for element in self {
            let own = key(element)
            if let place = places[own] {
                groups[place].elements.append(element)
            } else {
                places[own] = groups.count
                groups.append((own, [element]))
            }
        }
        return groups
    }
}
