import Results
import Statistics

/// A comparison of two runs as one self-contained page that needs neither network nor scripts: the worst first, every
/// ratio with its interval drawn on a common axis.
public struct ComparisonPage {
    private let comparison: RunComparison
    private let rule: VerdictRule
    private let metrics: [Metric]

    /// - Parameters:
    ///   - rule: by which the verdicts were made.
    ///   - metrics: those that were compared.
    public init(
        _ comparison: RunComparison, rule: VerdictRule = VerdictRule(), metrics: [Metric] = Metric.all
    ) {
        self.comparison = comparison
        self.rule = rule
        let keys = Set(comparison.measurements.flatMap { $0.metrics?.map(\.key) ?? [] })
        self.metrics = metrics.filter { keys.contains($0.key) }
    }

    /// The page, as HTML 5.
    public func render() -> String {
        let summary = ComparisonTable.summary(comparison)
        let remarks = comparison.objections.map { "Not compared: \($0.reason)" } + comparison.remarks
        return Page(
            title: "\(summary) – Joulemark",
            header: """
                <p class="brand"><strong>Joulemark</strong> \(comparison.candidate.name) against \(comparison.base.name)</p>
                <h1>\(summary)</h1>
                \(when: !remarks.isEmpty, "<div class=\"cautions\" role=\"note\" aria-label=\"Cautions\"><h2>Before you rely on this</h2><ul>\(remarks.map { remark -> Markup in "<li>\(remark)</li>" })</ul></div>")
                """,
            sections: [figures, otherFigures, unmatched, machines, method], scripts: .none
        ).render()
    }

    // MARK: Figures

    /// What needs a reader's attention comes first.
    private var ordered: [ComparedMeasurement] {
        let broken = Set(comparison.broken)
        let words = ["slower", "costlier", "faster", "cheaper", "unresolved", "same"]
        let rank = { (measurement: ComparedMeasurement) -> Int in
            if broken.contains(measurement.key) { return -1 }
            let verdicts = [measurement.time?.verdict, measurement.energy?.verdict].compactMap { $0 }
            return verdicts.compactMap { words.firstIndex(of: $0) }.min() ?? words.count
        }
        let places = comparison.measurements.enumerated().sorted {
            (rank($0.element), $0.offset) < (rank($1.element), $1.offset)
        }
        return places.map(\.element)
    }

    private var figures: Markup {
        guard !comparison.measurements.isEmpty else { return "" }
        var notes = Footnotes(prefix: "comparison-note")
        let quantities = comparison.measurements.flatMap { [$0.time, $0.energy].compactMap { $0 } }
        let graphic = IntervalGraphic(quantities.map(\.interval), margin: rule.margin)
        let hasEnergy = comparison.measurements.contains { $0.energy != nil }
        let rows = ordered.map { measurement -> Markup in
            let energy: Markup =
                hasEnergy ? cells(measurement.energy, .joules, measurement.energyReason, graphic, &notes) : ""
            return name(of: measurement, &notes)
                + cells(measurement.time, .seconds, measurement.timeReason, graphic, &notes) + energy
        }
        let axis = TableCell.Heading(markup: "<th scope=\"col\">Base ÷ new\(graphic.axis)</th>")
        let headings: [TableCell.Heading] =
            [.text("Strategy", "workload"), .text("Verdict"), .figure("Time", "base → new"), axis]
            + (hasEnergy ? [.text("Verdict"), .figure("Energy", "base → new"), axis] : [])
        let table = TableCell.table(
            caption: """
                Right of the line at 1 the new run takes less. The bar is the interval, with what the machine may have drifted, corrected for the \
                number of comparisons: all together hold with \(NumberFormat.percentage(1 - rule.significance)). The band holds differences that count as none (\(NumberFormat.percentage(rule.margin))).
                """,
            headings: headings, rows: rows, notes: notes)
        let noEnergy: Markup =
            hasEnergy
            ? ""
            : "<p>Energy is not compared: \(comparison.measurements.compactMap(\.energyReason).uniqued().joined(separator: "; ")).</p>"
        return "<section id=\"figures\"><h2>Measurement by measurement</h2>\(table)\(noEnergy)</section>"
    }

    /// What is compared without a verdict.
    private var otherFigures: Markup {
        guard !metrics.isEmpty else { return "" }
        var notes = Footnotes(prefix: "metrics-note")
        let rows = ordered.map { measurement -> Markup in
            let cells = metrics.map { metric -> Markup in
                guard let compared = measurement.metrics?.first(where: { $0.key == metric.key }) else {
                    return TableCell.unknown("not known in both runs, or not to be weighed", &notes)
                }
                let modelled = compared.provenance == .modelled
                let mark = modelled ? NumberFormat.modelledMark : ""
                return TableCell.figure(
                    """
                    \(NumberFormat.quantity(compared.base, metric.unit)) → \
                    \(mark)\(NumberFormat.quantity(compared.candidate, metric.unit))
                    """,
                    detail: "\(compared.gain.map { mark + NumberFormat.ratio($0) } ?? "")", value: compared.candidate,
                    modelled: modelled)
            }
            return name(of: measurement, &notes) + cells.joined()
        }
        let table = TableCell.table(
            caption:
                "Base → new, and below it the gain: above 1 the new run is better. Nothing is said of chance here.",
            headings: [.text("Strategy", "workload")] + metrics.map { .figure("\($0.heading)", "base → new, gain") },
            rows: rows, notes: notes)
        return "<section id=\"metrics\"><details><summary>The other figures</summary>\(table)</details></section>"
    }

