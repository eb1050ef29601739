import Results
import Statistics

/// The readable table of a run for a terminal: what was found, in words, then a block per workload.
///
/// ```
/// attention · llama3-8b-prefill-512 · f32
///   cpu:0     unfused   12.34 ms ± 1.2 %   152 GFLOP/s   34 %   ≈ 3.21 J ± 8 %   47 GFLOP/J
///             flash      4.01 ms ± 0.8 %   468 GFLOP/s   88 %   ≈ 1.10 J ± 8 %  137 GFLOP/J   3.08 × [2.95, 3.21] faster
/// ```
public struct TerminalTable {
    private enum Style: String {
        case bold = "1", dim = "2", good = "32", bad = "31", warn = "33"
    }

    /// A column: what it says of a measurement, and how soon it gives way on a narrow terminal (0 never).
    private struct Column: Sendable {
        let heading: String
        let givesWay: Int
        let alignsRight: Bool
        let text: @Sendable (MeasurementRecord, ReportedRun) -> String
    }

    private let columns: [Column]

    /// - Parameter metrics: what is shown of each measurement, where it has a place on a terminal.
    public init(metrics: [Metric] = Metric.all) { columns = Self.columns(metrics) }

    /// The table, lines ended by newlines, none wider than `width` columns.
    ///
    /// - Parameter color: adds ANSI colours; without it the text has no escape codes.
    public func render(run: RunRecord, width: Int, color: Bool) -> String {
        let reported = ReportedRun(run)
        let width = max(width, 40)
        let findings = Findings([reported])
        var lines: [String] = []
        lines += Self.wrapped(Wording.sentence(findings.headline), width: width).map {
            Self.styled($0, .bold, color)
        }
        if !findings.lede.isEmpty { lines += Self.wrapped(findings.lede, width: width) }
        lines.append("")
        lines += body(reported, width: width, color: color)
        let processors = ProcessorTable.lines(reported)
        lines += processors.map {
            Self.styled(TerminalText.truncated($0.text, to: width), $0.isHeading ? .bold : nil, color)
        }
        if !processors.isEmpty { lines.append("") }
        if let provenance = Self.provenance(run) {
            lines += Self.wrapped(provenance, width: width, indent: 2).map { Self.styled($0, .dim, color) }
        }
        for caution in findings.cautions {
            lines += Self.wrapped("! " + caution, width: width, indent: 2).map { Self.styled($0, .warn, color) }
        }
        if let accounting = run.energyAccounting {
            lines += Self.wrapped("Energy: \(accounting.rule) \(accounting.costSentence)", width: width, indent: 2).map
            { Self.styled($0, .dim, color) }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    // MARK: Rows

    private static func columns(_ metrics: [Metric]) -> [Column] {
        let shown = metrics.filter { $0.terminal != nil }
        let figures = shown.enumerated().map { place, metric in
            Column(heading: metric.short, givesWay: metric.terminal ?? 0, alignsRight: true) { measurement, _ in
                guard let figure = metric.figure(measurement) else {
                    // What became of a measurement without figures stands in the place of the first.
                    return place == 0 ? measurement.status.rawValue : NumberFormat.unknown
                }
                let width = NumberFormat.relativeHalfWidth(figure.value, figure.interval).map { " " + $0 }
                return figure.mark + NumberFormat.quantity(figure.value, figure.unit) + (width ?? "")
            }
        }
        let attributes = Attribute.all.filter { $0.places.contains(.terminal) }.map { attribute in
            Column(heading: attribute.heading, givesWay: 9, alignsRight: false) { measurement, run in
                attribute.text(measurement, in: run.record) ?? ""
            }
        }
        return [
            Column(heading: "device", givesWay: 0, alignsRight: false) { measurement, _ in measurement.device },
            Column(heading: "strategy", givesWay: 0, alignsRight: false) { measurement, _ in measurement.strategy },
        ] + figures + [
            Column(heading: "against the baseline", givesWay: 3, alignsRight: false) { measurement, run in
                run.comparison(of: measurement)?.timeInWords ?? ""
            }
        ] + attributes
    }

    /// The first line, and the first that speaks of an error when that one does not: a compiler's log can be a screen long.
    private static func gist(_ message: String) -> String {
        let lines = message.split(whereSeparator: \.isNewline)
        guard lines.count > 1, let first = lines.first else { return message }
        let cause = first.contains("error") ? nil : lines.dropFirst().first { $0.contains("error") }
        return ([first] + (cause.map { [$0] } ?? [])).joined(separator: " ") + " (the whole message: --json or --html)"
    }

    private func body(_ run: ReportedRun, width: Int, color: Bool) -> [String] {
        let measurements = run.record.measurements
        guard !measurements.isEmpty else { return ["no measurements"] }
        let cells = measurements.map { measurement in
            columns.map { TerminalText.harmless($0.text(measurement, run)) }
        }
        let widths = columns.indices.map { column in
            max(
                TerminalText.width(columns[column].heading),
                cells.map { TerminalText.width($0[column]) }.max() ?? 0)
        }
        let shown = fitting(widths, width: width)
        var lines = [Self.styled(line(columns.map(\.heading), shown, widths, width: width), .dim, color)]
        var heading = ""
        for (measurement, texts) in zip(measurements, cells) {
            let block = TerminalText.harmless(
                "\(measurement.family) · \(measurement.workload) · \(measurement.precision)")
            if block != heading {
                heading = block
                lines.append(Self.styled(TerminalText.truncated(block, to: width), .bold, color))
            }
            let line = line(texts, shown, widths, width: width)
            lines.append(Self.styled(line, Self.style(measurement, run), color))
            if measurement.status != .ok, let message = measurement.message {
                lines += Self.wrapped("    " + TerminalText.harmless(Self.gist(message)), width: width, indent: 4)
                    .map { Self.styled($0, .bad, color) }
            }
        }
        return lines + [""]
    }

    private static func style(_ measurement: MeasurementRecord, _ run: ReportedRun) -> Style? {
        switch measurement.status {
        case .incorrect, .failed: return .bad
        case .skipped: return .dim
        case .ok:
            switch run.comparison(of: measurement)?.time {
            case .better: return .good
            case .worse: return .bad
            case .same, .unresolved, nil: return nil
            }
        }
    }

    /// How the joules came to be that were not modelled; the marks and the cautions speak of those that were.
    private static func provenance(_ run: RunRecord) -> String? {
        let known = run.measurements.compactMap { measurement in
            measurement.validEnergy.map(\.provenance)
        }
        let kinds: [(EnergyProvenance, String)] = [
            (.measured, "measured (counter)"), (.integrated, "integrated from a power sensor"),
        ]
        let total = run.measurements.count { $0.status == .ok }
        let parts = kinds.compactMap { kind, words -> (words: String, count: Int)? in
            let count = known.count { $0 == kind }
            return count > 0 ? (words, count) : nil
        }
        guard let first = parts.first else { return nil }
        let noun = total == 1 ? "measurement" : "measurements"
        let share = first.count == total ? "all \(total) \(noun)" : "\(first.count) of \(total) \(noun)"
        let rest = parts.dropFirst().map { ", \($0.words) in \($0.count)" }
        return "Energy is \(first.words) in \(share)\(rest.joined())."
    }

    // MARK: Fitting the width

    private static let margin = "  "
    private static let gap = "  "

    /// The columns that fit, in order; those that give way soonest are left out first.
    private func fitting(_ widths: [Int], width: Int) -> [Int] {
        var shown = Array(columns.indices)
        func total() -> Int {
            shown.map { widths[$0] }.reduce(Self.margin.count, +) + Self.gap.count * (shown.count - 1)
        }
        while total() > width {
            let candidates = shown.filter { columns[$0].givesWay > 0 }
            guard let next = candidates.max(by: { columns[$0].givesWay < columns[$1].givesWay }) else { break }
            shown.removeAll { $0 == next }
        }
        return shown
    }

    private func line(_ texts: [String], _ shown: [Int], _ widths: [Int], width: Int) -> String {
        let parts = shown.map { column in
            let padding = String(repeating: " ", count: max(0, widths[column] - TerminalText.width(texts[column])))
            return columns[column].alignsRight ? padding + texts[column] : texts[column] + padding
        }
        var line = Self.margin + parts.joined(separator: Self.gap)
        while line.last == " " { line.removeLast() }
        return TerminalText.truncated(line, to: width)
    }

    private static func styled(_ text: String, _ style: Style?, _ color: Bool) -> String {
        guard color, let style, !text.isEmpty else { return text }
        return "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m"
    }

    private static func wrapped(_ text: String, width: Int, indent: Int = 0) -> [String] {
        TerminalText.wrapped(TerminalText.harmless(text), width: width, indent: indent)
    }
}
