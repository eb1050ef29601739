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
        #expect(try !Self.place(0, run).holds("<svg class=\"histogram"))
    }

    @Test("names the sources that ran, each of which stands on the page once")
    func sources() throws {
        let run = SampleRun().record()
        let file = StrategyNote.Source(path: "attention/flash/flash.c", text: "if (a < b) { body(); }")
        let page = PageText(
            HTMLReport(runs: [run]) { _, measurement in
                let isKnown = measurement.strategy == "flash" && measurement.device == "cpu:0"
                return StrategyNote(summary: "A way.", source: "A paper.", files: isKnown ? [file] : [])
            }.render())
        #expect(page.count(of: "<code>if (a &lt; b) { body(); }</code>") == 1)
        let anchor = try #require(page.between("class=\"source\" id=\"", "\""))
        #expect(page.count(of: "<a href=\"#\(anchor)\">attention/flash/flash.c</a>") == 3)
        for (index, measurement) in run.measurements.enumerated() {
            let place = PageText(try #require(page.between("<details id=\"m0-\(index)-all\"", "</details>")))
            #expect(place.holds("#\(anchor)") == (measurement.strategy == "flash" && measurement.device == "cpu:0"))
        }
    }

    @Test("says what the shape means, and stacks the stages with their times and shares")
    func meaning() throws {
        let run = SampleRun().record()
        let page = PageText(
            HTMLReport(runs: [run]) { _, _ in
                StrategyNote(
                    summary: "A way.", source: "A paper.", files: [], parameters: ["Lk": "length <of keys>"],
                    sizes: "512 queries")
            }.render())
        let place = PageText(try #require(page.between("<details id=\"m0-0-all\"", "</details>")))
        #expect(place.holds("512 queries <small>B = 1, D = 64") && place.holds("Lk = 512 (length &lt;of keys&gt;)"))
        let time = try #require(run.measurements[0].time)
        #expect(time.stages.count == 3 && place.count(of: "<rect class=\"part") == 4)
        for stage in time.stages {
            let share = NumberFormat.percentage(stage.median / time.median)
            #expect(place.holds("\(stage.name) \(NumberFormat.quantity(stage.median, .seconds)) (\(share))"))
        }
        #expect(try place.holds("between stages") && !Self.place(1, run).holds("<rect class=\"part"))
    }

    @Test("has what is written and read apart, and what the compiler told of each stage")
    func detail() throws {
        var run = SampleRun().record()
        let moved = try #require(run.measurements[0].work).strategyBytes
        run.measurements[0].work?.writtenBytes = moved / 4
        var figures = CompilerFigures(unavailable: "no statistics")
        figures.registers = .told(64)
        figures.occupancy = .computed(8, from: "registers")
        run.measurements[0].compiled = ["scores": figures, "values": CompilerFigures(unavailable: "no statistics")]
        let text = try Self.place(0, run).visible
        #expect(text.holds("reads \(NumberFormat.quantity(moved * 3 / 4, .bytes))"))
        #expect(text.holds("writes \(NumberFormat.quantity(moved / 4, .bytes))"))
        #expect(text.holds("registers 64, occupancy 8 (computed)") && text.holds("nothing: no statistics"))
    }

    @Test("draws the watts of each window, those of the readings in it, and the idle machine's")
    func power() throws {
        var run = SampleRun().record()
        var windows = [WindowRecord(begin: 10, end: 12, iterations: 5, grossJoules: 84)]
        windows.append(WindowRecord(begin: 13, end: 14, iterations: 5, grossJoules: 40))
        run.measurements[0].energy?.windows = windows
        let plain = try Self.place(0, run)
        #expect(plain.holds("40.0 W to 42.0 W in 2 windows over 4.00 s; dashed: 18.2 W of the idle machine"))
        #expect(plain.between("class=\"windows\" d=\"", "\"")?.split(separator: "M").count == 2)
        #expect(plain.between("class=\"readings\" d=\"", "\"") == "")
        var trace = SourceTrace(
            source: "powercap:intel-rapl:0", kind: .counter, scale: 1, modulus: 100, updateSeconds: 0.1,
            averagingSeconds: 0)
        trace.before = [9, 10.5, 11, 11.5, 13.2, 13.4]
        trace.after = trace.before
        // Between the second and the third reading the counter starts again at 0.
        trace.values = [0, 90, 11, 32, 50, 58]
        run.meterTrace = MeterTrace()
        run.meterTrace?.sources = [trace]
        let read = try #require(try Self.place(0, run).between("class=\"readings\" d=\"", "\""))
        #expect(read.split(separator: "M").count == 3)
        let heights = read.split(separator: "M").compactMap { Double($0.split(separator: " ")[1].prefix { $0 != "H" }) }
        #expect(heights.count == 3 && heights[0] == heights[1] && heights[2] > heights[1])
    }

    @Test("a large run has none, and its rows are the places")
    func large() {
        let page = PageText(HTMLReport(runs: [PageTests.large(60)]).render())
        #expect(!page.holds("-all\"") && page.holds("href=\"#m0-0\"") && page.holds("id=\"m0-1079\""))
    }
}
