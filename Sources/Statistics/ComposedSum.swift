import Glibc

/// A sum of quantities that were each measured, such as the seconds of a model's kernels, and how well it is known.
///
/// The errors of the parts are independent of each other. To first order the sum's relative error is that of its parts,
/// each weighed by its share; degrees of freedom are joined as ``LogEstimate`` does. In the ratio of two sums a part
/// that both have counts with the difference of its shares: what is common cancels as far as it weighs alike.
public struct ComposedSum<Key: Hashable & Sendable>: Sendable {
    /// One measured quantity, as often as it occurs.
    private struct Part: Sendable {
        var value: Double
        /// Standard deviation of the logarithm, and the degrees of freedom that it is known with.
        let error: Double
        let degrees: Double
    }

    private var parts: [Key: Part] = [:]
    public private(set) var total = 0.0

    public init() {}

    /// Adds `weight` times a quantity. The same key means the same measurement.
    ///
    /// - Parameters:
    ///   - error: standard deviation of its logarithm.
    ///   - degrees: of freedom that the error is known with.
    public mutating func add(_ key: Key, _ value: Double, times weight: Double, error: Double, degrees: Double) {
        total += value * weight
        parts[key, default: Part(value: 0, error: error, degrees: degrees)].value += value * weight
    }

    /// What the total owes to a quantity that is no part of it, such as one that parts were divided by: a change of the
    /// quantity by a small share changes the total by that share of `amount`.
    public mutating func depend(on key: Key, _ amount: Double, error: Double, degrees: Double) {
        parts[key, default: Part(value: 0, error: error, degrees: degrees)].value += amount
    }

    /// The logarithm of the total.
    public var estimate: LogEstimate {
        parts.values.reduce(LogEstimate(log(total))) { estimate, part in
            estimate.adding(error: part.error * part.value / total, degrees: part.degrees)
        }
    }

    /// How many times less `other` is than this sum.
    public func ratio(to other: ComposedSum) -> RatioEstimate {
        var estimate = LogEstimate(log(total / other.total))
        for key in Set(parts.keys).union(other.parts.keys) {
            guard let known = parts[key] ?? other.parts[key] else { continue }
            let share = (parts[key]?.value ?? 0) / total - (other.parts[key]?.value ?? 0) / other.total
            estimate = estimate.adding(error: known.error * abs(share), degrees: known.degrees)
        }
        return RatioEstimate(estimate)
    }
}
