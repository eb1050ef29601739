import Reporting
import Results
import Testing

@Suite("Each measurement's own place on the page")
struct MeasurementPlaceTests {
    private static func place(_ index: Int, _ run: RunRecord) throws -> PageText {
        let page = PageText(HTMLReport(runs: [run]).render())
        return PageText(try #require(page.between("<details id=\"m0-\(index)-all\"", "</details>")))
    }

    @Test("has the shape, the absolute bytes, the figures of verification, the time and the joules of the record")
    func figures() throws {
        let run = SampleRun().record()
        for (index, measurement) in run.measurements.enumerated() {
            let text = try Self.place(index, run).visible
            let work = try #require(measurement.work), found = try #require(measurement.verification)
            for (name, value) in measurement.parameters { #expect(text.holds("\(name) = \(value)")) }
            #expect(text.holds("moves \(NumberFormat.quantity(work.strategyBytes, .bytes))"))
            #expect(text.holds("\(NumberFormat.quantity(work.minimumBytes, .bytes)) must move at least"))
            #expect(text.holds(NumberFormat.scientific(try #require(found.normalizedMeanSquaredError))))
            #expect(text.holds(try #require(Metric.seconds.figure(measurement)).words))
            #expect(text.holds(try #require(Metric.leadingJoules.figure(measurement)).words))
        }
    }

    @Test("has the command that repeats just it, with the options of the run that still hold")
    func command() throws {
        let run = SampleRun().record()
        let measurement = run.measurements[3]
        let text = try Self.place(3, run).visible
        #expect(
            text.holds(
                "joulemark profile --seed 7 --family attention --strategy \(measurement.strategy) --workload "
                    + "\(measurement.workload) --device \(measurement.device)"))
        var tuned = run
        tuned.tool.arguments = ["tune", "attention/flash"]
        #expect(try Self.place(3, tuned).visible.holds("joulemark tune attention/flash"))
    }

    @Test("names the roof that is lower at its intensity: few FLOPs a byte meet memory's, many the arithmetic's")
    func roof() throws {
        var run = SampleRun().record()
        let peaks = try #require(run.devices.first { $0.id == run.measurements[0].device }?.peaks)
        let ridge = try #require(peaks.flopsPerSecond) / (try #require(peaks.bytesPerSecond))
        let bytes = try #require(run.measurements[0].work).minimumBytes
        run.measurements[0].work?.flops = bytes * ridge / 2
        #expect(
            try Self.place(0, run).visible.holds(
                "memory, \(NumberFormat.quantity(peaks.bytesPerSecond, .bytesPerSecond))"))
        run.measurements[0].work?.flops = bytes * ridge * 2
        #expect(
            try Self.place(0, run).visible.holds(
                "arithmetic, \(NumberFormat.quantity(peaks.flopsPerSecond, .flopsPerSecond))"))
        run.devices[0].peaks = nil
        #expect(try Self.place(0, run).visible.holds("the peaks of cpu:0 were not measured"))
    }

    @Test("shows its samples by pass, each sample in a bar, and their quantiles")
    func samples() throws {
        var run = SampleRun().record()
        var rounds = SampleRounds()
        (rounds.pass, rounds.samples) = ([0, 0, 1], [8, 8, 8])
        run.measurements[0].time?.rounds = rounds
        let place = try Self.place(0, run)
        #expect(place.holds("24 samples in 2 passes"))
        #expect(place.between("<svg class=\"histogram\"", "</svg>")?.split(separator: "<path").count == 3)
        let samples = try #require(run.measurements[0].time).sampleSeconds.sorted()
        #expect(place.holds("50 % \(NumberFormat.quantity((samples[11] + samples[12]) / 2, .seconds))"))
        run.measurements[0].time?.sampleSeconds = []
        #expect(try !Self.place(0, run).holds("<svg"))
    }

    @Test("a large run has none, and its rows are the places")
    func large() {
        let page = PageText(HTMLReport(runs: [PageTests.large(60)]).render())
        #expect(!page.holds("-all\"") && page.holds("href=\"#m0-0\"") && page.holds("id=\"m0-1079\""))
    }
}
