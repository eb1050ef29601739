import Results
import Statistics

/// A family's section: time and energy per strategy, the roofline, the stages.
extension HTMLReport {
    /// Measurements that the families' sections show together: more are neither looked at in charts, nor light enough
    /// to send around.
    private static let mostInFamilies = 500

    func familySection(_ family: String) -> Markup {
        var parts: [Markup] = [rest(family), strategyPart(family)]
        for metric in metrics where metric.chartTitle != nil {
            let panels = dotPanels(family, metric)
            parts.append(
                """
                <h3>\(metric.chartTitle ?? metric.heading)</h3>
                \(when: panels.isEmpty, "<p>No right result has a known \(metric.short).</p>")
                \(ChartGallery.figures(panels))\(dotTable(family, metric))
                """)
        }
        parts.append(tradeOffPart(family))
        parts.append(rooflinePart(family))
        parts.append(stagePart(family))
        return """
            <section id="family-\(Wording.anchor(family))"><h2>\(family)</h2>
            \(parts)
            </section>
            """
    }

    /// What the family's charts and their tables show: all, or in a large run those of the first workloads.
    func shown(_ family: String, in run: ReportedRun) -> [MeasurementRecord] {
        let own = run.measurements(family: family)
        guard let names = shownCases[family] else { return own }
        return own.filter { names.contains(Self.caseName($0)) }
    }

    /// The workloads that a family shows, of families that do not show all.
    static func shownCases(_ runs: [ReportedRun]) -> [String: Set<String>] {
        guard runs.reduce(0, { $0 + $1.record.measurements.count }) > mostInFamilies else { return [:] }
        let families = runs.flatMap(\.families).uniqued()
        let room = max(mostInFamilies / families.count, 1)
        var shown: [String: Set<String>] = [:]
        for family in families {
            var count = 0
            let groups = runs.flatMap { $0.measurements(family: family) }.grouped(by: caseName)
            let first = groups.prefix { group in
                defer { count += group.elements.count }
                return count == 0 || count + group.elements.count <= room
            }
            if first.count < groups.count { shown[family] = Set(first.map(\.key)) }
        }
        return shown
    }

    private func rest(_ family: String) -> Markup {
        guard let names = shownCases[family] else { return "" }
        let all = runs.flatMap { $0.measurements(family: family) }.map(Self.caseName).uniqued().count
        return """
            <p>Charts and the tables behind them show the first \(names.count) of \(all) workloads; <a href="#results">Results</a> \
            has them all.</p>
            """
    }

    /// The workload's name, with the precision where it is not the usual one.
    static func caseName(_ measurement: MeasurementRecord) -> String {
        measurement.precision == "f32" ? measurement.workload : "\(measurement.workload) \(measurement.precision)"
    }

    // MARK: Charts

    /// One chart per device, all with the same range, so that devices can be compared by eye.
    private func dotPanels(_ family: String, _ metric: Metric) -> [ChartPanel] {
        let everything = runs.flatMap { shown(family, in: $0) }
        let known = everything.compactMap(metric.figure).filter { $0.value > 0 }
        let axis = metric.unit.axis(known.map(\.value))
        let ends = known.flatMap { [$0.value, $0.interval?.lower ?? 0, $0.interval?.upper ?? 0] }.filter { $0 > 0 }
        guard let lowest = ends.min(), let highest = ends.max() else { return [] }
        let rows = everything.map(Self.caseName).uniqued()
        let places = Dictionary(uniqueKeysWithValues: rows.enumerated().map { ($1, $0) })
        return runs.flatMap { run in
            shown(family, in: run).grouped(by: \.device).compactMap { device, measurements -> ChartPanel? in
                let series = dotSeries(measurements, metric, places, factor: axis.factor)
                guard !series.isEmpty else { return nil }
                let chart = ChartSpecification(
                    kind: .dots,
                    id:
                        "chart-\(Wording.anchor(metric.short))-\(Wording.anchor(family))-\(run.index)-\(Wording.anchor(device))",
                    xLabel: "\(axis.unit), logarithmic",
                    range: [lowest / axis.factor / 1.3, highest / axis.factor * 1.3],
                    rows: rows.map { [$0] }, series: series)
                return ChartPanel(title: run.title(of: device), chart: chart)
            }
        }
    }

    private func dotSeries(
        _ measurements: [MeasurementRecord], _ metric: Metric, _ places: [String: Int], factor: Double
    ) -> [ChartSpecification.Series] {
        measurements.grouped(by: \.strategy).compactMap { strategy, own in
            let points = own.compactMap {
                measurement -> ChartSpecification.Point? in
                guard let figure = metric.figure(measurement), figure.value > 0,
                    let row = places[Self.caseName(measurement)]
                else { return nil }
                return ChartSpecification.Point(
                    x: figure.value / factor, y: Double(row), low: figure.interval.map { $0.lower / factor },
                    high: figure.interval.map { $0.upper / factor }, modelled: figure.isModelled,
                    text: figure.words)
            }
            return points.isEmpty ? nil : .init(name: strategy, style: styles.style(of: strategy), points: points)
        }
    }

    // MARK: Their table

    /// A row per workload and device, a column per strategy.
    private func dotTable(_ family: String, _ metric: Metric) -> Markup {
        let strategies = runs.flatMap { shown(family, in: $0) }.map(\.strategy).uniqued()
        var notes = Footnotes(prefix: "\(Wording.anchor(metric.short))-note-\(Wording.anchor(family))")
        var rows: [Markup] = []
        for run in runs {
            for (device, own) in shown(family, in: run).grouped(by: \.device) {
                for (name, cases) in own.grouped(by: Self.caseName) {
                    let byStrategy = Dictionary(
                        cases.map { ($0.strategy, $0) }, uniquingKeysWith: { first, _ in first })
                    let cells = strategies.map { dotCell(byStrategy[$0], metric, &notes) }
                    rows.append("<th scope=\"row\">\(name)<small>\(run.name(of: device))</small></th>\(cells)")
                }
            }
        }
        let table = TableCell.table(
            caption: "\(metric.chartTitle ?? metric.heading), with its 95 % interval.",
            headings: [.text("Workload", "device")] + strategies.map { .figure("\($0)") }, rows: rows, notes: notes)
        return ChartGallery.behindCharts(table)
    }

    private func dotCell(
        _ measurement: MeasurementRecord?, _ metric: Metric, _ notes: inout Footnotes
    ) -> Markup {
        guard let measurement else { return TableCell.unknown("not part of the run", &notes) }
        return TableCell.metric(metric, measurement, notes: &notes)
    }
}
