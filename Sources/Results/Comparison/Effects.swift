import Glibc
import Statistics

/// How much less energy one execution takes than another: baseline gross joules ÷ candidate gross joules.
///
/// The meter's intervals already hold what windows, counter quanta and idle drift leave open, so the interval of the
/// ratio follows from theirs: relative errors add in squares (first-order propagation in the logarithm).
public struct EnergyEffect: Sendable, Equatable {
    public let estimate: RatioEstimate
    /// Of the weaker of the two.
    public let provenance: EnergyProvenance

    /// - Returns: `nil` when a side has no joules, no interval, or the provenances must not be weighed against each
    ///   other.
    public init?(baseline: EnergyRecord?, candidate: EnergyRecord?) {
        guard let baseline, let candidate, Self.obstacle(baseline, candidate) == nil,
            let baselineJoules = baseline.grossJoules, let candidateJoules = candidate.grossJoules,
            let baselineError = Self.relativeError(baseline), let candidateError = Self.relativeError(candidate)
        else { return nil }
        estimate = RatioEstimate(
            LogEstimate(log(baselineJoules / candidateJoules))
                .adding(error: baselineError.deviation, degrees: baselineError.degrees)
                .adding(error: candidateError.deviation, degrees: candidateError.degrees))
        provenance =
            baseline.provenance.isWeaker(than: candidate.provenance) ? baseline.provenance : candidate.provenance
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

    /// What the 95 % interval of the joules says, which is Student's where they come from windows.
    private static func relativeError(_ record: EnergyRecord) -> (deviation: Double, degrees: Double)? {
        guard let joules = record.grossJoules, joules > 0, let interval = record.interval, interval.width.isFinite
        else { return nil }
        let degrees = record.windows.count > 1 ? Double(record.windows.count - 1) : .infinity
        return (abs(interval.width) / 2 / studentQuantile(0.975, degrees: degrees) / joules, degrees)
    }
}

extension EnergyRecord {
    /// Modelled joules that are to be compared follow from the time that is compared: of an execution that takes
    /// `factor` times as long as the record says, with what flows whatever is computed scaled alike. Others were
    /// measured, and stay as they are.
    func modelled(atTimes factor: Double) -> EnergyRecord {
        guard provenance == .modelled, factor.isFinite, let gross = grossJoules, gross > 0, let idle = idleJoules else {
            return self
        }
        var record = self
        let joules = gross + idle * (factor - 1)
        record.grossJoules = joules
        record.idleJoules = idle * factor
        record.interval = interval?.scaled(by: joules / gross)
        return record
    }
}

extension RelativeEffect {
    /// With fewer rounds, pairs tell less than the samples apart.
    private static let leastRounds = 3

    /// Of the times of two strategies of one run: by the medians of rounds where the two took turns, else by all
    /// samples.
    ///
    /// - Returns: `nil` when a side has fewer than two samples.
    public static func withinRun(_ baseline: TimeRecord, _ candidate: TimeRecord) -> RelativeEffect? {
        paired(sharedRounds(baseline, candidate).flatMap(\.self))
            ?? RelativeEffect(baseline: baseline.sampleSeconds, candidate: candidate.sampleSeconds)
    }

    private typealias Round = (baseline: Double, candidate: Double)

    /// `nil` with too few rounds.
    private static func paired(_ rounds: [Round]) -> RelativeEffect? {
        guard rounds.count >= leastRounds else { return nil }
        return RelativeEffect(
            baseline: rounds.map(\.baseline), candidate: rounds.map(\.candidate), pairing: .interleaved)
    }

    /// The standard error of the mean over passes of the logarithm of the ratio, and what the scatter of rounds within
    /// passes makes of it; `nil` with fewer than two passes.
    fileprivate static func passError(
        _ baseline: TimeRecord, _ candidate: TimeRecord
    ) -> (error: Double, degrees: Double, within: QuantileEstimate)? {
        let passes = sharedRounds(baseline, candidate).map { $0.map { log($0.baseline / $0.candidate) } }
        let ratios = passes.compactMap { median($0) }
        let scatter = passes.flatMap { pass in pass.map { $0 - (median(pass) ?? 0) } }
        guard ratios.count >= 2, let within = QuantileEstimate(scatter) else { return nil }
        let error = (RunningMoments(ratios).variance / Double(ratios.count)).squareRoot()
        return (error, Double(ratios.count - 1), within)
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

    /// The median of each round, by pass; `nil` where no sample of the round was kept.
    private static func roundMedians(_ time: TimeRecord) -> [Int: [Double?]] {
        guard let rounds = time.rounds else { return [:] }
        return zip(rounds.pass, rounds.split(time.sampleSeconds)).reduce(into: [:]) { result, round in
            result[round.0, default: []].append(median(Array(round.1)))
        }
    }
}

extension RatioEstimate {
    /// Of the times of two strategies of one run; drift is allowed for where they did not take turns.
    ///
    /// - Returns: `nil` when a side has fewer than two samples.
    public static func withinRun(_ baseline: TimeRecord, _ candidate: TimeRecord) -> RatioEstimate? {
        RelativeEffect.withinRun(baseline, candidate).map(allowingForDrift)
    }

    /// Of the times of two runs that took turns: round by round likewise, and with what the processes of the two differ
    /// in by chance, which every pass draws anew: where the spread among passes says more than the scatter of rounds,
    /// it counts instead.
    ///
    /// - Returns: `nil` when a side has fewer than two samples.
    static func inTurn(_ base: TimeRecord, _ candidate: TimeRecord) -> RatioEstimate? {
        guard let effect = RelativeEffect.withinRun(base, candidate) else { return nil }
        guard effect.pairing == .interleaved, let passes = RelativeEffect.passError(base, candidate) else {
            return allowingForDrift(effect)
        }
        guard passes.error > effect.estimate.logarithmicError else { return effect.estimate }
        // A part of the spread is the scatter of rounds about their passes, which is known the better of the two.
        let within = min(passes.within.standardError, passes.error)
        let between = (passes.error * passes.error - within * within).squareRoot()
        return effect.estimate.replacingErrors([
            (within, passes.within.degrees), (between, passes.degrees),
        ])
    }

    /// Of the times of two runs that did not, as scaled by the controls where there are any.
    ///
    /// - Returns: `nil` when a side has fewer than two samples.
    static func betweenRuns(
        _ base: TimeRecord, _ candidate: TimeRecord, controlled: ControlledTimes?
    ) -> RatioEstimate? {
        let effect = RelativeEffect(
            baseline: controlled?.base ?? base.sampleSeconds,
            candidate: controlled?.candidate ?? candidate.sampleSeconds)
        guard let effect else { return nil }
        // Passes lie further apart than parts of a series do, and are drawn anew in more ways.
        guard let controlled, controlled.passError > effect.driftError else {
            return allowingForDrift(effect).allowing(for: controlled?.responseError ?? 0)
        }
        return effect.estimate.allowing(for: controlled.passError, degrees: controlled.passDegrees)
            .allowing(for: controlled.responseError)
    }

    private static func allowingForDrift(_ effect: RelativeEffect) -> RatioEstimate {
        effect.estimate.allowing(for: effect.driftError, degrees: RelativeEffect.driftDegrees)
    }
}
