import Statistics
import Testing

@Suite("Sample summaries")
struct SampleSummaryTests {
    @Test("no samples give no summary, one gives no interval")
    func few() throws {
        #expect(SampleSummary([]) == nil)
        let one = try #require(SampleSummary([2.5]))
        #expect(one.median == 2.5 && one.interval == nil && one.relativeNoise == 0 && one.count == 1)
        let constant = try #require(SampleSummary([3, 3, 3, 3, 3, 3, 3, 3, 3, 3]))
        #expect(constant.interval == Interval(3, 3) && constant.blockLength == 1)
    }

    @Test("the interval of a drifting series is wider than drawing sample by sample says, and covers the truth")
    func driftWidensTheInterval() throws {
        var generator = SeededGenerator(seed: 21)
        let machine = MachineModel(whiteNoise: 0.002, drift: 0.02, driftSamples: 10)
        var (covered, coveredOneByOne) = (0, 0)
        for trial in 0..<100 {
            let series = machine.run(costs: [1], count: 400, generator: &generator)[0]
            let interval = try #require(SampleSummary(series, resamples: 100, seed: UInt64(trial))?.interval)
            let oneByOne = try #require(bootstrapInterval(of: series, resamples: 100, seed: UInt64(trial)))
            covered += interval.contains(1) ? 1 : 0
            coveredOneByOne += oneByOne.contains(1) ? 1 : 0
        }
        #expect(covered >= 80 && covered > coveredOneByOne + 20, "\(covered) against \(coveredOneByOne)")
    }

    @Test("independent samples are drawn one by one or nearly so")
    func blockLengthOfIndependentSamples() throws {
        var generator = SeededGenerator(seed: 2)
        let quiet = try #require(
            SampleSummary(MachineModel.quiet.run(costs: [1], count: 400, generator: &generator)[0]))
        let drifting = MachineModel(whiteNoise: 0.002, drift: 0.02, driftSamples: 20)
        let slow = try #require(SampleSummary(drifting.run(costs: [1], count: 400, generator: &generator)[0]))
        #expect(quiet.blockLength <= 8 && slow.blockLength > 10)
    }
}
