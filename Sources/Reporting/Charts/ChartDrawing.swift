import Results

/// A chart as SVG. Horizontal places are in per cent, so that the browser fits it into any width without making texts
/// smaller; names of rows stand above what they name, where a long one has the whole width. It needs no script, and
/// colours follow the page's.
struct ChartDrawing {
    private let chart: ChartSpecification
    private let xAxis: ChartAxis
    private let yAxis: ChartAxis?
    /// Where each row begins, and last where the rows end.
    private let tops: [Double]
    let height: Double

    private static let rowLabel = 18.0, lane = 15.0, axisHeight = 22.0, scatterHeight = 260.0
    /// Characters of a row's name: what a narrow screen has room for.
    private static let labelLength = 52

    init(_ chart: ChartSpecification) {
        self.chart = chart
        let points = chart.series.flatMap(\.points)
        if chart.kind == .stack {
            let sums = points.reduce(into: [:]) { $0[$1.y, default: 0] += $1.x }
            xAxis = ChartAxis(Array(sums.values), range: chart.range, isLogarithmic: false)
        } else {
            let ends = points.flatMap { [$0.x, $0.low ?? $0.x, $0.high ?? $0.x] }
            xAxis = ChartAxis(
                ends + [chart.reference].compactMap(\.self), range: chart.range, isLogarithmic: chart.logarithmic)
        }
        guard chart.kind != .scatter else {
            yAxis = ChartAxis(points.map(\.y), range: nil, isLogarithmic: true)
            tops = []
            height = Self.scatterHeight + Self.axisHeight
            return
        }
        yAxis = nil
        let counts = chart.kind == .stack ? [:] : points.reduce(into: [:]) { $0[$1.y, default: 0] += 1.0 }
        var top = 4.0
        var tops: [Double] = []
        for row in chart.rows.indices {
            tops.append(top)
            top += Self.rowLabel + max(counts[Double(row)] ?? 1, 1) * Self.lane + 6
        }
        self.tops = tops + [top]
        height = top + Self.axisHeight
    }

    func markup(title: String) -> Markup {
        let body: Markup =
            switch chart.kind {
            case .dots: bands + xGrid + referenceLine + rowLabels + dots
            case .stack: bands + xGrid + rowLabels + bars
            case .scatter: xGrid + yGrid + crossings + lines + scatter
            }
        return """
            <svg class="plot" width="100%" height="\(Self.number(height))" role="img" aria-label="\(title): \(chart.xLabel)\
            \(when: !chart.yLabel.isEmpty, " and \(chart.yLabel)")">\(body)</svg>
            """
    }

    // MARK: Axes

    private var left: Double { chart.kind == .scatter ? 12 : 3 }
    private func place(_ x: Double) -> Markup { Self.percent(left + (97 - left) * xAxis.share(x)) }
    private func level(_ y: Double) -> Double {
        (Self.scatterHeight - 16) * (1 - (yAxis?.share(y) ?? 0)) + 8
    }

    private var xGrid: Markup {
        let bottom = height - Self.axisHeight
        return xAxis.ticks.map { tick -> Markup in
            let x = place(tick)
            return """
                <line class="grid" x1="\(x)" x2="\(x)" y1="0" y2="\(Self.number(bottom))"/>\
                <text class="tick" x="\(x)" y="\(Self.number(bottom + 15))">\(ChartAxis.text(tick))</text>
                """
        }.joined()
    }

    private var yGrid: Markup {
        (yAxis?.ticks ?? []).map { tick -> Markup in
            let y = level(tick)
            return """
                <line class="grid" x1="12%" x2="97%" y1="\(Self.number(y))" y2="\(Self.number(y))"/>\
                <text class="tick end" x="11%" y="\(Self.number(y + 4))">\(ChartAxis.text(tick))</text>
                """
        }.joined() + "<text class=\"tick start\" x=\"12.5%\" y=\"8\">\(chart.yLabel)</text>"
    }

    private var referenceLine: Markup { chart.reference.map(verticalLine) ?? "" }

    private var crossings: Markup { chart.lines.filter { $0 > 0 && $0.isFinite }.map(verticalLine).joined() }

    private func verticalLine(_ value: Double) -> Markup {
        let x = place(value), bottom = Self.number(height - Self.axisHeight)
        return "<line class=\"reference\" x1=\"\(x)\" x2=\"\(x)\" y1=\"0\" y2=\"\(bottom)\"/>"
    }

    // MARK: Rows

    private var bands: Markup {
        stride(from: 0, to: chart.rows.count, by: 2).map { row -> Markup in
            """
            <rect class="band" width="100%" y="\(Self.number(tops[row] - 2))" height="\(Self.number(tops[row + 1] - tops[row]))"/>
            """
        }.joined()
    }

    private var rowLabels: Markup {
        let names = chart.rows.map { $0.joined(separator: " · ") }
        let cut = TextCut.distinct(names, to: Self.labelLength)
        return zip(names, cut).enumerated().map { row, name -> Markup in
            let whole: Markup = name.0 == name.1 ? "" : "<title>\(name.0)</title>"
            return "<text class=\"row\" x=\"3%\" y=\"\(Self.number(tops[row] + 12))\">\(whole)\(name.1)</text>"
        }.joined()
    }

