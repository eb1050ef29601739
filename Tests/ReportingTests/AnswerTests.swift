import Reporting
import Results
import Statistics
import Testing

@Suite("The answer at the top of the page")
struct AnswerTests {
    private static func section(_ id: String, _ runs: [RunRecord]) throws -> PageText {
        let page = PageText(HTMLReport(runs: runs).render())
        return PageText(try #require(page.between("<section id=\"\(id)\">", "</section>")))
    }

    private static func rows(_ section: PageText) -> [[String]] {
        section.string.split(separator: "<tr>").filter { $0.contains("scope=\"row\"") }.map { row in
            row.split(separator: "<td").map { PageText("<td" + $0).visible.string.replacing("\u{A0}", with: " ") }
        }
    }

    @Test("says what to pick for each workload on each device, with the ratio, the interval and what it saves")
    func picks() throws {
        let run = SampleRun().record()
        let rows = Self.rows(try Self.section("answer", [run]))
        let workloads = SampleRun.workloads.map(\.name)
        try #require(rows.count == workloads.count)
        for (row, workload) in zip(rows, workloads) {
            #expect(row[0].contains(workload))
            for (device, text) in zip(run.devices.map(\.id), row.dropFirst()) {
                let comparison = try #require(
                    run.comparisons.first { $0.workload == workload && $0.device == device })
                let words = NumberFormat.ratio(comparison.speedup, comparison.speedupInterval)
                switch comparison.timeVerdict {
                case "faster":
                    #expect(text.contains("flash") && text.contains("\(words) faster") && text.contains("saves"))
                case "slower": #expect(text.contains("unfused") && text.contains("slower") && !text.contains("saves"))
                default: #expect(text.contains("undecided"))
                }
            }
        }
    }

    @Test("measured joules are saved joules with their verdict, modelled ones carry ≈ and no verdict")
    func joules() throws {
        let measured = Self.rows(try Self.section("answer", [SampleRun().record()]))
        #expect(measured[0][1].contains(" mJ (") && measured[0][1].contains("cheaper)"))
        let modelled = Self.rows(try Self.section("answer", [SampleRun(energy: .modelled).record()]))
        #expect(modelled[0][1].contains("≈ ") && !modelled[0][1].contains("cheaper"))
        let unknown = Self.rows(try Self.section("answer", [SampleRun(energy: .unavailable).record()]))
        #expect(!unknown.joined().contains { $0.contains(" mJ") || $0.contains(" J,") })
    }

    @Test("workloads with the same answer everywhere are one row with ranges, so that a large run stays short")
    func folded() throws {
        let section = try Self.section("answer", [PageTests.large(60)])
        let rows = Self.rows(section)
        #expect(rows.count == SampleRun.workloads.count && section.bytes.count < 10_000)
        #expect(rows[0][0].contains("and 58 more"))
    }

    @Test("shapes are called by what tells them apart")
    func shapes() throws {
        var run = SampleRun().record()
        let names = Dictionary(
            uniqueKeysWithValues: SampleRun.workloads.enumerated().map { ($1.name, "Hq=8,Lk=\(512 << $0),D=64") })
        for index in run.measurements.indices {
            run.measurements[index].workload = names[run.measurements[index].workload] ?? ""
        }
        for index in run.comparisons.indices {
            run.comparisons[index].workload = names[run.comparisons[index].workload] ?? ""
        }
        let rows = Self.rows(try Self.section("answer", [run]))
        #expect(rows.map { $0[0].contains("Lk=") && !$0[0].contains("Hq=8") } == [true, true, true])
        let matrix = try Self.section("matrix", [run])
        #expect(matrix.holds(">Lk=2048<small>attention</small>"))
    }

    @Test("few answers are sentences; a run without comparisons has none")
    func short() throws {
        var run = SampleRun().record()
        run.measurements.removeAll { $0.device != "cpu:0" }
        run.comparisons.removeAll { $0.device != "cpu:0" }
        let text = try Self.section("answer", [run]).visible.string.replacing("\u{A0}", with: " ")
        #expect(text.contains("On cpu:0, pick flash for attention"))
        run.comparisons = []
        #expect(!PageText(HTMLReport(runs: [run]).render()).holds("id=\"answer\""))
    }

    @Test("what next has each command whole, two of a kind in sight and the rest folded")
    func next() throws {
        var run = SampleRun(energy: .unavailable).record()
        let commands = run.comparisons.indices.map { "joulemark profile --time-limit \($0)" }
        for index in run.comparisons.indices {
            run.comparisons[index].timeVerdict = "unresolved"
            run.comparisons[index].timeCommand = commands[index]
        }
        let section = try Self.section("next", [run])
        for command in commands + ["joulemark doctor"] { #expect(section.holds("<code>\(command)</code>")) }
        let open = try #require(section.between("<h3>Decide what is open</h3>", "<details>"))
        #expect(
            open.split(separator: "<li>").count == 3 && section.holds("<summary>\(commands.count - 2) more</summary>"))
    }
}
