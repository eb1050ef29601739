import Glibc

/// What a series of samples says: location, spread, and how well the location is known.
public struct SampleSummary: Sendable, Equatable {
    public let count: Int
    public let median: Double
    /// 95 % interval of the median, which allows for samples that resemble their predecessors, and for there being few:
    /// that of three samples is wider than their range. `nil` below two samples, and when a sample is not a positive
    /// number.
    public let interval: Interval?
    /// Standard deviation, with the divisor *n* − 1, over mean.
    public let relativeNoise: Double

    /// - Returns: `nil` without samples.
    public init?(_ samples: [Double]) {
        guard let middle = Statistics.median(samples) else { return nil }
        count = samples.count
        median = middle
        relativeNoise = RunningMoments(samples).relativeNoise
        guard samples.allSatisfy({ $0 > 0 && $0.isFinite }), let estimate = QuantileEstimate(samples.map { log($0) })
        else {
            interval = nil
            return
        }
        let known = LogEstimate(log(middle)).adding(error: estimate.standardError, degrees: estimate.degrees)
        interval = estimate.standardError > 0 ? known.interval(confidence: 0.95) : Interval(middle, middle)
    }
}
