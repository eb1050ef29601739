import Results
import Statistics

/// The tables of all measurements: figures, and verification.
extension HTMLReport {
    private var hasLabels: Bool { runs.count > 1 }

    func resultsSection() -> Markup {
        var notes = Footnotes(prefix: "results-note")
        var rows: [Markup] = []
        for run in runs {
            for measurement in run.record.measurements { rows.append(resultRow(measurement, run, &notes)) }
        }
        guard !rows.isEmpty else {
            return "<section id=\"results\"><h2>Results</h2><p>There are no measurements.</p></section>"
        }
        let headings: [TableCell.Heading] =
            (hasLabels ? [.text("Run")] : []) + [
                .text("Strategy", "workload"), .text("Device", "code path"),
                .figure("Time", "median, 95 % interval"),
                .figure("Noise", "samples"), .figure("Rate", "bytes moved"), .figure("Roofline", "reached"),
                .figure("Energy", "gross, 95 % interval"), .figure("Net energy", "idle taken off"),
                .figure("Power", "average, idle"), .figure("Performance per watt", "net"),
                .figure("Energy × delay", "per token"),
            ]
        let table = TableCell.table(
            caption: """
                Every measurement, per execution of the workload. ≈ marks energy that is modelled; – is not known, for the reason given \
                below the table.
                """,
            headings: headings, rows: rows, attributes: " class=\"sortable\" id=\"results-table\"", notes: notes)
        return "<section id=\"results\"><h2>Results</h2>\(table)</section>"
    }

    private func resultRow(_ measurement: MeasurementRecord, _ run: ReportedRun, _ notes: inout Footnotes) -> Markup {
        let energy = measurement.validEnergy
        let derived = measurement.validDerived
        let modelled = measurement.energyIsModelled
        let energyReason = measurement.reasonWithoutEnergy
        var cells: [Markup] = hasLabels ? [TableCell.text("\(run.label)")] : []
        cells.append(name(of: measurement, notes: &notes))
        cells.append(
            TableCell.text(
                "\(measurement.device)",
                detail: "\([measurement.precision, measurement.codePath].compactMap(\.self).joined(separator: ", "))"))
        guard measurement.status == .ok else {
            return cells.joined() + "<td class=\"reason\" colspan=\"9\">\(measurement.reasonWithoutTime)</td>"
        }
        cells.append(
            TableCell.quantity(
                measurement.validTime?.median, measurement.validTime?.interval, .seconds, detail: clock(measurement),
                reason: measurement.reasonWithoutTime, notes: &notes))
        cells.append(noiseCell(measurement, &notes))
        cells.append(rateCell(measurement, &notes))
        cells.append(rooflineCell(measurement, run, &notes))
        cells.append(
            TableCell.quantity(
                energy?.grossJoules, energy?.interval, .joules, detail: provenance(measurement, &notes),
                modelled: modelled,
                reason: energyReason, notes: &notes))
        cells.append(
            TableCell.quantity(
                energy?.netJoules, energy?.netInterval, .joules, modelled: modelled,
                reason: energy == nil ? energyReason : "net energy needs the idle power, which is not known",
                notes: &notes))
        cells.append(powerCell(measurement, &notes))
        cells.append(
            TableCell.quantity(
                energy == nil ? nil : derived?.flopsPerJoule, nil, .flopsPerJoule,
                detail: derived?.netFlopsPerJoule.map { net -> Markup in
                    "\(modelled ? NumberFormat.modelledMark : "")\(NumberFormat.quantity(net, .flopsPerJoule)) net"
                } ?? "",
                modelled: modelled, reason: energyReason, notes: &notes))
        cells.append(
            TableCell.quantity(
                energy == nil ? nil : derived?.energyDelayProduct, nil, .jouleSeconds,
                detail: derived?.joulesPerToken.map { joules -> Markup in
                    "\(modelled ? NumberFormat.modelledMark : "")\(NumberFormat.quantity(joules, .joulesPerToken))"
                } ?? "",
                modelled: modelled, reason: energyReason, notes: &notes))
        return cells.joined()
    }

    private func name(of measurement: MeasurementRecord, notes: inout Footnotes) -> Markup {
        var badge: Markup = ""
        if measurement.status != .ok {
            badge = " <span class=\"status \(measurement.status.rawValue)\">\(measurement.status.rawValue)</span>"
        } else if let message = measurement.message {
            badge = notes.reference(message)
        }
        return """
            <th scope="row">\(measurement.family)/\(measurement.strategy)\(badge)<small>\(measurement.workload)</small></th>
            """
    }

    private func clock(_ measurement: MeasurementRecord) -> Markup {
        guard let time = measurement.validTime, time.clock == "device", let host = time.hostMedian else { return "" }
        return "host \(NumberFormat.quantity(host, .seconds))"
    }

