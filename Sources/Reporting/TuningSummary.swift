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
        let defaults = tuning.defaultWords
        let isDefaultWrong = defaultMeasurement?.status == .incorrect
        guard let best = tuning.chosen else {
            if run.interrupted {
                return
                    "the search was interrupted: whether \(name) is better with other tunables than its default is not known"
            }
            if let reason = unknownEnergy {
                return
                    "whether another configuration of \(name) is \(better) than the default, \(defaults), is not known: \(reason)"
            }
            if defaultMeasurement?.status != .ok {
                return "no configuration of \(name) can be measured here, nor can its default, \(defaults)"
            }
            if !tuning.configurations.contains(where: { $0.status != .skipped }) {
                return "nothing but the default, \(defaults), is left to try of \(name) here"
            }
            return "no configuration of \(name) is \(better) than the default, \(defaults), beyond doubt"
        }
        let words = best.words
        guard let comparison = comparison(of: best) else {
            let fault = isDefaultWrong ? "gives wrong results here" : "cannot be measured here"
            return "with \(words), \(name) is best; its default, \(defaults), \(fault)"
        }
        return "with \(words), \(name) is \(gain(comparison)) \(better) than with its default, \(defaults)"
    }

    /// `1.31 × [1.22, 1.40] faster`, of the best configuration; what it is instead where the default cannot run.
    var gainInWords: String {
        guard let comparison = tuning.chosen.flatMap(comparison) else { return "best; the default cannot be measured" }
        return "\(gain(comparison)) \(better)"
    }

    /// What was tried, and what became of the rest.
    var scope: String {
        let same = tuning.configurations.count { $0.sameAs != nil }
        let tried = tuning.configurations.count - same + 1
        var parts = ["Tried \(tried) of \(tuning.configurationCount) configurations"]
        if same > 0 { parts.append("\(same) \(same == 1 ? "makes" : "make") the same program here as another") }
        for (status, words) in [
            (MeasurementStatus.skipped, "cannot run here"), (.incorrect, "gave wrong results"), (.failed, "failed"),
        ] {
            let count = tuning.configurations.count { $0.status == status && $0.sameAs == nil }
            if count > 0 { parts.append("\(count) \(words)") }
        }
        return parts.joined(separator: ", ") + "."
    }

    /// How to make the best configuration the default; `nil` when it is that already.
    var advice: String? {
        guard let best = tuning.chosen, let device = run.devices.first else { return nil }
        let values = best.tunables.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
        let variant = best.variant.map { ", and a ladder whose first rung that can run there is '\($0)'" } ?? ""
        return """
            To make it the default on all \(device.backend) devices, \(tuning.file) needs "tunables": \
            {\(values.joined(separator: ", "))} under "\(device.backend)"\(variant).
            """
    }

    /// Why joules decide nothing, when they should: no comparison with the default has an interval of theirs.
    private var unknownEnergy: String? {
        guard tuning.objective != .time, !run.comparisons.isEmpty else { return nil }
        guard run.comparisons.allSatisfy({ $0.energyRatioInterval == nil }) else { return nil }
        let reasons = run.measurements.compactMap { $0.energy?.reason }
        return reasons.first ?? "too little is known of their joules"
    }

    private var defaultMeasurement: MeasurementRecord? {
        run.measurements.first { $0.strategy == tuning.strategy }
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

    private func comparison(of chosen: StrategyConfiguration) -> ComparisonRecord? {
        let name = tuning.configurations.first { $0.chosen == chosen }?.strategy
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
