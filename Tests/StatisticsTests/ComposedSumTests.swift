import Glibc
import Statistics
import Testing

@Suite("Sums of measured quantities")
struct ComposedSumTests {
    /// A sum of three quantities with counts, each known from samples with noise of its own.
    private static func sum(_ generator: inout SeededGenerator, counts: [Double]) -> ComposedSum<Int> {
        var sum = ComposedSum<Int>()
        for (key, (value, noise)) in [(1.0, 0.02), (0.2, 0.1), (3.0, 0.01)].enumerated() {
            let samples = (0..<25).map { _ in value * exp(noise * generator.normal()) }
            let known = QuantileEstimate(samples.map { log($0) })
            sum.add(
                key, median(samples) ?? 0, times: counts[key], error: known?.standardError ?? 0,
                degrees: known?.degrees ?? 1)
        }
        return sum
    }

    @Test("the interval of a sum holds the truth as often as it says")
    func coverage() {
        var generator = SeededGenerator(seed: 11)
        let counts = [12.0, 24, 1]
        let truth = 12.0 + 0.2 * 24 + 3
        let held = (0..<400).count { _ in
            Self.sum(&generator, counts: counts).estimate.interval(confidence: 0.95).contains(truth)
        }
        #expect((372...399).contains(held), "\(held) of 400")
    }

    @Test("a ratio of sums with the same parts has the error of what differs alone")
    func cancelling() {
        var (first, second) = (ComposedSum<String>(), ComposedSum<String>())
        for count in [2.0, 3] { first.add("shared", 1, times: count, error: 0.1, degrees: 10) }
        second.add("shared", 1, times: 10, error: 0.1, degrees: 10)
        let ratio = second.ratio(to: first)
        #expect(abs(ratio.ratio - 2) < 1e-12)
        #expect(ratio.logarithmicError < 1e-12)
        second.add("own", 10, times: 1, error: 0.04, degrees: 10)
        // d log = (share of "shared": 1/2 − 1) · 0.1 and 1/2 · 0.04.
        let expected = (0.05 * 0.05 + 0.02 * 0.02).squareRoot()
        #expect(abs(second.ratio(to: first).logarithmicError - expected) < 1e-12)
    }
}
