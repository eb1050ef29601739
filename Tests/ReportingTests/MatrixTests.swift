import Reporting
import Results
import Statistics
import Testing

@Suite("The matrix of strategies and devices")
struct MatrixTests {
    private static func matrix(_ runs: [RunRecord]) throws -> String {
        try #require(PageText(HTMLReport(runs: runs).render()).between("<section id=\"matrix\">", "</section>"))
    }

    /// The cells of a workload: what each says of the quantity, by strategy and in the order of devices.
    private static func cells(_ matrix: String, _ workload: String, quantity: Int) throws -> [String: [String]] {
        let block = try #require(
            matrix.split(separator: "scope=\"rowgroup\"").first { $0.contains(">\(workload)<small>") })
        let rows = block.split(separator: "<tr>").filter { $0.contains("scope=\"row\">") }
        return Dictionary(
            uniqueKeysWithValues: rows.map { row in
                let name = row.split(separator: "scope=\"row\">")[1].prefix { $0 != "<" }
                let shown = row.split(separator: "<td").dropFirst().filter { !$0.contains("class=\"token") }
                let cells = shown.map { cell in
                    cell.split(separator: "<span class=\"q q").first { $0.hasPrefix("\(quantity)\"") }.map(String.init)
                        ?? ""
                }
                return (String(name), cells)
            })
    }

    @Test(
        "comes before every table but the answer's, with each measurement's time, one best a workload, ratios to best and baseline"
    )
    func times() throws {
        let run = SampleRun().record()
        let page = PageText(HTMLReport(runs: [run]).render())
        let matrix = try #require(page.position(of: "id=\"matrix\""))
        let answer = try #require(page.position(of: "<table class=\"picks\""))
        let next = try #require(page.position(of: "<table", from: answer + 1))
        #expect(answer < matrix && matrix < next && page.position(of: "<table") == answer)
        for (workload, own) in Dictionary(grouping: run.measurements, by: \.workload) {
            let cells = try Self.cells(try Self.matrix([run]), workload, quantity: 0)
            let seconds = own.compactMap { $0.time?.median }
            let fastest = try #require(seconds.min())
            for measurement in own {
                let place = try #require(run.devices.firstIndex { $0.id == measurement.device })
                let cell = try #require(cells[measurement.strategy]?[place])
                let time = try #require(measurement.time)
                let unfused = try #require(
                    own.first { $0.device == measurement.device && $0.strategy == "unfused" })
                let base = try #require(unfused.time).median
                let texts = NumberFormat.quantity(time.median, try #require(time.interval), .seconds)
                #expect(cell.contains(">\(texts.value)</a>"))
                #expect(cell.contains("class=\"best\"") == (time.median == fastest), "\(cell)")
                let toBest = NumberFormat.ratio(time.median / fastest).replacing(" ", with: "\u{A0}")
                #expect(time.median == fastest || cell.contains("\(toBest) best"), "\(cell)")
                let toBase = NumberFormat.ratio(time.median / base).replacing(" ", with: "\u{A0}")
                #expect(cell.contains(measurement.strategy == "unfused" ? "baseline" : "\(toBase) baseline"), "\(cell)")
            }
        }
    }

    @Test("where more is better the most is the best; a lead within the intervals is no best")
    func polarity() throws {
        var run = SampleRun().record()
        let workload = run.measurements[0].workload
        let rates = run.measurements.filter { $0.workload == workload }.compactMap { $0.derived?.flopsPerJoule }
        let cells = try Self.cells(try Self.matrix([run]), workload, quantity: 2).values.flatMap(\.self)
        let best = try #require(cells.first { $0.contains("class=\"best\"") })
        #expect(best.contains(NumberFormat.quantity(rates.max(), .flopsPerJoule)))

        for index in run.measurements.indices {
            let time = try #require(run.measurements[index].time?.median)
            run.measurements[index].time?.interval = .init(time / 1000, time * 1000)
        }
        let wide = try Self.cells(try Self.matrix([run]), workload, quantity: 0).values.flatMap(\.self)
        #expect(wide.contains { $0.contains(">leads<") } && !wide.contains { $0.contains(">best<") })
    }

    @Test("what a token takes has a column a device, in grams too where the run names a grid")
    func tokens() throws {
        var run = SampleRun().record()
        let plain = try Self.matrix([run])
        #expect(plain.split(separator: ">J/token</th>").count == run.devices.count + 1 && !plain.contains("gCO₂e"))
        var footprint = FootprintRecord()
        footprint.grids = [.init(code: "FR", name: "France", gramsPerKilowattHour: 56, year: 2023, source: "a table")]
        footprint.effectiveness = 1.25
        run.footprint = footprint
        let matrix = try Self.matrix([run])
        for measurement in run.measurements {
            let joules = try #require(measurement.derived?.joulesPerToken)
            #expect(matrix.contains("<td class=\"token figure\">\(NumberFormat.quantity(joules, .joules))"))
            let grams = joules / 3.6e6 * 56 * 1.25
            #expect(matrix.contains("<td class=\"token figure\">\(NumberFormat.quantity(grams, .grams))"))
        }
    }

    @Test("a wrong result has no time in it and is never the best")
    func wrong() throws {
        var run = SampleRun().record()
        let place = try #require(run.measurements.firstIndex { $0.device == "cpu:0" && $0.strategy == "flash" })
        run.measurements[place].status = .incorrect
        let cells = try Self.cells(try Self.matrix([run]), run.measurements[place].workload, quantity: 0)
        let cell = try #require(cells["flash"]?[0])
        #expect(cell.contains("–") && !cell.contains("best"))
        #expect(try Self.matrix([run]).contains("the result is wrong, so it has no speed"))
    }

    @Test("every link of a page leads to something in it, and no id is there twice")
    func links() throws {
        for runs in PageTests.sampleSets + [[PageTests.large(60)]] {
            let page = HTMLReport(runs: runs).render()
            let ids = page.split(separator: " id=\"").dropFirst().map { $0.prefix { $0 != "\"" } }
            let targets = Set(page.split(separator: "href=\"#").dropFirst().map { $0.prefix { $0 != "\"" } })
            #expect(Set(ids).count == ids.count)
            #expect(targets.count > 30 && targets.subtracting(ids) == [], "\(targets.subtracting(ids))")
        }
    }
}
