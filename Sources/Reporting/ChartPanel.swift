import Results

/// A chart with its title and what a reader without pictures should know of it.
struct ChartPanel: Sendable {
    let title: String
    let chart: ChartSpecification
}

extension HTMLReport {
    /// All strategies' names in the order measured: a name has one colour and shape all over the page.
    var strategyNames: [String] { runs.flatMap(\.record.measurements).map(\.strategy).uniqued() }

    /// The charts side by side; nothing where the page has no chart script.
    func figures(_ panels: [ChartPanel]) -> Markup {
        guard chartScript != nil, !panels.isEmpty else { return "" }
        let parts = panels.map { panel -> Markup in
            let chart = panel.chart
            return """
                <figure><figcaption>\(panel.title)</figcaption>
                <div class="canvas" style="height:\(chart.height)px"><canvas id="\(chart.id)" role="img" \
                aria-label="\(panel.title): the same figures are in the table below"></canvas></div></figure>
                """
        }
        return "<div class=\"panels\">\(parts)</div>"
    }

    /// The table of a chart's figures: folded below the chart, open where there is no chart.
    func behindCharts(_ table: Markup) -> Markup {
        "<details\(when: chartScript == nil, " open")><summary>These figures as a table</summary>\(table)</details>"
    }
}
