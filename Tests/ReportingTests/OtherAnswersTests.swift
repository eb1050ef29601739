import Reporting
import Results
import Statistics
import Testing

@Suite("What to pick of whole models and of configurations")
struct OtherAnswersTests {
    // MARK: Models

    private static func rung(_ name: String, _ kind: RungRecord.Kind, on: String?) -> RungRecord {
        RungRecord(name: name, title: "form \(name)", kind: kind, on: on, note: nil, claim: nil)
    }

    private static func point(_ rung: String?, _ seconds: Double, factor: Double?, half: Double) -> ModelPointRecord {
        var point = ModelPointRecord(
            rung: rung, phase: .decode, batch: 1, context: 512, device: "cpu:0", parameters: 1, activeParameters: 1,
            flops: 1, minimumBytes: 1)
        point.seconds = seconds
        point.secondsInterval = Interval(seconds * 0.99, seconds * 1.01)
        point.strategyBytes = seconds * 1e9
        point.change = factor.map { factor in
            let found = ModelChangeRecord.Factor(factor: factor, interval: Interval(factor - half, factor + half))
            return ModelChangeRecord(
                on: "dense", time: found, timeFromStart: found, timeOfKeeping: factor, bytes: 1, flops: 1)
        }
        return point
    }

    /// The second form keeps the function and is twice as fast, the third approximates it and is four times as fast.
    private static func ladder(half: Double = 0.1) -> RunRecord {
        var run = SampleRun().record()
        let rungs = [
            rung("dense", .start, on: nil), rung("flash", .keeps, on: "dense"),
            rung("bits", .approximates, on: "flash"),
        ]
        var model = ModelRecord(
            name: "tiny", summary: "a model", source: "here",
            ladder: LadderRecord(name: "short", summary: "", rungs: rungs), leftOut: [])
        model.points = [
            point("dense", 8e-3, factor: nil, half: half), point("flash", 4e-3, factor: 2, half: half),
            point("bits", 2e-3, factor: 4, half: half),
        ]
        run.models = [model]
        return run
    }

    private static func answer(_ run: RunRecord) throws -> PageText {
        let page = PageText(HTMLReport(runs: [run]).render())
        #expect(page.holds("<a href=\"#answer\">What to pick</a>"))
        return PageText(try #require(page.between("<section id=\"answer\">", "</section>")))
    }

    @Test("a ladder has the form that takes least, with and without giving up the function, and what it saves")
    func ladders() throws {
        let rows = try Self.answer(Self.ladder()).string.split(separator: "<tr>").dropFirst(2)
        try #require(rows.count == 2)
        let texts = rows.map { PageText(String($0)).visible.string.replacing("\u{A0}", with: " ") }
        #expect(texts[0].contains("the same function") && texts[0].contains("form flash"))
        #expect(texts[0].contains("2.0 × [1.9, 2.1] less time") && texts[0].contains("saves 4.00 ms, 3.81 MiB"))
        #expect(texts[1].contains("approximations allowed") && texts[1].contains("form bits"))
        #expect(texts[1].contains("4.00 × [3.90, 4.10] less time") && texts[1].contains("saves 6.00 ms"))
    }

    @Test("a form whose interval holds 1 is no pick, and one that is worse leaves the first")
    func doubts() throws {
        #expect(try Self.answer(Self.ladder(half: 3.5)).visible.holds("undecided"))
        var run = Self.ladder(half: 0.01)
        for index in 1..<3 {
            let worse = ModelChangeRecord.Factor(factor: 0.5, interval: Interval(0.45, 0.55))
            run.models?[0].points[index].change?.timeFromStart = worse
        }
        let text = try Self.answer(run).string
        #expect(text.contains("keep <b>form dense</b>") && text.contains("0.5"))
    }

    @Test("a model as published has the device that takes least, where several were measured")
    func devices() throws {
        var run = Self.ladder()
        run.models?[0].ladder = nil
        var other = Self.point(nil, 16e-3, factor: nil, half: 0)
        other.device = "vulkan:0"
        run.models?[0].points = [other, Self.point(nil, 8e-3, factor: nil, half: 0)]
        let text = try Self.answer(run).visible.string.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(text.contains("cpu:0 8.00 ms a token, 2.00 × less time than vulkan:0"), "\(text)")
        run.models?[0].points[0].secondsInterval = Interval(7e-3, 20e-3)
        #expect(try Self.answer(run).visible.holds("not told apart from vulkan:0"))
    }

    // MARK: Configurations

    private static func tuned(best: [String: Int]?) -> RunRecord {
        var run = SampleRun().record()
        let flash = run.measurements.filter { $0.device == "cpu:0" && $0.strategy == "flash" }[0]
        var quick = flash
        quick.strategy = "flash ITEMS=4"
        quick.time?.median /= 2
        run.measurements = [flash, quick]
        run.devices = [run.devices[0]]
        var comparison = run.comparisons[0]
        (comparison.baseline, comparison.strategy, comparison.device) = ("flash", "flash ITEMS=4", "cpu:0")
        (comparison.speedup, comparison.speedupInterval) = (2, Interval(1.9, 2.1))
        run.comparisons = [comparison]
        var tuning = TuningRecord(
            objective: .time, strategy: "flash", file: "kernels/attention/flash/strategy.json", defaults: ["ITEMS": 2],
            configurationCount: 3)
        var configuration = TuningRecord.Configuration(
            StrategyConfiguration(tunables: ["ITEMS": 4]), status: .ok, message: nil, ratio: 2)
        configuration.strategy = "flash ITEMS=4"
        tuning.configurations = [configuration]
        tuning.best = best
        run.tuning = tuning
        return run
    }

    @Test("a search has the best configuration with its gain, what it saves and how it becomes the default")
    func configurations() throws {
        let run = Self.tuned(best: ["ITEMS": 4])
        let text = try Self.answer(run).visible.string.replacing("\u{A0}", with: " ")
        let saved = try #require(run.measurements[0].time).median / 2
        #expect(text.contains("attention/flash") && text.contains("ITEMS=4"))
        #expect(text.contains("2.0 × [1.9, 2.1] faster"), "\(text)")
        #expect(text.contains("Saves \(NumberFormat.quantity(saved, .seconds))"), "\(text)")
        #expect(text.contains("kernels/attention/flash/strategy.json"))
        #expect(try Self.answer(Self.tuned(best: nil)).holds("keep <b>ITEMS=2</b>"))
    }
}
