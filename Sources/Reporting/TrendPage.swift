import Results
import Statistics

/// The trend of a machine's measurements as one self-contained page that needs neither network nor scripts: what
/// changed and in which version, then a line a measurement with its intervals.
public struct TrendPage {
    /// Changes that are shown before the rest is folded.
    private static let mostChanges = 20
    /// Measurements up to which every line is drawn: beyond, those that changed.
    private static let mostLines = 300

    private struct Change {
        let place: Int
        let series: HistoryTrend.Series
        let before: HistoryTrend.Point
        let point: HistoryTrend.Point
    }

    private let trend: HistoryTrend

    public init(_ trend: HistoryTrend) { self.trend = trend }

    /// The page, as HTML 5.
    public func render() -> String {
        Page(
            title: "\(TrendTable.summary(trend)) – Joulemark",
            header: """
                <p class="brand"><strong>Joulemark</strong> \(trend.machine)</p>
                <h1>\(Wording.sentence(TrendTable.summary(trend)))</h1>
                """,
            sections: [changesSection, linesSection, methodSection], scripts: .none
        ).render()
    }

    // MARK: What changed

    private var changes: [Change] {
        let all = trend.series.enumerated().flatMap { place, series in
            zip(series.points, series.points.dropFirst()).filter { $1.hasChanged }.map {
                Change(place: place, series: series, before: $0, point: $1)
            }
        }
        return all.sorted { ($0.point.run, -$0.place) > ($1.point.run, -$1.place) }
    }

    private var changesSection: Markup {
        let changes = self.changes
        guard !changes.isEmpty else {
            return """
                <section id="changes"><h2>What changed</h2><p>Nothing beyond doubt, from one run to the next.</p></section>
                """
        }
        func table(_ changes: [Change], _ caption: Markup) -> Markup {
            TableCell.table(
                caption: caption,
                headings: [
                    .text("Measurement"), .text("Run", "version"), .text("Verdict"), .figure("Time", "before → then"),
                    .figure("Ratio", "95 % interval"),
                ],
                rows: changes.map(row))
        }
        let rest = Array(changes.dropFirst(Self.mostChanges))
        return """
            <section id="changes"><h2>What changed</h2>
            \(table(Array(changes.prefix(Self.mostChanges)), "The newest first. A ratio above 1 is a gain."))
            \(when: !rest.isEmpty, "<details><summary>\(rest.count) more</summary>\(table(rest, "Continued."))</details>")
            </section>
            """
    }

    private func row(_ change: Change) -> Markup {
        let point = change.point
        return """
            <th scope="row">\(name(change.series, change.place))</th>\
            \(TableCell.text("\(point.run)", detail: "\(versions(change.before, point))"))\
            \(TableCell.text(verdicts(point)))\
            \(TableCell.figure("\(NumberFormat.quantity(change.before.seconds, .seconds)) → \(NumberFormat.quantity(point.seconds, .seconds))", value: point.seconds))\
            \(TableCell.figure("\(NumberFormat.ratio(point.timeRatio, point.timeRatioInterval))", value: point.timeRatio))
            """
    }

    private func name(_ series: HistoryTrend.Series, _ place: Int) -> Markup {
        let title = ComparisonTable.title(series.key)
        return isDrawn(place) ? "<a href=\"#line-\(place)\">\(title)</a>" : "\(title)"
    }

    private func versions(_ before: HistoryTrend.Point, _ point: HistoryTrend.Point) -> String {
        before.build == point.build ? point.build : "\(before.build) → \(point.build)"
    }

    private func verdicts(_ point: HistoryTrend.Point) -> Markup {
        [point.timeVerdict, point.energyVerdict].compactMap(\.self).filter { $0 != "same" && $0 != "unresolved" }
            .map { word -> Markup in
                "<span class=\"verdict \(word == "faster" || word == "cheaper" ? "win" : "loss")\">\(word)</span>"
            }.joined(separator: " ")
    }

    // MARK: Each measurement

    private func isDrawn(_ place: Int) -> Bool {
        trend.series.count <= Self.mostLines || trend.series[place].points.contains(where: \.hasChanged)
    }

    private var linesSection: Markup {
        let drawn = trend.series.indices.filter(isDrawn)
        let rest = trend.series.count - drawn.count
        return """
            <section id="lines"><h2>Each measurement</h2>
            <p>Time over the runs, the oldest first, with 95 % intervals; the axes do not begin at zero. Dashed lines are where the \
            version changed. ▲ became faster, ▼ slower, by the rules of <code>joulemark compare</code>.\
            \(when: rest > 0, " \(rest) measurements in which nothing changed are not drawn.")</p>
            \(drawn.map(part))
            </section>
            """
    }

    private func part(_ place: Int) -> Markup {
        let series = trend.series[place]
        return """
            <h3 id="line-\(place)">\(ComparisonTable.title(series.key))</h3>\
            \(TrendGraphic(series.points).markup(title: ComparisonTable.title(series.key)))\
            \(ChartGallery.behindCharts(table(series), isElsewhere: false))
            """
    }

    private func table(_ series: HistoryTrend.Series) -> Markup {
        TableCell.table(
            caption: "\(ComparisonTable.title(series.key)): median time, and gross joules an execution.",
            headings: [
                .text("Run", "started"), .text("Version"), .figure("Time", "95 % interval"), .figure("Joules"),
                .text("Against the run before"),
            ],
            rows: series.points.map { point in
                let time = point.interval.map { NumberFormat.quantity(point.seconds, $0, .seconds) }
                let joules: Markup =
                    point.joules.map {
                        TableCell.figure(
                            "\(NumberFormat.quantity($0, .joules))", value: $0,
                            modelled: point.energyProvenance == .modelled)
                    } ?? "<td class=\"figure unknown\">–"
                return """
                    <th scope="row">\(point.run)<small>\(Wording.readable(point.startedAt))</small></th>\
                    \(TableCell.text("\(point.label ?? point.build)", detail: "\(point.label == nil ? "" : point.build)"))\
                    \(TableCell.figure("\(time?.value ?? NumberFormat.quantity(point.seconds, .seconds))", detail: "\(time?.interval ?? "")", value: point.seconds))\
                    \(joules)\(TableCell.text("\(TrendTable.change(point))"))
                    """
            })
    }

    private var methodSection: Markup {
        """
        <section id="method"><h2>Method</h2>
        <p>Runs of other processors, and the base of two builds that took turns, are left out. Each run is compared with the one \
        before it that has the measurement, as <code>joulemark compare</code> would: what control kernels say of the machine itself is \
        taken off, and the verdicts of a pair of runs hold together with 95 %.</p></section>
        """
    }
}

extension HistoryTrend.Point {
    /// `0.1.0 4f1c2ab`
    var build: String { commit.map { "\(version) \($0.prefix(7))" } ?? version }

    /// Time or joules changed beyond doubt.
    var hasChanged: Bool {
        ["faster", "slower"].contains(timeVerdict) || ["cheaper", "costlier"].contains(energyVerdict)
    }
}
