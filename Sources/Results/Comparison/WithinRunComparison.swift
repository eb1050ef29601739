import Glibc
import Statistics

/// Every strategy of a run beside its family's baseline strategy, at the same workload, parameters, device and
/// precision.
///
/// Only measurements whose outputs were right take part: what fails verification has no speed. Intervals, and with them
/// the verdicts, are corrected for the number of comparisons in the run, those of time and of energy each among
/// themselves (``VerdictRule``). A verdict is `nil` where there is nothing to judge: fewer than two samples, or joules
/// that are unavailable or must not be weighed together.
///
/// - Parameter baselines: the unfused strategy of each family; families that are not named are left out.
public func withinRunComparisons(
    _ run: RunRecord, baselines: [String: String], rule: VerdictRule = VerdictRule()
) -> [ComparisonRecord] {
    let verified = run.measurements.filter {
        $0.status == .ok && $0.time != nil && $0.work != nil && $0.suspicion == nil
    }
    let byKey = Dictionary(verified.map { (MeasurementKey($0), $0) }, uniquingKeysWith: { first, _ in first })
    let pairs = verified.compactMap { candidate -> StrategyPair? in
        guard let name = baselines[candidate.family], name != candidate.strategy,
            let baseline = byKey[MeasurementKey(candidate).with(strategy: name)]
        else { return nil }
        return StrategyPair(baseline: baseline, candidate: candidate)
    }
    return judged(pairs, run, rule)
}

/// Everything that was right on a processor beside the fastest of it, whichever device and strategy that is, at the
/// same workload and precision: of devices that were measured in the same rounds (``Swift/Array/measuredTogether``).
/// The fastest is the baseline.
///
/// That it was chosen by the times that are compared favours it a little; intervals are corrected for all comparisons
/// of the run together, which is more than it gains.
///
/// - Returns: `nil` where no two devices were measured together.
public func processorComparisons(_ run: RunRecord, rule: VerdictRule = VerdictRule()) -> [ComparisonRecord]? {
    let processors = run.devices.measuredTogether.filter { $0.count > 1 }
    guard !processors.isEmpty else { return nil }
    var pairs: [StrategyPair] = []
    for devices in processors.map({ Set($0.map(\.id)) }) {
        let verified = run.measurements.filter {
            devices.contains($0.device) && $0.status == .ok && $0.time != nil && $0.work != nil
        }
        for contenders in Dictionary(grouping: verified, by: { MeasurementKey($0).problem }).values {
            guard let best = contenders.min(by: { $0.seconds < $1.seconds }) else { continue }
            pairs += contenders.filter { $0.device != best.device || $0.strategy != best.strategy }
                .compactMap { StrategyPair(baseline: best, candidate: $0) }
        }
    }
    return judged(pairs.sorted { $0.place(in: run) < $1.place(in: run) }, run, rule)
}

private func judged(_ pairs: [StrategyPair], _ run: RunRecord, _ rule: VerdictRule) -> [ComparisonRecord] {
    let times = JudgedRatios.judged(pairs.map(\.time), rule, .time)
    let energies = JudgedRatios.judged(pairs.map { $0.energy?.estimate }, rule, .energy)
    let command = DecidingCommand(run, rule)
    return pairs.indices.map { pairs[$0].compared(times[$0], energies[$0], command) }
}

extension MeasurementRecord {
    /// Median time of an execution.
    fileprivate var seconds: Double { time?.median ?? .infinity }
}

private struct StrategyPair {
    private let baseline: MeasurementRecord
    private let candidate: MeasurementRecord
    private let unjudged: ComparisonRecord
    let time: RatioEstimate?
    let energy: EnergyEffect?

    init?(baseline: MeasurementRecord, candidate: MeasurementRecord) {
        guard let baselineTime = baseline.time, let candidateTime = candidate.time, candidateTime.median > 0,
            let baselineWork = baseline.work, let candidateWork = candidate.work, candidateWork.strategyBytes > 0
        else { return nil }
        self.baseline = baseline
        self.candidate = candidate
        time = RatioEstimate.withinRun(baselineTime, candidateTime)
        let quotient = baselineTime.median / candidateTime.median
        let speedup = time?.ratio ?? quotient
        let candidateEnergy = candidate.energy?.modelled(atTimes: quotient / speedup)
        // The coefficients of a model are wrong in the same way on both sides: there is a ratio, and nothing to judge.
        let isModelled = [baseline, candidate].allSatisfy { $0.energy?.leadsWithNet == true }
        energy = isModelled ? nil : EnergyEffect(baseline: baseline.energy, candidate: candidateEnergy)
        var record = ComparisonRecord(
            family: candidate.family, workload: candidate.workload, device: candidate.device,
            precision: candidate.precision, baseline: baseline.strategy, strategy: candidate.strategy,
            speedup: speedup, trafficRatio: baselineWork.strategyBytes / candidateWork.strategyBytes)
        if baseline.device != candidate.device { record.baselineDevice = baseline.device }
        record.energyRatio = energy?.estimate.ratio
        record.energyProvenance = energy?.provenance
        if energy == nil, let ratio = Self.modelledRatio(baseline.energy, candidateEnergy) {
            record.energyRatio = ratio
            record.energyProvenance = .modelled
        }
        unjudged = record
    }

    /// Of the measurement that is held against the other.
    func place(in run: RunRecord) -> Int { run.measurements.firstIndex(of: candidate) ?? 0 }

    /// The comparison with its verdicts.
    func compared(_ time: Judgement?, _ energy: Judgement?, _ command: DecidingCommand?) -> ComparisonRecord {
        var record = unjudged
        if let time {
            record.speedupInterval = time.interval
            record.speedupConfidence = time.confidence
            record.timeVerdict = time.verdict.word(for: .time)
            record.timeTendency = time.tendency?.word(for: .time)
            record.timeReason = time.reason
            let spent = [baseline, candidate].map { DecidingCommand.secondsSpent($0.time) }.max() ?? 0
            record.timeCommand = self.command(command, time, self.time, spent)
        }
        if let energy {
            record.energyRatioInterval = energy.interval
            record.energyRatioConfidence = energy.confidence
            record.energyVerdict = energy.verdict.word(for: .energy)
            record.energyTendency = energy.tendency?.word(for: .energy)
            record.energyReason = energy.reason
            // What is modelled becomes no better known by more of it: its windows took no time.
            let spent = [baseline, candidate].compactMap { $0.energy?.windowSeconds }.max() ?? 0
            record.energyCommand = self.command(command, energy, self.energy?.estimate, spent)
        }
        return record
    }

    private func command(
        _ command: DecidingCommand?, _ judgement: Judgement, _ estimate: RatioEstimate?, _ spent: Double
    ) -> String? {
        guard judgement.verdict == .unresolved, let estimate else { return nil }
        // What ran on two devices takes both, and more options than one command has.
        guard baseline.device == candidate.device else { return nil }
        return command?.text(
            candidate, strategies: [baseline.strategy, candidate.strategy], spent: spent, estimate: estimate)
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
