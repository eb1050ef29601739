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
        let defaults = TuningRecord.words(tuning.defaults)
        guard let best = tuning.best else {
            return run.interrupted
                ? "the search was interrupted: whether \(name) is better with other tunables than its default is not known"
                : "no configuration of \(name) is \(better) than the default, \(defaults), beyond doubt"
        }
        guard let comparison = comparison(of: best) else {
            return
                "with \(TuningRecord.words(best)), \(name) is best; its default, \(defaults), cannot be measured here"
        }
        return
            "with \(TuningRecord.words(best)), \(name) is \(gain(comparison)) \(better) than with its default, \(defaults)"
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
