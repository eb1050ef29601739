import Results

/// Scores for a terminal: one line each, the best first, with the ratios that they are made of.
public struct ScoreTable {
    private let scores: [ModelScore]

    public init(_ scores: [ModelScore]) { self.scores = scores.sorted { $0.score > $1.score } }

    /// The lines, none wider than `width` columns, ended by newlines.
    public func render(width: Int) -> String {
        let width = max(width, 40)
        let missing = scores.flatMap(\.missing).map { "! \($0.quantity.rawValue) is left out: \($0.reason)" }.uniqued()
        let notes =
            [
                "The score is the harmonic mean of ratios to the reference, Σ weight ÷ Σ (weight / ratio); 1 is as good.",
                "Reference: \(scores.map(\.reference).uniqued().joined(separator: "; ")).",
            ] + missing
        return
            (rows(width) + notes.flatMap { TerminalText.wrapped(TerminalText.harmless($0), width: width, indent: 2) })
            .map { $0 + "\n" }.joined()
    }

    private func rows(_ width: Int) -> [String] {
        let header = ["score", "", "accuracy", "speed", "thrift", "form"]
        let cells = scores.map { score -> [String] in
            let ratios = ModelScore.Quantity.allCases.map { quantity in
                score.parts.first { $0.quantity == quantity }.map { NumberFormat.ratio($0.ratio) }
                    ?? NumberFormat.unknown
            }
            let pair = score.interval.map { NumberFormat.quantity(score.score, $0, .ratio) }
            return [pair?.value ?? NumberFormat.ratio(score.score), pair?.interval ?? ""] + ratios + [score.name]
        }
        let all = ([header] + cells).map { $0.map(TerminalText.harmless) }
        let widths = header.indices.map { column in all.map { TerminalText.width($0[column]) }.max() ?? 0 }
        return all.map { row in
            let padded = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - TerminalText.width($0)) }
            return TerminalText.truncated(padded.joined(separator: "  "), to: width)
        }
    }
}
