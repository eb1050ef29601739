import FoundationEssentials
import Reporting
import Results
import Testing

/// Whoever adds a metric adds one entry to the table, and no more.
@Suite("A metric that is added")
struct MetricColumnTests {
    private static let added = Metric(
        "samplesPerJoule", "thrift", "Thrift of sampling", unit: NumberFormat.Unit("S/J", to: 9), basis: .energy,
        polarity: .moreIsBetter, formula: "Samples over gross joules.", chartTitle: "Thrift by strategy",
        value: { measurement in
            measurement.time.flatMap { time in measurement.energy?.grossJoules.map { Double(time.samples) / $0 } }
        })

    private let metrics = Metric.all + [added]
    private let run = SampleRun().record()

    private func text(modelled: Bool = false) throws -> String {
        let measurement = try #require((modelled ? SampleRun(energy: .modelled).record() : run).measurements.first)
        return try #require(Self.added.figure(measurement)).words
    }

    @Test("is in CSV, behind the columns that there were, with every digit")
    func csv() throws {
        func rows(_ text: String) -> [[Substring]] {
            text.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        }
        let rows = rows(CSVWriter.text(of: run, metrics: metrics))
        #expect(rows[0].last == "samplesPerJoule")
        #expect(rows[0].dropLast() == CSVWriter.text(of: run).split(separator: "\n")[0].split(separator: ",")[...])
        let joules = try #require(run.measurements.first?.energy?.grossJoules)
        #expect(rows[1].last.flatMap { Double($0) } == 24 / joules)
    }

    @Test("is in Markdown, on the terminal and on the page: heading, figure with ≈, formula, chart")
    func people() throws {
        let modelled = SampleRun(energy: .modelled).record()
        for (run, figure) in [(run, try text()), (modelled, try text(modelled: true))] {
            let markdown = MarkdownWriter.text(of: run, metrics: metrics)
            #expect(markdown.contains(" thrift |") && markdown.contains("| \(figure) |"))
            let terminal = TerminalTable(metrics: metrics).render(run: run, width: 300, color: false)
            #expect(terminal.contains(" thrift ") && terminal.contains(" \(figure)"))
            let page = HTMLReport(runs: [run], metrics: metrics).render()
            let visible = PageText(page).visible
            let words = visible.string.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(visible.holds("Thrift of sampling") && words.contains(figure))
            #expect(visible.holds("Samples over gross joules. More is better."))
            #expect(page.contains("Thrift by strategy") && page.contains("chart-thrift-attention"))
        }
    }

    @Test("gives way first on a terminal")
    func narrow() {
        let widths = (60...300).reversed().map { width in
            TerminalTable(metrics: metrics).render(run: run, width: width, color: false)
        }
        #expect(widths.contains { !$0.contains("thrift") && $0.contains("samples ") })
        #expect(!widths.contains { $0.contains("thrift") && !$0.contains("samples ") })
    }

    @Test("is in the comparison of runs, as JSON and as a page")
    func compared() throws {
        let other = SampleRun(seed: 8).record()
        var options = RunComparison.Options()
        options.allowed = [.seed]
        let comparison = RunComparison(
            base: (run, "base"), candidate: (other, "new"), options: options, metrics: metrics)
        let json = String(decoding: try JSONEncoder().encode(comparison), as: UTF8.self)
        #expect(json.contains("\"samplesPerJoule\""))
        let page = PageText(ComparisonPage(comparison, metrics: metrics).render()).visible
        let before = try text()
        #expect(page.holds("Thrift of sampling") && page.holds("\(before) →"))
    }

    @Test("is in the trace, beside the samples that it is about")
    func trace() throws {
        let joules = try #require(run.measurements.first?.energy?.grossJoules)
        let trace = try TraceWriter.text(of: run, metrics: metrics)
        #expect(
            trace.contains("\"samplesPerJoule\" : \(24 / joules)")
                || trace.contains("\"samplesPerJoule\":\(24 / joules)"))
    }
}
