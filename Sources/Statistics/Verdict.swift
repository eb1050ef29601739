/// What a comparison comes to, from the candidate's point of view.
public enum Verdict: String, Sendable, Codable, CaseIterable {
    /// Takes less: the difference is certain, and larger than the margin.
    case better
    /// Takes more: the difference is certain, and larger than the margin.
    case worse
    /// Any difference is certainly smaller than the margin.
    case same
    /// Neither: more samples, or a quieter machine, would tell.
    case ambiguous

    /// What is compared.
    public enum Quantity: String, Sendable, Codable {
        case time, energy
    }

    /// The word for the verdict: `faster`, `slower`; `cheaper`, `costlier`; `same`, `ambiguous`.
    public func word(for quantity: Quantity) -> String {
        switch (self, quantity) {
        case (.better, .time): "faster"
        case (.worse, .time): "slower"
        case (.better, .energy): "cheaper"
        case (.worse, .energy): "costlier"
        case (.same, _): "same"
        case (.ambiguous, _): "ambiguous"
        }
    }
}

/// When a ratio counts as a difference.
///
/// `better` or `worse` takes all of these:
/// 1. the p value, corrected for the number of comparisons, is below `significance`;
/// 2. the interval of the ratio lies wholly on one side of 1;
/// 3. the ratio itself lies beyond the margin on that side;
/// 4. the second look, where there is one, agrees: its interval lies on that side too, and it by half the margin at least.
///
/// `same` takes an interval wholly within the margin. All else is `ambiguous`. So a tiny difference that many samples make
/// certain is called `same`, and a large one that few samples leave in doubt is called `ambiguous`.
public struct VerdictRule: Sendable, Equatable {
    /// The smallest difference worth a name, as a fraction: 0.01 means that ratios from 1/1.01 to 1.01 are equivalent.
    public var margin: Double
    public var significance: Double

    public init(margin: Double = 0.01, significance: Double = 0.05) {
        self.margin = margin
        self.significance = significance
    }

    /// - Parameters:
    ///   - ratio: baseline ÷ candidate, above 1 when the candidate takes less.
    ///   - correctedPValue: corrected for all the comparisons that are reported together (`holmCorrected`).
    public func verdict(
        ratio: Double, interval: Interval, correctedPValue: Double, second: (ratio: Double, interval: Interval)? = nil
    ) -> Verdict {
        guard ratio.isFinite, ratio > 0, interval.lower > 0, interval.upper.isFinite else { return .ambiguous }
        if correctedPValue < significance {
            let agrees = { (direction: Verdict) in
                second.map { lies($0.ratio, $0.interval, direction, margin: margin / 2) } ?? true
            }
            for direction in [Verdict.better, .worse]
            where lies(ratio, interval, direction, margin: margin) && agrees(direction) {
                return direction
            }
        }
        let isEquivalent = interval.lower >= 1 / (1 + margin) && interval.upper <= 1 + margin
        return isEquivalent ? .same : .ambiguous
    }

    public func verdict(of effect: RelativeEffect, correctedPValue: Double) -> Verdict {
        verdict(
            ratio: effect.ratio, interval: effect.interval, correctedPValue: correctedPValue,
            second: (effect.secondRatio, effect.secondInterval))
    }

    private func lies(_ ratio: Double, _ interval: Interval, _ direction: Verdict, margin: Double) -> Bool {
        direction == .better
            ? interval.lower > 1 && ratio > 1 + margin : interval.upper < 1 && ratio < 1 / (1 + margin)
    }
}

/// One comparison on its own, by the default rule; the drift of series that were not interleaved is allowed for.
///
/// - Returns: `nil` when a side has fewer than two samples or one that is not a positive finite number.
public func relativeSpeedup(
    baseline: [Double], candidate: [Double], pairing: Pairing = .independent, resamples: Int = 2000, seed: UInt64
) -> (ratio: Double, interval: Interval, verdict: Verdict)? {
    let sampled = RelativeEffect(
        baseline: baseline, candidate: candidate, pairing: pairing, resamples: resamples, seed: seed)
    guard let sampled else { return nil }
    let effect = sampled.allowing(for: sampled.driftError)
    return (effect.ratio, effect.interval, VerdictRule().verdict(of: effect, correctedPValue: effect.pValue))
}