    private func name(of measurement: ComparedMeasurement, _ notes: inout Footnotes) -> Markup {
        let key = measurement.key
        let status: Markup =
            comparison.broken.contains(key)
            ? " <span class=\"status incorrect\">now \(measurement.candidateStatus.rawValue)</span>" : ""
        let remarks = measurement.remarks.map { notes.reference($0) }
        return """
            <th scope="row">\(key.family)/\(key.strategy)\(status)\(remarks)\
            <small>\(key.workload) · \(key.precision) · \(key.device)</small></th>
            """
    }

    private func cells(
        _ quantity: ComparedQuantity?, _ unit: NumberFormat.Unit, _ reason: String?, _ graphic: IntervalGraphic,
        _ notes: inout Footnotes
    ) -> Markup {
        guard let quantity else {
            return TableCell.unknownText(reason ?? "not known", &notes) + "<td></td><td></td>"
        }
        let modelled = quantity.provenance == .modelled
        let kind = Self.kind(of: quantity.verdict)
        let mark = modelled ? NumberFormat.modelledMark : ""
        let change: Markup =
            "\(NumberFormat.quantity(quantity.base, unit)) → \(mark)\(NumberFormat.quantity(quantity.candidate, unit))"
        let ratio = mark + NumberFormat.ratio(quantity.ratio, quantity.interval)
        let machine: Markup =
            quantity.machineRatio.map { machine -> Markup in
                "besides the machine's own \(NumberFormat.ratio(machine))"
            } ?? ""
        let why = Wording.open(quantity.reason, quantity.command).map { notes.reference($0) } ?? ""
        let tendency: Markup = quantity.tendency.map { word -> Markup in "probably \(word)" } ?? ""
        return TableCell.text(
            "<span class=\"verdict \(kind)\">\(when: modelled, "≈ ")\(quantity.verdict)</span>\(why)", detail: tendency)
            + TableCell.figure(change, detail: machine, value: quantity.candidate, modelled: modelled)
                + """
                <td class="graphic">\(graphic.drawing(quantity.ratio, quantity.interval, verdict: kind, words: ratio))\
                <small>\(ratio)</small></td>
                """
    }

    private static func kind(of verdict: String) -> Markup {
        switch verdict {
        case "faster", "cheaper": "win"
        case "slower", "costlier": "loss"
        case "same": "same"
        default: "open"
        }
    }

    // MARK: The rest

    private var unmatched: Markup {
        let lists = [
            ("Only in the base run", comparison.onlyInBase), ("Only in the new run", comparison.onlyInCandidate),
        ]
        return lists.filter { !$0.1.isEmpty }.map { heading, keys -> Markup in
            let items = keys.map { key -> Markup in
                let status: Markup =
                    comparison.missing.contains(key) ? " <span class=\"status incorrect\">was right</span>" : ""
                return "<li>\(ComparisonTable.title(key))\(status)</li>"
            }
            return "<section><h2>\(heading)</h2><ul>\(items)</ul></section>"
        }.joined()
    }

    private var machines: Markup {
        let runs = [comparison.base, comparison.candidate]
        let properties: [(Markup, (ComparedRun) -> String)] = [
            ("Run", { $0.name }), ("Started", { Wording.readable($0.startedAt) }), ("Machine", { $0.machine }),
            ("Version", { run in run.version + (run.commit.map { ", commit \($0)" } ?? "") }),
        ]
        let rows = properties.map { name, value -> Markup in
            "<th scope=\"row\">\(name)</th>\(runs.map { run -> Markup in "<td>\(value(run))</td>" })"
        }
        let table = TableCell.table(
            caption: "What is compared with what.", headings: [.text("Property"), .text("Base"), .text("New")],
            rows: rows, attributes: " class=\"compact\"")
        return "<section id=\"runs\"><h2>Runs</h2>\(table)</section>"
    }

    private var method: Markup {
        """
        <section id="method"><h2>Method</h2>
        <dl class="method">
        <dt>Verdict</dt><dd>The interval decides. A difference has a name when the interval lies on one side of 1; “same” is an interval \
        wholly within \(NumberFormat.percentage(rule.margin)) about 1; “unresolved” is all else: more samples, or a quieter machine, would \
        tell. Intervals are corrected for the number of comparisons, so that with \(NumberFormat.percentage(1 - rule.significance)) none of \
        them names a difference that is not there. “Probably” is a chance of one in ten at most that it is the other way round.</dd>
        <dt>The machine</dt><dd>Beside every round of samples the device ran control kernels, which never change. What moved them is the \
        machine; times are scaled by how each kernel followed its controls in both runs, and intervals hold what remains unknown of \
        that. “The machine's own” is the ratio that this explains, and not part of the ratio beside it.</dd>
        <dt>Drift</dt><dd>Each run sampled in several passes, every one with a new process and new memory. Their spread, and the spread among \
        a device's measurements, are in the intervals.</dd>
        <dt>Energy</dt><dd>Modelled joules (≈) are never weighed against measured ones.</dd>
        </dl></section>
        """
    }
}
