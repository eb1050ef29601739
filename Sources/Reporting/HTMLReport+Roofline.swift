import Results

/// The roofline of each device (Williams, Waterman and Patterson, 2009), with the peaks measured in the run.
extension HTMLReport {
    func rooflinePart(_ family: String) -> Markup {
        var panels: [ChartPanel] = []
        var missing: [String] = []
        for run in runs {
            for (device, measurements) in shown(family, in: run).grouped(by: \.device) {
                if let panel = rooflinePanel(family, device, measurements, run) {
                    panels.append(panel)
                } else {
                    missing.append(run.name(of: device))
                }
            }
        }
        let absent: Markup =
            missing.isEmpty
            ? "" : "<p>No roof for \(missing.joined(separator: ", ")): both peaks and a right result are needed.</p>"
        return """
            <h3>Roofline</h3>
            <p>The line is what the device reached in this run with nothing but arithmetic or nothing but memory traffic. A point's \
            intensity counts the bytes that must move at least, so strategies of one workload stand above each other, and the gap to \
            the line is what is left to gain.</p>
            \(absent)\(ChartGallery.figures(panels))\(rooflineTable(family))
            """
    }

    private func rooflinePanel(
        _ family: String, _ device: String, _ measurements: [MeasurementRecord], _ run: ReportedRun
    ) -> ChartPanel? {
        guard let peaks = run.device(device)?.peaks, let flops = peaks.flopsPerSecond, let bytes = peaks.bytesPerSecond,
            flops > 0, bytes > 0
        else { return nil }
        var series: [ChartSpecification.Series] = []
        var intensities: [Double] = [flops / bytes]
        let axis = NumberFormat.Unit.flopsPerSecond.axis([flops])
        for (strategy, own) in measurements.grouped(by: \.strategy) {
            let points = own.compactMap {
                measurement -> ChartSpecification.Point? in
                guard let intensity = Metric.intensity.figure(measurement),
                    let rate = Metric.flopsPerSecond.figure(measurement), rate.value > 0
                else { return nil }
                intensities.append(intensity.value)
                let reached = Metric.fractionOfRoofline.figure(measurement).map { ", \($0.words) of the roof" }
                return ChartSpecification.Point(
                    x: intensity.value, y: rate.value / axis.factor,
                    text: "\(Self.caseName(measurement)): \(rate.words) at \(intensity.words)\(reached ?? "")",
                    label: Self.caseName(measurement))
            }
            if !points.isEmpty {
                series.append(.init(name: strategy, style: styles.style(of: strategy), points: points))
            }
        }
        guard !series.isEmpty, let lowest = intensities.min(), let highest = intensities.max() else { return nil }
        let range = [lowest / 4, highest * 4]
        let corners = [range[0], flops / bytes, range[1]].map { x -> ChartSpecification.Point in
            let rate = min(flops, x * bytes)
            return ChartSpecification.Point(
                x: x, y: rate / axis.factor, text: NumberFormat.quantity(rate, .flopsPerSecond))
        }
        let name =
            "roof: \(NumberFormat.quantity(flops, .flopsPerSecond)), \(NumberFormat.quantity(bytes, .bytesPerSecond))"
        series.append(.init(name: name, style: 0, form: .line, points: corners))
        let chart = ChartSpecification(
            kind: .scatter, id: "chart-roofline-\(Wording.anchor(family))-\(run.index)-\(Wording.anchor(device))",
            xLabel: "FLOP/B, logarithmic", yLabel: axis.unit + ", logarithmic", range: range, series: series)
        return ChartPanel(title: run.title(of: device), chart: chart)
    }

    private func rooflineTable(_ family: String) -> Markup {
        var notes = Footnotes(prefix: "roofline-note-\(Wording.anchor(family))")
        var rows: [Markup] = []
        for run in runs {
            for measurement in shown(family, in: run) {
                let peaks = run.device(measurement.device)?.peaks
                let noPeak = "the peaks of \(measurement.device) were not measured"
                var cells: [Markup] = [
                    """
                    <th scope="row">\(measurement.strategy)<small>\(Self.caseName(measurement)), \
                    \(run.name(of: measurement.device))</small></th>
                    """
                ]
                for metric in [Metric.intensity, .strategyIntensity, .flopsPerSecond] {
                    cells.append(TableCell.metric(metric, measurement, notes: &notes))
                }
                cells.append(TableCell.quantity(peaks?.flopsPerSecond, .flopsPerSecond, reason: noPeak, notes: &notes))
                cells.append(TableCell.quantity(peaks?.bytesPerSecond, .bytesPerSecond, reason: noPeak, notes: &notes))
                cells.append(TableCell.metric(.fractionOfRoofline, measurement, notes: &notes))
                rows.append(cells.joined())
            }
        }
        let table = TableCell.table(
            caption: "Rates against the roof min(peak FLOP/s, intensity × peak B/s).",
            headings: [
                .text("Strategy", "workload, device"), .figure("Intensity", "bytes that must move"),
                .figure("Intensity", "bytes this strategy moves"), .figure("Reached"), .figure("Peak rate"),
                .figure("Peak bandwidth"),
                .figure("Of the roof"),
            ], rows: rows, notes: notes)
        return ChartGallery.behindCharts(table)
    }
}