    private var dots: Markup {
        var used: [Double: Int] = [:]
        var result: Markup = ""
        for series in chart.series {
            for point in series.points where chart.rows.indices.contains(Int(point.y)) {
                let lane = used[point.y, default: 0]
                used[point.y] = lane + 1
                let y = tops[Int(point.y)] + Self.rowLabel + (Double(lane) + 0.5) * Self.lane
                result += mark(point, series, y: y)
            }
        }
        return result
    }

    private func mark(_ point: ChartSpecification.Point, _ series: ChartSpecification.Series, y: Double) -> Markup {
        let height = Self.number(y)
        var bar: Markup = ""
        if let low = point.low, let high = point.high {
            bar = "<line x1=\"\(place(low))\" x2=\"\(place(high))\" y1=\"\(height)\" y2=\"\(height)\"/>"
        }
        return """
            <g class="\(ChartMarks.colour(series.style))\(when: point.modelled, " hollow")">\(bar)\
            <use href="#\(ChartMarks.id(series.style))" x="\(place(point.x))" y="\(height)"/>\
            <title>\(TextCut.middle(series.name, to: 60)): \(point.text)</title></g>
            """
    }

    private var bars: Markup {
        var ends: [Double: Double] = [:]
        var result: Markup = ""
        for series in chart.series {
            for point in series.points where chart.rows.indices.contains(Int(point.y)) && point.x > 0 {
                let begin = ends[point.y, default: 0]
                ends[point.y] = begin + point.x
                let from = xAxis.share(begin) * 94 + 3, to = xAxis.share(begin + point.x) * 94 + 3
                result += """
                    <rect class="part \(ChartMarks.stage(series.style))" x="\(Self.percent(from))" \
                    width="\(Self.percent(to - from))" y="\(Self.number(tops[Int(point.y)] + Self.rowLabel))" height="13">\
                    <title>\(point.text)</title></rect>
                    """
            }
        }
        return result
    }

    // MARK: One quantity over another

    private var lines: Markup {
        chart.series.filter { $0.form != .points }.map { series -> Markup in
            let kind: Markup =
                series.form == .line ? "roof" : "\(ChartMarks.colour(series.style))"
            return zip(series.points, series.points.dropFirst()).map { from, to -> Markup in
                """
                <line class="\(kind)" x1="\(place(from.x))" y1="\(Self.number(level(from.y)))" x2="\(place(to.x))" \
                y2="\(Self.number(level(to.y)))"/>
                """
            }.joined()
        }.joined()
    }

    private var scatter: Markup {
        let marks = chart.series.filter { $0.form != .line }.flatMap { series in series.points.map { (series, $0) } }
        var labels = PointLabels(marks.map { center($0.1) })
        return marks.map { series, point -> Markup in
            mark(point, series, y: level(point.y)) + label(point, &labels)
        }.joined()
    }

    private func center(_ point: ChartSpecification.Point) -> (x: Double, y: Double) {
        (PointLabels.width * (left + (97 - left) * xAxis.share(point.x)) / 100, level(point.y))
    }

    private func label(_ point: ChartSpecification.Point, _ labels: inout PointLabels) -> Markup {
        guard let text = point.label, let offset = labels.place(text, at: center(point)) else { return "" }
        return """
            <text class="label" x="\(place(point.x))" y="\(Self.number(level(point.y) + offset.y + 4))" \
            dx="\(Self.number(offset.x))">\(text)</text>
            """
    }

    // MARK: Numbers

    private static func number(_ value: Double) -> Markup {
        let rounded = (value * 10).rounded() / 10
        return rounded == rounded.rounded() && abs(rounded) < 1e9 ? "\(Int(rounded))" : "\(String(rounded))"
    }

    private static func percent(_ value: Double) -> Markup {
        "\(String((value * 100).rounded() / 100))%"
    }
}

/// Names beside points, where they fit on a narrow screen: one that would cover another is left out, the point tells it
/// when it is pointed at.
private struct PointLabels {
    /// What a chart is at least wide, in pixels.
    static let width = 330.0
    private static let character = 5.8

    private struct Box {
        let left, right, top, bottom: Double

        func overlaps(_ other: Box) -> Bool {
            left < other.right && right > other.left && top < other.bottom && bottom > other.top
        }
    }

    private var taken: [Box]

    init(_ points: [(x: Double, y: Double)]) {
        taken = points.map { Box(left: $0.x - 6, right: $0.x + 6, top: $0.y - 6, bottom: $0.y + 6) }
    }

    /// Where the text begins, from the point; `nil` where there is no room.
    mutating func place(_ text: String, at point: (x: Double, y: Double)) -> (x: Double, y: Double)? {
        let width = Double(text.count) * Self.character
        for offset in [(8.0, 0.0), (-8 - width, 0), (-width / 2, -13), (-width / 2, 13), (6, -13), (6, 13)] {
            let box = Box(
                left: point.x + offset.0, right: point.x + offset.0 + width, top: point.y + offset.1 - 6,
                bottom: point.y + offset.1 + 6)
            guard box.left > 40, box.right < Self.width, box.top > 0, !taken.contains(where: box.overlaps) else {
                continue
            }
            taken.append(box)
            return offset
        }
        return nil
    }
}
