import Results
import Statistics

/// Fused against unfused: ratios with their intervals, losses beside wins.
extension HTMLReport {
    /// What is compared: strategies with the unfused one or, where configurations were searched, those with the
    /// default.
    struct Sides {
        let title, candidate, ratio, nothing: String

        static let strategies = Sides(
            title: "Fused against unfused", candidate: "fused strategy", ratio: "unfused ÷ fused",
            nothing: "no workload has right results of both its unfused and a fused strategy on one device")
        static let configurations = Sides(
            title: "Against the default", candidate: "configuration", ratio: "default ÷ configuration",
            nothing: "there are no right results of both the default and another configuration")
        /// Runs of both kinds on one page.
        static let both = Sides(
            title: "Against the baseline", candidate: "candidate", ratio: "baseline ÷ candidate",
            nothing:
                "no workload has right results of both its baseline and another strategy or configuration on one device"
        )
    }

    var sides: Sides {
        let tuned = runs.count { $0.record.tuning != nil }
        return tuned == 0 ? .strategies : tuned == runs.count ? .configurations : .both
    }

    func comparisonSection() -> Markup {
        let cases = runs.flatMap(\.comparisons)
        guard !cases.isEmpty else {
            return """
                <section id="comparisons"><h2>\(sides.title)</h2>
                <p>Nothing to compare: \(sides.nothing).</p></section>
                """
        }
        var notes = Footnotes(prefix: "comparison-note")
        let rows = cases.map { comparisonRow($0, &notes) }
        let headings: [TableCell.Heading] =
            (runs.count > 1 ? [.text("Run")] : []) + [
                .text("Strategy", "workload"), .text("Device"), .figure("Time", "\(sides.ratio)"), .text("Verdict"),
                .figure("Energy", "\(sides.ratio)"), .text("Verdict"), .figure("Traffic", "\(sides.ratio)"),
            ]
        let table = TableCell.table(
            caption: """
                Ratios above 1 are wins of the \(sides.candidate), below 1 losses. Brackets hold intervals that are corrected for the number of \
                comparisons: all of them together hold with 95 %, and the verdict is what they say. The ratio of times is the median over \
                rounds in which both took turns, and so not always the quotient of the two medians, which come from different moments. \
                Traffic follows from the shapes of inputs, outputs and intermediates.
                """,
            headings: headings, rows: rows, attributes: " class=\"sortable\"", notes: notes)
        let panels = comparisonCharts(cases)
        return """
            <section id="comparisons"><h2>\(sides.title)</h2>
            <p>Right of the line at 1 the \(sides.candidate) wins, left of it it loses. Hollow points are modelled (≈), bars are the \
            intervals.</p>
            \(ChartGallery.figures(panels))
            \(table)
            </section>
            """
    }

    private func comparisonRow(_ entry: ComparisonCase, _ notes: inout Footnotes) -> Markup {
        let comparison = entry.comparison
        var cells: [Markup] = runs.count > 1 ? [TableCell.text("\(entry.runLabel)")] : []
        cells.append(
            """
            <th scope="row">\(comparison.family)/\(comparison.strategy)<small>\(comparison.workload), against \
            \(comparison.baseline)</small></th>
            """)
        cells.append(TableCell.text("\(comparison.device)", detail: "\(comparison.precision)"))
        let remark = entry.remarkOnMedians.map { notes.reference($0) } ?? ""
        cells.append(ratioCell(comparison.speedup, comparison.speedupInterval, remark, modelled: false))
        cells.append(
            verdict(
                entry.time, .time, comparison.timeTendency,
                Wording.open(comparison.timeReason, comparison.timeCommand), &notes))
        if let ratio = comparison.energyRatio {
            cells.append(ratioCell(ratio, comparison.energyRatioInterval, modelled: entry.energyIsModelled))
            cells.append(
                verdict(
                    entry.energy, .energy, comparison.energyTendency,
                    Wording.open(comparison.energyReason, comparison.energyCommand),
                    modelled: entry.energyIsModelled, &notes))
        } else {
            let reason = reasonWithoutEnergyRatio(entry)
            cells.append(TableCell.unknown(reason, &notes))
            cells.append(TableCell.unknownText(reason, &notes))
        }
        cells.append(TableCell.figure("\(NumberFormat.ratio(comparison.trafficRatio))", value: comparison.trafficRatio))
        return cells.joined()
    }

