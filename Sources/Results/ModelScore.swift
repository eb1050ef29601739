import Glibc
import Statistics

/// How a form of a model does against a reference, in one number: the weighted harmonic mean of accuracy, speed and
/// thrift, each as a ratio to the reference, so that 1 is as good and no gain makes up for a loss of everything.
///
/// score = Σ w ÷ Σ (w / r), with r = accuracy ÷ reference's, reference's seconds ÷ seconds, reference's joules ÷
/// joules. What is not known is left out with its weight, and named.
public struct ModelScore: Codable, Sendable, Equatable {
    /// What the score is made of.
    public enum Quantity: String, Codable, Sendable, CaseIterable {
        case accuracy, latency, energy
    }

    /// One ratio, above 1 where the form is better than the reference.
    public struct Part: Codable, Sendable, Equatable {
        public let quantity: Quantity
        public let weight: Double
        public let ratio: Double
        @ExplicitNull public var interval: Interval?
    }

    /// A quantity that is not known, and why.
    public struct Missing: Codable, Sendable, Equatable {
        public let quantity: Quantity
        public let reason: String
    }

    /// `gpt2-small/4-bit, decode, 512 tokens, batch 1, cpu:0`
    public let name: String
    public let reference: String
    public let score: Double
    @ExplicitNull public var interval: Interval?
    public let parts: [Part]
    public let missing: [Missing]

    /// - Parameters:
    ///   - accuracy: of the form and of the reference, as the user gives them; never guessed.
    ///   - weights: of the quantities, none negative.
    /// - Returns: `nil` when nothing is known of both.
    public init?(
        name: String, _ point: ModelPointRecord, reference: (name: String, point: ModelPointRecord),
        accuracy: (own: Double?, reference: Double?), weights: [Quantity: Double]
    ) {
        var parts: [Part] = []
        var missing: [Missing] = []
        for quantity in Quantity.allCases {
            let weight = weights[quantity] ?? 1
            guard weight > 0 else { continue }
            switch Self.ratio(quantity, point, reference.point, accuracy) {
            case .success(let estimate):
                parts.append(
                    Part(
                        quantity: quantity, weight: weight, ratio: exp(estimate.value),
                        interval: estimate.standardError > 0 ? estimate.interval(confidence: 0.95) : nil))
            case .failure(let reason): missing.append(Missing(quantity: quantity, reason: reason.text))
            }
        }
        guard !parts.isEmpty else { return nil }
        let total = parts.reduce(0) { $0 + $1.weight }
        let inverse = parts.reduce(0) { $0 + $1.weight / $1.ratio }
        self.name = name
        self.reference = reference.name
        self.parts = parts
        self.missing = missing
        score = total / inverse
        // To first order a part moves the score's logarithm by its share of the sum of inverses.
        let estimate = parts.reduce(LogEstimate(log(total / inverse))) { sum, part in
            sum.adding(error: Self.error(part.ratio, part.interval) * part.weight / part.ratio / inverse)
        }
        if estimate.standardError > 0 { interval = estimate.interval(confidence: 0.95) }
    }

    private struct Reason: Error { let text: String }

    private static func ratio(
        _ quantity: Quantity, _ point: ModelPointRecord, _ reference: ModelPointRecord,
        _ accuracy: (own: Double?, reference: Double?)
    ) -> Result<LogEstimate, Reason> {
        switch quantity {
        case .accuracy:
            guard let own = accuracy.own, let other = accuracy.reference, own > 0, other > 0 else {
                return .failure(Reason(text: "no accuracy was given for both"))
            }
            return .success(LogEstimate(log(own / other)))
        case .latency:
            guard let own = point.seconds, let other = reference.seconds else {
                return .failure(Reason(text: point.problem ?? reference.problem ?? "there is no time of both"))
            }
            return .success(quotient(other, reference.secondsInterval, own, point.secondsInterval))
        case .energy:
            let isMeasured = [point, reference].allSatisfy { [.measured, .integrated].contains($0.provenance) }
            guard isMeasured, let own = point.joules, let other = reference.joules else {
                let reason = point.energyReason ?? reference.energyReason
                return .failure(
                    Reason(text: "the joules of both were not measured" + (reason.map { " (\($0))" } ?? "")))
            }
            return .success(quotient(other, reference.joulesInterval, own, point.joulesInterval))
        }
    }

    private static func quotient(
        _ upper: Double, _ upperInterval: Interval?, _ lower: Double, _ lowerInterval: Interval?
    ) -> LogEstimate {
        LogEstimate(log(upper / lower)).adding(error: error(upper, upperInterval))
            .adding(error: error(lower, lowerInterval))
    }

    /// The standard deviation of the logarithm behind a 95 % interval.
    private static func error(_ value: Double, _ interval: Interval?) -> Double {
        guard let interval, interval.lower > 0, interval.upper.isFinite else { return 0 }
        return (log(interval.upper) - log(interval.lower)) / 2 / normalQuantile(0.975)
    }
}
