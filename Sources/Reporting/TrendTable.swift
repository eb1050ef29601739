import Results
import Statistics

/// The trend of a machine's measurements for a terminal: a block a measurement, a line a run.
///
/// ```
/// attention/flash · llama3-8b-decode-4k · f32 · cpu:0
///   run  started              version           time                 change
///    12  2026-03-01 12:00:00  0.1.0 4f1c2ab     1.23 ms ± 1.2 %          ├─┼─┤
///    15  2026-03-04 09:12:00  0.1.0 9e0d1f3     1.11 ms ± 0.9 %   ├┼┤           faster, 1.11 × [1.08, 1.13]
/// ```
public struct TrendTable {
    /// Columns of the little graph.
    private static let graph = 20

    public init() {}

    /// The table, lines ended by newlines, none wider than `width` columns.
    public func render(_ trend: HistoryTrend, width: Int, color: Bool) -> String {
        let width = max(width, 40)
        var lines = [TerminalText.cut(TerminalText.harmless(trend.machine), to: width)]
        lines += TerminalText.wrapped(Self.summary(trend), width: width) + [""]
        for series in trend.series { lines += block(series, width, color) + [""] }
        return lines.map { $0 + "\n" }.joined()
    }

    static func summary(_ trend: HistoryTrend) -> String {
        let points = trend.series.flatMap { $0.points }
        let runs = Set(points.map(\.run)).count
        let counts = ["faster", "slower"].map { word in "\(points.count { $0.timeVerdict == word }) \(word)" }
        let noun = trend.series.count == 1 ? "measurement" : "measurements"
        return "\(trend.series.count) \(noun) in \(runs) \(runs == 1 ? "run" : "runs"); against the run before "
            + "\(counts.joined(separator: ", ")), beyond doubt."
    }

    private func block(_ series: HistoryTrend.Series, _ width: Int, _ color: Bool) -> [String] {
        let title = TerminalText.cut(TerminalText.harmless(ComparisonTable.title(series.key)), to: width)
        let scale = Scale(series.points, columns: Self.graph)
        let rows = series.points.map { point in
            (point: point, texts: Self.texts(point).map(TerminalText.harmless), graph: scale.line(point))
        }
        let widths = (0..<4).map { column in rows.map { TerminalText.width($0.texts[column]) }.max() ?? 0 }
        let lines = rows.map { row in
            let cells = zip(row.texts, widths).map { text, width in
                text + String(repeating: " ", count: max(0, width - TerminalText.width(text)))
            }
            // The graph gives way first: what it shows stands in figures beside it.
            let figures = "  " + cells.joined(separator: "  ")
            let change = Self.change(row.point)
            let room = width - TerminalText.width(figures) - TerminalText.width(change) - 4
            var line = figures + (room >= Self.graph ? "  \(row.graph)" : "") + (change.isEmpty ? "" : "  \(change)")
            while line.last == " " { line.removeLast() }
            return Self.styled(TerminalText.truncated(line, to: width), row.point.timeVerdict, color)
        }
        return [color ? "\u{1B}[1m\(title)\u{1B}[0m" : title] + lines
    }

    /// Run, time of day, version and time.
    private static func texts(_ point: HistoryTrend.Point) -> [String] {
        let name = point.label.map { "\($0) (\(point.build))" } ?? point.build
        let half = NumberFormat.relativeHalfWidth(point.seconds, point.interval).map { " \($0)" } ?? ""
        return [
            "\(point.run)", Wording.readable(point.startedAt).replacing(" UTC", with: ""),
            TerminalText.cut(name, to: 24),
            NumberFormat.quantity(point.seconds, .seconds) + half,
        ]
    }

    static func change(_ point: HistoryTrend.Point) -> String {
        let energy = point.energyVerdict.flatMap { ["cheaper", "costlier"].contains($0) ? ", \($0)" : nil } ?? ""
        guard let verdict = point.timeVerdict else { return point.reason.map { "not compared: \($0)" } ?? "" }
        guard verdict != "same" else { return "same\(energy)" }
        return "\(verdict), \(NumberFormat.ratio(point.timeRatio, point.timeRatioInterval))\(energy)"
    }

    private static func styled(_ text: String, _ verdict: String?, _ color: Bool) -> String {
        guard color, let code = ["faster": "32", "slower": "31"][verdict ?? ""] else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    /// From the least to the greatest end of all intervals.
    private struct Scale {
        private let range: Interval
        private let columns: Int

        init(_ points: [HistoryTrend.Point], columns: Int) {
            let ends = points.flatMap {
                [$0.seconds, $0.interval?.lower ?? $0.seconds, $0.interval?.upper ?? $0.seconds]
            }
            range = Interval(ends.min() ?? 0, ends.max() ?? 0)
            self.columns = columns
        }

        private func place(_ value: Double) -> Int {
            let share = range.width > 0 ? (value - range.lower) / range.width : 0.5
            return min(max(Int((share * Double(columns - 1)).rounded()), 0), columns - 1)
        }

        /// `  ├─┼──┤   `.
        func line(_ point: HistoryTrend.Point) -> String {
            var characters = [Character](repeating: " ", count: columns)
            if let interval = point.interval {
                let (first, last) = (place(interval.lower), place(interval.upper))
                for column in first...max(first, last) { characters[column] = "─" }
                characters[first] = "├"
                characters[max(first, last)] = "┤"
            }
            characters[place(point.seconds)] = "┼"
            return String(characters)
        }
    }
}
