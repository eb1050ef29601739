import Reporting
import Results
import Statistics
import Testing

/// What a reader comes with, where the page answers it, and what the record says. The page is read in a browser, as
/// text; what is expected follows from the record alone.
@Suite(
    "Ten questions", .enabled(if: Browser.path != nil, "chromium is not installed; ./test installs it"), .serialized)
struct TenQuestionsRealTimeTests {
    private struct Question {
        let text: String
        /// What finds the elements that answer it: the text of each is part of the answer.
        let elements: String
        /// Each stands in the element of the same place.
        let answers: [[String]]

        init(_ text: String, in selector: String, _ answers: [[String]]) {
            self.init(text, by: "[...document.querySelectorAll('\(selector)')]", answers)
        }

        init(_ text: String, by elements: String, _ answers: [[String]]) {
            (self.text, self.elements, self.answers) = (text, elements, answers)
        }
    }

    /// Decoding is the sample's third workload, on three devices by two strategies.
    private static let decode = 12..<18
    private static let row = "#answer tbody tr:nth-child(3)"
    private static let block = "#matrix tbody tr:nth-child(n+5)"

    /// The sample with a decoding that flash halves on the processor, one verdict open that a command would settle, and
    /// what the profiler says of the bytes written.
    private static func sample() -> RunRecord {
        var run = SampleRun().record()
        for index in decode
        where run.measurements[index].strategy == "flash" && run.measurements[index].device == "cpu:0" {
            run.measurements[index].time?.median /= 2
        }
        for index in run.comparisons.indices
        where run.comparisons[index].device == "cpu:0"
            && run.comparisons[index].workload == run.measurements[decode.lowerBound].workload
        {
            run.comparisons[index].speedup = 2
            run.comparisons[index].speedupInterval = Interval(1.9, 2.1)
            run.comparisons[index].timeVerdict = "faster"
        }
        if let open = run.comparisons.firstIndex(where: { $0.timeVerdict == "unresolved" }) {
            run.comparisons[open].timeCommand = "joulemark profile --family attention --time-limit 20"
        }
        for index in run.measurements.indices { run.measurements[index].work?.writtenBytes = 16384 }
        return run
    }

    private static func questions(_ run: RunRecord) throws -> [Question] {
        let own = run.measurements[decode]
        let devices = run.devices.map(\.id)
        let pairs = try devices.map { device in
            (
                unfused: try #require(own.first { $0.device == device && $0.strategy == "unfused" }),
                flash: try #require(own.first { $0.device == device && $0.strategy == "flash" }),
                comparison: try #require(
                    run.comparisons.first { $0.device == device && $0.workload == own.first?.workload })
            )
        }
        let first = try #require(own.first), work = try #require(first.work), found = try #require(first.verification)
        let peaks = try #require(run.devices.first?.peaks)
        let attainable = [
            try #require(peaks.flopsPerSecond), work.flops / work.minimumBytes * (try #require(peaks.bytesPerSecond)),
        ]
        let efficient = try #require(own.max { ($0.derived?.flopsPerJoule ?? 0) < ($1.derived?.flopsPerJoule ?? 0) })
        let place = "#m0-\(decode.lowerBound)-all"
        return [
            Question(
                "Which strategy is the fastest for decoding on each device, and by how much?", in: "\(row) td",
                pairs.map { pair in
                    let ratio = pair.comparison.speedup
                    return ratio > 1
                        ? ["flash", "\(NumberFormat.ratio(ratio, pair.comparison.speedupInterval)) faster"]
                        : ["keep unfused", "flash is \(NumberFormat.ratio(1 / ratio)) slower"]
                }),
            Question(
                "How sure is that?", in: "#answer caption, \(row) td:first-of-type .verdict.win",
                [["95 %", "probably"], [try #require(ratioWords(pairs[0].comparison))]]),
            Question(
                "What does a token cost?", in: "\(block) td.token",
                ["unfused", "flash"].flatMap { strategy in
                    own.filter { $0.strategy == strategy }.map {
                        [NumberFormat.quantity($0.derived?.joulesPerToken, .joules)]
                    }
                }),
            Question(
                "How many bytes does it save?", in: "\(row) td:first-of-type small",
                [[saved(pairs[0].unfused, pairs[0].flash)]]),
            Question(
                "Which device is the most efficient?",
                by: """
                    [...document.querySelectorAll('\(block) .q2 .best')].map((best) =>
                      document.querySelector(best.closest('.q').querySelector('a').getAttribute('href') + ' summary'))
                    """,
                [[efficient.device, efficient.strategy]]),
            Question(
                "How was it verified?", in: "\(place) dd.verification",
                [
                    [
                        "passed against a float64 reference",
                        NumberFormat.scientific(try #require(found.normalizedMeanSquaredError)),
                        NumberFormat.scientific(found.tolerance),
                    ]
                ]),
            Question("Where do the joules come from?", in: "\(place) dd.energy", [["; measured"]]),
            Question(
                "Which command repeats just this?", in: "\(place) dd.command code",
                [
                    [
                        "joulemark profile --seed 7 --family attention --strategy \(first.strategy) --workload "
                            + "\(first.workload) --device \(first.device)"
                    ]
                ]),
            Question(
                "What limits it, and how far is that?", in: "\(place) dd.limit, \(place) dd.bytes",
                [
                    [
                        "writes \(NumberFormat.quantity(16384, .bytes))",
                        "reads \(NumberFormat.quantity(work.strategyBytes - 16384, .bytes))",
                    ],
                    [
                        attainable[1] < attainable[0] ? "memory" : "arithmetic",
                        NumberFormat.percentage(
                            work.flops / (try #require(first.time)).median / (attainable.min() ?? 1)),
                    ],
                ]),
            Question(
                "What next?", in: "#next li:first-of-type code",
                [[try #require(run.comparisons.compactMap(\.timeCommand).first)]]),
        ]
    }

    private static func ratioWords(_ comparison: ComparisonRecord) -> String? {
        comparison.speedupInterval.map { NumberFormat.ratio(comparison.speedup, $0) }
    }

    private static func saved(_ before: MeasurementRecord, _ after: MeasurementRecord) -> String {
        NumberFormat.quantity((before.work?.strategyBytes ?? 0) - (after.work?.strategyBytes ?? 0), .bytes)
    }

    @Test("each is answered by the page's text, with what the record says")
    func answers() throws {
        let run = Self.sample()
        let questions = try Self.questions(run)
        try #require(questions.count == 10)
        let lists = questions.map { "\($0.elements).map((element) => element.textContent)" }
        let (texts, log) = try Browser.ask(
            HTMLReport(runs: [run]).render(), by: "return [\(lists.joined(separator: ",\n"))];", as: [[String]].self)
        #expect(!log.contains("CONSOLE"), "\(log)")
        for (question, found) in zip(questions, texts) {
            #expect(found.count == question.answers.count, "\(question.text) \(found)")
            for (text, parts) in zip(found, question.answers) {
                let plain = text.replacing("\u{A0}", with: " ")
                for part in parts {
                    #expect(plain.contains(part), "\(question.text) found “\(plain)”, expected \(part)")
                }
            }
        }
    }
}
