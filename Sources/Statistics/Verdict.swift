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

/// A verdict, and why it is not a clearer one.
public struct Judgement: Sendable, Equatable {
    public let verdict: Verdict
    /// What leaves it open; `nil` unless it is `ambiguous`.
    public let reason: String?

    static func verdict(_ verdict: Verdict) -> Judgement { Judgement(verdict: verdict, reason: nil) }
    static func ambiguous(_ reason: String) -> Judgement { Judgement(verdict: .ambiguous, reason: reason) }
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
    public func judge(
        ratio: Double, interval: Interval, correctedPValue: Double, second: (ratio: Double, interval: Interval)? = nil
    ) -> Judgement {
        guard ratio.isFinite, ratio > 0, interval.lower > 0, interval.upper.isFinite else {
            return .ambiguous("the samples give no ratio")
        }
        if interval.lower >= 1 / (1 + margin), interval.upper <= 1 + margin { return .verdict(.same) }
        let side = [Verdict.better, .worse].first { lies(ratio, interval, $0, margin: 0) }
        guard let side else { return .ambiguous("the interval includes no difference at all") }
        guard lies(ratio, interval, side, margin: margin) else {
            return .ambiguous("the difference may well be within the margin of \(Self.percent(margin))")
        }
        guard correctedPValue < significance else {
            return .ambiguous(
                "too few or too scattered samples to be certain: p = \(Self.rounded(correctedPValue)), corrected for all "
                    + "comparisons made, where \(Self.rounded(significance)) is the limit")
        }
        if let second, !lies(second.ratio, second.interval, side, margin: margin / 2) {
            return .ambiguous("the fastest quarter of the samples does not show the difference")
        }
        return .verdict(side)
    }

    public func judge(_ effect: RelativeEffect, correctedPValue: Double) -> Judgement {
        judge(
            ratio: effect.ratio, interval: effect.interval, correctedPValue: correctedPValue,
            second: (effect.secondRatio, effect.secondInterval))
    }

    private static func percent(_ fraction: Double) -> String { "\(rounded(fraction * 100)) %" }

    /// To two digits; what is smaller than a thousandth is 0.
    private static func rounded(_ value: Double) -> String {
        let scale = value >= 0.1 ? 100.0 : 1000.0
        let text = "\((value * scale).rounded() / scale)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
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
    return (effect.ratio, effect.interval, VerdictRule().judge(effect, correctedPValue: effect.pValue).verdict)
}
