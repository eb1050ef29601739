import Statistics

/// A run as Markdown: what it ran on, its measurements and its comparisons, as tables that fit into an issue or a wiki.
///
/// Modelled joules are marked with `≈`, and a column says how each came to be. An unknown is an empty cell, unknown joules are a dash with the reason below the table.
public enum MarkdownWriter {
    public static func text(of run: RunRecord) -> String {
        var lines = ["# \(cell(run.tool.name)) \(cell(run.tool.version)), \(cell(run.startedAt))", ""]
        lines += ["\(cell(run.host.cpu.model)), \(cell(run.host.operatingSystem)), \(cell(run.host.kernel))", ""]
        if run.interrupted { lines += ["The run was interrupted: what follows is what it had measured.", ""] }
        for device in run.devices {
            lines.append("- `\(cell(device.id))`: \(cell(device.name)), \(cell(device.driver))")
        }
        if !run.devices.isEmpty { lines.append("") }
        lines += ["## Measurements", ""] + table(measurementHeads, run.measurements.map(row), rightFrom: 4)
        lines += energyNotes(run)
        if !run.comparisons.isEmpty {
            let baseline = run.tuning == nil ? "unfused strategy" : "default configuration"
            let side = run.tuning == nil ? "strategy" : "configuration"
            lines += ["", "## Against the \(baseline)", "", "Ratios above 1 are in favour of the \(side)."]
            lines += [""] + table(comparisonHeads, run.comparisons.map(row), rightFrom: 5)
        }
        let provenances = Set(run.measurements.compactMap { $0.energy?.provenance })
        if provenances.contains(.modelled) {
            lines += ["", "≈ marks energy that is computed by a model, not measured."]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static let measurementHeads = [
        "strategy", "workload", "device", "precision", "time", "95 % interval", "noise", "samples", "FLOP/s", "energy",
        "95 % interval", "provenance", "FLOP/J", "status",
    ]

    private static func row(_ measurement: MeasurementRecord) -> [String] {
        let time = measurement.time
        let energy = measurement.energy
        let mark = energy?.provenance == .modelled ? "≈ " : ""
        let joules = energy?.leadingJoules.map { mark + FormattedQuantity.si($0, "J") }
        // A modelled figure is never resolved, and its mark says so already.
        let isUnresolved = mark.isEmpty && energy?.grossJoules != nil && energy?.resolved == false
        return [
            "\(measurement.family)/\(measurement.strategy)", measurement.workload, measurement.device,
            measurement.precision,
            time.map { FormattedQuantity.si($0.median, "s") } ?? "",
            range(time?.interval, "s"),
            time?.relativeNoise.map(FormattedQuantity.percent) ?? "",
            time.map { "\($0.samples)" } ?? "",
            measurement.derived.map { FormattedQuantity.si($0.flopsPerSecond, "FLOP/s") } ?? "",
            joules.map { isUnresolved ? "\($0) (unresolved)" : $0 } ?? (measurement.status == .ok ? "–" : ""),
            energy?.leadingInterval.map { mark + range($0, "J") } ?? "",
            joules == nil ? "" : energy?.provenance.rawValue ?? "",
            measurement.derived?.flopsPerJoule.map { mark + FormattedQuantity.si($0, "FLOP/J") } ?? "",
            measurement.status.rawValue + (measurement.message.map { ": \($0)" } ?? ""),
        ]
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
        return notes.isEmpty ? [] : [""] + notes.map { "- \(cell($0))" }
    }

    private static let comparisonHeads = [
        "strategy", "against", "workload", "device", "precision", "speedup", "95 % interval", "time", "energy ratio",
        "95 % interval", "energy", "traffic ratio",
    ]

    private static func row(_ comparison: ComparisonRecord) -> [String] {
        let mark = comparison.energyProvenance == .modelled ? "≈ " : ""
        return [
            "\(comparison.family)/\(comparison.strategy)", comparison.baseline, comparison.workload, comparison.device,
            comparison.precision,
            FormattedQuantity.significant(comparison.speedup), range(comparison.speedupInterval),
            comparison.timeVerdict ?? "",
            comparison.energyRatio.map { mark + FormattedQuantity.significant($0) } ?? "",
            comparison.energyRatioInterval.map { mark + range($0) } ?? "",
            comparison.energyVerdict.map { mark + $0 } ?? "",
            FormattedQuantity.significant(comparison.trafficRatio),
        ]
    }

    private static func range(_ interval: Interval?, _ unit: String? = nil) -> String {
        guard let interval else { return "" }
        let ends = [interval.lower, interval.upper].map { end in
            unit.map { FormattedQuantity.si(end, $0) } ?? FormattedQuantity.significant(end)
        }
        return "\(ends[0]) to \(ends[1])"
    }

    /// - Parameter rightFrom: the first column that is set flush right.
    private static func table(_ heads: [String], _ rows: [[String]], rightFrom: Int) -> [String] {
        let rule = heads.indices.map { $0 >= rightFrom ? "---:" : "---" }
        return ([heads.map(cell), rule] + rows.map { $0.map(cell) }).map { "| " + $0.joined(separator: " | ") + " |" }
    }

    /// Text that stays within its cell, and is shown as it is written.
    private static func cell(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case _ where character.isNewline: escaped += " "
            case "|", "\\", "`", "*", "_", "<", "[": escaped += "\\\(character)"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
