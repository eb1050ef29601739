import Results
import Statistics
import Testing

@Suite("Where two strategies cross")
struct ShapeCrossingTests {
    private func run(_ ratios: [(length: Int, ratio: Double)]) -> RunRecord {
        var measurements: [MeasurementRecord] = []
        for (length, ratio) in ratios {
            for (strategy, seconds) in [("unfused", 1e-3 * ratio), ("flash", 1e-3)] {
                var record = SampleRuns.measurement(
                    strategy: strategy, seconds: seconds, workload: "L=\(length)", seed: UInt64(length))
                record.parameters["L"] = length
                measurements.append(record)
            }
        }
        var run = SampleRuns.run(measurements)
        run.comparisons = withinRunComparisons(run, baselines: ["attention": "unfused"])
        return run
    }

    @Test("a ratio that follows a power of the length crosses where that power is 1, within its ends")
    func place() throws {
        // (L / 2000) ^ 0.5 is 1 at 2000.
        let run = run([500, 1000, 4000, 16000].map { ($0, (Double($0) / 2000).squareRoot()) })
        let crossings = ShapeCrossing.all(run)
        let crossing = try #require(crossings.first)
        #expect(crossings.count == 1 && crossing.parameter == "L")
        #expect(crossing.before == "unfused" && crossing.after == "flash")
        #expect(abs(crossing.value / 2000 - 1) < 0.05, "\(crossing.value)")
        let (lower, upper) = (try #require(crossing.lower), try #require(crossing.upper))
        #expect(lower <= crossing.value && crossing.value <= upper)
        #expect(crossing.words.contains("flash is faster than unfused from about L = "))
    }

    @Test("nothing crosses where one is always the faster, or two parameters differ")
    func none() {
        #expect(ShapeCrossing.all(run([(500, 1.5), (1000, 2), (2000, 3)])).isEmpty)
        var two = run([(500, 0.5), (2000, 2)])
        for index in two.measurements.indices where two.measurements[index].parameters["L"] == 500 {
            two.measurements[index].parameters["D"] = 64
        }
        #expect(ShapeCrossing.all(two).isEmpty)
    }
}
