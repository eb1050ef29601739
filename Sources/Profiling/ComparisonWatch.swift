import Kernels
import Results
import Statistics

/// What will be compared with what once a run is over.
struct ComparisonPlan {
    /// The strategy that the others of a family are held against, by the family's name.
    let baselines: [String: String]
    /// Two builds take turns, and each strategy is held against itself.
    let hasBase: Bool
    /// The comparisons of the whole run, which are judged together.
    let count: Int

    /// - Parameter workloads: those of each device.
    init(_ workloads: [PlannedWorkload], baselines: [String: String], hasBase: Bool) {
        self.baselines = baselines
        self.hasBase = hasBase
        count = workloads.reduce(0) { count, planned in
            let strategies = planned.strategies.count
            let hasBaseline = planned.strategies.contains { $0.label == baselines[planned.workload.family] }
            return count + (hasBase ? strategies : hasBaseline ? strategies - 1 : 0)
        }
    }

    /// The pairs of `candidates`, by their places.
    func pairs(_ candidates: [Candidate]) -> [(baseline: Int, candidate: Int)] {
        candidates.indices.compactMap { place in
            let candidate = candidates[place]
            guard candidate.side == .new else { return nil }
            let baseline = candidates.firstIndex {
                $0.deviceID == candidate.deviceID && $0.planned.workload == candidate.planned.workload
                    && (hasBase
                        ? $0.side == .base && $0.strategy.label == candidate.strategy.label
                        : $0.strategy.label == baselines[candidate.planned.workload.family])
            }
            return baseline.flatMap { $0 == place ? nil : ($0, place) }
        }
    }
}

/// Tells while samples are taken whether a comparison is decided, so that they go on where it is not.
///
/// Who looks often enough will see a difference at some time that is not there. So the rounds are looked at only when
/// there are a good many more of them than the last time, and more is asked of them than of the verdict at the end.
package struct ComparisonWatch {
    /// So many times as many rounds as at the last look.
    private static let growth = 1.5
    /// The part of the significance that a decision before the end may take.
    private static let strictness = 0.1
    /// No look at fewer.
    private static let fewestRounds = 3

    private let rule: VerdictRule
    private let comparisons: Int
    private var nextLook = ComparisonWatch.fewestRounds
    private var isDecided = false

    /// - Parameter comparisons: those that are judged together at the end.
    package init(amongComparisons comparisons: Int, rule: VerdictRule = VerdictRule()) {
        var strict = rule
        strict.significance *= Self.strictness
        self.rule = strict
        self.comparisons = comparisons
    }

    /// - Parameters:
    ///   - baseline: seconds of each round of each pass so far.
    ///   - candidate: likewise.
    /// - Returns: true while more rounds are needed; once they are not, they are not for the rest of the pass.
    package mutating func needsMore(_ baseline: [[Double]], _ candidate: [[Double]]) -> Bool {
        guard !isDecided else { return false }
        let rounds = zip(baseline, candidate).flatMap { zip($0, $1).map { $0 } }
        guard rounds.count >= nextLook else { return true }
        nextLook = Int((Double(rounds.count) * Self.growth).rounded(.up))
        let effect = RelativeEffect(
            baseline: rounds.map(\.0), candidate: rounds.map(\.1), pairing: .interleaved)
        guard let effect else { return true }
        isDecided = rule.judge(effect.estimate, among: comparisons, .time).verdict != .unresolved
        return !isDecided
    }
}
