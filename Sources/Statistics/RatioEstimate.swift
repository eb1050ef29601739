import Glibc

/// How many times less one thing takes than another, with what is not known of it: the one instrument that intervals, p
/// values and verdicts come from.
public struct RatioEstimate: Sendable, Equatable {
    /// Baseline ÷ candidate: above 1, the candidate takes less.
    public var ratio: Double { exp(look.value) }
    private var look: LogEstimate
    /// The same question asked another way, whose answer has to agree; `nil` where there is no other.
    private var secondLook: LogEstimate?
    /// Where the two were measured in turn: how often. `nil` elsewhere.
    public let rounds: Rounds?

    /// In how many of how many rounds the ratio lay on the side of 1 on which it lies as a whole.
    public struct Rounds: Sendable, Equatable {
        public let agreeing: Int
        public let count: Int
    }

    public init(_ look: LogEstimate, secondLook: LogEstimate? = nil, rounds: Rounds? = nil) {
        self.look = look
        self.secondLook = secondLook
        self.rounds = rounds
    }

    /// Of the ratio's logarithm.
    public var logarithmicError: Double { look.standardError }

    /// Holds both looks, where there are two.
    public func interval(confidence: Double = 0.95) -> Interval {
        let first = look.interval(confidence: confidence)
        guard let second = secondLook?.interval(confidence: confidence) else { return first }
        return Interval(min(first.lower, second.lower), max(first.upper, second.upper))
    }

    /// Two-sided, for the hypothesis that the ratio is 1; not corrected for other comparisons. It is below α just when
    /// the interval of confidence 1 − α is without 1.
    public var pValue: Double {
        guard let secondLook else { return look.pValue }
        return (secondLook.value > 0) == (look.value > 0) ? max(look.pValue, secondLook.pValue) : 1
    }

    /// The ratio alone, without the second look.
    public func firstInterval(confidence: Double) -> Interval { look.interval(confidence: confidence) }

    /// The same ratio with other errors, found another way, in place of those known so far.
    ///
    /// - Parameter errors: standard deviations of the ratio's logarithm, and the degrees of freedom that they are known
    ///   with.
    public func replacingErrors(_ errors: [(error: Double, degrees: Double)]) -> RatioEstimate {
        func replaced(_ look: LogEstimate) -> LogEstimate {
            errors.reduce(LogEstimate(look.value)) { $0.adding(error: $1.error, degrees: $1.degrees) }
        }
        return RatioEstimate(replaced(look), secondLook: secondLook.map(replaced), rounds: rounds)
    }

    /// The same ratio with a further error.
    ///
    /// - Parameters:
    ///   - error: standard deviation of the ratio's logarithm.
    ///   - degrees: of freedom that the error is known with.
    public func allowing(for error: Double, degrees: Double = .infinity) -> RatioEstimate {
        guard error > 0 else { return self }
        return RatioEstimate(
            look.adding(error: error, degrees: degrees),
            secondLook: secondLook?.adding(error: error, degrees: degrees), rounds: rounds)
    }
}
