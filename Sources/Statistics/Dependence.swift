import Glibc

/// How far the values of a series depend on their predecessors.
///
/// After Politis and White 2004, "Automatic block-length selection for the dependent bootstrap", with the correction of
/// Patton, Politis and White 2009: autocovariances up to the lag where autocorrelations become insignificant, under a
/// flat-top window.
public struct Dependence: Sendable, Equatable {
    /// Optimal block length of the circular block bootstrap; below 1 for values that do not depend on their
    /// predecessors.
    public let optimalBlockLength: Double
    /// Long-run variance over variance: by how much dependence inflates the variance of a mean.
    public let varianceInflation: Double

    /// The same of a series whose values depend on the one before, ρ being the autocorrelation at lag 1 without its
    /// bias in short series (Kendall 1954): (1 + ρ) ÷ (1 − ρ). It sees dependence where series are too short for the
    /// long-run variance.
    public let firstOrderInflation: Double

    /// Beyond this, (1 + ρ) ÷ (1 − ρ) says more of the noise in ρ than of the series; the shorter that is, the sooner.
    private static func largestCorrelation(_ count: Double) -> Double { 0.8 * count / (count + 10) }

    public init(of series: [Double]) {
        let count = Double(series.count)
        let mean = series.reduce(0, +) / max(count, 1)
        let centred = series.map { $0 - mean }
        let variance = centred.reduce(0) { $0 + $1 * $1 } / max(count, 1)
        firstOrderInflation = variance > 0 ? Self.firstOrderInflation(centred, variance) : 1
        guard series.count >= 8, variance > 0 else {
            optimalBlockLength = 1
            varianceInflation = 1
            return
        }
        let quietLags = max(5, Int(log10(count)))
        let largestLag = min(Int(count.squareRoot().rounded(.up)) + quietLags, series.count - 2)
        let covariances = (0...largestLag).map { Self.autocovariance(centred, lag: $0) }
        let bandwidth = Self.bandwidth(covariances, count: count, quietLags: quietLags)
        var (curvature, longRun) = (0.0, covariances[0])
        for lag in 1...bandwidth {
            let position = Double(lag) / Double(bandwidth)
            let window = position <= 0.5 ? 1 : 2 * (1 - position)
            curvature += 2 * window * Double(lag) * covariances[lag]
            longRun += 2 * window * covariances[lag]
        }
        let largest = min(3 * count.squareRoot(), count / 3).rounded(.up)
        let ratio = 2 * curvature * curvature / (4.0 / 3 * longRun * longRun)
        optimalBlockLength = min(cbrt(ratio * count), largest)
        varianceInflation = max(1, longRun / covariances[0])
    }

    private static func firstOrderInflation(_ centred: [Double], _ variance: Double) -> Double {
        guard centred.count >= 4 else { return 1 }
        let correlation = autocovariance(centred, lag: 1) / variance
        let count = Double(centred.count)
        let unbiased = correlation + (1 + 3 * correlation) / count
        let used = min(max(unbiased, 0), largestCorrelation(count))
        return (1 + used) / (1 - used)
    }

    private static func autocovariance(_ centred: [Double], lag: Int) -> Double {
        var sum = 0.0
        for index in 0..<(centred.count - lag) { sum += centred[index] * centred[index + lag] }
        return sum / Double(centred.count)
    }

    /// Twice the first of `quietLags` lags in a row whose autocorrelations are insignificant (one lag more than in the
    /// paper, on the careful side).
    private static func bandwidth(_ covariances: [Double], count: Double, quietLags: Int) -> Int {
        let threshold = 2 * (log10(count) / count).squareRoot() * covariances[0]
        let largestLag = covariances.count - 1
        var quiet = 0
        for lag in 1..<largestLag {
            quiet = abs(covariances[lag]) < threshold ? quiet + 1 : 0
            if quiet == quietLags { return min(2 * (lag - quietLags + 1), largestLag) }
        }
        return largestLag
    }
}
