import Results
import Statistics

/// A comparison of two runs as one self-contained page that needs neither network nor scripts.
public struct ComparisonPage {
    private let comparison: RunComparison

    public init(_ comparison: RunComparison) { self.comparison = comparison }

    /// The page, as HTML 5.
    public func render() -> String {
        var notes = Footnotes(prefix: "comparison-note")
        let summary = ComparisonTable.summary(comparison)
        let remarks = comparison.objections.map { "Not compared: \($0.reason)" } + comparison.remarks
        let table = table(&notes)
        let page: Markup = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
            base-uri 'none'; form-action 'none'">
            <title>\(summary) – Joulemark</title>
            <style>
            \(Markup(trusted: PageResource.style))
            </style>
            </head>
            <body>
            <header>
            <p class="brand"><strong>Joulemark</strong>
            <span><b>base</b> \(ComparisonTable.describe(comparison.base))</span><br>
            <span><b>new</b> \(ComparisonTable.describe(comparison.candidate))</span></p>
            <h1>\(summary)</h1>
            \(when: !remarks.isEmpty, "<aside aria-label=\"Cautions\"><h2>Before you rely on this</h2><ul>\(remarks.map { remark -> Markup in "<li>\(remark)</li>" })</ul></aside>")
            </header>
            <main>
            \(when: !comparison.measurements.isEmpty, "<section><h2>Measurement by measurement</h2>\(table)</section>")
            \(unmatched)
            </main>
            </body>
            </html>

            """
        return page.html
    }

    private func table(_ notes: inout Footnotes) -> Markup {
        var rows: [Markup] = []
        for measurement in comparison.measurements {
            let key = measurement.key
            let time = cells(measurement.time, .seconds, measurement.timeReason, &notes)
            let energy = cells(measurement.energy, .joules, measurement.energyReason, &notes)
            rows.append(
                """
                <th scope="row">\(key.family)/\(key.strategy)<small>\(key.workload) · \(key.precision)</small></th>\
                \(TableCell.text("\(key.device)"))\(time)\(energy)
                """)
        }
        return TableCell.table(
            caption: """
                Ratios are base over new: above 1, the new run takes less. Intervals are 95 % and hold what the machine may have \
                drifted between the runs; verdicts are corrected for the number of comparisons.
                """,
            headings: [
                .text("Strategy", "workload"), .text("Device"), .figure("Time", "base → new"),
                .figure("Ratio", "interval"),
                .text("Verdict"), .figure("Energy", "base → new"), .figure("Ratio", "interval"), .text("Verdict"),
            ], rows: rows, notes: notes)
    }

    private func cells(
        _ quantity: ComparedQuantity?, _ unit: NumberFormat.Unit, _ reason: String?, _ notes: inout Footnotes
    ) -> Markup {
        guard let quantity else {
            return TableCell.unknown(reason ?? "not known", &notes) + "<td></td><td></td>"
        }
        let modelled = quantity.provenance == .modelled
        let mark = modelled ? NumberFormat.modelledMark : ""
        let change: Markup =
            "\(NumberFormat.quantity(quantity.base, unit)) → \(mark)\(NumberFormat.quantity(quantity.candidate, unit))"
        let ratio = NumberFormat.ratio(quantity.ratio, quantity.interval)
        return TableCell.figure(change, value: quantity.candidate, modelled: modelled)
            + TableCell.figure("\(ratio)", value: quantity.ratio, modelled: modelled)
            + TableCell.text("\(when: modelled, "≈ ")\(quantity.verdict)")
    }

    private var unmatched: Markup {
        let lists = [
            ("Only in the base run", comparison.onlyInBase), ("Only in the new run", comparison.onlyInCandidate),
        ]
        return lists.filter { !$0.1.isEmpty }.map { heading, keys -> Markup in
            let items = keys.map { key -> Markup in "<li>\(ComparisonTable.title(key))</li>" }
            return "<section><h2>\(heading)</h2><ul>\(items)</ul></section>"
        }.joined()
    }
}
