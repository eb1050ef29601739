import Results
import Statistics

/// The readable table of a run for a terminal: what was found, in words, then a block per workload.
///
/// ```
/// attention · llama3-8b-prefill-512 · f32
///   cpu:0  unfused 12.34 ms ± 1.2 %   152 GFLOP/s   34 %   ≈ 3.21 J ± 8 %   47 GFLOP/J
///          flash    4.01 ms ± 0.8 %   468 GFLOP/s   88 %   ≈ 1.10 J ± 8 %  137 GFLOP/J   3.08 × [2.95, 3.21] faster
/// ```
public struct TerminalTable {
    private enum Style: String {
        case bold = "1", dim = "2", good = "32", bad = "31", warn = "33"
    }

    private let columns: [TerminalColumn]

    /// - Parameter metrics: what is shown of each measurement, where it has a place on a terminal.
    public init(metrics: [Metric] = Metric.all) { columns = TerminalColumn.all(metrics) }

    /// The table, lines ended by newlines, none wider than `width` columns.
    ///
    /// - Parameter color: adds ANSI colours; without it the text has no escape codes.
    public func render(run: RunRecord, width: Int, color: Bool) -> String {
        let reported = ReportedRun(run)
        let summary = RunSummary(run)
        let width = max(width, 40)
        let findings = Findings([reported])
        var lines =
            run.label.map { [Self.styled(TerminalText.cut(TerminalText.harmless($0), to: width), .bold, color)] } ?? []
        lines += Self.wrapped(Wording.sentence(findings.headline), width: width).map {
            Self.styled($0, .bold, color)
        }
        if !findings.lede.isEmpty { lines += Self.wrapped(findings.lede, width: width) }
        lines += Self.answers(summary, width: width)
        lines += ShapeCrossing.all(run).flatMap { Self.wrapped("- \($0.words).", width: width, indent: 2) }
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
        lines += Self.next(summary, width: width, color: color)
        return lines.map { $0 + "\n" }.joined()
    }

    // MARK: Answers

    /// Steps of a kind that are shown before the rest is counted.
    private static let mostSteps = 2
    /// Answers likewise.
    private static let mostAnswers = 6

    private static func answers(_ summary: RunSummary, width: Int) -> [String] {
        let rest = summary.headlines.count - mostAnswers
        return summary.headlines.prefix(mostAnswers).flatMap { wrapped("- " + $0, width: width, indent: 2) }
            + (rest > 0 ? ["  and \(rest) more: --markdown has all"] : [])
    }

    /// What to do next, the most urgent of each kind; a command is broken as a shell joins it, to be copied.
    private static func next(_ summary: RunSummary, width: Int, color: Bool) -> [String] {
        guard !summary.steps.isEmpty else { return [] }
        var lines = ["", styled("What to do next", .bold, color)]
        for kind in [NextStep.Kind.settle, .unlock, .tune] {
            let steps = summary.steps.filter { $0.kind == kind }
            for step in steps.prefix(mostSteps) {
                lines += wrapped("- " + step.about + (step.command == nil ? "." : ":"), width: width, indent: 2)
                let words = step.command.map { wrapped("    " + $0, width: width - 2, indent: 6) } ?? []
                lines += words.enumerated().map { $0.offset < words.count - 1 ? $0.element + " \\" : $0.element }
            }
            let rest = steps.count - mostSteps
            if rest > 0 { lines.append("  and \(rest) more to \(kind.rawValue): --markdown has all") }
        }
        return lines
    }

    // MARK: Rows

    /// The first line, and the first that speaks of an error when that one does not: a compiler's log can be a screen
    /// long.
    private static func gist(_ message: String) -> String {
        let lines = message.split(whereSeparator: \.isNewline)
        guard lines.count > 1, let first = lines.first else { return message }
        let cause = first.contains("error") ? nil : lines.dropFirst().first { $0.contains("error") }
        return ([first] + (cause.map { [$0] } ?? [])).joined(separator: " ") + " (the whole message: --json or --html)"
    }

    private func body(_ run: ReportedRun, width: Int, color: Bool) -> [String] {
        let measurements = run.record.measurements
        guard !measurements.isEmpty else { return ["no measurements"] }
        let comparisons = TerminalColumn.Cases(run)
        let cells = measurements.map { measurement in
            columns.map { $0.forms(measurement, run, comparisons[measurement]).map(TerminalText.harmless) }
        }
        let fit = ColumnFit(columns, cells, width: width)
        var lines = [Self.styled(fit.line(columns.map(\.headings)), .dim, color)]
        var heading = ""
        for (measurement, texts) in zip(measurements, cells) {
            let block = TerminalText.harmless(
                "\(measurement.family) · \(measurement.workload) · \(measurement.precision)")
            if block != heading {
                heading = block
                lines.append(Self.styled(TerminalText.cut(block, to: width), .bold, color))
            }
            lines.append(Self.styled(fit.line(texts), Self.style(measurement, comparisons[measurement]), color))
            if measurement.status != .ok, let message = measurement.message {
                lines += Self.wrapped("    " + TerminalText.harmless(Self.gist(message)), width: width, indent: 4)
                    .map { Self.styled($0, .bad, color) }
            }
        }
        if fit.isShortened, comparisons.hasTendency {
            lines.append(Self.styled("  ? probably: not beyond doubt", .dim, color))
        }
        return lines + [""]
    }

    private static func style(_ measurement: MeasurementRecord, _ comparison: ComparisonCase?) -> Style? {
        switch measurement.status {
        case .incorrect, .failed: return .bad
        case .skipped: return .dim
        case .ok:
            switch comparison?.time {
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

    private static func styled(_ text: String, _ style: Style?, _ color: Bool) -> String {
        guard color, let style, !text.isEmpty else { return text }
        return "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m"
    }

    private static func wrapped(_ text: String, width: Int, indent: Int = 0) -> [String] {
        TerminalText.wrapped(TerminalText.harmless(text), width: width, indent: indent)
    }
}
