import Glibc

/// A logarithm that is known up to independent errors. Each is a variance with the degrees of freedom that it is known
/// with, infinitely many for one that is not itself an estimate.
///
/// Intervals and p values are Student's, with the degrees of freedom of the sum after Welch and Satterthwaite
/// (Satterthwaite 1946), so that an error known from a handful of values counts for as much as it should at any level
/// of confidence.
public struct LogEstimate: Sendable, Equatable {
    public let value: Double
    private var variance = 0.0
    /// Σ variance² ÷ degrees.
    private var uncertainty = 0.0

    public init(_ value: Double) { self.value = value }

    /// The same with a further error.
    ///
    /// - Parameters:
    ///   - error: a standard deviation.
    ///   - degrees: of freedom, at least 1.
    public func adding(error: Double, degrees: Double = .infinity) -> LogEstimate {
        var result = self
        let square = error * error
        result.variance += square
        result.uncertainty += square * square / max(degrees, 1)
        return result
    }

    public var standardError: Double { variance.squareRoot() }
    /// Infinite where nothing of the error is an estimate.
    public var degrees: Double { uncertainty > 0 ? variance * variance / uncertainty : .infinity }

    /// Half the width of the interval.
    public func reach(confidence: Double) -> Double {
        guard variance > 0 else { return 0 }
        return studentQuantile((1 + confidence) / 2, degrees: degrees) * standardError
    }

    /// Of what the logarithm is taken of: an interval of ratios.
    public func interval(confidence: Double) -> Interval {
        // Beyond this nothing is known anyway, and the ends stay numbers.
        let reach = min(reach(confidence: confidence), 300)
        return Interval(exp(value - reach), exp(value + reach))
    }

    /// Two-sided, for the hypothesis that the logarithm is 0: what is below α has an interval of confidence 1 − α
    /// without 1.
    public var pValue: Double {
        guard value != 0 else { return 1 }
        guard variance > 0 else { return 0 }
        return min(1, 2 * studentUpperTail(abs(value) / standardError, degrees: degrees))
    }
}

/// A quantile of a series of samples, with the error that sampling leaves.
///
/// The variance is what infinitely many bootstrap resamples would give (Maritz and Jarrett 1978, "A note on estimating
/// the variance of the sample median"), times how much neighbours that resemble one another inflate it (``Dependence``
/// of the ranks).
public struct QuantileEstimate: Sendable, Equatable {
    public let value: Double
    public let standardError: Double
    /// Degrees of freedom with which the standard error is known.
    public let degrees: Double

    /// The variance of a quantile rests on the samples about it, some √n of them. Simulated series of 3 to 200 samples,
    /// normal, heavy-tailed, in bursts, and dependent, have intervals that hold at all levels with this factor.
    private static let localSamples = 1.6
    /// Dependence that is seen in few samples is itself uncertain: it takes half of the degrees of freedom at most, or
    /// leaves so many.
    private static let leastDegrees = 6.0

    /// - Parameters:
    ///   - samples: in the order taken, at least two.
    ///   - fraction: 0.5 for the median.
    public init?(_ samples: [Double], _ fraction: Double = 0.5) {
        guard samples.count >= 2 else { return nil }
        self.init(SortedSeries(samples), fraction)
    }

    init(_ series: SortedSeries, _ fraction: Double) {
        let count = Double(series.values.count)
        value = quantile(sorted: series.values, fraction)
        standardError = (series.resampledVariance(fraction) * series.inflation).squareRoot()
        let dependent = max(count / series.inflation - 1, min((count - 1) / 2, Self.leastDegrees))
        degrees = max(1, min(dependent, Self.localSamples * count.squareRoot()))
    }
}

/// Samples in order of size, and how much they depend on their predecessors.
struct SortedSeries {
    let values: [Double]
    let inflation: Double

    init(_ samples: [Double]) {
        values = samples.sorted()
        let dependence = Dependence(of: midranks(samples))
        inflation = max(dependence.varianceInflation, dependence.firstOrderInflation)
    }

    /// The variance of a quantile over all bootstrap resamples: the i-th of n sorted samples is the quantile of a
    /// resample about as often as a beta variable lies between (i − 1)/n and i/n.
    func resampledVariance(_ fraction: Double) -> Double {
        let count = values.count
        let place = fraction * Double(count - 1) + 1
        let (a, b) = (place, Double(count) - place + 1)
        // Further out there is nothing.
        let centre = a / (a + b)
        let reach = 10 * (centre * (1 - centre) / (a + b + 1)).squareRoot()
        let first = max(0, Int((centre - reach) * Double(count)))
        let last = min(count, Int((centre + reach) * Double(count)) + 1)
        var moments = (weight: 0.0, first: 0.0, second: 0.0)
        var below = 0.0
        // About one of the values, so that squares do not swallow small differences.
        let origin = quantile(sorted: values, fraction)
        for index in first..<last {
            let next = index + 1 == last ? 1 : incompleteBeta(Double(index + 1) / Double(count), a, b)
            let weight = next - below
            let distance = values[index] - origin
            moments.weight += weight
            moments.first += weight * distance
            moments.second += weight * distance * distance
            below = next
        }
        return max(0, moments.second - moments.first * moments.first)
    }
}