    private func noiseCell(_ measurement: MeasurementRecord, _ notes: inout Footnotes) -> Markup {
        guard let time = measurement.validTime else { return TableCell.unknown(measurement.reasonWithoutTime, &notes) }
        let noise: Markup =
            time.relativeNoise.map { value -> Markup in "\(NumberFormat.percentage(value))" }
            ?? notes.unknown("noise needs two samples at least")
        // Noise that came down to its target, or settled above it, is how sampling should end.
        let isUsual = ["noise", "stable-noise"].contains(time.stopReason)
        return TableCell.figure(
            noise,
            detail: """
                \(time.samples) samples\(disturbed(time, &notes))\(when: !isUsual, "<br>ended by \(time.stopReason)")
                """,
            value: time.relativeNoise)
    }

    /// What disturbed the samples, and whether they were left out.
    private func disturbed(_ time: TimeRecord, _ notes: inout Footnotes) -> Markup {
        guard let found = time.interference, found.disturbed > 0 else { return "" }
        let causes = Wording.disturbances([found])
        guard found.isBeyondLimit else {
            return ",<br>\(found.dropped) left out\(notes.reference("disturbed samples that were left out: \(causes)"))"
        }
        let note = "disturbed samples, too many to leave out: \(causes)"
        return ",<br>\(found.disturbed) disturbed\(notes.reference(note))"
    }

    private func rateCell(_ measurement: MeasurementRecord, _ notes: inout Footnotes) -> Markup {
        TableCell.quantity(
            measurement.validDerived?.flopsPerSecond, nil, .flopsPerSecond,
            detail: "\(NumberFormat.quantity(measurement.validDerived?.bytesPerSecond, .bytesPerSecond))",
            reason: measurement.reasonWithoutTime, notes: &notes)
    }

    private func rooflineCell(_ measurement: MeasurementRecord, _ run: ReportedRun, _ notes: inout Footnotes) -> Markup
    {
        guard let fraction = measurement.validDerived?.fractionOfRoofline else {
            let reason =
                measurement.status == .ok
                ? "the peaks of \(measurement.device) were not measured" : measurement.reasonWithoutTime
            return TableCell.unknown(reason, &notes)
        }
        return TableCell.figure(
            "\(NumberFormat.percentage(fraction))",
            detail: measurement.intensity.map { value -> Markup in "\(NumberFormat.quantity(value, .flopsPerByte))" }
                ?? "",
            value: fraction)
    }

    private func powerCell(_ measurement: MeasurementRecord, _ notes: inout Footnotes) -> Markup {
        let energy = measurement.validEnergy
        let modelled = measurement.energyIsModelled
        return TableCell.quantity(
            energy?.averageWatts, nil, .watts,
            detail: energy?.idleWatts.map { watts -> Markup in
                "\(modelled ? NumberFormat.modelledMark : "")\(NumberFormat.quantity(watts, .watts)) idle"
            } ?? "",
            modelled: modelled,
            reason: energy == nil ? measurement.reasonWithoutEnergy : "average power was not recorded", notes: &notes)
    }

    /// How the joules came to be, as a word beside them, with the remark that the meter made.
    func provenance(_ measurement: MeasurementRecord, _ notes: inout Footnotes) -> Markup {
        guard let energy = measurement.validEnergy else { return "" }
        let word = energy.provenance.rawValue
        let isUnresolved = !energy.resolved && energy.provenance != .modelled
        return """
            <span class="tag \(word)">\(word)</span>\(when: isUnresolved, ", <b>unresolved</b>")\
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
                .figure("Normalised mean squared error"), .figure("Tolerance"),
                .figure("Relative L2 error"), .figure("Largest absolute error"),
            ]
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
        guard let verification = measurement.verification else {
            cells.append(
                TableCell.text(
                    "<span class=\"status \(measurement.status.rawValue)\">\(measurement.status.rawValue)</span>"))
            let reason = measurement.message ?? "not verified"
            for _ in 0..<4 { cells.append(TableCell.unknown(reason, &notes)) }
            return cells.joined()
        }
        let word = verification.passed ? "passed" : "wrong"
        cells.append(
            TableCell.text(
                "<span class=\"status \(verification.passed ? "ok" : "incorrect")\">\(word)</span>",
                detail:
                    "\(measurement.message ?? (verification.reference == "float64" ? "" : "against \(verification.reference)"))"
            ))
        for error in [
            verification.normalizedMeanSquaredError, verification.tolerance, verification.relativeL2,
            verification.maxAbsoluteError,
        ] {
            if let error, error.isFinite {
                cells.append(TableCell.figure("\(NumberFormat.scientific(error))", value: error))
            } else {
                cells.append(TableCell.unknown("the output holds NaN or infinity, so no error can be given", &notes))
            }
        }
        return cells.joined()
    }
}
