import FoundationEssentials
import Reporting
import Results
import Testing

@Suite("The page")
struct PageTests {
    static let sampleSets: [[RunRecord]] = [
        [SampleRun().record()], [SampleRun(energy: .modelled, hasProblems: true).record()],
        [SampleRun(energy: .unavailable, isInterrupted: true).record()],
        [SampleRun().record(), SampleRun(energy: .modelled, seed: 8, processor: "Intel Xeon 8481C").record()],
    ]

    @Test("refers to nothing outside itself", arguments: [0, 1, 2, 3])
    func selfContained(index: Int) {
        let page = PageText(HTMLReport(runs: Self.sampleSets[index]).render())
        for reference in ["http://", "https://", "src=", "@import", "url(", "<link", "<iframe", "<object"] {
            let found = page.holds(reference)
            #expect(!found, "found \(reference)")
        }
    }

    @Test("forbids itself every network access by its content security policy")
    func policy() {
        let page = PageText(HTMLReport(runs: Self.sampleSets[0]).render())
        #expect(page.holds("Content-Security-Policy\" content=\"default-src 'none'"))
    }

    @Test("marks every modelled joule, watt and FLOP/J with ≈")
    func modelled() throws {
        let run = SampleRun(energy: .modelled).record()
        let text = PageText(HTMLReport(runs: [run]).render()).visible
        let results = try #require(text.between("Every measurement, per execution", "Each result against a float64"))
        let words = results.split(whereSeparator: \.isWhitespace)
        var joules = 0
        for (index, word) in words.enumerated() where index >= 2 {
            let isEnergy = ["J", "W", "J·s", "FLOP/J", "J/token"].contains { unit in
                word == unit || word.dropFirst() == unit && "mµnkMGT".contains(word.first ?? " ")
            }
            guard isEnergy else { continue }
            joules += 1
            #expect(words[index - 2] == "≈", "\(words[index - 2]) \(words[index - 1]) \(word)")
        }
        #expect(joules > 18 * 5)
    }

    @Test("does not mark what was measured")
    func measured() {
        let text = PageText(HTMLReport(runs: [SampleRun().record()]).render()).visible
        let words = text.string.split(whereSeparator: \.isWhitespace)
        #expect(words.contains("mJ") && words.contains("measured"))
        for (mark, next) in zip(words, words.dropFirst()) where mark == "≈" {
            #expect(next.first?.isNumber == false, "≈ \(next)")
        }
    }

    @Test("shows unknown energy as – with its reason, never as 0 J")
    func unknown() {
        let run = SampleRun(energy: .unavailable).record()
        let text = PageText(HTMLReport(runs: [run]).render()).visible
        #expect(text.holds("a virtual machine without power counters; energy was switched off"))
        #expect(text.holds("–"))
        for zero in [" 0 J", " 0.0", " 0 W", " 0 FLOP", " NaN", " nil"] {
            #expect(!text.holds(zero), "found\(zero)")
        }
    }

    @Test("gives a wrong result no speed and no energy")
    func incorrect() throws {
        var run = SampleRun().record()
        run.measurements[0].status = .incorrect
        let time = try #require(run.measurements[0].time?.median)
        let page = PageText(HTMLReport(runs: [run]).render())
        let text = page.visible
        #expect(!text.holds(NumberFormat.quantity(time, .seconds)))
        #expect(text.holds("the result is wrong, so it has no speed"))
        #expect(text.holds("of 8 comparisons"), "the comparison with the wrong result is left out")
    }

    @Test("escapes whatever a driver, a compiler or a file name may contain")
    func escaping() throws {
        let attack = "\"><script>alert('x')</script><!-- & \u{1B}[31m \u{202E}"
        var run = SampleRun(hasProblems: true).record()
        run.host.cpu.model = attack
        run.devices[0].name = attack
        run.tool.arguments = [attack]
        for index in run.measurements.indices {
            run.measurements[index].workload += attack
            run.measurements[index].message = attack
        }
        for index in run.comparisons.indices { run.comparisons[index].workload += attack }
        run.powerSources[0].reason = attack
        let page = PageText(HTMLReport(runs: [run]).render())
        #expect(!page.holds("<script>alert"))
        #expect(!page.holds("alert('x')</script>"))
        #expect(!page.holds("\u{1B}"))
        #expect(!page.visible.holds("\u{202E}"))
        #expect(page.holds("&lt;script&gt;alert(&#39;x&#39;)"))
        #expect(!page.holds("Markup("), "markup that lost its type would be shown as Swift prints it")
    }

    @Test("holds the run itself, readable back without loss")
    func embeddedData() throws {
        let run = SampleRun(energy: .modelled, hasProblems: true).record()
        let page = PageText(HTMLReport(runs: [run]).render())
        let json = try #require(page.between("<script type=\"application/json\" id=\"run-data-1\">", "</script>"))
        #expect(try JSONDecoder().decode(RunRecord.self, from: Data(json.utf8)) == run)
    }

