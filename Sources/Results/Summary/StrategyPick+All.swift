import Statistics

extension StrategyPick {
    /// The pick of every workload, device and precision in which a right result stands beside its baseline's.
    static func all(_ run: RunRecord, _ rule: VerdictRule) -> [StrategyPick] {
        let comparisons = Dictionary(grouping: run.comparisons.filter { $0.baselineDevice == nil }, by: Case.init)
        let valid = run.measurements.filter {
            $0.status == .ok && $0.time != nil && $0.work != nil && $0.suspicion == nil
        }
        let contenders = Dictionary(grouping: valid, by: Case.init)
        let order = valid.map(Case.init).reduce(into: (seen: Set<Case>(), list: [Case]())) { result, key in
            if result.seen.insert(key).inserted { result.list.append(key) }
        }
        let contests = order.list.compactMap { Contest(contenders[$0] ?? [], comparisons[$0] ?? []) }
        // Pairs with rivals are judged together, like those with the baseline.
        let pairs = contests.map(\.rivalRatios)
        var judgements = JudgedRatios.judged(pairs.flatMap { $0.map(\.ratio) }, rule, .time)[...]
        return zip(contests, pairs).map { contest, pairs in
            let own = judgements.prefix(pairs.count)
            judgements = judgements.dropFirst(pairs.count)
            return contest.pick(zip(pairs, own).map { ($0.strategy, $1) })
        }
    }

    fileprivate struct Case: Hashable {
        let family, workload, device, precision: String

        init(_ measurement: MeasurementRecord) {
            (family, workload) = (measurement.family, measurement.workload)
            (device, precision) = (measurement.device, measurement.precision)
        }

        init(_ comparison: ComparisonRecord) {
            (family, workload) = (comparison.family, comparison.workload)
            (device, precision) = (comparison.device, comparison.precision)
        }
    }
}

/// The strategies of one case: a baseline, what was compared with it, and the fastest of all.
private struct Contest {
    private let baseline: MeasurementRecord
    private let candidates: [(measurement: MeasurementRecord, comparison: ComparisonRecord)]
    /// The fastest one; `nil` when that is the baseline.
    private let best: (measurement: MeasurementRecord, comparison: ComparisonRecord)?

    init?(_ measurements: [MeasurementRecord], _ comparisons: [ComparisonRecord]) {
        let byName = Dictionary(measurements.map { ($0.strategy, $0) }, uniquingKeysWith: { first, _ in first })
        guard let name = comparisons.first?.baseline, let baseline = byName[name] else { return nil }
        self.baseline = baseline
        candidates = comparisons.compactMap { comparison in
            guard comparison.baseline == name, comparison.speedup.isFinite else { return nil }
            return byName[comparison.strategy].map { ($0, comparison) }
        }
        guard !candidates.isEmpty else { return nil }
        let fastest = candidates.max { $0.comparison.speedup < $1.comparison.speedup }
        best = fastest.flatMap { $0.comparison.speedup > 1 ? $0 : nil }
    }

    /// Each other candidate's time over the best one's.
    var rivalRatios: [(strategy: String, ratio: RatioEstimate?)] {
        guard let best, let time = best.measurement.time else { return [] }
        return candidates.filter { $0.measurement.strategy != best.measurement.strategy }.map { other in
            (other.measurement.strategy, other.measurement.time.flatMap { RatioEstimate.withinRun($0, time) })
        }
    }

    func pick(_ judged: [(strategy: String, judgement: Judgement?)]) -> StrategyPick {
        let winner = best?.measurement ?? baseline
        let comparison = best?.comparison
        let rivals =
            best == nil
            ? candidates.filter { Self.verdict($0.comparison) != .worse }.map(\.measurement.strategy)
            : judged.filter { $0.judgement?.verdict != .better }.map(\.strategy)
        var pick = StrategyPick(
            family: winner.family, workload: winner.workload, device: winner.device, precision: winner.precision,
            strategy: winner.strategy, baseline: baseline.strategy, certainty: certainty,
            speedup: comparison?.speedup ?? 1, speedupInterval: comparison?.speedupInterval,
            savedSeconds: (baseline.time?.median ?? 0) - (winner.time?.median ?? 0),
            savedBytes: (baseline.work?.strategyBytes ?? 0) - (winner.work?.strategyBytes ?? 0), rivals: rivals)
        pick.energyRatio = comparison?.energyRatio
        pick.energyRatioInterval = comparison?.energyRatioInterval
        pick.energyProvenance = comparison?.energyProvenance
        pick.energyVerdict = comparison?.energyVerdict
        if comparison?.energyRatio != nil, let dear = Self.measuredJoules(baseline),
            let cheap = Self.measuredJoules(winner)
        {
            pick.savedJoules = dear - cheap
        }
        return pick
    }

    /// Of the pick beside the baseline, or of the baseline beside all others.
    private var certainty: StrategyPick.Certainty {
        guard let best else {
            let isOpen = candidates.filter { Self.verdict($0.comparison) != .worse }
            if isOpen.isEmpty { return .certain }
            if isOpen.allSatisfy({ Self.verdict($0.comparison) == .same }) { return .same }
            let isProbable = isOpen.allSatisfy { Self.tendency($0.comparison) == .worse }
            return isProbable ? .probable : .undecided
        }
        switch Self.verdict(best.comparison) {
        case .better: return .certain
        case .same: return .same
        case .worse, .unresolved, nil: return Self.tendency(best.comparison) == .better ? .probable : .undecided
        }
    }

    private static func verdict(_ comparison: ComparisonRecord) -> Verdict? {
        comparison.timeVerdict.map(Verdict.init(word:))
    }

    private static func tendency(_ comparison: ComparisonRecord) -> Verdict? {
        comparison.timeTendency.map(Verdict.init(word:))
    }

    private static func measuredJoules(_ measurement: MeasurementRecord) -> Double? {
        guard let energy = measurement.energy, [.measured, .integrated].contains(energy.provenance) else { return nil }
        return energy.grossJoules
    }
}
