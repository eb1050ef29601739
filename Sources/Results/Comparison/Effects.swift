import Glibc
import Statistics

/// How much less energy one execution takes than another: baseline gross joules ÷ candidate gross joules.
///
/// The meter's intervals already hold what windows, counter quanta and idle drift leave open, so the interval of the ratio
/// follows from theirs: relative errors add in squares (first-order propagation in the logarithm).
public struct EnergyEffect: Sendable, Equatable {
    public let ratio: Double
    public let interval: Interval
    /// Two-sided, of the logarithm of the ratio against its error, uncorrected.
    public let pValue: Double
    /// Standard deviation of the logarithm of the ratio.
    public let logarithmicError: Double
    /// Of the weaker of the two.
    public let provenance: EnergyProvenance

    /// - Returns: `nil` when a side has no joules, no interval, or the provenances must not be weighed against each other.
    public init?(baseline: EnergyRecord?, candidate: EnergyRecord?) {
        guard let baseline, let candidate, Self.obstacle(baseline, candidate) == nil,
            let baselineJoules = baseline.grossJoules, let candidateJoules = candidate.grossJoules,
            let baselineError = Self.relativeError(baseline), let candidateError = Self.relativeError(candidate)
        else { return nil }
        self.init(
            ratio: baselineJoules / candidateJoules,
            error: (baselineError * baselineError + candidateError * candidateError).squareRoot(),
            provenance: baseline.provenance.isWeaker(than: candidate.provenance)
                ? baseline.provenance : candidate.provenance)
    }

    private init(ratio: Double, error: Double, provenance: EnergyProvenance) {
        self.ratio = ratio
        self.provenance = provenance
        logarithmicError = error
        // Beyond this nothing is known anyway, and the ends stay numbers.
        let reach = min(normalQuantile(0.975) * error, 100)
        interval = Interval(ratio * exp(-reach), ratio * exp(reach))
        let distance = abs(log(ratio))
        pValue = distance == 0 ? 1 : min(1, 2 * normalUpperTail(distance / error))
    }

    /// The same effect with a further source of error, given as a standard deviation of the ratio's logarithm.
    public func allowing(for error: Double) -> EnergyEffect {
        EnergyEffect(
            ratio: ratio, error: (logarithmicError * logarithmicError + error * error).squareRoot(),
            provenance: provenance)
    }

    /// Why the two cannot be compared, or `nil` when they can.
    public static func obstacle(_ baseline: EnergyRecord?, _ candidate: EnergyRecord?) -> String? {
        guard let baseline, let candidate else { return "energy was not recorded" }
        for record in [baseline, candidate] {
            if record.provenance == .unavailable { return record.reason ?? "energy is unavailable" }
            guard let joules = record.grossJoules, joules > 0, joules.isFinite else { return "no joules were resolved" }
            guard record.interval != nil else { return "the joules have no interval" }
        }
        let isModelled = [baseline, candidate].map { $0.provenance == .modelled }
        return isModelled[0] == isModelled[1]
            ? nil
            : "\(baseline.provenance.rawValue) joules are not weighed against \(candidate.provenance.rawValue) ones"
    }

    private static func relativeError(_ record: EnergyRecord) -> Double? {
        guard let joules = record.grossJoules, joules > 0, let interval = record.interval, interval.width.isFinite
        else { return nil }
        return abs(interval.width) / (2 * normalQuantile(0.975)) / joules
    }
}

extension RelativeEffect {
    /// Fewer rounds than this are no basis for a comparison in pairs.
    private static let leastRounds = 10

    /// Of the times of two strategies of one run: by the medians of rounds where the two took turns.
    ///
    /// - Returns: `nil` when a side has fewer than two samples.
    public static func withinRun(_ baseline: TimeRecord, _ candidate: TimeRecord, seed: UInt64) -> RelativeEffect? {
        effect(ofPasses: sharedRounds(baseline, candidate), seed: seed)
            ?? betweenRuns(baseline, candidate, seed: seed)
    }