    @Test("draws every chart in the page itself, without a script, and keeps its figures in a table")
    func charts() {
        let page = PageText(HTMLReport(runs: Self.sampleSets[0]).render())
        let figures = page.string.split(separator: "<figure ").dropFirst()
        #expect(figures.count >= 12 && figures.allSatisfy { $0.contains("<svg class=\"plot\"") })
        #expect(page.holds("<summary>These figures as a table"))
        #expect(!page.holds("<canvas"))
    }

    @Test("modelled marks are hollow, measured ones filled, in every shape")
    func hollow() {
        var run = SampleRun(energy: .modelled).record()
        for index in run.measurements.indices { run.measurements[index].strategy = "strategy \(index % 9)" }
        let page = PageText(HTMLReport(runs: [run]).render())
        for style in 0..<9 {
            #expect(page.holds("<g class=\"c\(style % 8) hollow\">"), "a modelled energy of style \(style)")
            #expect(page.holds("<use href=\"#mark\(style)\"") && page.holds("<path id=\"mark\(style)\""))
        }
        let measured = PageText(HTMLReport(runs: [SampleRun().record()]).render())
        #expect(!measured.holds(" hollow\">"))
    }

    @Test("names of rows that differ stay different, however long")
    func labels() {
        let long = String(repeating: "n", count: 10_000)
        let names = [long + "a", long + "b", "a" + long, long + "a" + long, long + "b" + long, "short"]
        #expect(Set(TextCut.distinct(names, to: 52)).count == names.count)
        #expect(TextCut.distinct(names, to: 52).allSatisfy { $0.count <= 60 })
    }

    @Test("a chart of many rows is drawn in pieces that share their axis, and has every row once")
    func pieces() {
        let rows = (0..<40).map { ["row \($0)"] }
        let points = rows.indices.map { ChartSpecification.Point(x: Double($0 + 1), y: Double($0), text: "\($0)") }
        for kind in [ChartSpecification.Kind.dots, .stack] {
            let chart = ChartSpecification(
                kind: kind, id: "chart", xLabel: "s", range: kind == .dots ? [1, 40] : nil, rows: rows,
                series: [.init(name: "one", style: 0, points: points)])
            let pieces = chart.pieces
            #expect(pieces.count > 1 && pieces.flatMap(\.rows) == rows)
            #expect(Set(pieces.map(\.range)).count == 1 && pieces[0].range != nil)
            for piece in pieces {
                let own = piece.series[0].points
                #expect(own.map { ["row \($0.text)"] } == own.map { piece.rows[Int($0.y)] })
            }
            #expect(pieces.reduce(0) { $0 + $1.series[0].points.count } == rows.count)
        }
    }

