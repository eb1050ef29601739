/// A chart with its title.
struct ChartPanel: Sendable {
    let title: String
    let chart: ChartSpecification
}

/// Shows charts side by side, each with its legend.
enum ChartGallery {
    /// Rows that a chart has at most: more are no picture any more, and the tables have them all.
    static let mostRows = 40
    /// Points that a chart without rows has of a series at most.
    static let mostPoints = 200

    static func figures(_ panels: [ChartPanel]) -> Markup {
        panels.isEmpty ? "" : "<div class=\"panels\">\(panels.map(figure))</div>"
    }

    /// The table of a chart's figures, folded below it.
    ///
    /// - Parameter isElsewhere: the figures stand in another table too, so that paper needs this one no more.
    static func behindCharts(_ table: Markup, isElsewhere: Bool = true) -> Markup {
        let name: Markup = isElsewhere ? "figures" : "figures only"
        return "<details class=\"\(name)\"><summary>These figures as a table</summary>\(table)</details>"
    }

    private static func figure(_ panel: ChartPanel) -> Markup {
        let (chart, shown, all) = shortened(panel.chart)
        let drawings = chart.drawable.pieces.map { ChartDrawing($0) }
        let height = drawings.reduce(0) { $0 + $1.height }
        let rest: Markup =
            shown == all ? "" : "<p class=\"rest\">The first \(shown) of \(all); the tables have all.</p>"
        return """
            <figure class="chart" id="\(chart.id)" style="contain-intrinsic-size:auto \(Int(height) + 90)px">\
            <figcaption>\(panel.title)</figcaption>\(drawings.map { $0.markup(title: panel.title) })\
            <p class="axis-label">\(chart.xLabel)</p>\(legend(chart))\(rest)</figure>
            """
    }

    private static func legend(_ chart: ChartSpecification) -> Markup {
        let items = chart.series.map { series -> Markup in
            let sample: Markup =
                switch (chart.kind, series.form) {
                case (.stack, _): "<rect x=\"1\" y=\"2\" width=\"12\" height=\"10\"/>"
                case (_, .line): "<path class=\"roof\" d=\"M0 7H14\"/>"
                default: "<use href=\"#\(ChartMarks.id(series.style))\" x=\"7\" y=\"7\"/>"
                }
            let colour = chart.kind == .stack ? ChartMarks.stage(series.style) : ChartMarks.colour(series.style)
            return """
                <li><svg class="\(colour)" width="14" height="14" aria-hidden="true">\(sample)</svg>\
                \(TextCut.middle(series.name, to: 60))</li>
                """
        }
        return "<ul class=\"legend\">\(items)</ul>"
    }

    /// The chart as far as it is drawn, and how much of how much that is.
    private static func shortened(_ chart: ChartSpecification) -> (ChartSpecification, shown: Int, all: Int) {
        var chart = chart
        if chart.kind == .scatter {
            let all = chart.series.reduce(0) { $0 + $1.points.count }
            for index in chart.series.indices {
                chart.series[index].points = Array(chart.series[index].points.prefix(mostPoints))
            }
            return (chart, chart.series.reduce(0) { $0 + $1.points.count }, all)
        }
        let all = chart.rows.count
        guard all > mostRows else { return (chart, all, all) }
        chart.rows = Array(chart.rows.prefix(mostRows))
        for index in chart.series.indices { chart.series[index].points.removeAll { $0.y >= Double(mostRows) } }
        chart.series.removeAll { $0.points.isEmpty }
        return (chart, mostRows, all)
    }
}
