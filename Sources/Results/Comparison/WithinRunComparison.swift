import Statistics

/// Every strategy of a run beside its family's baseline strategy, at the same workload, parameters, device and precision.
///
/// Only measurements whose outputs were right take part: what fails verification has no speed. P values are corrected for
/// the number of comparisons in the run (Holm), those of time and of energy each among themselves. A verdict is `nil` where
/// there is nothing to judge: fewer than two samples, or joules that are unavailable or must not be weighed together.
///
/// - Parameters:
///   - baselines: the unfused strategy of each family; families that are not named are left out.
///   - seed: of the bootstrap.
public func withinRunComparisons(
    _ run: RunRecord, baselines: [String: String], seed: UInt64, rule: VerdictRule = VerdictRule()
) -> [ComparisonRecord] {
    let verified = run.measurements.filter { $0.status == .ok && $0.time != nil && $0.work != nil }
    let byKey = Dictionary(verified.map { (MeasurementKey($0), $0) }, uniquingKeysWith: { first, _ in first })
    let pairs = verified.compactMap { candidate -> StrategyPair? in
        guard let name = baselines[candidate.family], name != candidate.strategy,
            let baseline = byKey[MeasurementKey(candidate).with(strategy: name)]
        else { return nil }
        return StrategyPair(baseline: baseline, candidate: candidate, seed: seed)
    }
    let timeP = holmCorrected(pairs.compactMap { $0.time?.pValue })
    let energyP = holmCorrected(pairs.compactMap { $0.energy?.pValue })
    var (timePlace, energyPlace) = (0, 0)
    return pairs.map { pair in
        var record = pair.record
        if let effect = pair.time {
            let judgement = rule.judge(effect, correctedPValue: timeP[timePlace])
            record.timeVerdict = judgement.verdict.word(for: .time)
            record.timeReason = judgement.reason
            timePlace += 1
        }
        if let effect = pair.energy {
            let judgement = rule.judge(
                ratio: effect.ratio, interval: effect.interval, correctedPValue: energyP[energyPlace])
            record.energyVerdict = judgement.verdict.word(for: .energy)
            record.energyReason = judgement.reason
            energyPlace += 1
        }
        return record
    }
}

private struct StrategyPair {
    let record: ComparisonRecord
    let time: RelativeEffect?
    let energy: EnergyEffect?

    init?(baseline: MeasurementRecord, candidate: MeasurementRecord, seed: UInt64) {
        guard let baselineTime = baseline.time, let candidateTime = candidate.time, candidateTime.median > 0,
            let baselineWork = baseline.work, let candidateWork = candidate.work, candidateWork.strategyBytes > 0
        else { return nil }
        time = RelativeEffect.withinRun(baselineTime, candidateTime, seed: seed)
        // The coefficients of a model are wrong in the same way on both sides: there is a ratio, and nothing to judge.
        let isModelled = [baseline, candidate].allSatisfy { $0.energy?.leadsWithNet == true }
        energy = isModelled ? nil : EnergyEffect(baseline: baseline.energy, candidate: candidate.energy)
        var record = ComparisonRecord(
            family: candidate.family, workload: candidate.workload, device: candidate.device,
            precision: candidate.precision, baseline: baseline.strategy, strategy: candidate.strategy,
            speedup: time?.ratio ?? baselineTime.median / candidateTime.median,
            trafficRatio: baselineWork.strategyBytes / candidateWork.strategyBytes)
        record.speedupInterval = time?.interval
        record.energyRatio = energy?.ratio
        record.energyRatioInterval = energy?.interval
        record.energyProvenance = energy?.provenance
        if energy == nil, let ratio = Self.modelledRatio(baseline.energy, candidate.energy) {
            record.energyRatio = ratio
            record.energyProvenance = .modelled
        }
        self.record = record
    }

    /// What the model says of two modelled energies: a ratio without an interval, and without a verdict.
    private static func modelledRatio(_ baseline: EnergyRecord?, _ candidate: EnergyRecord?) -> Double? {
        guard baseline?.provenance == .modelled, candidate?.provenance == .modelled,
            let baselineJoules = baseline?.leadingJoules, let candidateJoules = candidate?.leadingJoules,
            candidateJoules > 0
        else { return nil }
        return baselineJoules / candidateJoules
    }
}
