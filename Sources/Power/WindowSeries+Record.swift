import Results
import Statistics

/// What the windows come to, and what has to be said of them.
extension WindowSeries {
    /// Idle power that differs by more before and after is flagged.
    private static let tolerableDrift = 0.05
    /// A counter and a sensor of one device that differ by more do not tell the same energy.
    private static let tolerableDisagreement = 0.05

    func record() -> EnergyRecord {
        guard windows.contains(where: { $0.total.joules > 0 }) else {
            let reason =
                invalid.last ?? (windows.isEmpty ? "no window fits into the time limit" : "the sensor shows no power")
            return EnergyRecord(provenance: .unavailable, reason: "no window could be measured: \(reason)")
        }
        let summary = WindowSummary(windows, seed: request.seed)
        let executions = windows.reduce(0) { $0 + $1.window.iterations }
        let seconds = windows.reduce(0) { $0 + $1.seconds }
        let isIntegrated = counted.contains { $0.record.kind == .sensor }
        var record = EnergyRecord(provenance: isIntegrated ? .integrated : .measured)
        record.grossJoules = summary.joulesPerExecution
        record.interval = summary.interval
        record.resolved = isResolved(summary)
        record.windowSeconds = seconds
        record.iterations = executions
        record.averageWatts = windows.reduce(0) { $0 + $1.total.joules } / seconds
        if !idle.isEmpty {
            let watts = idle.reduce(0, +) / Double(idle.count)
            let joules = watts * seconds / Double(executions)
            record.idleWatts = watts
            record.idleJoules = joules
            record.netJoules = summary.joulesPerExecution - joules
        }
        record.domains = domains(executions: executions)
        record.windows = windows.map {
            var window = $0.window
            window.grossJoules = $0.total.joules
            return window
        }
        let remarks = remarks(summary, resolved: record.resolved)
        record.reason = remarks.isEmpty ? nil : remarks.joined(separator: "; ")
        return record
    }

    /// Sources that were read in every window, joules an execution.
    private func domains(executions: Int) -> [DomainEnergy] {
        (counted + beside).compactMap { source in
            joules(of: source).map { DomainEnergy(source: source.record.id, joules: $0 / Double(executions)) }
        }
    }

    /// Joules of a source in all windows; `nil` when it was not read in one of them.
    private func joules(of source: PowerSource) -> Double? {
        let parts = windows.compactMap { $0.parts[source.record.id] }
        return parts.count == windows.count ? parts.reduce(0, +) : nil
    }

    private func remarks(_ summary: WindowSummary, resolved: Bool) -> [String] {
        var remarks: [String] = []
        if !resolved {
            let width =
                summary.relativeError.isFinite
                ? "± \(NumberFormat.percentage(summary.relativeError))" : "from one window alone"
            remarks.append(
                "unresolved: \(width), the target is \(NumberFormat.percentage(request.targetRelativeError))")
        }
        if windows.count < fewestWindows {
            let isShortOfTime = windows.count + invalid.count < fewestWindows
            remarks.append(
                "only \(windows.count) of \(fewestWindows) windows "
                    + (isShortOfTime ? "within the time limit" : "are valid"))
        }
        if let declined { remarks.append(declined) }
        if !invalid.isEmpty { remarks.append("\(invalid.count) invalid window(s): \(invalid[invalid.count - 1])") }
        if idle.count < 2 {
            remarks.append("idle power could not be measured \(idle.isEmpty ? "" : "both ")before and after")
        } else if abs(idle[1] - idle[0]) > Self.tolerableDrift * max(min(idle[0], idle[1]), 1e-9) {
            remarks.append(
                "idle power drifted from \(NumberFormat.quantity(idle[0], .watts)) to \(NumberFormat.quantity(idle[1], .watts))"
            )
        }
        return remarks + throttlingRemark() + disagreements()
    }

    private func throttlingRemark() -> [String] {
        let affected = windows.filter { $0.window.throttling?.isEmpty == false }
        guard !affected.isEmpty else { return [] }
        let words = Set(affected.flatMap { $0.window.throttling ?? [] }).sorted().joined(separator: ", ")
        return ["clocks were held back in \(affected.count) of \(windows.count) windows by: \(words)"]
    }

    /// Where a device has both a counter and a sensor, they should tell the same power. A sensor that looks only part of the time
    /// may miss what the counter sees, and counters have been wrong too: the reader is to know.
    private func disagreements() -> [String] {
        let seconds = windows.reduce(0) { $0 + $1.seconds }
        return counted.filter { $0.record.kind == .counter }.flatMap { counter -> [String] in
            guard case .device = counter.scope, let counted = joules(of: counter), counted > 0 else { return [] }
            return beside.compactMap { sensor in
                guard sensor.record.kind == .sensor, sensor.scope == counter.scope,
                    sensor.interface == counter.interface, let integrated = joules(of: sensor),
                    abs(integrated / counted - 1) > Self.tolerableDisagreement
                else { return nil }
                return
                    "\(counter.record.id) counts \(NumberFormat.quantity(counted / seconds, .watts)) and \(sensor.record.id) shows "
                    + "\(NumberFormat.quantity(integrated / seconds, .watts)): they disagree by "
                    + NumberFormat.percentage(abs(integrated / counted - 1))
            }
        }
    }
}
