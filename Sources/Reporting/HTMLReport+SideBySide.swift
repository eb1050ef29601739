import Results

/// Several runs side by side: a row per case, a column per run, so that a lab sees its machines at one glance.
extension HTMLReport {
    /// What makes measurements of different runs the same case.
    private struct CaseKey: Hashable {
        let strategy: String
        let workload: String
        let device: String

        init(_ measurement: MeasurementRecord) {
            strategy = "\(measurement.family)/\(measurement.strategy)"
            workload = HTMLReport.caseName(measurement)
            device = measurement.device
        }
    }

    func sideBySideSection() -> Markup {
        guard runs.count > 1 else { return "" }
        var notes = Footnotes(prefix: "runs-note")
        let keys = runs.flatMap { $0.record.measurements.map(CaseKey.init) }.uniqued()
        let cases = runs.map { run in
            Dictionary(
                run.record.measurements.map { (CaseKey($0), $0) }, uniquingKeysWith: { first, _ in first })
        }
        let rows = keys.map { key -> Markup in
            let cells = cases.map { sideBySideCell($0[key], &notes) }
            return """
                <th scope="row">\(key.strategy)<small>\(key.workload)</small></th>\(TableCell.text("\(key.device)"))\(cells)
                """
        }
        let table = TableCell.table(
            caption: """
                Median time, gross energy and performance per watt of each case in each run; brackets hold 95 % intervals. Device ids are each machine's own: \
                the section Machines says what stands behind them.
                """,
            headings: [.text("Strategy", "workload"), .text("Device")]
                + runs.map { .figure("\($0.label)", "\($0.record.host.cpu.model)") },
            rows: rows, attributes: " class=\"sortable\"", notes: notes)
        return "<section id=\"runs\"><h2>Runs side by side</h2>\(table)</section>"
    }

    private func sideBySideCell(_ measurement: MeasurementRecord?, _ notes: inout Footnotes) -> Markup {
        guard let measurement else { return TableCell.unknown("not part of this run", &notes) }
        guard let time = measurement.validTime, let seconds = Metric.seconds.figure(measurement) else {
            return TableCell.unknown(measurement.reasonWithoutTime, &notes)
        }
        let energy: Markup
        if let joules = Metric.leadingJoules.figure(measurement) {
            let rate = Metric.flopsPerJoule.figure(measurement)?.words ?? NumberFormat.unknown
            energy = "\(joules.words)<br>\(rate) \(provenance(measurement, &notes))"
        } else {
            energy = "energy \(notes.unknown(measurement.reasonWithoutEnergy))"
        }
        return TableCell.figure(
            "\(seconds.words)", detail: "\(time.samples) samples<br>\(energy)", value: seconds.value)
    }
}