    /// Of the times of two runs that took turns: likewise, and with what the processes of the two differ in by chance, which
    /// every pass draws anew.
    ///
    /// - Returns: `nil` when a side has fewer than two samples.
    static func inTurn(_ base: TimeRecord, _ candidate: TimeRecord, seed: UInt64) -> RelativeEffect? {
        let passes = sharedRounds(base, candidate)
        guard let effect = effect(ofPasses: passes, seed: seed), let error = passError(passes) else {
            return betweenRuns(base, candidate, seed: seed)
        }
        // Of that the scatter of rounds explains a part, which the effect allows for already.
        let explained = effect.logarithmicError
        return effect.allowing(for: max(0, error * error - explained * explained).squareRoot())
    }

    private typealias Round = (baseline: Double, candidate: Double)

    /// `nil` with too few rounds.
    private static func effect(ofPasses passes: [[Round]], seed: UInt64) -> RelativeEffect? {
        let rounds = passes.flatMap(\.self)
        guard rounds.count >= leastRounds else { return nil }
        return RelativeEffect(
            baseline: rounds.map(\.baseline), candidate: rounds.map(\.candidate), pairing: .interleaved, seed: seed)
    }

    /// The standard error of the mean over passes of the logarithm of the ratio, as uncertain as a spread of so few is (Student's
    /// quantile); `nil` with fewer than two.
    private static func passError(_ passes: [[Round]]) -> Double? {
        let ratios = passes.compactMap { rounds in median(rounds.map { log($0.baseline / $0.candidate) }) }
        guard ratios.count >= 2 else { return nil }
        return studentQuantile(degrees: ratios.count - 1) / normalQuantile(0.975)
            * (RunningMoments(ratios).variance / Double(ratios.count)).squareRoot()
    }

    /// Pass by pass, the rounds where both have samples that stand.
    private static func sharedRounds(_ baseline: TimeRecord, _ candidate: TimeRecord) -> [[Round]] {
        let baselinePasses = roundMedians(baseline)
        let candidatePasses = roundMedians(candidate)
        return baselinePasses.keys.sorted().map { pass in
            zip(baselinePasses[pass] ?? [], candidatePasses[pass] ?? []).compactMap { first, second in
                first.flatMap { first in second.map { (first, $0) } }
            }
        }
    }

    /// Of times that were not taken in turn; what the machine drifted is allowed for.
    ///
    /// - Returns: `nil` when a side has fewer than two samples.
    static func betweenRuns(
        _ baseline: TimeRecord, _ candidate: TimeRecord, resamples: Int = 2000, seed: UInt64
    ) -> RelativeEffect? {
        betweenRuns(
            baseline, candidate, controlled: ControlledTimes(baseline, candidate), resamples: resamples, seed: seed)
    }

    /// The same, of the times as scaled by the controls where there are any.
    static func betweenRuns(
        _ baseline: TimeRecord, _ candidate: TimeRecord, controlled: ControlledTimes?, resamples: Int, seed: UInt64
    ) -> RelativeEffect? {
        let effect = RelativeEffect(
            baseline: controlled?.base ?? baseline.sampleSeconds,
            candidate: controlled?.candidate ?? candidate.sampleSeconds, resamples: resamples, seed: seed)
        guard let effect else { return nil }
        guard let controlled else { return effect.allowing(for: effect.driftError) }
        // Passes lie further apart than parts of a series do, and are drawn anew in more ways.
        let drift = max(controlled.passError, effect.driftError)
        return effect.allowing(for: hypot(drift, controlled.responseError))
    }

    /// The median of each round, by pass; `nil` where no sample of the round was kept.
    private static func roundMedians(_ time: TimeRecord) -> [Int: [Double?]] {
        guard let rounds = time.rounds else { return [:] }
        return zip(rounds.pass, rounds.split(time.sampleSeconds)).reduce(into: [:]) { result, round in
            result[round.0, default: []].append(median(Array(round.1)))
        }
    }
}
