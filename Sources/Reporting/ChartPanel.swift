/// A chart with its title and what a reader without pictures should know of it.
struct ChartPanel: Sendable {
    let title: String
    let chart: ChartSpecification
}

/// Shows charts, each with the table of its figures.
struct ChartGallery: Sendable {
    /// False where there is no chart script: then the tables stand open.
    let drawsCharts: Bool

    /// The charts side by side.
    func figures(_ panels: [ChartPanel]) -> Markup {
        guard drawsCharts, !panels.isEmpty else { return "" }
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
        "<details\(when: !drawsCharts, " open")><summary>These figures as a table</summary>\(table)</details>"
    }
}
