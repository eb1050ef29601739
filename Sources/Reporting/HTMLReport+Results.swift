import Results
import Statistics

/// The tables of all measurements: figures, and verification.
extension HTMLReport {
    private var hasLabels: Bool { runs.count > 1 }

    func resultsSection() -> Markup {
        var notes = Footnotes(prefix: "results-note")
        var rows: [Markup] = []
        for run in runs {
            for (place, measurement) in run.record.measurements.enumerated() {
                rows.append(resultRow(measurement, run, id: run.anchor(place), &notes))
            }
        }
        guard !rows.isEmpty else {
            return "<section id=\"results\"><h2>Results</h2><p>There are no measurements.</p></section>"
        }
        let headings: [TableCell.Heading] =
            (hasLabels ? [.text("Run")] : []) + [.text("Strategy", "workload"), .text("Device", "code path")]
            + columns.map { metric in
                let details = [metric.note, metric.hasInterval ? "95 % interval" : nil] + below(metric).map(\.short)
                return .figure("\(metric.heading)", "\(details.compactMap(\.self).joined(separator: ", "))")
            }
        let table = TableCell.table(
            caption: """
                Every measurement, per execution of the workload. ≈ marks energy that is modelled; – is not known, for the reason given \
                below the table.
                """,
            headings: headings, rows: rows, attributes: " class=\"sortable\" id=\"results-table\"", notes: notes)
        return "<section id=\"results\"><h2>Results</h2>\(table)</section>"
    }

    private var columns: [Metric] { metrics.filter { $0.page == .column } }

    /// What stands in the second line of a metric's column.
    private func below(_ metric: Metric) -> [Metric] { metrics.filter { $0.page == .below(metric.key) } }

    private func resultRow(
        _ measurement: MeasurementRecord, _ run: ReportedRun, id: String, _ notes: inout Footnotes
    ) -> Markup {
        var cells: [Markup] = hasLabels ? [TableCell.text("\(run.label)")] : []
        cells.append(name(of: measurement, id: id, notes: &notes))
        let attributes = Attribute.all.filter { $0.places.contains(.page) }
        let details = attributes.compactMap { $0.text(measurement, in: run.record) }
        cells.append(TableCell.text("\(measurement.device)", detail: "\(details.joined(separator: ", "))"))
        guard measurement.status == .ok else {
            return cells.joined()
                + "<td class=\"reason\" colspan=\"\(columns.count)\">\(measurement.reasonWithoutTime)</td>"
        }
        for metric in columns {
            let details = below(metric).compactMap { lower -> Markup? in
                lower.figure(measurement).map { figure in
                    // A word tells apart what the unit does not.
                    let needsWord = lower.unit == metric.unit || lower.unit.symbol.isEmpty
                    return "\(figure.mark)\(figure.texts.value)\(when: needsWord, " \(lower.short)")"
                }
            }
            let all = (details + remarks(on: metric, measurement, &notes)).joined(separator: "<br>")
            cells.append(TableCell.metric(metric, measurement, detail: all, notes: &notes))
        }
        return cells.joined()
    }

    /// What has to be said of a figure besides: how it was taken, and what disturbed it.
    private func remarks(
        on metric: Metric, _ measurement: MeasurementRecord, _ notes: inout Footnotes
    ) -> [Markup] {
        switch metric.key {
        case Metric.seconds.key: clock(measurement)
        case Metric.relativeNoise.key: disturbances(measurement, &notes)
        case Metric.grossJoules.key: [provenance(measurement, &notes)].filter { !$0.isEmpty }
        default: []
        }
    }

    private func name(of measurement: MeasurementRecord, id: String, notes: inout Footnotes) -> Markup {
        var badge: Markup = ""
        if measurement.status != .ok {
            badge = " <span class=\"status \(measurement.status.rawValue)\">\(measurement.status.rawValue)</span>"
        } else if let message = measurement.message {
            badge = notes.reference(message)
        }
        let title: Markup = "\(measurement.family)/\(measurement.strategy)"
        let linked: Markup = hasPlaces ? "<a href=\"\(link(to: id))\">\(title)</a>" : title
        return """
            <th scope="row" id="\(id)">\(linked)\(badge)<small>\(layerName(measurement))\(measurement.workload)</small></th>
            """
    }

