import Results
import Statistics

/// A column of tables that hold devices side by side: a device of a run.
struct DevicePlace: Hashable {
    let run: Int
    let device: String
}

/// Which strategy on which processor: every workload's strategies against the devices, with the best of each quantity
/// marked.
extension HTMLReport {
    /// The right and wrong results of one workload.
    private struct Block {
        let title, detail: String
        let entries: [(place: DevicePlace, measurement: MeasurementRecord)]
        /// The figure that is best of the block, by the quantity's key, and whether its lead is more than the
        /// intervals' width.
        let best: [String: (value: Double, isSure: Bool)]

        var strategies: [String] { entries.map(\.measurement.strategy).uniqued() }
    }

    /// A device's columns: the quantity that is chosen and, where they are known there, what a token takes.
    private struct Column {
        let place: DevicePlace
        let hasTokens: Bool
        /// Grams of CO₂ equivalent a joule, and of which grid; `nil` where no grid was asked for.
        let grid: (gramsPerJoule: Double, code: String)?

        var width: Int { 1 + (hasTokens ? 1 : 0) + (hasTokens && grid != nil ? 1 : 0) }
    }

    /// What the matrix can show. Bytes are absolute: what a strategy reads and writes in one execution.
    private static let quantities: [Metric] =
        [.seconds, .leadingJoules, .flopsPerJoule, .fractionOfRoofline, .strategyBytes]

    var hasMatrix: Bool { !shownQuantities().isEmpty }

    func matrixSection() -> Markup {
        let families = runs.flatMap(\.families).uniqued()
        let quantities = shownQuantities()
        guard !quantities.isEmpty else { return "" }
        let columns = runs.flatMap { run in run.record.measurements.map(\.device).uniqued().map { column($0, run) } }
        var notes = Footnotes(prefix: "matrix-note")
        var rows: [Markup] = []
        for block in families.flatMap({ blocks($0, quantities) }) {
            for (index, strategy) in block.strategies.enumerated() {
                let name: Markup = """
                    <th scope="rowgroup" rowspan="\(block.strategies.count)">\(block.title)<small>\(block.detail)</small></th>
                    """
                rows.append("\(when: index == 0, name)\(row(block, strategy, columns, quantities, &notes))")
            }
        }
        let table = TableCell.table(
            caption: """
                \(variants(quantities.map { "\($0.heading)" })) of each strategy and workload by device. Below a figure: what it is of \
                the best of its workload on any device, and of the baseline on the same device. These are quotients of figures; what they \
                are worth is said by the verdicts below. “Best” is beyond the 95 % intervals, “leads” within them.
                """,
            head: head(columns, quantities), rows: rows, attributes: " class=\"matrix\"", notes: notes)
        return """
            <section id="matrix"><h2>Which strategy where</h2>
            \(choice(quantities))\(when: !shownCases.isEmpty, "<p>The first workloads of each family; <a href=\"#results\">Results</a> has all.</p>")
            \(table)</section>
            """
    }

    /// Quantities that at least one measurement has: an empty choice would promise something.
    private func shownQuantities() -> [Metric] {
        Self.quantities.filter { metric in
            runs.contains { run in run.record.measurements.contains { metric.figure($0) != nil } }
        }
    }

    /// Switched by the style sheet alone, so that it works without scripts.
    private func choice(_ quantities: [Metric]) -> Markup {
        let buttons = quantities.enumerated().map { index, metric -> Markup in
            """
            <label><input type="radio" name="quantity" id="quantity-\(index)"\(when: index == 0, " checked")> \
            \(metric.heading)</label>
            """
        }
        return "<fieldset class=\"choice\"><legend>Show</legend>\(buttons)</fieldset>"
    }

    private func variants(_ texts: [Markup]) -> Markup {
        texts.enumerated().map { index, text -> Markup in "<span class=\"q q\(index)\">\(text)</span>" }.joined()
    }

    // MARK: Columns

    private func column(_ device: String, _ run: ReportedRun) -> Column {
        let hasTokens = run.record.measurements.contains {
            $0.device == device && Metric.joulesPerToken.figure($0) != nil
        }
        let footprint = run.record.footprint
        let grid = footprint?.grids.first.map { grid in
            (grid.gramsPerKilowattHour * (footprint?.effectiveness ?? 1) / 3.6e6, grid.code)
        }
        return Column(place: DevicePlace(run: run.index, device: device), hasTokens: hasTokens, grid: grid)
    }

    private func head(_ columns: [Column], _ quantities: [Metric]) -> Markup {
        let isDeep = columns.contains { $0.width > 1 }
        let deep: Markup = isDeep ? " rowspan=\"2\"" : ""
        let devices = columns.map { column -> Markup in
            """
            <th scope="colgroup" colspan="\(column.width)" class="figure">\(runs[column.place.run].name(of: column.place.device))\
            <small>\(fullName(column.place))</small></th>
            """
        }
        let parts = columns.map { column -> Markup in
            """
            <th scope="col" class="figure">\(variants(quantities.map { "\($0.heading)" }))</th>\
            \(when: column.hasTokens, "<th scope=\"col\" class=\"figure\">J/token</th>")\
            \(when: column.width > 2, "<th scope=\"col\" class=\"figure\">gCO₂e/token<small>\(column.grid?.code ?? "")</small></th>")
            """
        }
        return """
            <tr><th scope="col"\(deep)>Workload<small>family</small></th><th scope="col"\(deep)>Strategy</th>\(devices)</tr>\
            \(when: isDeep, "<tr>\(parts)</tr>")
            """
    }

