import Glibc

/// How two series of samples were taken.
public enum Pairing: String, Sendable, Codable {
    /// Each on its own, one after the other or in different runs.
    case independent
    /// In turn (A B A B …): sample i of one has sample i of the other for a neighbour, and drift of the machine moves both.
    case interleaved
}

/// How much less one strategy takes than another, from the samples of both.
///
/// The effect is a ratio, baseline ÷ candidate: above 1 the candidate takes less. Its interval comes from a circular block
/// bootstrap.
///
/// - Interleaved series: the median of the ratios of neighbours. What moves both of a pair cancels, and what hits one of them is an
///   outlier among the pairs. The ratio of the medians would not do: on a machine that wanders, the medians of two series come
///   from different moments.
/// - Independent series: the ratio of the medians. The lower quartiles give a second look at the same question: what disturbs a
///   machine makes samples longer and hardly touches the lower quartile, what changes a kernel moves both.
///
/// What sampling cannot show is that the machine may stand elsewhere in another run. `driftError` estimates it from the
/// series themselves, and `allowing(for:)` widens the effect by it.
public struct RelativeEffect: Sendable, Equatable {
    /// Baseline ÷ candidate: of the medians, or the median of the ratios of neighbours.
    public let ratio: Double
    public private(set) var interval: Interval
    /// Lower quartile of the baseline ÷ lower quartile of the candidate; ``ratio`` again for interleaved series.
    public let secondRatio: Double
    public private(set) var secondInterval: Interval
    /// Two-sided, uncorrected: Mann-Whitney for independent samples, Wilcoxon's signed ranks for interleaved ones, with the
    /// variance inflated by the dependence among neighbouring samples.
    public private(set) var pValue: Double
    public let pairing: Pairing
    /// Standard deviation of the logarithm of the ratio: over the resamples, and what was allowed for since.
    public private(set) var logarithmicError: Double
    /// How far the ratio may be off because the series were not taken at the same time, as a standard deviation of its
    /// logarithm: the spread among the medians of successive fifths of each series. A machine that wandered that far
    /// during a run stands no closer to where it was by the next. 0 for interleaved series, where drift cancels. Drift that
    /// is slower than a whole series leaves no trace in it: only the spread over many measurements shows that.
    public let driftError: Double

    /// - Parameters:
    ///   - baseline: samples, all positive, in the order taken.
    ///   - candidate: likewise.
    ///   - pairing: `.interleaved` needs as many samples of one as of the other; else they are taken as independent.
    /// - Returns: `nil` when one has fewer than two samples or a sample is not a positive finite number.
    public init?(
        baseline: [Double], candidate: [Double], pairing: Pairing = .independent, confidence: Double = 0.95,
        resamples: Int = 2000, seed: UInt64
    ) {
        let isUsable = { (value: Double) in value > 0 && value.isFinite }
        guard baseline.count >= 2, candidate.count >= 2, baseline.allSatisfy(isUsable), candidate.allSatisfy(isUsable)
        else { return nil }
        self.pairing = baseline.count == candidate.count ? pairing : .independent
        let replicates =
            self.pairing == .interleaved
            ? ReplicatedRatios(ofNeighbours: zip(baseline, candidate).map { log($0 / $1) }, resamples, seed: seed)
            : ReplicatedRatios(RankedSeries(baseline), RankedSeries(candidate), resamples, seed: seed)
        ratio = replicates.ratio
        secondRatio = replicates.secondRatio
        interval = percentileInterval(replicates.medians, confidence: confidence)
        secondInterval = percentileInterval(replicates.lowerQuartiles, confidence: confidence)
        logarithmicError = RunningMoments(replicates.medians.map { log($0) }).standardDeviation
        pValue = Self.pValue(baseline, candidate, pairing: self.pairing)
        driftError =
            self.pairing == .interleaved
            ? 0
            : Self.fewPartsFactor
                * (Self.variance(ofMedians: baseline) + Self.variance(ofMedians: candidate)).squareRoot()
    }

