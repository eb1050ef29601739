import Results
import Statistics

/// Time and energy over a size: of runs with several shapes that differ in one parameter, a line a strategy, and where
/// strategies cross.
extension HTMLReport {
    /// Sizes from which on there is a curve.
    private static let leastSizes = 3

    /// What one device did at several values of a parameter. Families that share it share the axis.
    private struct Curve {
        let run: ReportedRun
        let device, precision, parameter: String
        let measurements: [MeasurementRecord]

        var families: [String] { measurements.map(\.family).uniqued() }

        func name(_ measurement: MeasurementRecord) -> String {
            families.count == 1 ? measurement.strategy : "\(measurement.family)/\(measurement.strategy)"
        }
    }

    var hasScaling: Bool { !curves.isEmpty }

    func scalingSection() -> Markup {
        let curves = self.curves
        guard !curves.isEmpty else { return "" }
        let styles = SeriesStyles(curves.flatMap { curve in curve.measurements.map(curve.name) })
        let panels = curves.enumerated().flatMap { index, curve in
            [Metric.seconds, .leadingJoules].compactMap { panel($0, curve, styles, "\(index)") }
        }
        let crossings = runs.flatMap { run in
            ShapeCrossing.all(run.record).map { crossing -> Markup in
                "<li>\(when: !run.label.isEmpty, "<b>\(run.label)</b> ")\(crossing.words).</li>"
            }
        }
        let found: Markup =
            crossings.isEmpty
            ? "<p>No two of them cross in what was measured.</p>" : "<ul class=\"crossings\">\(crossings)</ul>"
        return """
            <section id="scaling"><h2>Over sizes</h2>
            <p>Both axes are logarithmic: what grows with the size is a straight line. Dashed lines are where a strategy overtakes \
            its baseline in time. Hollow marks are modelled.</p>
            \(ChartGallery.figures(panels))
            <h3>Where they cross</h3>\(found)
            \(ChartGallery.behindCharts(curves.map(table).joined()))
            </section>
            """
    }

    private var curves: [Curve] {
        runs.flatMap { run -> [Curve] in
            let timed = run.record.measurements.filter { $0.validTime != nil }
            let families = timed.grouped { [$0.device, $0.precision, $0.family] }
            let growing = families.compactMap { key, own -> (key: [String], own: [MeasurementRecord])? in
                guard let parameter = Self.growing(own) else { return nil }
                return ([key[0], key[1], parameter], own)
            }
            return growing.grouped(by: \.key).map { key, parts in
                Curve(
                    run: run, device: key[0], precision: key[1], parameter: key[2], measurements: parts.flatMap(\.own))
            }
        }
    }

    /// The one parameter that differs between the shapes; with two of them there is no line.
    private static func growing(_ measurements: [MeasurementRecord]) -> String? {
        let shapes = Set(measurements.map(\.parameters))
        guard shapes.count >= leastSizes, let keys = shapes.first?.keys else { return nil }
        let varying = keys.filter { key in Set(shapes.map { $0[key] }).count > 1 }
        guard varying.count == 1, let key = varying.first, shapes.allSatisfy({ ($0[key] ?? 0) > 0 }) else { return nil }
        return key
    }

    private func panel(_ metric: Metric, _ curve: Curve, _ styles: SeriesStyles, _ id: String) -> ChartPanel? {
        let (factor, unit) = metric.unit.axis(curve.measurements.compactMap(metric.figure).map(\.value))
        let series = curve.measurements.grouped(by: curve.name).compactMap {
            name, own -> ChartSpecification.Series? in
            let points = own.compactMap { measurement -> ChartSpecification.Point? in
                guard let figure = metric.figure(measurement), let size = measurement.parameters[curve.parameter] else {
                    return nil
                }
                return .init(
                    x: Double(size), y: figure.value / factor, modelled: figure.isModelled,
                    text: "\(figure.words) at \(curve.parameter) = \(size)")
            }
            guard points.count > 1 else { return nil }
            return .init(
                name: name, style: styles.style(of: name), form: .joined, points: points.sorted { $0.x < $1.x })
        }
        guard !series.isEmpty else { return nil }
        var chart = ChartSpecification(
            kind: .scatter, id: "chart-sizes-\(Wording.anchor(metric.short))-\(id)",
            xLabel: "\(curve.parameter), logarithmic", yLabel: "\(metric.short) in \(unit), logarithmic", series: series
        )
        if metric.key == Metric.seconds.key {
            chart.lines = ShapeCrossing.all(curve.run.record).filter {
                $0.device == curve.device && $0.precision == curve.precision && $0.parameter == curve.parameter
                    && curve.families.contains($0.family)
            }.map(\.value)
        }
        let families = curve.families.joined(separator: ", ")
        return ChartPanel(
            title: "\(metric.heading) of \(families) · \(curve.run.title(of: curve.device))", chart: chart)
    }

    private func table(_ curve: Curve) -> Markup {
        let sizes = Set(curve.measurements.compactMap { $0.parameters[curve.parameter] }).sorted()
        let rows = curve.measurements.grouped(by: curve.name).map { name, own -> Markup in
            let bySize = Dictionary(
                own.map { ($0.parameters[curve.parameter], $0) }, uniquingKeysWith: { first, _ in first })
            let cells = sizes.map { size -> Markup in
                guard let measurement = bySize[size], let time = Metric.seconds.figure(measurement) else {
                    return "<td class=\"figure unknown\">–"
                }
                let energy = Metric.leadingJoules.figure(measurement).map { "\($0.mark)\($0.texts.value)" }
                return TableCell.figure("\(time.texts.value)", detail: "\(energy ?? "")", value: time.value)
            }
            return "<th scope=\"row\">\(name)</th>\(cells)"
        }
        return TableCell.table(
            caption: "\(curve.run.name(of: curve.device)), \(curve.precision): time, and below it energy.",
            headings: [.text("Strategy")] + sizes.map { .figure("\(curve.parameter) = \($0)") }, rows: rows)
    }
}
