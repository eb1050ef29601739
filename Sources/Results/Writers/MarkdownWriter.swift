import Statistics

/// A run as Markdown: what it ran on, its measurements and its comparisons, as tables that fit into an issue or a wiki.
///
/// Modelled joules are marked with `≈`, and a column says how each came to be. An
/// unknown is a dash, for joules with the reason below the table; what has no right result has empty cells.
public enum MarkdownWriter {
    public static func text(of run: RunRecord, metrics: [Metric] = Metric.all) -> String {
        let name = run.label.map { "\(plain($0)): " } ?? ""
        var lines = ["# \(name)\(plain(run.tool.name)) \(plain(run.tool.version)), \(plain(run.startedAt))", ""]
        lines += ["\(plain(run.host.cpu.model)), \(plain(run.host.operatingSystem)), \(plain(run.host.kernel))", ""]
        if run.interrupted { lines += ["The run was interrupted: what follows is what it had measured.", ""] }
        for device in run.devices {
            lines.append("- `\(plain(device.id))`: \(plain(device.name)), \(plain(device.driver))")
        }
        if !run.devices.isEmpty { lines.append("") }
        lines += advice(RunSummary(run))
        lines += ["## Measurements", ""]
        let columns = columns(metrics, run)
        let rows = run.measurements.map { measurement in columns.map { $0.text(measurement) } }
        lines += table(columns.map(\.head), rows, rightFrom: 4)
        lines += energyNotes(run)
        if !run.comparisons.isEmpty {
            let baseline = run.tuning == nil ? "unfused strategy" : "default configuration"
            let side = run.tuning == nil ? "strategy" : "configuration"
            lines += [
                "", "## Against the \(baseline)", "",
                "Ratios above 1 are in favour of the \(side). All intervals together hold with 95 %.",
            ]
            lines += [""] + table(comparisonHeads, run.comparisons.map(row), rightFrom: 5)
        }
        let provenances = Set(run.measurements.compactMap { $0.energy?.provenance })
        if provenances.contains(.modelled) {
            lines += ["", "≈ marks energy that is computed by a model, not measured."]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What to pick, and what to do next.
    private static func advice(_ summary: RunSummary) -> [String] {
        var lines: [String] = []
        if !summary.answers.isEmpty {
            lines += ["## What to pick", ""] + summary.answers.map { "- \(plain($0.sentence))" } + [""]
        }
        guard !summary.steps.isEmpty else { return lines }
        let steps = summary.steps.map { step in
            let detail = step.detail.map { " (\(plain($0)))" } ?? ""
            // Within a code span nothing is obeyed but the mark that ends it.
            return "- \(plain(step.about))\(detail)\(step.command.map { ": `\(code($0))`" } ?? "")"
        }
        return lines + ["## What to do next", ""] + steps + [""]
    }

    /// Text within a code span, on one line.
    private static func code(_ text: String) -> String {
        String(text.harmless.map { $0.isNewline || $0 == "\t" ? " " : $0 == "`" ? "'" : $0 })
    }

    private struct Column {
        let head: String
        let text: (MeasurementRecord) -> String
    }

    private static func columns(_ metrics: [Metric], _ run: RunRecord) -> [Column] {
        let place = [
            Column(head: "strategy") { cell("\($0.family)/\($0.strategy)") },
            Column(head: "workload") { cell($0.workload) }, Column(head: "device") { cell($0.device) },
            Column(head: "precision") { cell($0.precision) },
        ]
        let attributes = Attribute.all.filter { $0.places.contains(.markdown) }.map { attribute in
            Column(head: attribute.heading) { cell(attribute.text($0, in: run) ?? "") }
        }
        let status = Column(head: "status") { cell($0.status.rawValue + ($0.message.map { ": \($0)" } ?? "")) }
        return place + metrics.filter(\.isInMarkdown).flatMap(columns) + attributes + [status]
    }

    /// The figure, its interval and, beside joules, how they came to be.
    private static func columns(_ metric: Metric) -> [Column] {
        var columns = [
            Column(head: metric.short) { measurement in
                guard let figure = metric.figure(measurement) else {
                    return measurement.status == .ok ? NumberFormat.unknown : ""
                }
                // A modelled figure is never resolved, and its mark says so already.
                let isImprecise =
                    metric.key == Metric.leadingJoules.key && !figure.isModelled
                    && measurement.energy?.resolved == false
                return figure.mark + figure.texts.value + (isImprecise ? " (imprecise)" : "")
            }
        ]
        guard metric.hasInterval else { return columns }
        columns.append(
            Column(head: "95 % interval") { measurement in
                metric.figure(measurement).flatMap { figure in figure.texts.interval.map { figure.mark + $0 } } ?? ""
            })
        guard metric.basis == .energy else { return columns }
        columns.append(Column(head: "provenance") { metric.figure($0)?.provenance?.rawValue ?? "" })
        return columns
    }

    /// How joules were totalled and what that cost, why some are not known, and what the meter remarked.
    private static func energyNotes(_ run: RunRecord) -> [String] {
        var notes: [String] = []
        if let accounting = run.energyAccounting {
            notes.append("Energy: \(accounting.rule) \(accounting.costSentence)")
        }
        let right = run.measurements.filter { $0.status == .ok }
        let unknown = right.filter { $0.energy?.grossJoules == nil }.map { $0.energy?.reason ?? "not recorded" }
        for reason in Set(unknown).sorted() {
            notes.append("Energy is not known (–) in \(unknown.filter { $0 == reason }.count): \(reason).")
        }
        for measurement in right where measurement.energy?.grossJoules != nil {
            guard let remark = measurement.energy?.reason, measurement.energy?.provenance != .modelled else { continue }
            notes.append(
                "The meter on \(measurement.family)/\(measurement.strategy) \(measurement.workload) \(measurement.device): "
                    + "\(remark).")
        }
        return notes.isEmpty ? [] : [""] + notes.map { "- \(plain($0))" }
    }

    private static let comparisonHeads = [
        "strategy", "against", "workload", "device", "precision", "speedup", "interval", "time", "energy ratio",
        "interval", "energy", "traffic ratio",
    ]

    private static func row(_ comparison: ComparisonRecord) -> [String] {
        let mark = comparison.energyProvenance == .modelled ? NumberFormat.modelledMark : ""
        let speedup = ratio(comparison.speedup, comparison.speedupInterval)
        let energy = comparison.energyRatio.map { ratio($0, comparison.energyRatioInterval) }
        return [
            cell("\(comparison.family)/\(comparison.strategy)"), cell(comparison.baseline), cell(comparison.workload),
            cell(comparison.device), cell(comparison.precision), speedup.value, speedup.interval,
            verdict(comparison.timeVerdict, comparison.timeTendency, .time) ?? "", energy.map { mark + $0.value } ?? "",
            energy.map { $0.interval.isEmpty ? "" : mark + $0.interval } ?? "",
            verdict(comparison.energyVerdict, comparison.energyTendency, .energy).map { mark + $0 } ?? "",
            NumberFormat.ratio(comparison.trafficRatio),
        ]
    }

    private static func verdict(_ word: String?, _ tendency: String?, _ quantity: Verdict.Quantity) -> String? {
        word.map { cell(Verdict(word: $0).word(for: quantity) + (tendency.map { ", probably \($0)" } ?? "")) }
    }

    private static func ratio(_ value: Double, _ interval: Interval?) -> (value: String, interval: String) {
        guard let interval else { return (NumberFormat.ratio(value), "") }
        return NumberFormat.quantity(value, interval, .ratio)
    }

    /// - Parameter rightFrom: the first column that is set flush right.
    private static func table(_ heads: [String], _ rows: [[String]], rightFrom: Int) -> [String] {
        let rule = heads.indices.map { $0 >= rightFrom ? "---:" : "---" }
        return ([heads, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
    }

    /// Text that stays within its cell, and is no formula for whoever takes the table into a spreadsheet.
    private static func cell(_ text: String) -> String { plain(text.inertCell) }

    /// Text on one line that is shown as it is written.
    private static func plain(_ text: String) -> String {
        var escaped = ""
        for character in text.harmless {
            switch character {
            case _ where character.isNewline || character == "\t": escaped += " "
            case "|", "\\", "`", "*", "_", "<", "[": escaped += "\\\(character)"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
