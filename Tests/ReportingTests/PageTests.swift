import FoundationEssentials
import Reporting
import Results
import Testing

@Suite("The page")
struct PageTests {
    /// What the page shows: its text without tags, styles, scripts and embedded data.
    static func visibleText(_ page: String) -> String {
        var text = ""
        var rest = page[...]
        while let open = rest.firstIndex(of: "<") {
            text += rest[..<open]
            rest = rest[open...]
            for name in ["script", "style", "title"] where rest.hasPrefix("<\(name)") {
                if let end = rest.firstRange(of: "</\(name)>") { rest = rest[end.lowerBound...] }
            }
            guard let close = rest.firstIndex(of: ">") else { break }
            text += " "
            rest = rest[rest.index(after: close)...]
        }
        return text + rest
    }

    /// A page is long: a failed expectation should not print it.
    private func holds(_ page: String, _ text: String) -> Bool { page.contains(text) }

    static let sampleSets: [[RunRecord]] = [
        [SampleRun().record()], [SampleRun(energy: .modelled, hasProblems: true).record()],
        [SampleRun(energy: .unavailable, isInterrupted: true).record()],
        [SampleRun().record(), SampleRun(energy: .modelled, seed: 8, processor: "Intel Xeon 8481C").record()],
    ]

    @Test("refers to nothing outside itself", arguments: [0, 1, 2, 3])
    func selfContained(index: Int) {
        let page = HTMLReport(runs: Self.sampleSets[index], chartScript: nil).render()
        for reference in ["http://", "https://", "src=", "@import", "url(", "<link", "<iframe", "<object"] {
            let found = page.contains(reference)
            #expect(!found, "found \(reference)")
        }
    }

    @Test("forbids itself every network access by its content security policy")
    func policy() {
        let page = HTMLReport(runs: Self.sampleSets[0], chartScript: nil).render()
        #expect(holds(page, "Content-Security-Policy\" content=\"default-src 'none'"))
    }

    @Test("marks every modelled joule, watt and FLOP/J with ≈")
    func modelled() throws {
        let run = SampleRun(energy: .modelled).record()
        let text = Self.visibleText(HTMLReport(runs: [run], chartScript: nil).render())
        let results = try #require(text.firstRange(of: "Every measurement, per execution"))
        let end = try #require(
            text.firstRange(of: "Performance per watt  FLOP/s") ?? text.firstRange(of: "Verification"))
        let words = text[results.upperBound..<end.lowerBound].split(whereSeparator: \.isWhitespace)
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
        let text = Self.visibleText(HTMLReport(runs: [SampleRun().record()], chartScript: nil).render())
        #expect(!holds(text, "≈ 1") && !text.contains("≈ 2") && !text.contains("≈  1"))
    }

    @Test("shows unknown energy as – with its reason, never as 0 J")
    func unknown() {
        let text = Self.visibleText(
            HTMLReport(runs: [SampleRun(energy: .unavailable).record()], chartScript: nil).render())
        #expect(holds(text, "a virtual machine without power counters; energy was switched off"))
        #expect(holds(text, "–"))
        for zero in [" 0 J", " 0.0", " 0 W", " 0 FLOP", " NaN", " nil"] {
            #expect(!holds(text, zero), "found\(zero)")
        }
    }

    @Test("gives a wrong result no speed and no energy")
    func incorrect() throws {
        var run = SampleRun().record()
        run.measurements[0].status = .incorrect
        let time = try #require(run.measurements[0].time?.median)
        let page = HTMLReport(runs: [run], chartScript: nil).render()
        let text = Self.visibleText(page)
        #expect(!holds(text, NumberFormat.quantity(time, .seconds)))
        #expect(holds(text, "the result is wrong, so it has no speed"))
        #expect(holds(text, "8 comparisons"), "the comparison with the wrong result is left out")
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
        let page = HTMLReport(runs: [run], chartScript: "var Chart;").render()
        #expect(!holds(page, "<script>alert"))
        #expect(!holds(page, "alert('x')</script>"))
        #expect(!holds(page, "\u{1B}") && !page.contains("\u{202E}") || page.contains("\\u001b"))
        #expect(!Self.visibleText(page).contains("\u{202E}"))
        #expect(holds(page, "&lt;script&gt;alert(&#39;x&#39;)"))
        #expect(!holds(page, "Markup("), "markup that lost its type would be shown as Swift prints it")
    }

    @Test("holds the run itself, readable back without loss")
    func embeddedData() throws {
        let run = SampleRun(energy: .modelled, hasProblems: true).record()
        let page = HTMLReport(runs: [run], chartScript: nil).render()
        let start = try #require(page.firstRange(of: "<script type=\"application/json\" id=\"run-data-1\">"))
        let end = try #require(page[start.upperBound...].firstRange(of: "</script>"))
        let data = Data(page[start.upperBound..<end.lowerBound].utf8)
        #expect(try JSONDecoder().decode(RunRecord.self, from: data) == run)
    }

    @Test("says that charts are missing when Chart.js is, and opens the tables")
    func withoutCharts() {
        let page = HTMLReport(runs: Self.sampleSets[0], chartScript: nil).render()
        #expect(holds(page, "id=\"no-charts\""))
        #expect(!holds(page, "<canvas"))
        #expect(holds(page, "<details open><summary>These figures as a table"))
    }

    @Test("shows losses as plainly as wins")
    func losses() {
        let text = Self.visibleText(HTMLReport(runs: Self.sampleSets[0], chartScript: nil).render())
        #expect(holds(text, "slower in 3"))
        #expect(holds(text, "unresolved"))
    }

    @Test("renders a run without measurements and a page without runs")
    func empty() {
        var run = SampleRun().record()
        run.measurements = []
        run.comparisons = []
        #expect(HTMLReport(runs: [run], chartScript: nil).render().contains("There are no measurements"))
        #expect(HTMLReport(runs: [], chartScript: nil).render().contains("</html>"))
    }
}
