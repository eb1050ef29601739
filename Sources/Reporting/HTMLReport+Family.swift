import Results
import Statistics

/// A family's section: time and energy per strategy, the roofline, the stages.
extension HTMLReport {
    func familySection(_ family: String, charts: inout [ChartSpecification]) -> Markup {
        let groups = [
            ("Time per execution", dotPanels(family, .seconds, idPrefix: "time", figure: Self.timeFigure), "time"),
            (
                "Energy per execution, gross",
                dotPanels(family, .joules, idPrefix: "energy", figure: Self.energyFigure), "energy"
            ),
        ]
        var parts: [Markup] = []
        for (title, panels, noun) in groups {
            charts += panels.map(\.chart)
            let absent: Markup = panels.isEmpty ? "<p>No measurement has a known \(noun).</p>" : ""
            parts.append("<h3>\(title)</h3>\(absent)\(figures(panels))\(dotTable(family, noun: noun))")
        }
        parts.append(rooflinePart(family, charts: &charts))
        parts.append(stagePart(family, charts: &charts))
        return """
            <section id="family-\(Self.anchor(family))"><h2>\(family)</h2>
            \(parts)
            </section>
            """
    }

    // MARK: Time and energy

    private typealias Figure = (value: Double, interval: Interval?, modelled: Bool)

    private static func timeFigure(_ measurement: MeasurementRecord) -> (
        value: Double, interval: Interval?, modelled: Bool
    )? {
        measurement.validTime.map { ($0.median, $0.interval, false) }
    }

    private static func energyFigure(_ measurement: MeasurementRecord) -> (
        value: Double, interval: Interval?, modelled: Bool
    )? {
        guard let energy = measurement.validEnergy, let joules = energy.grossJoules else { return nil }
        return (joules, energy.interval, energy.provenance == .modelled)
    }

    static func caseName(_ measurement: MeasurementRecord) -> String {
        measurement.precision == "f32" ? measurement.workload : "\(measurement.workload) \(measurement.precision)"
    }

    /// One chart per device, all with the same range, so that devices can be compared by eye.
    private func dotPanels(
        _ family: String, _ unit: NumberFormat.Unit, idPrefix: String,
        figure: (MeasurementRecord) -> (value: Double, interval: Interval?, modelled: Bool)?
    ) -> [ChartPanel] {
        let everything = runs.flatMap { $0.measurements(family: family) }
        let known = everything.compactMap(figure).filter { $0.value > 0 }
        let axis = unit.axis(known.map(\.value))
        let ends = known.flatMap { [$0.value, $0.interval?.lower ?? $0.value, $0.interval?.upper ?? $0.value] }.filter {
            $0 > 0
        }
        guard let lowest = ends.min(), let highest = ends.max() else { return [] }
        let range = [lowest / axis.factor / 1.3, highest / axis.factor * 1.3]
        let styles = SeriesStyles(strategyNames)
        let rows = everything.map(Self.caseName).uniqued()
        var panels: [ChartPanel] = []
        for run in runs {
            for device in run.measurements(family: family).map(\.device).uniqued() {
                let measurements = run.measurements(family: family, device: device)
                var series: [ChartSpecification.Series] = []
                for strategy in everything.map(\.strategy).uniqued() {
                    let points = measurements.filter { $0.strategy == strategy }.compactMap {
                        measurement -> ChartSpecification.Point? in
                        guard let found = figure(measurement), found.value > 0,
                            let row = rows.firstIndex(of: Self.caseName(measurement))
                        else { return nil }
                        return ChartSpecification.Point(
                            x: found.value / axis.factor, y: Double(row),
                            low: found.interval.map { $0.lower / axis.factor },
                            high: found.interval.map { $0.upper / axis.factor }, modelled: found.modelled,
                            text: Self.text(found, unit))
                    }
                    if !points.isEmpty {
                        series.append(.init(name: strategy, style: styles.style(of: strategy), points: points))
                    }
                }
                guard !series.isEmpty else { continue }
                let id = "chart-\(idPrefix)-\(Self.anchor(family))-\(run.index)-\(Self.anchor(device))"
                let chart = ChartSpecification(
                    kind: .dots, id: id, xLabel: "\(axis.unit), logarithmic", range: range, rows: rows.map { [$0] },
                    series: series)
                panels.append(ChartPanel(title: title(of: device, run), chart: chart))
            }
        }
        return panels
    }

    private static func text(_ figure: (value: Double, interval: Interval?, modelled: Bool), _ unit: NumberFormat.Unit)
        -> String
    {
        let mark = figure.modelled ? NumberFormat.modelledMark : ""
        guard let interval = figure.interval else { return mark + NumberFormat.quantity(figure.value, unit) }
        let text = NumberFormat.quantity(figure.value, interval, unit)
        return "\(mark)\(text.value) \(text.interval)"
    }

    func title(of device: String, _ run: ReportedRun) -> String {
        let name = run.device(device)?.name
        return run.name(of: device) + (name.map { " · \($0)" } ?? "")
    }

    /// The figures of the dot charts: a row per workload and device, a column per strategy.
    private func dotTable(_ family: String, noun: String) -> Markup {
        let figure = noun == "time" ? Self.timeFigure : Self.energyFigure
        let unit: NumberFormat.Unit = noun == "time" ? .seconds : .joules
        let strategies = runs.flatMap { $0.measurements(family: family) }.map(\.strategy).uniqued()
        var notes = Footnotes(prefix: "\(noun)-note-\(Self.anchor(family))")
        var rows: [Markup] = []
        for run in runs {
            let measurements = run.measurements(family: family)
            for device in measurements.map(\.device).uniqued() {
                for name in measurements.filter({ $0.device == device }).map(Self.caseName).uniqued() {
                    var cells: [Markup] = ["<th scope=\"row\">\(name)<small>\(run.name(of: device))</small></th>"]
                    for strategy in strategies {
                        let measurement = measurements.first {
                            $0.device == device && Self.caseName($0) == name && $0.strategy == strategy
                        }
                        guard let measurement else {
                            cells.append(TableCell.unknown("not part of the run", &notes))
                            continue
                        }
                        let found = figure(measurement)
                        cells.append(
                            TableCell.quantity(
                                found?.value, found?.interval, unit, modelled: found?.modelled ?? false,
                                reason: noun == "time"
                                    ? measurement.reasonWithoutTime : measurement.reasonWithoutEnergy, notes: &notes))
                    }
                    rows.append(cells.joined())
                }
            }
        }
        let table = TableCell.table(
            caption: "\(noun == "time" ? "Median time" : "Gross energy") per execution, with its 95 % interval.",
            headings: ["Workload<small>device</small>"] + strategies.map { "\($0)" }, rows: rows, notes: notes)
        return behindCharts(table)
    }
}
