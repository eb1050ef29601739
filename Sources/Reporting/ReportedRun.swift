import Results
import Statistics

/// A run with the name that the page gives it and the look-ups that several sections share.
struct ReportedRun: Sendable {
    /// Position on the page, from 0.
    let index: Int
    /// `run 2` when the page shows several runs, otherwise empty.
    let label: String
    let record: RunRecord

    static func all(_ records: [RunRecord]) -> [ReportedRun] {
        records.enumerated().map { index, record in
            ReportedRun(index: index, label: records.count > 1 ? "run \(index + 1)" : "", record: record)
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

extension MeasurementRecord {
    /// The time, only where the result is right.
    var validTime: TimeRecord? { status == .ok ? time : nil }

    /// The energy, only where the result is right and some figure exists.
    var validEnergy: EnergyRecord? {
        guard status == .ok, let energy, energy.provenance != .unavailable, energy.grossJoules != nil else {
            return nil
        }
        return energy
    }

    /// The derived figures, only where the result is right.
    var validDerived: DerivedRecord? { status == .ok ? derived : nil }

    var energyIsModelled: Bool { energy?.provenance == .modelled }

    /// Why there is no time.
    var reasonWithoutTime: String {
        switch status {
        case .ok: "no time was recorded"
        case .incorrect: "the result is wrong, so it has no speed" + (message.map { ": \($0)" } ?? "")
        case .failed: "failed" + (message.map { ": \($0)" } ?? "")
        case .skipped: "skipped" + (message.map { ": \($0)" } ?? "")
        }
    }

    /// Why there is no energy.
    var reasonWithoutEnergy: String {
        guard status == .ok else { return reasonWithoutTime }
        return energy?.reason ?? "energy was not recorded"
    }

    /// FLOPs for each byte that must move at least.
    var intensity: Double? {
        guard let work, work.minimumBytes > 0 else { return nil }
        return work.flops / work.minimumBytes
    }

    /// FLOPs for each byte that this strategy moves.
    var strategyIntensity: Double? {
        guard let work, work.strategyBytes > 0 else { return nil }
        return work.flops / work.strategyBytes
    }
}

extension Sequence where Element: Hashable {
    /// The elements in order, each once.
    func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
