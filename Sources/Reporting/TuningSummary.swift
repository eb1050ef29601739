import Results

/// What a search among configurations came to, in words.
struct TuningSummary {
    private let tuning: TuningRecord
    private let run: RunRecord

    /// `nil` for a run that searched for nothing.
    init?(_ run: RunRecord) {
        guard let tuning = run.tuning else { return nil }
        self.tuning = tuning
        self.run = run
    }

    /// What is best, as one sentence without its full stop.
    var conclusion: String {
        let defaults = Self.words(tuning.defaults)
        guard let best = tuning.best else {
            return run.interrupted
                ? "the search was interrupted: whether \(name) is better with other tunables than its default is not known"
                : "no configuration of \(name) is \(better) than the default, \(defaults), beyond doubt"
        }
        guard let comparison = comparison(of: best) else {
            return "with \(Self.words(best)), \(name) is best; its default, \(defaults), cannot be measured here"
        }
        return "with \(Self.words(best)), \(name) is \(gain(comparison)) \(better) than with its default, \(defaults)"
    }

    /// What was tried, and what became of the rest.
    var scope: String {
        var parts = ["Tried \(tuning.configurations.count + 1) of \(tuning.configurationCount) configurations"]
        for (status, words) in [
            (MeasurementStatus.skipped, "cannot run here"), (.incorrect, "gave wrong results"), (.failed, "failed"),
        ] {
            let count = tuning.configurations.count { $0.status == status }
            if count > 0 { parts.append("\(count) \(words)") }
        }
        return parts.joined(separator: ", ") + "."
    }

    /// How to make the best configuration the default; `nil` when it is that already.
    var advice: String? {
        guard let best = tuning.best, let device = run.devices.first else { return nil }
        let values = best.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ")
        return "To keep it, write into the strategy's strategy.json: \"\(device.backend)\": {\"tunables\": {\(values)}}"
    }

    /// `BLOCK_M=32,WAVES=4`
    static func words(_ tunables: [String: Int]) -> String {
        tunables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }

    private var name: String {
        (run.measurements.first.map { "\($0.family)/" } ?? "") + tuning.strategy
    }

    private var better: String {
        switch tuning.objective {
        case .time: "faster"
        case .energy: "cheaper"
        case .edp: "better in energy × delay"
        }
    }

    private func comparison(of tunables: [String: Int]) -> ComparisonRecord? {
        let name = tuning.configurations.first { $0.tunables == tunables }?.strategy
        return run.comparisons.first { $0.strategy == name && $0.baseline == tuning.strategy }
    }

    private func gain(_ comparison: ComparisonRecord) -> String {
        switch tuning.objective {
        case .time: NumberFormat.ratio(comparison.speedup, comparison.speedupInterval)
        case .energy: NumberFormat.ratio(comparison.energyRatio, comparison.energyRatioInterval)
        case .edp: NumberFormat.ratio(comparison.energyRatio.map { $0 * comparison.speedup })
        }
    }
}

extension HTMLReport {
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
                <th scope="row">\(TuningSummary.words(configuration.tunables))</th>\
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
