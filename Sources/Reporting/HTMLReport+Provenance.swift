import Results

/// How every figure came to be, and the data itself.
extension HTMLReport {
    func provenanceSection() -> Markup {
        """
        <section id="provenance"><h2>Provenance</h2>
        \(runs.map(provenance))
        <h3>How the figures are made</h3>
        <dl class="method">
        \(metrics.map(Self.explanation))
        <dt>Verdicts</dt><dd>The interval of a ratio decides: on one side of 1, one of the two is faster or cheaper; within 1 % about 1, they are the \
        same; else it is unresolved, which is a result too. The intervals are Student's, of the median over rounds, and \
        corrected for the number of comparisons. “Probably” is a chance of one in ten at most that it is the other way round.</dd>
        </dl>
        </section>
        """
    }

    private static func explanation(_ metric: Metric) -> Markup {
        let polarity =
            switch metric.polarity {
            case .moreIsBetter: " More is better."
            case .lessIsBetter: " Less is better."
            case .neutral: ""
            }
        let unit = metric.unit.symbol.isEmpty ? "" : " (\(metric.unit.symbol))"
        return "<dt>\(metric.heading)\(unit)</dt><dd>\(metric.formula)\(polarity)</dd>\n"
    }

    private func provenance(_ run: ReportedRun) -> Markup {
        let record = run.record
        let heading: Markup = run.label.isEmpty ? "" : "<h3>\(run.label)</h3>"
        let seeds = record.measurements.map { String($0.seed) }.uniqued()
        let identifier = "run-data-\(run.index + 1)"
        let started = Wording.anchor(record.startedAt)
        return """
            \(heading)<dl class="facts">
            <dt>Tool</dt><dd>\(record.tool.name) \(record.tool.version)\(record.tool.commit.map { ", commit \($0)" } ?? "")</dd>
            <dt>Arguments</dt><dd><code>\(record.tool.arguments.joined(separator: " "))</code></dd>
            <dt>Seed</dt><dd>\(seeds.isEmpty ? "–" : "\(seeds.joined(separator: ", "))")</dd>
            <dt>Schema</dt><dd>\(record.schemaVersion)</dd>
            \(data(record, id: identifier, name: run.label.isEmpty ? "it" : run.label, file: "joulemark-\(started).json"))
            """
    }

    /// The run as `--json` writes it, as far as a page can carry it.
    private func data(_ record: RunRecord, id: String, name: String, file: String) -> Markup {
        do throws(ResultsError) {
            let data = try EmbeddedData(record, wanted: pageData)
            guard let text = data.text else {
                return
                    "<dt>Data</dt><dd>\(data.words). <code>joulemark report … --json</code> writes it.</dd></dl>"
            }
            return """
                <dt>Data</dt><dd>\(data.words), in the element <code>\(id)</code>. \
                <a class="download" hidden data-source="\(id)" download="\(file)" href="#provenance">Download \(name) as JSON</a></dd>
                </dl>
                \(Page.json(text, id: id))
                """
        } catch {
            return "</dl><p class=\"problem\">The run's data is not in this page: \(error.description)</p>"
        }
    }
}
