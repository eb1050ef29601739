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
        subtractIdle(from: &record, summary, seconds: seconds / Double(executions))
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

    /// The net joules, within what is left open by the gross ones, by the edges of the idle phases and by what these
    /// differ in. Work takes no less than nothing: where idle power was higher throughout, net is not known.
    private func subtractIdle(from record: inout EnergyRecord, _ summary: WindowSummary, seconds: Double) {
        guard !idle.isEmpty else { return }
        let watts = idle.reduce(0) { $0 + $1.watts } / Double(idle.count)
        let (least, most) = (idle.map { $0.watts - $0.bound }.min() ?? 0, idle.map { $0.watts + $0.bound }.max() ?? 0)
        record.idleWatts = watts
        record.idleJoules = watts * seconds
        let interval = Interval(summary.interval.lower - most * seconds, summary.interval.upper - least * seconds)
        guard interval.upper >= 0 else { return }
        let net = max(summary.joulesPerExecution - watts * seconds, 0)
        // What is left of two equal numbers is rounding, and a hundredth of what is left open is no figure.
        let smallest = max(1e-9 * summary.joulesPerExecution, interval.lower > 0 ? 0 : 0.01 * interval.upper)
        record.netJoules = net > smallest ? net : 0
        record.netInterval = Interval(max(interval.lower, 0), interval.upper)
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
                "± \(NumberFormat.percentage(summary.relativeError))"
                + (windows.count == 1 ? " from one window alone" : "")
            remarks.append(
                "imprecise: \(width), the target is \(NumberFormat.percentage(request.targetRelativeError))")
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
        } else if abs(idle[1].watts - idle[0].watts) > Self.tolerableDrift
            * max(min(idle[0].watts, idle[1].watts), 1e-9)
            + idle[0].bound + idle[1].bound
        {
            remarks.append(
                "idle power drifted from \(NumberFormat.quantity(idle[0].watts, .watts)) to \(NumberFormat.quantity(idle[1].watts, .watts))"
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

    /// Where a device has both a counter and a sensor, they should tell the same power. A sensor that looks only part
    /// of the time may miss what the counter sees, and counters have been wrong too: the reader is to know.
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
