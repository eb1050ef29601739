import Glibc
import Statistics

/// The times of a measurement in two runs, freed as far as can be of what the machine did differently.
///
/// Each round stands beside readings of the device's controls. How the kernel follows them comes from the rounds of
/// both runs (``ControlResponse``); every sample is then scaled to controls as they were on average, and what remains
/// uncertain about that scaling is an error of the ratio.
struct ControlledTimes {
    /// Samples of the base run and of the new one, scaled.
    let base: [Double]
    let candidate: [Double]
    /// What the machine alone made of the ratio base ÷ new; 1 when the controls stood still.
    let machineRatio: Double
    /// Standard deviation of the logarithm of the scaled ratio that comes from not knowing the response well.
    let responseError: Double
    /// Likewise from the spread among passes: whatever a new process, new memory and another moment draw anew.
    let passError: Double
    /// Of freedom, with which that is known.
    let passDegrees: Double

    /// A kernel need not follow its controls as it did in the rounds that were seen: this part of how far they moved
    /// from run to run is uncertain. A machine that changed much between runs is compared with that much less
    /// confidence.
    private static let doubt = 0.33
    /// With fewer rounds in a run nothing is learnt about the response.
    private static let leastRounds = 6
    /// With fewer passes in a run their spread says nothing.
    private static let leastPasses = 3

    /// - Returns: `nil` when a run has no controls, or too few rounds or passes.
    init?(_ before: TimeRecord, _ after: TimeRecord) {
        guard let first = ControlledRounds(before), let second = ControlledRounds(after),
            first.controls.count == second.controls.count,
            min(first.kernel.count, second.kernel.count) >= Self.leastRounds,
            let response = ControlResponse(
                [first.kernel, second.kernel], controls: [first.controls, second.controls])
        else { return nil }
        let levels = zip(first.controls, second.controls).map { (median($0) ?? 0, median($1) ?? 0) }
        let middle = levels.map { ($0.0 + $0.1) / 2 }
        let shifts = levels.map { $0.0 - $0.1 }
        let (scaledBase, basePasses) = first.scaled(response, to: middle)
        let (scaledCandidate, candidatePasses) = second.scaled(response, to: middle)
        guard let spread = Self.passError(basePasses, candidatePasses) else { return nil }
        base = scaledBase
        candidate = scaledCandidate
        machineRatio = exp(response.effect(of: shifts))
        let moved = shifts.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let error = response.error(of: shifts)
        responseError = (error * error + Self.doubt * Self.doubt * moved * moved).squareRoot()
        passError = spread.error
        passDegrees = spread.degrees
    }

    /// The spread of the medians of passes, as that of a single pass: what else moves slowly is not averaged away by
    /// passes that lie a few seconds apart.
    private static func passError(_ base: [Double], _ candidate: [Double]) -> (error: Double, degrees: Double)? {
        guard min(base.count, candidate.count) >= leastPasses else { return nil }
        let variance = RunningMoments(base).variance + RunningMoments(candidate).variance
        return (variance.squareRoot(), Double(base.count + candidate.count - 2))
    }
}

/// The rounds of one run that have samples, as logarithms.
private struct ControlledRounds {
    /// Median of each round.
    let kernel: [Double]
    /// `[control][round]`.
    let controls: [[Double]]
    private let samples: [ArraySlice<Double>]
    private let passes: [Int]

    init?(_ time: TimeRecord) {
        guard let rounds = time.rounds, !rounds.controls.isEmpty else { return nil }
        let split = rounds.split(time.sampleSeconds)
        guard rounds.pass.count == split.count, rounds.controls.allSatisfy({ $0.count == split.count }) else {
            return nil
        }
        let isUsable = { (value: Double) in value > 0 && value.isFinite }
        let used = split.indices.filter { round in
            !split[round].isEmpty && split[round].allSatisfy(isUsable)
                && rounds.controls.allSatisfy { isUsable($0[round]) }
        }
        guard !used.isEmpty else { return nil }
        samples = used.map { split[$0] }
        passes = used.map { rounds.pass[$0] }
        kernel = samples.map { log(median(Array($0)) ?? 1) }
        // As times, so that what slows the machine down has the same sign in control and kernel.
        controls = rounds.controls.map { control in used.map { -log(control[$0]) } }
    }

    /// All samples as they would have been with the controls at `levels`, and the logarithms of the medians of passes.
    func scaled(_ response: ControlResponse, to levels: [Double]) -> (samples: [Double], passes: [Double]) {
        var result: [Double] = []
        var byPass: [Int: [Double]] = [:]
        for (round, values) in samples.enumerated() {
            let shifts = zip(controls, levels).map { $1 - $0[round] }
            let factor = exp(response.effect(of: shifts))
            let scaled = values.map { $0 * factor }
            result += scaled
            byPass[passes[round], default: []] += scaled
        }
        return (result, byPass.sorted { $0.key < $1.key }.compactMap { median($0.value).map { log($0) } })
    }
}
