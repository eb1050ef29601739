import Results

/// Where the time goes: the stages of each strategy end to end.
extension HTMLReport {
    /// One bar: a strategy's stages as shares of the baseline's time.
    private struct StageBar {
        let measurement: MeasurementRecord
        let run: ReportedRun
        /// The time that counts as 100 %.
        let reference: Double
        /// Stages, and last what lies between them.
        let parts: [(name: String, seconds: Double)]

        var label: [String] { [measurement.strategy, HTMLReport.caseName(measurement)] }
    }

    private static let gapName = "between stages"

    func stagePart(_ family: String) -> Markup {
        let bars = stageBars(family)
        guard bars.contains(where: { !$0.parts.isEmpty }) else { return "" }
        let styles = SeriesStyles(bars.flatMap { $0.parts.map(\.name) }.filter { $0 != Self.gapName })
        var panels: [ChartPanel] = []
        for (_, ofRun) in bars.grouped(by: \.run.index) {
            for (device, own) in ofRun.grouped(by: \.measurement.device) {
                panels.append(stagePanel(family, device, own[0].run, own, styles))
            }
        }
        return """
            <h3>Stages</h3>
            <p>A bar's length is the strategy's time as a share of the baseline's for the same workload, so a fused strategy that wins is \
            shorter. “\(Self.gapName)” is what the whole takes beyond its stages.</p>
            \(ChartGallery.figures(panels))\(stageTable(family, bars))
            """
    }

    private func stageBars(_ family: String) -> [StageBar] {
        runs.flatMap { run -> [StageBar] in
            let baseline = run.baselines[family]
            return shown(family, in: run).compactMap { measurement -> StageBar? in
                guard let time = measurement.validTime, time.median > 0, !time.stages.isEmpty else { return nil }
                var parts = time.stages.map { (name: $0.name, seconds: $0.median) }
                let gap = time.median - parts.map(\.seconds).reduce(0, +)
                if gap > 0.005 * time.median { parts.append((Self.gapName, gap)) }
                let reference = baselineTime(for: measurement, baseline, in: run) ?? time.median
                return StageBar(measurement: measurement, run: run, reference: reference, parts: parts)
            }
        }
    }

    private func baselineTime(
        for measurement: MeasurementRecord, _ baseline: String?, in run: ReportedRun
    ) -> Double? {
        var key = ReportedRun.CaseKey(measurement)
        guard let baseline else { return nil }
        key.strategy = baseline
        return run.measurement(key)?.validTime?.median
    }

    private func stagePanel(
        _ family: String, _ device: String, _ run: ReportedRun, _ bars: [StageBar], _ styles: SeriesStyles
    ) -> ChartPanel {
        var series: [ChartSpecification.Series] = []
        let parts = bars.enumerated().flatMap { row, bar in bar.parts.map { (row: row, part: $0, bar: bar) } }
        for (name, own) in parts.grouped(by: \.part.name) {
            let points = own.grouped(by: \.row).compactMap { row, same -> ChartSpecification.Point? in
                let seconds = same.map(\.part.seconds).reduce(0, +)
                guard seconds > 0 else { return nil }
                let share = seconds / same[0].bar.reference
                return .init(
                    x: share * 100, y: Double(row),
                    text: "\(name): \(NumberFormat.quantity(seconds, .seconds)), \(NumberFormat.percentage(share))")
            }
            series.append(.init(name: name, style: name == Self.gapName ? -1 : styles.style(of: name), points: points))
        }
        let chart = ChartSpecification(
            kind: .stack, id: "chart-stages-\(Wording.anchor(family))-\(run.index)-\(Wording.anchor(device))",
            xLabel: "% of the baseline's time", logarithmic: false, rows: bars.map(\.label), series: series)
        return ChartPanel(title: run.title(of: device), chart: chart)
    }

    private func stageTable(_ family: String, _ bars: [StageBar]) -> Markup {
        var rows: [Markup] = []
        for bar in bars {
            for part in bar.parts {
                let share = part.seconds / bar.reference
                rows.append(
                    [
                        """
                        <th scope="row">\(bar.measurement.strategy)<small>\(Self.caseName(bar.measurement)), \
                        \(bar.run.name(of: bar.measurement.device))</small></th>
                        """,
                        TableCell.text("\(part.name)"),
                        TableCell.figure("\(NumberFormat.quantity(part.seconds, .seconds))", value: part.seconds),
                        TableCell.figure("\(NumberFormat.percentage(share))", value: share),
                    ].joined())
            }
        }
        let table = TableCell.table(
            caption: "Median time of each stage.",
            headings: [
                .text("Strategy", "workload, device"), .text("Stage"), .figure("Median"),
                .figure("Of the baseline's time"),
            ],
            rows: rows)
        return ChartGallery.behindCharts(table, isElsewhere: false)
    }
}
