import Results
import Statistics

/// Whole models: a waterfall a context, the table behind it, and where the time goes.
extension HTMLReport {
    /// Empty where no run has models.
    func modelSection() -> Markup {
        var parts: [Markup] = []
        for run in runs {
            for (index, model) in (run.record.models ?? []).enumerated() {
                parts.append(modelPart(model, run, "\(run.index)-\(index)"))
            }
        }
        guard !parts.isEmpty else { return "" }
        return """
            <section id="models"><h2>Whole models</h2>
            <p>Composed from the measurements below: each layer's kernel was measured once, and counts as often as the layer occurs. \
            Intervals follow from those of the kernels; what two forms share cancels between them.</p>
            \(parts)</section>
            """
    }

    private func modelPart(
        _ model: ModelRecord, _ run: ReportedRun, _ id: String
    ) -> Markup {
        let views = ModelView.all(model)
        var panels: [ChartPanel] = []
        var tables: [Markup] = []
        for (place, view) in views.enumerated() {
            let name = "\(id)-\(place)"
            if model.ladder != nil { panels.append(waterfall(view, run, name)) }
            panels.append(shares(view, run, name))
            tables.append(model.ladder != nil ? ladderTable(view, name) : layerTable(view))
            if let footprint = run.record.footprint { tables.append(footprintTable(view, footprint, name)) }
        }
        panels += curves(model, views, id)
        let crossings = model.crossings.map { crossing -> Markup in "<li>\(ModelTable.words(crossing)).</li>" }
        let leftOut = model.leftOut.map { what -> Markup in "<li>\(what)</li>" }
        let heading = run.label.isEmpty ? model.name : "\(run.label) · \(model.name)"
        return """
            <h3>\(heading)</h3><p>\(Wording.sentence(model.summary)) Configuration: \(model.source)</p>
            \(ChartGallery.figures(panels))\(tables)
            \(when: !crossings.isEmpty, "<h4>Where they cross</h4><ul>\(crossings)</ul>")
            \(when: !leftOut.isEmpty, "<h4>Left out</h4><p>No kernel stands for these; they are in no figure.</p><ul>\(leftOut)</ul>")
            """
    }

    // MARK: Charts

    /// What leads of a point, per token, with its interval.
    private func leading(_ point: ModelPointRecord, _ view: ModelView) -> (Double, Interval?, NumberFormat.Unit)? {
        if view.leadsWithJoules { return point.joules.map { ($0, point.joulesInterval, .joules) } }
        return point.seconds.map { ($0, point.secondsInterval, .seconds) }
    }

    private func waterfall(_ view: ModelView, _ run: ReportedRun, _ id: String) -> ChartPanel {
        let figures = view.points.map { leading($0, view) }
        let unit: NumberFormat.Unit = view.leadsWithJoules ? .joules : .seconds
        let (factor, symbol) = unit.axis(figures.compactMap { $0?.0 })
        var series: [ChartSpecification.Series] = []
        for (style, kind) in RungRecord.Kind.allCases.enumerated() {
            let points = zip(view.points, figures).enumerated().compactMap {
                row, entry -> ChartSpecification.Point? in
                guard view.rung(entry.0)?.kind == kind, let (value, interval, unit) = entry.1 else { return nil }
                return .init(
                    x: value / factor, y: Double(row), low: interval.map { $0.lower / factor },
                    high: interval.map { $0.upper / factor }, text: ModelSummary.quantity(value, interval, unit))
            }
            guard !points.isEmpty else { continue }
            series.append(.init(name: ModelTable.word(kind), style: style, points: points))
        }
        let start = figures.first.flatMap { $0 }.map { $0.0 / factor }
        let chart = ChartSpecification(
            kind: .dots, id: "chart-model-\(id)", xLabel: "\(symbol) a token", reference: start,
            rows: view.points.map { [view.rung($0)?.title ?? ""] }, series: series)
        return ChartPanel(title: "\(view.situation) · \(run.title(of: view.device))", chart: chart)
    }

    /// Where the time goes, in per cent of the first form's.
    private func shares(_ view: ModelView, _ run: ReportedRun, _ id: String) -> ChartPanel {
        let whole = view.points.first { $0.seconds != nil }?.seconds ?? 1
        let names = view.points.flatMap(\.layers).map(\.name).uniqued()
        let series = names.enumerated().map { style, name in
            let points = view.points.enumerated().compactMap { row, point -> ChartSpecification.Point? in
                let seconds = point.layers.filter { $0.name == name }.compactMap(\.seconds).reduce(0, +)
                guard seconds > 0 else { return nil }
                return .init(
                    x: seconds / whole * 100, y: Double(row),
                    text:
                        "\(name): \(NumberFormat.quantity(seconds, .seconds)), \(NumberFormat.percentage(seconds / (point.seconds ?? whole))) of this form's"
                )
            }
            return ChartSpecification.Series(name: name, style: style, points: points)
        }
        let chart = ChartSpecification(
            kind: .stack, id: "chart-model-time-\(id)", xLabel: "% of the first form's time", logarithmic: false,
            rows: view.points.map { [$0.rung ?? view.model.name] }, series: series)
        return ChartPanel(title: "Where the time goes: \(view.situation) · \(run.title(of: view.device))", chart: chart)
    }

