import Statistics

/// What to take from a run, the same for every output: which strategy to pick on each device, and what to do next.
///
/// A pick is the fastest strategy with a right result of a workload on a device; how sure that is follows from the
/// verdicts of the run's comparisons, and of the pick beside its rivals.
public struct RunSummary: Codable, Sendable, Equatable {
    /// One for each workload, device and precision where several strategies can be compared, in the order measured.
    public var picks: [StrategyPick]
    /// The picks put together in a sentence for each device, family and strategy; in the order measured.
    public var answers: [PickAnswer]
    /// The answers in few lines: the sentences themselves where there are few, else one line a device.
    public var headlines: [String]
    /// In the order in which they are worth doing.
    public var steps: [NextStep]

    public init(_ run: RunRecord, rule: VerdictRule = VerdictRule()) {
        // A search among configurations, and models, have conclusions of their own.
        picks = run.tuning == nil && run.models == nil ? StrategyPick.all(run, rule) : []
        answers = PickAnswer.all(picks)
        headlines = answers.count <= 3 ? answers.map(\.sentence) : PickAnswer.byDevice(picks)
        steps = NextStep.all(run, picks, rule)
    }
}

/// The strategy to take for one workload on one device at one precision, beside the family's baseline.
public struct StrategyPick: Codable, Sendable, Equatable {
    /// How sure it is that nothing else of the case is faster.
    public enum Certainty: String, Codable, Sendable {
        /// The intervals exclude that another one is faster.
        case certain
        /// The other direction has a chance of one in ten at most.
        case probable
        /// Certainly less than 1 % apart from the baseline.
        case same
        /// The samples do not say which is faster.
        case undecided
    }

    public var family: String
    public var workload: String
    public var device: String
    public var precision: String
    public var strategy: String
    /// The same as ``strategy`` where nothing was found to be faster.
    public var baseline: String
    public var certainty: Certainty
    /// Baseline time ÷ the pick's; 1 for the baseline itself.
    public var speedup: Double
    /// `nil` for the baseline itself, and without enough samples.
    public var speedupInterval: Interval?
    /// Seconds an execution that the pick takes less than the baseline.
    public var savedSeconds: Double
    /// Baseline joules ÷ the pick's; `nil` when they are not known or must not be weighed.
    public var energyRatio: Double?
    public var energyRatioInterval: Interval?
    /// Of the weaker of the two energies; `nil` without a ratio.
    public var energyProvenance: EnergyProvenance?
    /// `cheaper`, `costlier`, `same` or `unresolved`; `nil` where there is nothing to judge.
    public var energyVerdict: String?
    /// Joules an execution that the pick takes less than the baseline; `nil` unless both were measured.
    public var savedJoules: Double?
    /// Bytes an execution that the pick moves less than the baseline.
    public var savedBytes: Double
    /// Strategies that the samples do not tell from the pick.
    public var rivals: [String]

    /// True where the baseline is what to take.
    public var isBaseline: Bool { strategy == baseline }
}