    private func ratioCell(_ ratio: Double, _ interval: Interval?, _ remark: Markup = "", modelled: Bool) -> Markup {
        TableCell.figure(
            "\(NumberFormat.ratio(ratio, interval))\(remark)", detail: interval == nil ? "no interval" : "",
            value: ratio,
            modelled: modelled)
    }

    private func verdict(
        _ verdict: Verdict?, _ quantity: Verdict.Quantity, _ tendency: String?, _ reason: String?,
        modelled: Bool = false, _ notes: inout Footnotes
    ) -> Markup {
        let kind =
            switch verdict {
            case .better: "win"
            case .worse: "loss"
            case .same: "same"
            case .unresolved, nil: "open"
            }
        let word = verdict?.word(for: quantity) ?? "no verdict"
        let note = reason.map { notes.reference($0) } ?? ""
        // Where there is no verdict, nothing was said of the joules that could need the mark.
        let mark = modelled && verdict != nil ? NumberFormat.modelledMark : ""
        return TableCell.text(
            "<span class=\"verdict \(kind)\">\(mark)\(word)</span>\(note)",
            detail: verdict == .unresolved ? "\(tendency.map { "probably \($0)" } ?? "")" : "")
    }

    private func reasonWithoutEnergyRatio(_ entry: ComparisonCase) -> String {
        EnergyEffect.obstacle(entry.baseline?.energy, entry.candidate?.energy)
            ?? "the ratio of energies was not recorded"
    }

    // MARK: Charts

    private func comparisonCharts(_ cases: [ComparisonCase]) -> [ChartPanel] {
        let rows = cases.map(Self.rowLabel).uniqued()
        let places = Dictionary(uniqueKeysWithValues: rows.enumerated().map { ($1, $0) })
        return [
            ratioChart("time", "Time, \(sides.ratio)", cases, rows, places) { entry in
                (entry.comparison.speedup, entry.comparison.speedupInterval, false)
            },
            ratioChart("energy", "Energy, \(sides.ratio)", cases, rows, places) { entry in
                entry.comparison.energyRatio.map { ($0, entry.comparison.energyRatioInterval, entry.energyIsModelled) }
            },
            ratioChart("traffic", "Bytes moved, \(sides.ratio)", cases, rows, places) { entry in
                (entry.comparison.trafficRatio, nil, false)
            },
        ].compactMap(\.self)
    }

    private static func rowLabel(_ entry: ComparisonCase) -> [String] {
        [entry.workload, entry.deviceName]
    }

    private func ratioChart(
        _ id: String, _ title: String, _ cases: [ComparisonCase], _ rows: [[String]], _ places: [[String]: Int],
        _ figure: (ComparisonCase) -> (ratio: Double, interval: Interval?, modelled: Bool)?
    ) -> ChartPanel? {
        var series: [ChartSpecification.Series] = []
        for (strategy, own) in cases.grouped(by: \.comparison.strategy) {
            let points = own.compactMap {
                entry -> ChartSpecification.Point? in
                guard let (ratio, interval, modelled) = figure(entry), ratio > 0,
                    let row = places[Self.rowLabel(entry)]
                else { return nil }
                let text = (modelled ? NumberFormat.modelledMark : "") + NumberFormat.ratio(ratio, interval)
                return ChartSpecification.Point(
                    x: ratio, y: Double(row), low: interval?.lower, high: interval?.upper, modelled: modelled,
                    text: text)
            }
            if !points.isEmpty {
                series.append(.init(name: strategy, style: styles.style(of: strategy), points: points))
            }
        }
        guard !series.isEmpty else { return nil }
        let chart = ChartSpecification(
            kind: .dots, id: "chart-ratio-\(id)", xLabel: "ratio, logarithmic", range: Self.ratioRange(series),
            reference: 1, rows: rows, series: series
        )
        return ChartPanel(title: title, chart: chart)
    }

    /// Holds every interval, and 1 with room on both sides.
    private static func ratioRange(_ series: [ChartSpecification.Series]) -> [Double] {
        let ends = series.flatMap { $0.points.flatMap { [$0.x, $0.low ?? $0.x, $0.high ?? $0.x] } }.filter { $0 > 0 }
        return [min(ends.min() ?? 1, 0.9) / 1.12, max(ends.max() ?? 1, 1.1) * 1.12]
    }
}
