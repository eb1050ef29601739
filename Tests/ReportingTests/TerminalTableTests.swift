import Reporting
import Results
import Testing

@Suite("The table on a terminal")
struct TerminalTableTests {
    @Test("no line is wider than the terminal", arguments: [40, 60, 80, 100, 132, 200])
    func width(columns: Int) {
        for run in [SampleRun().record(), SampleRun(energy: .modelled, hasProblems: true).record()] {
            for line in TerminalTable().render(run: run, width: columns, color: false).split(separator: "\n") {
                #expect(line.count <= columns, "\(line.count): \(line)")
            }
        }
    }

    @Test("without colour there is no escape code, not even one from a device's name")
    func plain() {
        var run = SampleRun(hasProblems: true).record()
        run.measurements[0].device = "cpu:0\u{1B}[31m\u{7}"
        run.measurements[1].message = "\u{1B}]0;title\u{7}"
        #expect(
            !TerminalTable().render(run: run, width: 120, color: false).contains { $0 == "\u{1B}" || $0 == "\u{7}" })
    }

    @Test("with colour every line ends with the default colour")
    func coloured() {
        let text = TerminalTable().render(run: SampleRun(hasProblems: true).record(), width: 120, color: true)
        #expect(text.contains("\u{1B}[31m"))
        for line in text.split(separator: "\n") where line.contains("\u{1B}[") { #expect(line.hasSuffix("\u{1B}[0m")) }
    }

    @Test("modelled energy carries ≈, unknown energy is – and not 0")
    func provenance() {
        let modelled = TerminalTable().render(run: SampleRun(energy: .modelled).record(), width: 160, color: false)
        for line in modelled.split(separator: "\n") where line.contains("GFLOP/s") {
            #expect(line.split(separator: "≈ ").count == 4, "energy, power and FLOP/J: \(line)")
        }
        let unknown = TerminalTable().render(run: SampleRun(energy: .unavailable).record(), width: 160, color: false)
        #expect(unknown.contains("–") && !unknown.contains(" 0 J") && !unknown.contains("≈"))
    }

    @Test("the number of samples stands beside the time, and gives way first")
    func samples() throws {
        let run = SampleRun().record()
        let wide = TerminalTable().render(run: run, width: 200, color: false).split(separator: "\n")
        #expect(wide.contains { $0.contains("time") && $0.contains("samples") && $0.contains("power") })
        for line in wide where line.contains("GFLOP/s") {
            #expect(line.split(separator: " ").contains("24"), "\(line)")
        }
        let heads = (60...200).reversed().map { width in
            TerminalTable().render(run: run, width: width, color: false).split(separator: "\n").first {
                $0.contains("time") && $0.contains("energy")
            } ?? ""
        }
        let narrower = try #require(heads.first { !$0.contains("samples") })
        #expect(narrower.contains("power") && narrower.contains("roof"), "\(narrower)")
    }

    @Test("a wrong result shows its status in the place of its time")
    func incorrect() {
        let text = TerminalTable().render(run: SampleRun(hasProblems: true).record(), width: 120, color: false)
        #expect(text.contains("incorrect") && text.contains("17 of 393216 elements differ"))
    }

    @Test(
        "at 80 columns the ratio against the baseline and the work per joule are there, and names of any length blank neither"
    )
    func narrow() throws {
        for name in ["flash", String(repeating: "flash-", count: 1700) + "end"] {
            var run = SampleRun().record()
            for index in run.measurements.indices where run.measurements[index].strategy == "flash" {
                run.measurements[index].strategy = name
            }
            for index in run.comparisons.indices { run.comparisons[index].strategy = name }
            let lines = TerminalTable().render(run: run, width: 80, color: false).split(separator: "\n")
            let rows = lines.filter { $0.hasPrefix("  ") && $0.contains("FLOP/J") }
            #expect(rows.count == run.measurements.count)
            #expect(rows.contains { $0.contains("× faster") && $0.contains("flash") })
        }
    }

    @Test("what to do next stands below the table, its commands whole over the lines that a shell joins")
    func next() throws {
        var run = SampleRun().record()
        let command = "joulemark profile --family attention --strategy unfused --strategy flash --time-limit 20"
        run.comparisons[0].timeVerdict = "unresolved"
        run.comparisons[0].timeCommand = command
        let text = TerminalTable().render(run: run, width: 60, color: false)
        let tail = try #require(text.split(separator: "What to do next").last)
        let joined = tail.replacing(" \\\n", with: " ").split(separator: " ", omittingEmptySubsequences: true)
        #expect(joined.joined(separator: " ").contains(command))
    }
}
