import Statistics
import Testing

@Suite("Agreement with SciPy, NumPy, statsmodels and arch")
struct ReferenceTests {
    let reference: Reference

    init() throws { reference = try Reference() }

    @Test("medians, quantiles, means and spreads are those of NumPy and SciPy")
    func locationAndSpread() throws {
        for (name, expected) in reference.summaries {
            let series = try #require(reference.series[name])
            let summary = try #require(SampleSummary(series))
            #expect(isClose(summary.median, expected.median), "\(name)")
            let moments = RunningMoments(series)
            #expect(isClose(moments.mean, expected.mean), "\(name)")
            #expect(isClose(moments.standardDeviation, expected.standardDeviation), "\(name)")
            #expect(summary.relativeNoise == moments.relativeNoise, "\(name)")
            for (fraction, value) in expected.quantiles {
                let found = quantile(sorted: series.sorted(), try #require(Double(fraction)))
                #expect(isClose(found, value), "\(name) at \(fraction)")
            }
        }
    }

    @Test("optimal block lengths are those of the arch package")
    func blockLengths() throws {
        for (name, expected) in reference.summaries {
            guard let length = expected.optimalBlockLength else { continue }
            let found = Dependence(of: try #require(reference.series[name])).optimalBlockLength
            #expect(isClose(found, length), "\(name): \(found), expected \(length)")
        }
    }

    @Test("Mann-Whitney U and p values are those of SciPy, exact and approximate, with ties and without")
    func mannWhitneyAgrees() throws {
        var exact = 0
        for expected in reference.mannWhitney {
            let first = try #require(reference.series[expected.first])
            let second = try #require(reference.series[expected.second])
            let found = try #require(mannWhitney(first, second))
            #expect(found.statistic == expected.statistic)
            #expect(isClose(found.pValue, expected.pValue), "\(expected.first) \(expected.second): \(found.pValue)")
            exact += found.isExact ? 1 : 0
        }
        #expect(exact == 2)
    }

    @Test("Wilcoxon's signed ranks give the p values of SciPy")
    func signedRankAgrees() throws {
        for expected in reference.signedRank {
            let found = try #require(wilcoxonSignedRank(expected.differences))
            #expect(found.statistic == expected.statistic)
            #expect(isClose(found.pValue, expected.pValue), "\(expected.name): \(found.pValue)")
        }
    }

    @Test("Holm's correction is that of statsmodels")
    func holmAgrees() {
        for (found, expected) in zip(holmCorrected(reference.holm.pValues), reference.holm.corrected) {
            #expect(isClose(found, expected))
        }
    }

    @Test("normal quantiles are those of SciPy")
    func normalQuantiles() {
        for expected in reference.normal {
            #expect(isClose(normalQuantile(expected.probability), expected.quantile, absolute: 1e-9))
        }
    }

    @Test("the interval of a median is SciPy's, within the Monte-Carlo error")
    func medianIntervals() throws {
        for name in ["even", "odd", "skewed"] {
            let series = try #require(reference.series[name])
            let expected = try #require(reference.summaries[name]).bootstrap
            let found = try #require(bootstrapInterval(of: series, resamples: 10_000, seed: 3))
            let tolerance = 0.1 * (expected[1] - expected[0])
            #expect(abs(found.lower - expected[0]) < tolerance, "\(name)")
            #expect(abs(found.upper - expected[1]) < tolerance, "\(name)")
        }
    }

    @Test("the interval of a ratio of medians is SciPy's, within the Monte-Carlo error")
    func ratioIntervals() throws {
        for expected in reference.ratios {
            let baseline = try #require(reference.series[expected.first])
            let candidate = try #require(reference.series[expected.second])
            let effect = try #require(
                RelativeEffect(baseline: baseline, candidate: candidate, resamples: 10_000, seed: 5))
            let tolerance = 0.15 * (expected.interval[1] - expected.interval[0])
            #expect(isClose(effect.ratio, expected.ratio))
            #expect(abs(effect.interval.lower - expected.interval[0]) < tolerance, "\(effect.interval)")
            #expect(abs(effect.interval.upper - expected.interval[1]) < tolerance, "\(effect.interval)")
        }
    }
}
