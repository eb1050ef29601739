import Kernels
import Results
import Statistics

/// Puts a strategy's configurations in order, by what a run measured of them.
package struct ConfigurationJudge {
    /// How a configuration did, with its own figure.
    package typealias Look = (configuration: TuningRecord.Configuration, figure: Double?)

    private let strategy: Strategy
    private let objective: TuningRecord.Objective

    package init(strategy: Strategy, objective: TuningRecord.Objective) {
        self.strategy = strategy
        self.objective = objective
    }

    /// After a first look, the most promising first: by the objective, or by time when there was too little of it for
    /// the joules of every configuration.
    package func ranked(_ configurations: [StrategyConfiguration], _ run: RunRecord) -> [Look] {
        let looks = judged(configurations, run)
        guard looks.contains(where: { $0.configuration.status == .ok && $0.figure == nil }) else { return looks }
        return judged(configurations, run) { $0.status == .ok ? $0.time?.median : nil }.map { look in
            var look = look
            look.configuration.ratio =
                looks.first { $0.configuration.chosen == look.configuration.chosen }?
                .configuration.ratio
            return look
        }
    }

    /// Each beside the default of its own group, the best by the objective first.
    package func judged(_ configurations: [StrategyConfiguration], _ run: RunRecord) -> [Look] {
        judged(configurations, run, by: figure)
    }

    /// The best of those that are better than the default beyond doubt, or of all where the default gives no right
    /// result.
    package func best(_ configurations: [StrategyConfiguration], _ run: RunRecord) -> StrategyConfiguration? {
        let better = run.comparisons.filter { $0.baseline == strategy.name && isBetter($0) }
        let isDefaultRight = run.measurements.contains { $0.strategy == strategy.name && $0.status == .ok }
        return judged(configurations, run).first { look in
            let name = strategy.choosing(look.configuration.chosen).label
            return isDefaultRight ? better.contains { $0.strategy == name } : look.figure != nil
        }?.configuration.chosen
    }

    private func judged(
        _ configurations: [StrategyConfiguration], _ run: RunRecord, by figure: (MeasurementRecord) -> Double?
    ) -> [Look] {
        let chosen = Dictionary(uniqueKeysWithValues: configurations.map { (strategy.choosing($0).label, $0) })
        var found: [Look] = []
        var reference: Double?
        for measurement in run.measurements {
            // The default stands at the head of each group.
            if measurement.strategy == strategy.name { reference = figure(measurement) }
            guard let chosen = chosen[measurement.strategy] else { continue }
            let figure = figure(measurement)
            let ratio = reference.flatMap { reference in figure.map { reference / $0 } }
            var configuration = TuningRecord.Configuration(
                chosen, status: measurement.status, message: measurement.message, ratio: ratio)
            configuration.seconds = measurement.time?.median
            found.append((configuration, figure))
        }
        // Where the default cannot run there is nothing to hold against, but configurations compare all the same.
        let hasReference = found.contains { $0.configuration.ratio != nil }
        return found.sorted {
            hasReference
                ? ($0.configuration.ratio ?? 0) > ($1.configuration.ratio ?? 0)
                : ($0.figure ?? .infinity) < ($1.figure ?? .infinity)
        }
    }

    /// What the best configuration has least of.
    private func figure(_ measurement: MeasurementRecord) -> Double? {
        guard measurement.status == .ok else { return nil }
        return switch objective {
        case .time: measurement.time?.median
        case .energy: measurement.energy?.grossJoules
        case .edp: measurement.derived?.energyDelayProduct
        }
    }

    private func isBetter(_ comparison: ComparisonRecord) -> Bool {
        switch objective {
        case .time: return comparison.timeVerdict.map(Verdict.init(word:)) == .better
        case .energy: return comparison.energyVerdict.map(Verdict.init(word:)) == .better
        case .edp:
            guard let time = comparison.speedupInterval, let energy = comparison.energyRatioInterval else {
                return false
            }
            return time.lower * energy.lower > 1
        }
    }
}