    private func layerName(_ measurement: MeasurementRecord) -> Markup {
        let words = layerWords(measurement)
        return words.isEmpty ? "" : "\(words)<br>"
    }

    private func clock(_ measurement: MeasurementRecord) -> [Markup] {
        guard let time = measurement.validTime, time.clock == "device", let host = time.hostMedian else { return [] }
        return ["host \(NumberFormat.quantity(host, .seconds))"]
    }

    /// What disturbed the samples, whether they were left out, and what ended the sampling.
    private func disturbances(_ measurement: MeasurementRecord, _ notes: inout Footnotes) -> [Markup] {
        guard let time = measurement.validTime else { return [] }
        var remarks: [Markup] = []
        if let found = time.interference, found.disturbed > 0 {
            let causes = Wording.disturbances([found])
            remarks.append(
                found.isBeyondLimit
                    ? "\(found.disturbed) disturbed\(notes.reference("disturbed samples, too many to leave out: \(causes)"))"
                    : "\(found.dropped) left out\(notes.reference("disturbed samples that were left out: \(causes)"))")
        }
        // Noise that came down to its target, or settled above it, is how sampling should end.
        if !["noise", "stable-noise"].contains(time.stopReason) { remarks.append("ended by \(time.stopReason)") }
        return remarks
    }

    /// How the joules came to be, as a word beside them, with the remark that the meter made.
    func provenance(_ measurement: MeasurementRecord, _ notes: inout Footnotes) -> Markup {
        guard let energy = measurement.validEnergy else { return "" }
        let word = energy.provenance.rawValue
        let isImprecise = !energy.resolved && energy.provenance != .modelled
        return """
            <span class="tag \(word)">\(word)</span>\(when: isImprecise, ", <b>imprecise</b>")\
            \(energy.reason.map { notes.reference($0) } ?? "")
            """
    }

    // MARK: Verification

    func verificationSection() -> Markup {
        var notes = Footnotes(prefix: "verification-note")
        var rows: [Markup] = []
        for run in runs {
            for measurement in run.record.measurements { rows.append(verificationRow(measurement, run, &notes)) }
        }
        guard !rows.isEmpty else { return "" }
        let headings: [TableCell.Heading] =
            (hasLabels ? [.text("Run")] : []) + [
                .text("Strategy", "workload"), .text("Device"), .text("Result"),
            ] + errors.map { .figure("\($0.heading)") }
        let table = TableCell.table(
            caption:
                "Each result against a float64 reference on the same inputs, or against what is named beside it. A strategy that does not pass has no speed.",
            headings: headings, rows: rows, attributes: " class=\"sortable\"", notes: notes)
        let wrong = runs.flatMap(\.record.measurements).filter { $0.status == .incorrect }.count
        let passed = runs.flatMap(\.record.measurements).filter { $0.verification?.passed == true }.count
        return """
            <section id="verification"><h2>Verification</h2>
            <p>\(passed) of \(rows.count) passed, \(wrong) wrong.</p>
            <details\(when: wrong > 0, " open")><summary>Errors of every result</summary>\(table)</details></section>
            """
    }

    private func verificationRow(_ measurement: MeasurementRecord, _ run: ReportedRun, _ notes: inout Footnotes)
        -> Markup
    {
        var cells: [Markup] = hasLabels ? [TableCell.text("\(run.label)")] : []
        cells.append(
            "<th scope=\"row\">\(measurement.family)/\(measurement.strategy)<small>\(measurement.workload)</small></th>"
        )
        cells.append(TableCell.text("\(measurement.device)", detail: "\(measurement.precision)"))
        let status: String, word: String
        if let verification = measurement.verification {
            (status, word) = verification.passed ? ("ok", "passed") : ("incorrect", "wrong")
        } else {
            (status, word) = (measurement.status.rawValue, measurement.status.rawValue)
        }
        let reference = measurement.verification.map(\.reference) ?? "float64"
        let remark = measurement.verification == nil ? "" : measurement.message
        cells.append(
            TableCell.text(
                "<span class=\"status \(status)\">\(word)</span>",
                detail: "\(remark ?? (reference == "float64" ? "" : "against \(reference)"))"))
        for error in errors { cells.append(TableCell.metric(error, measurement, notes: &notes)) }
        return cells.joined()
    }

    private var errors: [Metric] { metrics.filter { $0.page == .verification } }
}