    @Test(
        "ten thousand measurements: at most twelve times what a thousand take, with every one, in a page that can be sent around"
    )
    func scaling() {
        let runs = [1_000, 10_000].map { Self.large($0 / 18 + 1) }
        var sizes: [Int] = []
        let times = runs.map { run in
            let start = ProcessorTime.ofThread
            let page = PageText(HTMLReport(runs: [run]).render())
            let end = ProcessorTime.ofThread
            sizes.append(page.bytes.count)
            #expect(run.measurements.count >= 1_000)
            #expect(
                page.between("id=\"results-table\"", "</table>")?.split(separator: "<tr>").count == run.measurements
                    .count + 2)
            return end - start
        }
        #expect(times[1] <= 12 * times[0], "\(times)")
        #expect(sizes[1] <= 15_000_000, "\(sizes)")
    }

    @Test("a page holds the record as far as it can be sent around, and says what it leaves to the file")
    func dataOfLargeRuns() throws {
        var many = Self.large(1)
        for index in many.measurements.indices {
            many.measurements[index].time?.sampleSeconds = Array(repeating: 1.5, count: 30_000)
        }
        let page = PageText(HTMLReport(runs: [many]).render())
        let json = try #require(page.between("<script type=\"application/json\" id=\"run-data-1\">", "</script>"))
        let read = try JSONDecoder().decode(RunRecord.self, from: Data(json.utf8))
        #expect(read.measurements.map(\.workload) == many.measurements.map(\.workload))
        #expect(
            read.measurements.allSatisfy { $0.time?.sampleSeconds == [] } && page.holds("without its single samples"))
        let large = PageText(HTMLReport(runs: [Self.large(400)]).render())
        #expect(!large.holds("id=\"run-data-1\"") && large.holds("too large to be in this page"))
    }

    @Test("holds as much of the data as is asked for, whatever its size", arguments: PageData.allCases)
    func dataAsAsked(extent: PageData) throws {
        let run = Self.large(extent == .none ? 1 : 230)
        let page = PageText(HTMLReport(runs: [run], pageData: extent).render())
        guard extent != .none else {
            #expect(!page.holds("id=\"run-data-1\"") && page.holds("The run is not in this page"))
            return
        }
        let json = try #require(page.between("<script type=\"application/json\" id=\"run-data-1\">", "</script>"))
        let read = try JSONDecoder().decode(RunRecord.self, from: Data(json.utf8))
        #expect(read.measurements.count == run.measurements.count && json.utf8.count > 4_000_000)
        #expect(read.measurements.allSatisfy { $0.time?.sampleSeconds.isEmpty == (extent == .summary) })
    }

    @Test("kernels of models are named by the layers that they compute")
    func layers() throws {
        var run = SampleRun().record()
        let first = run.measurements[0]
        var model = ModelRecord(name: "tiny", summary: "a model", source: "here", ladder: nil, leftOut: [])
        var point = ModelPointRecord(
            rung: nil, phase: .decode, batch: 1, context: 512, device: first.device, parameters: 1, activeParameters: 1,
            flops: 1, minimumBytes: 1)
        point.layers = ["attention", "cross attention"].map { name in
            ModelLayerRecord(
                name: name, family: first.family, strategy: first.strategy, workload: first.workload,
                precision: first.precision, count: 12, flops: 1, minimumBytes: 1)
        }
        model.points = [point]
        run.models = [model]
        let page = PageText(HTMLReport(runs: [run]).render())
        #expect(page.holds("rowspan=\"2\">attention; cross attention<small>attention, \(first.workload)</small>"))
        #expect(page.holds("<small>attention; cross attention<br>\(first.workload)</small>"))
    }

    /// The sample run many times over, each under workloads of its own.
    static func large(_ copies: Int) -> RunRecord {
        let sample = SampleRun().record()
        var run = sample
        run.measurements = []
        run.comparisons = []
        for copy in 0..<copies {
            run.measurements += sample.measurements.map {
                var own = $0
                own.workload += "-\(copy)"
                return own
            }
            run.comparisons += sample.comparisons.map {
                var own = $0
                own.workload += "-\(copy)"
                return own
            }
        }
        return run
    }

    @Test("shows losses as plainly as wins")
    func losses() {
        let text = PageText(HTMLReport(runs: Self.sampleSets[0]).render()).visible
        #expect(text.holds("slower in 3"))
        #expect(text.holds("unresolved"))
    }

    @Test("what a driver does not tell of a device, and peaks that failed, are – with the reason, and null in the file")
    func unknownDevice() throws {
        var run = SampleRun().record()
        run.devices[1].computeUnits = nil
        run.devices[1].memoryBytes = nil
        run.devices[1].peaks = nil
        run.devices[1].peaksReason = "the worker was ended by signal 11"
        let page = PageText(HTMLReport(runs: [run]).render())
        let machine = try #require(page.visible.between("Devices, with the peaks", "Power sources"))
        #expect(machine.contains("the driver does not tell"))
        #expect(machine.contains("the worker was ended by signal 11"))
        #expect(run.devices[1].sizeInWords == "– compute units, – memory")
        #expect(run.devices[0].sizeInWords == "2 compute units, 7.75 GiB")
        let json = try RunFile.text(of: run)
        for key in ["computeUnits", "memoryBytes", "peaks", "dispatch"] { #expect(json.contains("\"\(key)\" : null")) }
        #expect(json.contains("\"peaksReason\" : null") && json.contains("signal 11"))
        #expect(try RunFile.decode(Array(json.utf8), name: "run") == run)
    }

    @Test(
        "renders whatever numbers a file holds",
        arguments: [Double.leastNonzeroMagnitude, .leastNormalMagnitude, 3e-40, 1e-16, 1e308])
    func extremes(value: Double) throws {
        var run = SampleRun().record()
        for index in run.measurements.indices {
            run.measurements[index].time?.median = value
            run.measurements[index].time?.relativeNoise = value
            run.measurements[index].energy?.grossJoules = value
            run.measurements[index].derived?.flopsPerJoule = value
            run.measurements[index].verification?.relativeL2 = value
            var found = InterferenceRecord(taken: .max)
            found.dropped = .max
            run.measurements[index].time?.interference = found
        }
        #expect(PageText(HTMLReport(runs: [run, run]).render()).holds("</html>"))
        #expect(TerminalTable().render(run: run, width: 200, color: false).contains("flash"))
        #expect(!NumberFormat.scientific(value).contains("inf") && NumberFormat.quantity(value, .seconds) != "0.00 ns")
    }

    @Test("renders a run without measurements and a page without runs")
    func empty() {
        var run = SampleRun().record()
        run.measurements = []
        run.comparisons = []
        #expect(PageText(HTMLReport(runs: [run]).render()).holds("There are no measurements"))
        #expect(PageText(HTMLReport(runs: []).render()).holds("</html>"))
    }
}
