/// What a series of samples says: location, spread, outliers and how far samples depend on their predecessors.
public struct SampleSummary: Sendable, Equatable {
    public let count: Int
    public let minimum: Double
    public let maximum: Double
    public let mean: Double
    public let median: Double
    /// 95 % interval of the median by circular block bootstrap; `nil` below two samples.
    public let interval: Interval?
    public let lowerQuartile: Double
    public let upperQuartile: Double
    /// With the divisor *n* − 1.
    public let standardDeviation: Double
    /// Standard deviation over mean.
    public let relativeNoise: Double
    /// Median distance from the median, times 1.4826: the standard deviation that a normal sample of this spread has.
    public let robustDeviation: Double
    public let outliers: OutlierCounts
    /// Length of the blocks that the bootstrap draws: 1 when samples do not depend on their predecessors.
    public let blockLength: Int

    /// - Returns: `nil` without samples.
    public init?(_ samples: [Double], confidence: Double = 0.95, resamples: Int = 2000, seed: UInt64 = 0) {
        guard let middle = Statistics.median(samples) else { return nil }
        let sorted = samples.sorted()
        let moments = RunningMoments(samples)
        count = samples.count
        minimum = sorted[0]
        maximum = sorted[sorted.count - 1]
        mean = moments.mean
        median = middle
        lowerQuartile = quantile(sorted: sorted, 0.25)
        upperQuartile = quantile(sorted: sorted, 0.75)
        standardDeviation = moments.standardDeviation
        relativeNoise = moments.relativeNoise
        robustDeviation = 1.4826 * (Statistics.median(samples.map { abs($0 - middle) }) ?? 0)
        outliers = OutlierCounts(sorted: sorted, lowerQuartile: lowerQuartile, upperQuartile: upperQuartile)
        let series = RankedSeries(samples)
        blockLength = series.blockLength
        guard samples.count >= 2 else {
            interval = nil
            return
        }
        var generator = SeededGenerator(seed: seed, purpose: "summary")
        var medians: [Double] = []
        var resampling = BlockResampling(count: samples.count)
        for _ in 0..<resamples {
            resampling.draw(blockLength: blockLength, using: &generator)
            medians.append(series.quantile(0.5, of: &resampling))
        }
        interval = percentileInterval(medians, confidence: confidence)
    }
}

/// How many samples lie outside Tukey's fences: 1.5 (mild) and 3 (severe) interquartile ranges beyond the quartiles
/// (Tukey, Exploratory Data Analysis, 1977).
public struct OutlierCounts: Sendable, Hashable, Codable {
    public var lowSevere = 0
    public var lowMild = 0
    public var highMild = 0
    public var highSevere = 0

    public var total: Int { lowSevere + lowMild + highMild + highSevere }

    init(sorted: [Double], lowerQuartile: Double, upperQuartile: Double) {
        let range = upperQuartile - lowerQuartile
        for value in sorted {
            if value < lowerQuartile - 3 * range {
                lowSevere += 1
            } else if value < lowerQuartile - 1.5 * range {
                lowMild += 1
            } else if value > upperQuartile + 3 * range {
                highSevere += 1
            } else if value > upperQuartile + 1.5 * range {
                highMild += 1
            }
        }
    }
}
