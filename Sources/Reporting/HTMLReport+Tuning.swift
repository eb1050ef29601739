import Results

extension HTMLReport {
    /// Every configuration that was tried, of each run that searched; empty without such a run.
    func tuningSection() -> Markup {
        let parts = runs.compactMap { run -> Markup? in
            guard let tuning = run.record.tuning, let summary = TuningSummary(run.record) else { return nil }
            guard runs.count > 1 else { return Self.table(tuning) }
            return """
                <h3>\(run.label)</h3><p>\(Wording.sentence(summary.conclusion)) \(summary.scope) \(summary.advice ?? "")</p>
                \(Self.table(tuning))
                """
        }
        guard !parts.isEmpty else { return "" }
        return "<section id=\"tuning\"><h2>Configurations</h2>\(parts)</section>"
    }

    private static func table(_ tuning: TuningRecord) -> Markup {
        var notes = Footnotes(prefix: "tuning-note")
        let rows = tuning.configurations.map { configuration -> Markup in
            let look: Markup = configuration.strategy == nil ? "at first look" : "profiled"
            let ratio =
                configuration.ratio.map { TableCell.figure("\(NumberFormat.ratio($0))", detail: look, value: $0) }
                ?? TableCell.unknown(configuration.message ?? configuration.status.rawValue, &notes)
            return """
                <th scope="row">\(TuningRecord.words(configuration.tunables))</th>\
                \(TableCell.text("\(configuration.status.rawValue)"))\(ratio)
                """
        }
        return TableCell.table(
            caption: """
                Every configuration that was tried, with the default's \(objective(tuning.objective)) over its own: above 1, \
                it is better. Medians; a first look has few samples.
                """,
            headings: [
                .text("Configuration"), .text("Status"),
                .figure("\(objective(tuning.objective))", "default ÷ configuration"),
            ],
            rows: rows, attributes: " class=\"sortable\"", notes: notes)
    }

    private static func objective(_ objective: TuningRecord.Objective) -> String {
        switch objective {
        case .time: "time"
        case .energy: "energy"
        case .edp: "energy × delay"
        }
    }
}