    /// A token's time over the context, a line a form; only where there are several contexts.
    private func curves(_ model: ModelRecord, _ views: [ModelView], _ id: String) -> [ChartPanel] {
        let places = views.map { "\($0.device) \($0.points.first?.phase.rawValue ?? "")" }.uniqued()
        return places.enumerated().compactMap { index, place in
            let own = views.filter { "\($0.device) \($0.points.first?.phase.rawValue ?? "")" == place }
            guard own.count > 1 else { return nil }
            let (factor, symbol) = NumberFormat.Unit.seconds.axis(
                own.flatMap(\.points).compactMap(\.seconds))
            let rungs = own.flatMap(\.points).map { $0.rung ?? model.name }.uniqued()
            let series = rungs.enumerated().map { style, rung in
                let points = own.flatMap(\.points).filter { ($0.rung ?? model.name) == rung }
                return ChartSpecification.Series(
                    name: rung, style: style, form: .joined,
                    points: points.compactMap { point in
                        point.seconds.map {
                            .init(
                                x: Double(point.context), y: $0 / factor,
                                text:
                                    "\(point.context) tokens, \(ModelSummary.quantity($0, point.secondsInterval, .seconds))"
                            )
                        }
                    })
            }
            let chart = ChartSpecification(
                kind: .scatter, id: "chart-model-curve-\(id)-\(index)", xLabel: "tokens of context",
                yLabel: "\(symbol) a token",
                series: series)
            return ChartPanel(title: "Over the context: \(place)", chart: chart)
        }
    }

    // MARK: Tables

    private func ladderTable(_ view: ModelView, _ id: String) -> Markup {
        var notes = Footnotes(prefix: "model-note-\(id)")
        let factors = view.points.compactMap { view.factor($0)?.interval }
        let graphic = IntervalGraphic(factors, margin: 0.01)
        let rows = view.points.map { rungRow($0, view, graphic, &notes) }
        let what = view.leadsWithJoules ? "energy" : "time"
        return TableCell.table(
            caption: """
                \(view.situation), \(view.device). Factors say how many times less \(what) a token takes: above 1 is a gain, below 1 a loss. \
                The error is the largest relative one that storage makes of one product, against float64 of what is not rounded, of normal \
                weights and activations; below it the largest of a kernel against float64 on the same rounded inputs. What either does \
                to the model's answers is not measured.
                """,
            headings: [
                .text("Rung", "what it does to the function"), .figure("Time a token", "95 % interval"),
                .figure("Joules a token", "95 % interval"), .figure("Against the rung it changes", "less \(what)"),
                .figure("From the start", "less \(what)"),
                TableCell.Heading(markup: "<th scope=\"col\" class=\"graphic\">Drawn\(graphic.axis)</th>"),
                .figure("Traffic", "FLOPs"), .figure("Parameters", "a token"), .figure("Error", "of a product"),
                TableCell.Heading(markup: "<th scope=\"col\" class=\"claim\">Published<small>source</small></th>"),
            ],
            rows: rows, notes: notes)
    }

    private func rungRow(
        _ point: ModelPointRecord, _ view: ModelView, _ graphic: IntervalGraphic, _ notes: inout Footnotes
    ) -> Markup {
        let rung = view.rung(point)
        let note = rung?.note.map { notes.reference($0) } ?? ""
        let head: Markup = """
            <th scope="row">\(rung?.title ?? "")\(note)<small>\(point.rung ?? ""), \(rung.map { ModelTable.word($0.kind) } ?? "")</small></th>
            """
        return [
            head, timeCell(point, &notes), joulesCell(point, &notes),
            factorCell(view.factor(point), rung?.on.map { "of \($0)" } ?? ""),
            factorCell(view.factor(point, fromStart: true), ""),
            "<td class=\"graphic\">\(drawing(view.factor(point), graphic))",
            TableCell.figure(
                "\(NumberFormat.quantity(point.strategyBytes ?? point.minimumBytes, .bytes))",
                detail: "\(NumberFormat.quantity(point.flops, .flops))",
                value: point.strategyBytes ?? point.minimumBytes),
            TableCell.figure(
                "\(NumberFormat.quantity(point.parameters, .parameters))",
                detail: "\(NumberFormat.quantity(point.activeParameters, .parameters))", value: point.parameters),
            errorCell(point, &notes), claimCell(rung),
        ].joined()
    }

