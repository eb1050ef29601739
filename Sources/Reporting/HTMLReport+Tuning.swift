import Results

extension HTMLReport {
    /// Every configuration that was tried, of each run that searched; empty without such a run.
    func tuningSection() -> Markup {
        let parts = runs.compactMap { run -> Markup? in
            guard let tuning = run.record.tuning, let summary = TuningSummary(run.record) else { return nil }
            guard runs.count > 1 else { return Self.table(tuning, index: run.index) }
            return """
                <h3>\(run.label)</h3><p>\(Wording.sentence(summary.conclusion)) \(summary.scope) \(summary.advice ?? "")</p>
                \(Self.table(tuning, index: run.index))
                """
        }
        guard !parts.isEmpty else { return "" }
        return "<section id=\"tuning\"><h2>Configurations</h2>\(parts)</section>"
    }

    private static func table(_ tuning: TuningRecord, index: Int) -> Markup {
        var notes = Footnotes(prefix: "tuning-note-\(index)")
        let twins = Dictionary(grouping: tuning.configurations.compactMap(\.twin)) { $0 }.mapValues(\.count)
        let defaults = StrategyConfiguration(tunables: tuning.defaults)
        func others(_ count: Int) -> String { "\(count) \(count == 1 ? "other" : "others")" }
        let rows = tuning.configurations.filter { $0.sameAs == nil }.map { configuration -> Markup in
            let look: Markup = configuration.strategy == nil ? "at first look" : "profiled"
            let ratio =
                configuration.ratio.map { TableCell.figure("\(NumberFormat.ratio($0))", detail: look, value: $0) }
                ?? TableCell.unknown(reason(configuration, tuning), &notes)
            return """
                <th scope="row">\(configuration.chosen.words)\
                \(when: twins[configuration.chosen] != nil, "<small>the same program as \(others(twins[configuration.chosen] ?? 0))</small>")\
                </th>\
                \(TableCell.text("\(configuration.status.rawValue)"))\(ratio)
                """
        }
        return TableCell.table(
            caption: """
                Every program that was looked at, with the default's \(objective(tuning.objective)) over its own: above 1, \
                it is better. Medians; a first look has few samples.\
                \(when: twins[defaults] != nil, " The default makes the same program as \(others(twins[defaults] ?? 0)).")
                """,
            headings: [
                .text("Configuration"), .text("Status"),
                .figure("\(objective(tuning.objective))", "default ÷ configuration"),
            ],
            rows: rows, attributes: " class=\"sortable\"", notes: notes)
    }

    /// Why there is no ratio.
    private static func reason(_ configuration: TuningRecord.Configuration, _ tuning: TuningRecord) -> String {
        if let message = configuration.message { return message }
        guard configuration.status == .ok else { return configuration.status.rawValue }
        return "the \(objective(tuning.objective)) of the default or of this configuration is not known"
    }

    private static func objective(_ objective: TuningRecord.Objective) -> String {
        switch objective {
        case .time: "time"
        case .energy: "energy"
        case .edp: "energy × delay"
        }
    }
}
