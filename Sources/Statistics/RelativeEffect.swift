import Glibc

/// How two series of samples were taken.
public enum Pairing: String, Sendable, Codable {
    /// Each on its own, one after the other or in different runs.
    case independent
    /// In turn (A B A B …): sample i of one has sample i of the other for a neighbour, and drift of the machine moves
    /// both.
    case interleaved
}

/// How much less one strategy takes than another, from the samples of both.
///
/// - Interleaved series: the median of the ratios of neighbours. What moves both of a pair cancels, and what hits one
///   of them is an outlier among the pairs. The ratio of the medians would not do: on a machine that wanders, the
///   medians of two series come from different moments.
/// - Independent series: the ratio of the medians. The lower quartiles give a second look at the same question: what
///   disturbs a machine makes samples longer and hardly touches the lower quartile, what changes a kernel moves both.
///
/// What sampling cannot show is that the machine may stand elsewhere in another run. ``driftError`` estimates it from
/// the series themselves; ``RatioEstimate/allowing(for:degrees:)`` adds it.
public struct RelativeEffect: Sendable, Equatable {
    /// With the error of sampling.
    public let estimate: RatioEstimate
    public let pairing: Pairing
    /// How far the ratio may be off because the series were not taken at the same time, as a standard deviation of its
    /// logarithm: the spread among the medians of successive fifths of each series. A machine that wandered that far
    /// during a run stands no closer to where it was by the next. 0 for interleaved series, where drift cancels. Drift
    /// that is slower than a whole series leaves no trace in it: only the spread over many measurements shows that.
    public let driftError: Double

    /// Of a series, to look for drift.
    private static let parts = 5
    /// Degrees of freedom of ``driftError``, which is known from the parts of two series.
    public static let driftDegrees = Double(2 * (parts - 1))

    /// - Parameters:
    ///   - baseline: samples, all positive, in the order taken.
    ///   - candidate: likewise.
    ///   - pairing: `.interleaved` needs as many samples of one as of the other; else they are taken as independent.
    /// - Returns: `nil` when one has fewer than two samples or a sample is not a positive finite number.
    public init?(baseline: [Double], candidate: [Double], pairing: Pairing = .independent) {
        let isUsable = { (value: Double) in value > 0 && value.isFinite }
        guard baseline.count >= 2, candidate.count >= 2, baseline.allSatisfy(isUsable), candidate.allSatisfy(isUsable)
        else { return nil }
        self.pairing = baseline.count == candidate.count ? pairing : .independent
        switch self.pairing {
        case .interleaved:
            estimate = Self.paired(zip(baseline, candidate).map { log($0 / $1) })
            driftError = 0
        case .independent:
            let logarithms = [baseline, candidate].map { $0.map { log($0) } }
            let series = logarithms.map { SortedSeries($0) }
            let looks = [0.5, 0.25].map { fraction in
                Self.difference(QuantileEstimate(series[0], fraction), QuantileEstimate(series[1], fraction))
            }
            estimate = RatioEstimate(looks[0], secondLook: looks[1])
            driftError = logarithms.reduce(0) { $0 + Self.variance(ofMedians: $1) }.squareRoot()
        }
    }

    private static func paired(_ differences: [Double]) -> RatioEstimate {
        let middle = QuantileEstimate(SortedSeries(differences), 0.5)
        let agreeing = differences.count { middle.value > 0 ? $0 > 0 : $0 < 0 }
        return RatioEstimate(
            LogEstimate(middle.value).adding(error: middle.standardError, degrees: middle.degrees),
            rounds: .init(agreeing: agreeing, count: differences.count))
    }

    private static func difference(_ baseline: QuantileEstimate, _ candidate: QuantileEstimate) -> LogEstimate {
        LogEstimate(baseline.value - candidate.value)
            .adding(error: baseline.standardError, degrees: baseline.degrees)
            .adding(error: candidate.standardError, degrees: candidate.degrees)
    }

    /// Of the medians of successive parts; 0 when there are too few samples to tell.
    private static func variance(ofMedians series: [Double]) -> Double {
        guard series.count >= 2 * parts else { return 0 }
        let medians = (0..<parts).compactMap { part in
            median(Array(series[(part * series.count / parts)..<((part + 1) * series.count / parts)]))
        }
        return RunningMoments(medians).variance
    }
}
