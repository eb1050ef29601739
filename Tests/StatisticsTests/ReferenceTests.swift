import Statistics
import Testing

@Suite("Agreement with SciPy, NumPy and arch")
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

    @Test("Student's quantiles and tails, and the beta function that they come from, are those of SciPy")
    func student() {
        for expected in reference.student {
            let found = studentQuantile(expected.probability, degrees: expected.degrees)
            #expect(isClose(found, expected.quantile), "\(expected): \(found)")
            let tail = studentUpperTail(expected.quantile, degrees: expected.degrees)
            #expect(isClose(tail, 1 - expected.probability), "\(expected): \(tail)")
        }
        for expected in reference.beta {
            let found = incompleteBeta(expected.x, expected.a, expected.b)
            #expect(isClose(found, expected.value, relative: 1e-9), "\(expected): \(found)")
        }
    }

    @Test("normal quantiles are those of SciPy")
    func normalQuantiles() {
        for expected in reference.normal {
            #expect(isClose(normalQuantile(expected.probability), expected.quantile, absolute: 1e-9))
        }
    }

    @Test("the standard error of a quantile is that of SciPy's bootstrap, within the Monte-Carlo error")
    func standardErrors() throws {
        for name in ["even", "odd", "skewed"] {
            let series = try #require(reference.series[name])
            let inflation = Dependence(of: midranks(series))
            let dependence = max(inflation.varianceInflation, inflation.firstOrderInflation).squareRoot()
            for (key, expected) in try #require(reference.summaries[name]).standardErrors {
                let fraction = try #require(Double(key))
                let found = try #require(QuantileEstimate(series, fraction)).standardError / dependence
                #expect(isClose(found, expected, relative: 0.06), "\(name) at \(fraction): \(found), \(expected)")
            }
        }
    }
}