    private func timeCell(_ point: ModelPointRecord, _ notes: inout Footnotes) -> Markup {
        guard let seconds = point.seconds else {
            return TableCell.unknown(point.problem ?? "nothing was measured", &notes)
        }
        let texts = point.secondsInterval.map { NumberFormat.quantity(seconds, $0, .seconds) }
        return TableCell.figure(
            "\(texts?.value ?? NumberFormat.quantity(seconds, .seconds))", detail: "\(texts?.interval ?? "")",
            value: seconds)
    }

    private func joulesCell(_ point: ModelPointRecord, _ notes: inout Footnotes) -> Markup {
        guard let joules = point.joules else {
            return TableCell.unknown(point.energyReason ?? point.problem ?? "nothing was metered", &notes)
        }
        let texts = point.joulesInterval.map { NumberFormat.quantity(joules, $0, .joules) }
        return TableCell.figure(
            "\(texts?.value ?? NumberFormat.quantity(joules, .joules))", detail: "\(texts?.interval ?? "")",
            value: joules, modelled: point.provenance == .modelled)
    }

    private func errorCell(_ point: ModelPointRecord, _ notes: inout Footnotes) -> Markup {
        guard let error = point.productError else { return TableCell.unknown("it has no products", &notes) }
        let kernel = point.kernelError.map { "kernels \(NumberFormat.scientific($0))" } ?? ""
        return TableCell.figure("\(NumberFormat.scientific(error))", detail: "\(kernel)", value: error)
    }

    private func factorCell(_ factor: ModelChangeRecord.Factor?, _ detail: String) -> Markup {
        guard let factor else { return "<td class=\"figure\"></td>" }
        return TableCell.figure(
            "\(Wording.unbroken(ModelSummary.factor(factor)))", detail: "\(detail)", value: factor.factor)
    }

    private func drawing(_ factor: ModelChangeRecord.Factor?, _ graphic: IntervalGraphic) -> Markup {
        guard let factor, let interval = factor.interval else { return "" }
        let verdict: Markup = interval.lower > 1 ? "win" : interval.upper < 1 ? "loss" : "open"
        return graphic.drawing(factor.factor, interval, verdict: verdict, words: ModelSummary.factor(factor))
    }

    /// What is published of a change, and how far each figure was confirmed.
    private func claimCell(_ rung: RungRecord?) -> Markup {
        let claims = [rung?.claim].compactMap(\.self) + (rung?.otherClaims ?? [])
        let parts = claims.map { claim -> Markup in
            let factor = claim.factor.map { NumberFormat.ratio($0) + ": " } ?? ""
            let standing = claim.standing.isEmpty ? "" : "; \(claim.standing)"
            return "<div>\(factor)\(claim.text)<small>\(claim.source)\(standing)</small></div>"
        }
        return "<td>\(parts)</td>"
    }

    private func layerTable(_ view: ModelView) -> Markup {
        var notes = Footnotes(prefix: "model-layers-\(Wording.anchor(view.model.name + view.situation + view.device))")
        let rows = view.points.flatMap { point in
            point.layers.map { layer -> Markup in
                [
                    """
                    <th scope="row">\(layer.name)<small>\(layer.family)/\(layer.strategy) \(layer.precision), \(layer.label ?? layer.workload)</small></th>
                    """,
                    TableCell.figure("\(NumberFormat.significant(layer.count, digits: 3))", value: layer.count),
                    TableCell.quantity(
                        layer.seconds, .seconds, reason: point.problem ?? "nothing was measured", notes: &notes),
                    TableCell.figure(
                        "\(NumberFormat.percentage(layer.seconds.flatMap { own in point.seconds.map { own / $0 } }))",
                        value: layer.seconds),
                    layer.joules.map {
                        TableCell.figure(
                            "\(NumberFormat.quantity($0, .joules))", value: $0,
                            modelled: point.provenance == .modelled)
                    } ?? TableCell.unknown(point.energyReason ?? "nothing was metered", &notes),
                    TableCell.quantity(layer.minimumBytes, .bytes, reason: "", notes: &notes),
                    TableCell.quantity(layer.flops, .flops, reason: "", notes: &notes),
                ].joined()
            }
        }
        return TableCell.table(
            caption: "\(view.situation), \(view.device): what the layers take, per token.",
            headings: [
                .text("Layer", "kernel"), .figure("Count"), .figure("Time"), .figure("Share"), .figure("Joules"),
                .figure("Traffic", "at least"), .figure("FLOPs"),
            ],
            rows: rows, attributes: " class=\"sortable\"", notes: notes)
    }
}
