import Statistics
import TestSupport
import Testing

@Suite("Sample summaries")
struct SampleSummaryTests {
    @Test("no samples give no summary, one gives no interval")
    func few() throws {
        #expect(SampleSummary([]) == nil)
        let one = try #require(SampleSummary([2.5]))
        #expect(one.median == 2.5 && one.interval == nil && one.relativeNoise == 0 && one.count == 1)
        let constant = try #require(SampleSummary([3, 3, 3, 3, 3, 3, 3, 3, 3, 3]))
        #expect(constant.interval == Interval(3, 3))
        #expect(SampleSummary([0, 1])?.interval == nil)
    }

    @Test("the interval of three samples is wider than their range, which holds a median three times in four")
    func threeSamples() throws {
        let interval = try #require(SampleSummary([1.00, 1.01, 1.02])?.interval)
        #expect(interval.lower < 0.99 && interval.upper > 1.03)
    }

    /// How often the 95 % interval of `count` samples holds `truth`, in per cent.
    private func coverage(_ machine: MachineModel, count: Int, truth: Double, trials: Int = 1000) throws -> Double {
        var generator = SeededGenerator(seed: 21, purpose: "\(count)")
        var covered = 0
        for _ in 0..<trials {
            let series = machine.run(costs: [1], count: count, generator: &generator)[0]
            covered += try #require(SampleSummary(series)?.interval).contains(truth) ? 1 : 0
        }
        return 100 * Double(covered) / Double(trials)
    }

    @Test(
        "an interval of 95 % holds the median in at least 93 of 100 series, quiet or in bursts",
        arguments: [3, 4, 5, 7, 10, 20, 50, 200])
    func coverage(count: Int) throws {
        let quiet = try coverage(.quiet, count: count, truth: 1)
        #expect(quiet >= 93, "quiet: \(quiet)")
        // What bursts make longer belongs to the machine: the median is that of what it does in the long run.
        var generator = SeededGenerator(seed: 22)
        let long = MachineModel.bursty.run(costs: [1], count: 200_000, generator: &generator)[0]
        let bursty = try coverage(.bursty, count: count, truth: try #require(median(long)))
        #expect(bursty >= 93, "bursty: \(bursty)")
    }

    @Test(
        "where the machine drifts, it holds the median of what the machine did meanwhile",
        arguments: [3, 4, 5, 7, 10, 20, 50, 200])
    func coverageOfDrift(count: Int) throws {
        var generator = SeededGenerator(seed: 23, purpose: "\(count)")
        var machine = MachineModel.wandering
        machine.whiteNoise = 0
        var covered = 0
        for _ in 0..<1000 {
            let path = machine.run(costs: [1], count: count, generator: &generator)[0]
            let samples = path.map { $0 * (1 + 0.01 * generator.normal()) }
            let interval = try #require(SampleSummary(samples)?.interval)
            covered += interval.contains(try #require(median(path))) ? 1 : 0
        }
        #expect(covered >= 930, "\(covered)")
    }

    @Test("where drift comes and goes in a long series, it holds the median in the long run too")
    func coverageOfShortDrift() throws {
        let covered = try coverage(
            MachineModel(whiteNoise: 0.01, drift: 0.01, driftSamples: 5), count: 200, truth: 1)
        #expect(covered >= 93, "\(covered)")
    }
}
