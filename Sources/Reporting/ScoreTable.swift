import Results

/// Scores for a terminal: one line each, the best first, with the ratios that they are made of.
public struct ScoreTable {
    private let scores: [ModelScore]

    public init(_ scores: [ModelScore]) { self.scores = scores.sorted { $0.score > $1.score } }

    /// The lines, none wider than `width` columns, ended by newlines.
    public func render(width: Int) -> String {
        let references = scores.map(\.reference).uniqued()
        var lines = ["score  accuracy  speed  thrift  (ratios to \(references.joined(separator: "; ")))"]
        for score in scores {
            let ratios = ModelScore.Quantity.allCases.map { quantity in
                score.parts.first { $0.quantity == quantity }.map { NumberFormat.ratio($0.ratio) }
                    ?? NumberFormat.unknown
            }
            let value = NumberFormat.ratio(score.score, score.interval)
            lines.append("\(value)  \(ratios.joined(separator: "  "))  \(score.name)")
        }
        for missing in scores.flatMap(\.missing).map({ "\($0.quantity.rawValue) is left out: \($0.reason)" }).uniqued()
        {
            lines.append("! \(missing)")
        }
        lines.append("Harmonic mean of the ratios: Σ weight ÷ Σ (weight / ratio); 1 is as good as the reference.")
        return lines.flatMap { TerminalText.wrapped(TerminalText.harmless($0), width: max(width, 40), indent: 2) }
            .map { $0 + "\n" }.joined()
    }
}