    private func fullName(_ place: DevicePlace) -> String {
        TextCut.middle(runs[place.run].device(place.device)?.name ?? "", to: 40)
    }

    func placeHeading(_ place: DevicePlace) -> TableCell.Heading {
        .text("\(runs[place.run].name(of: place.device))", "\(fullName(place))")
    }

    // MARK: Blocks and their best

    private func blocks(_ family: String, _ quantities: [Metric]) -> [Block] {
        let entries = runs.flatMap { run in
            shown(family, in: run).map { (place: DevicePlace(run: run.index, device: $0.device), measurement: $0) }
        }
        return entries.grouped(by: { Self.caseName($0.measurement) }).map { name, own in
            var best: [String: (value: Double, isSure: Bool)] = [:]
            for metric in quantities {
                best[metric.key] = Self.best(own.compactMap { metric.figure($0.measurement) }, metric)
            }
            let (title, detail) = names(of: own[0].measurement, name)
            return Block(title: title, detail: detail, entries: own, best: best)
        }
    }

    /// What the row of a workload is called, and what stands below it.
    private func names(of measurement: MeasurementRecord, _ name: String) -> (title: String, detail: String) {
        let layers = layerWords(measurement)
        guard layers.isEmpty else { return (layers, "\(measurement.family), \(name)") }
        let short = shortName(measurement.family, measurement.workload)
        return (measurement.precision == "f32" ? short : "\(short) \(measurement.precision)", measurement.family)
    }

    private static func best(_ figures: [Figure], _ metric: Metric) -> (value: Double, isSure: Bool)? {
        let isMore = metric.polarity == .moreIsBetter
        let sorted = figures.sorted { isMore ? $0.value > $1.value : $0.value < $1.value }
        guard let first = sorted.first else { return nil }
        guard sorted.count > 1 else { return (first.value, false) }
        let next = sorted[1]
        // What is counted is exact; what was measured without an interval decides nothing.
        guard metric.basis != .work else { return (first.value, first.value != next.value) }
        guard let own = first.interval, let other = next.interval else { return (first.value, false) }
        return (first.value, isMore ? own.lower > other.upper : own.upper < other.lower)
    }

    // MARK: Rows

    private func row(
        _ block: Block, _ strategy: String, _ columns: [Column], _ quantities: [Metric], _ notes: inout Footnotes
    ) -> Markup {
        let own = Dictionary(
            block.entries.filter { $0.measurement.strategy == strategy }.map { ($0.place, $0.measurement) },
            uniquingKeysWith: { first, _ in first })
        var result: Markup = "<th scope=\"row\">\(TextCut.middle(strategy, to: 40))</th>"
        for column in columns {
            guard let measurement = own[column.place] else {
                result += TableCell.unknown("not part of the run", &notes)
                result += Array(repeating: "<td class=\"token\">" as Markup, count: column.width - 1).joined()
                continue
            }
            let figures = quantities.map { figure($0, measurement, runs[column.place.run], block, &notes) }
            result += "<td class=\"figure\">\(variants(figures))\(tokens(measurement, column, &notes))"
        }
        return result
    }

    private func tokens(_ measurement: MeasurementRecord, _ column: Column, _ notes: inout Footnotes) -> Markup {
        guard column.hasTokens else { return "" }
        guard let figure = Metric.joulesPerToken.figure(measurement) else {
            let reason = Metric.joulesPerToken.reasonWithout(measurement)
            let unknown: Markup = "<td class=\"token figure\">\(notes.unknown(reason))"
            return column.width > 2 ? unknown + "<td class=\"token\">" : unknown
        }
        let grams = column.grid.map { grid -> Markup in
            "<td class=\"token figure\">\(figure.mark)\(NumberFormat.quantity(figure.value * grid.gramsPerJoule, .grams))"
        }
        return "<td class=\"token figure\">\(figure.mark)\(NumberFormat.quantity(figure.value, .joules))\(grams ?? "")"
    }

    private func figure(
        _ metric: Metric, _ measurement: MeasurementRecord, _ run: ReportedRun, _ block: Block, _ notes: inout Footnotes
    ) -> Markup {
        guard let figure = metric.figure(measurement) else { return notes.unknown(metric.reasonWithout(measurement)) }
        let text = "\(figure.mark)\(figure.texts.value)"
        var remarks: [Markup] = []
        let best = block.best[metric.key]
        if let best, block.entries.count > 1 {
            remarks.append(
                best.value == figure.value
                    ? "<b class=\"best\">\(best.isSure ? "best" : "leads")</b>"
                    : quotient(figure, of: best.value, "best"))
        }
        if let base = baseline(of: measurement, in: run) {
            remarks.append(
                base.strategy == measurement.strategy
                    ? "baseline" : metric.figure(base).map { quotient(figure, of: $0.value, "baseline") } ?? "")
        }
        let link = run.anchor(of: measurement).map { self.link(to: $0) } ?? "#results"
        return
            "<a href=\"\(link)\">\(text)</a><small>\(remarks.filter { !$0.isEmpty }.joined(separator: ", "))</small>"
    }

    private func quotient(_ figure: Figure, of other: Double, _ word: String) -> Markup {
        guard other > 0, figure.value > 0 else { return "" }
        return "\(figure.mark)\(Wording.unbroken(NumberFormat.ratio(figure.value / other))) \(word)"
    }

    /// What a measurement is held against: on the same device, the baseline of its family there.
    private func baseline(of measurement: MeasurementRecord, in run: ReportedRun) -> MeasurementRecord? {
        guard let name = run.baselines[measurement.family] else { return nil }
        var key = ReportedRun.CaseKey(measurement)
        key.strategy = name
        return run.measurement(key)
    }
}