    /// The same effect with a further source of error, given as a standard deviation of the ratio's logarithm: intervals
    /// become wider and the p value is at least that of the whole error.
    public func allowing(for error: Double, confidence: Double = 0.95) -> RelativeEffect {
        guard error > 0 else { return self }
        var widened = self
        let reach = normalQuantile((1 + confidence) / 2) * error
        widened.interval = Self.widen(interval, around: ratio, by: reach)
        widened.secondInterval = Self.widen(secondInterval, around: secondRatio, by: reach)
        widened.logarithmicError = (logarithmicError * logarithmicError + error * error).squareRoot()
        widened.pValue = max(pValue, min(1, 2 * normalUpperTail(abs(log(ratio)) / widened.logarithmicError)))
        return widened
    }

    private static func widen(_ interval: Interval, around ratio: Double, by reach: Double) -> Interval {
        let below = log(ratio / interval.lower)
        let above = log(interval.upper / ratio)
        return Interval(
            ratio * exp(-(max(below, 0) * below + reach * reach).squareRoot()),
            ratio * exp((max(above, 0) * above + reach * reach).squareRoot()))
    }

    /// A standard deviation known from two series of five parts is that uncertain: Student's quantile at 97.5 % with eight
    /// degrees of freedom over the normal one.
    private static let fewPartsFactor = 2.306 / 1.960

    /// Of the logarithms of the medians of successive fifths; 0 when there are too few samples to tell.
    private static func variance(ofMedians series: [Double]) -> Double {
        let parts = 5
        guard series.count >= 2 * parts else { return 0 }
        let medians = (0..<parts).compactMap { part in
            median(Array(series[(part * series.count / parts)..<((part + 1) * series.count / parts)]))
        }
        return RunningMoments(medians.map { log($0) }).variance
    }

    private static func pValue(_ baseline: [Double], _ candidate: [Double], pairing: Pairing) -> Double {
        switch pairing {
        case .independent:
            let inflation = max(
                Dependence(of: midranks(baseline)).varianceInflation,
                Dependence(of: midranks(candidate)).varianceInflation)
            return mannWhitney(baseline, candidate, varianceInflation: inflation)?.pValue ?? 1
        case .interleaved:
            let differences = zip(baseline, candidate).map { log($0 / $1) }
            let inflation = Dependence(of: midranks(differences)).varianceInflation
            return wilcoxonSignedRank(differences, varianceInflation: inflation)?.pValue ?? 1
        }
    }
}

/// Ratios of medians and of lower quartiles over the resamples.
private struct ReplicatedRatios {
    let ratio: Double
    let secondRatio: Double
    var medians: [Double] = []
    var lowerQuartiles: [Double] = []

    /// Of the medians and quartiles of two series.
    init(_ baseline: RankedSeries, _ candidate: RankedSeries, _ resamples: Int, seed: UInt64) {
        ratio = baseline.quantile(0.5) / candidate.quantile(0.5)
        secondRatio = baseline.quantile(0.25) / candidate.quantile(0.25)
        var generator = SeededGenerator(seed: seed, purpose: "relative effect")
        var baselineDraw = BlockResampling(count: baseline.count)
        var candidateDraw = BlockResampling(count: candidate.count)
        for _ in 0..<resamples {
            baselineDraw.draw(blockLength: baseline.blockLength, using: &generator)
            candidateDraw.draw(blockLength: candidate.blockLength, using: &generator)
            let (baselineQuartile, baselineMedian) = baseline.quantiles(0.25, 0.5, of: &baselineDraw)
            let (candidateQuartile, candidateMedian) = candidate.quantiles(0.25, 0.5, of: &candidateDraw)
            medians.append(baselineMedian / candidateMedian)
            lowerQuartiles.append(baselineQuartile / candidateQuartile)
        }
    }

    /// Of the logarithms of the ratios of neighbours.
    init(ofNeighbours logarithms: [Double], _ resamples: Int, seed: UInt64) {
        let series = RankedSeries(logarithms)
        ratio = exp(series.quantile(0.5))
        secondRatio = ratio
        var generator = SeededGenerator(seed: seed, purpose: "relative effect")
        var draw = BlockResampling(count: series.count)
        for _ in 0..<resamples {
            draw.draw(blockLength: series.blockLength, using: &generator)
            medians.append(exp(series.quantile(0.5, of: &draw)))
        }
        lowerQuartiles = medians
    }
}
