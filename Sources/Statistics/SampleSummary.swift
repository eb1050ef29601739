/// What a series of samples says: location, spread and how far samples depend on their predecessors.
public struct SampleSummary: Sendable, Equatable {
    public let count: Int
    public let median: Double
    /// 95 % interval of the median by circular block bootstrap; `nil` below two samples.
    public let interval: Interval?
    /// Standard deviation, with the divisor *n* − 1, over mean.
    public let relativeNoise: Double
    /// Length of the blocks that the bootstrap draws: 1 when samples do not depend on their predecessors.
    public let blockLength: Int

    /// - Returns: `nil` without samples.
    public init?(_ samples: [Double], confidence: Double = 0.95, resamples: Int = 2000, seed: UInt64 = 0) {
        guard let middle = Statistics.median(samples) else { return nil }
        count = samples.count
        median = middle
        relativeNoise = RunningMoments(samples).relativeNoise
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
