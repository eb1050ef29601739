import Results
import Statistics

/// How the joules of each measurement came to be: windows, idle power, the share of each source, what the meter
/// remarked.
extension HTMLReport {
    func meterTable() -> Markup {
        var notes = Footnotes(prefix: "meter-note")
        var rows: [Markup] = []
        for run in runs {
            for measurement in run.record.measurements {
                guard let energy = measurement.validEnergy, !energy.windows.isEmpty else { continue }
                rows.append(meterRow(measurement, energy, run, &notes))
            }
        }
        guard !rows.isEmpty else { return "" }
        let table = TableCell.table(
            caption: """
                Windows in which the strategy was repeated back to back while the counters ran. Joules are per execution; a source that is \
                not part of the total is shown for what it tells, and not added.
                """,
            headings: [
                .text("Strategy", "workload"), .text("Device"), .figure("Windows", "seconds in all"),
                .figure("Executions"), .figure("Idle power", "before and after"), .text("Joules of each source"),
                .text("Clocks held back by"), .text("Remark"),
            ], rows: rows, notes: notes)
        return """
            <details><summary>How each measurement was metered</summary>
            \(table)</details>
            """
    }

    private func meterRow(
        _ measurement: MeasurementRecord, _ energy: EnergyRecord, _ run: ReportedRun, _ notes: inout Footnotes
    ) -> Markup {
        let mark = measurement.energyIsModelled ? NumberFormat.modelledMark : ""
        let included = Set(run.record.powerSources.filter { $0.devices.contains(measurement.device) }.map(\.id))
        let shares = energy.domains.map { domain -> Markup in
            let part = included.contains(domain.source) ? "" : " (not added)"
            return "<li>\(domain.source) \(mark)\(NumberFormat.quantity(domain.joules, .joules))\(part)</li>"
        }
        let known = energy.windows.compactMap(\.throttling)
        let reasons = known.joined().uniqued()
        let throttling: Markup =
            known.isEmpty
            ? notes.unknown("nothing on this machine tells when clocks are held back")
            : reasons.isEmpty ? "nothing" : "\(reasons.joined(separator: ", "))"
        return [
            "<th scope=\"row\">\(measurement.family)/\(measurement.strategy)<small>\(measurement.workload)</small></th>",
            TableCell.text("\(run.name(of: measurement.device))", detail: "\(measurement.precision)"),
            TableCell.figure(
                "\(energy.windows.count)",
                detail: "\(NumberFormat.quantity(energy.windowSeconds, .seconds))", value: Double(energy.windows.count)),
            energy.iterations.map { TableCell.figure("\($0)", value: Double($0)) }
                ?? TableCell.unknown("the number of executions was not recorded", &notes),
            TableCell.metric(.idleWatts, measurement, notes: &notes),
            TableCell.text("<ul class=\"plain\">\(shares)</ul>"), TableCell.text(throttling),
            TableCell.text("\(energy.reason ?? "none")"),
        ].joined()
    }
}
