/// What a comparison comes to, from the candidate's point of view.
public enum Verdict: Sendable, CaseIterable {
    /// Certainly takes less.
    case better
    /// Certainly takes more.
    case worse
    /// Any difference is certainly smaller than the margin.
    case same
    /// None of these: more samples, or a quieter machine, would tell.
    case unresolved

    /// What is compared.
    public enum Quantity: String, Sendable, Codable {
        case time, energy
    }

    /// The word for the verdict, in every file and output: `faster`, `slower`; `cheaper`, `costlier`; `same`,
    /// `unresolved`.
    public func word(for quantity: Quantity) -> String {
        switch (self, quantity) {
        case (.better, .time): "faster"
        case (.worse, .time): "slower"
        case (.better, .energy): "cheaper"
        case (.worse, .energy): "costlier"
        case (.same, _): "same"
        case (.unresolved, _): "unresolved"
        }
    }

    /// The verdict of a word. Files of earlier versions say `ambiguous` for `unresolved`, and so does whatever else a
    /// file may say.
    public init(word: String) {
        switch word {
        case "faster", "cheaper": self = .better
        case "slower", "costlier": self = .worse
        case "same": self = .same
        default: self = .unresolved
        }
    }
}

/// A comparison as it was judged, among others that were judged with it.
public struct Judgement: Sendable, Equatable {
    public let verdict: Verdict
    /// What the verdict follows from, and nothing else: corrected for the number of comparisons.
    public let interval: Interval
    /// Of this interval by itself. All the intervals that were judged together hold with the confidence that the rule
    /// asks for.
    public let confidence: Double
    /// Two-sided, corrected for the number of comparisons.
    public let pValue: Double
    /// `better` or `worse` where the verdict is unresolved and yet probably this; else `nil`.
    public let tendency: Verdict?
    /// What leaves the verdict open; `nil` unless it is `unresolved`.
    public let reason: String?
}

/// When a ratio counts as a difference.
///
/// The interval decides, and it is the one that is shown: `same` when it lies within the margin about 1, `better` or
/// `worse` when it lies on one side of 1, `unresolved` when it does neither. It is corrected for the number of
/// comparisons that are judged together (Bonferroni), so that with the given significance not one of them claims a
/// difference where there is none.
public struct VerdictRule: Sendable, Equatable {
    /// The smallest difference worth a name, as a fraction: 0.01 means that ratios from 1/1.01 to 1.01 are equivalent.
    public var margin: Double
    /// The chance that any of the comparisons of a run finds a difference that is not there.
    public var significance: Double

    /// Two-sided confidence from which a tendency is worth a word: the other direction has a chance of one in ten at
    /// most.
    private static let probable = 0.8

    public init(margin: Double = 0.01, significance: Double = 0.05) {
        self.margin = margin
        self.significance = significance
    }

    /// Of each of the intervals of so many comparisons.
    public func confidence(amongComparisons count: Int) -> Double { 1 - significance / Double(max(count, 1)) }

    /// - Parameters:
    ///   - count: the comparisons that are reported together, this one included.
    ///   - quantity: whose words the reason uses.
    public func judge(_ estimate: RatioEstimate, among count: Int, _ quantity: Verdict.Quantity) -> Judgement {
        let confidence = confidence(amongComparisons: count)
        let interval = estimate.interval(confidence: confidence)
        let verdict = verdict(of: interval)
        let lean = tendency(estimate)
        return Judgement(
            verdict: verdict, interval: interval, confidence: confidence,
            pValue: min(1, estimate.pValue * Double(max(count, 1))),
            tendency: verdict == .unresolved ? lean : nil,
            reason: verdict == .unresolved ? reason(estimate, confidence, lean, quantity) : nil)
    }

    /// What an interval allows to say.
    public func verdict(of interval: Interval) -> Verdict {
        guard interval.lower > 0, interval.upper.isFinite else { return .unresolved }
        if interval.lower >= 1 / (1 + margin), interval.upper <= 1 + margin { return .same }
        if interval.lower > 1 { return .better }
        return interval.upper < 1 ? .worse : .unresolved
    }

    /// The side of 1 on which the ratio probably lies.
    private func tendency(_ estimate: RatioEstimate) -> Verdict? {
        let interval = estimate.interval(confidence: Self.probable)
        return interval.lower > 1 ? .better : interval.upper < 1 ? .worse : nil
    }

    /// `probably slower: 9 of 11 rounds`.
    private func reason(
        _ estimate: RatioEstimate, _ confidence: Double, _ lean: Verdict?, _ quantity: Verdict.Quantity
    ) -> String {
        guard estimate.ratio.isFinite, estimate.ratio > 0 else { return "the samples give no ratio" }
        let side = estimate.ratio >= 1 ? Verdict.better : .worse
        let rounds = estimate.rounds.map { ": \($0.agreeing) of \($0.count) rounds" } ?? ""
        if lean != nil { return "probably \(side.word(for: quantity))\(rounds)" }
        if verdict(of: estimate.firstInterval(confidence: confidence)) == side {
            return "the fastest quarter of the samples does not show the difference"
        }
        let words = "\(Verdict.better.word(for: quantity)) or \(Verdict.worse.word(for: quantity))"
        return "may be \(words)" + (rounds.isEmpty ? "" : "\(rounds) are \(side.word(for: quantity))")
    }
}
