import FoundationEssentials
import Results

/// One self-contained page about one or several runs: no network, no other file, readable without scripts.
///
/// The page states the finding in words first, then fused against unfused, every measurement, one section a family with charts and
/// the tables behind them, the machine, its power sources, and how every figure came to be. Each run's data is inside.
public struct HTMLReport {
    let runs: [ReportedRun]
    let chartScript: String?

    /// - Parameters:
    ///   - runs: shown side by side, in this order.
    ///   - chartScript: Chart.js, from ``ChartScript/locate()``; without it the page has tables only and says so.
    public init(runs: [RunRecord], chartScript: String?) {
        self.runs = ReportedRun.all(runs)
        self.chartScript = chartScript
    }

    /// The page, as HTML 5.
    public func render() -> String {
        let findings = Findings(runs)
        let families = runs.flatMap(\.families).uniqued()
        var charts: [ChartSpecification] = []
        let familySections = families.map { familySection($0, charts: &charts) }
        let title = runs.isEmpty ? "Joulemark" : "\(findings.headline) – Joulemark"
        let page: Markup = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; \
            style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
            <title>\(title)</title>
            <style>
            \(Markup(trusted: PageResource.style))
            </style>
            </head>
            <body>
            \(header(findings, families: families))
            <main>
            \(comparisonSection(charts: &charts))
            \(sideBySideSection())
            \(resultsSection())
            \(familySections)
            \(verificationSection())
            \(machineSection())
            \(powerSection())
            \(provenanceSection())
            </main>
            \(scripts(charts))
            </body>
            </html>

            """
        return page.html
    }

    // MARK: Head of the page

    private func header(_ findings: Findings, families: [String]) -> Markup {
        let links = families.map { family -> Markup in "<a href=\"#family-\(Self.anchor(family))\">\(family)</a>" }
        let cautions = findings.cautions.map { caution -> Markup in "<li>\(caution)</li>" }
        let details = findings.details.map { detail -> Markup in
            let clauses = detail.clauses.map { clause -> Markup in "<li>\(Self.unbroken(clause))</li>" }
            return "<div><h2>\(detail.subject)</h2><ul>\(clauses)</ul></div>"
        }
        return """
            <header>
            <p class="brand"><strong>Joulemark</strong> \(runs.map(runLine).joined(separator: "<br>"))</p>
            <h1>\(Self.unbroken(Self.sentence(findings.headline)))</h1>
            \(when: !findings.lede.isEmpty, "<p class=\"lede\">\(Self.unbroken(findings.lede))</p>")
            \(detailList(details))
            \(when: !cautions.isEmpty, "<aside aria-label=\"Cautions\"><h2>Before you rely on this</h2><ul>\(cautions)</ul></aside>")
            <nav aria-label="Sections"><a href="#comparisons">Fused against unfused</a>\(when: runs.count > 1, "<a href=\"#runs\">Runs side by side</a>")\
            <a href="#results">Results</a>\(links)\
            <a href="#verification">Verification</a><a href="#machine">Machine</a><a href="#power">Power</a>\
            <a href="#provenance">Provenance</a></nav>
            </header>
            """
    }

    /// Few are shown, many are folded: the section below has them all.
    private func detailList(_ details: [Markup]) -> Markup {
        guard !details.isEmpty else { return "" }
        let list: Markup = "<div class=\"findings\">\(details)</div>"
        return details.count <= 6 ? list : "<details><summary>The findings in words</summary>\(list)</details>"
    }

    private func runLine(_ run: ReportedRun) -> Markup {
        let record = run.record
        let label: Markup = run.label.isEmpty ? "" : "<b>\(run.label)</b> "
        let counts = MeasurementStatus.allReported.compactMap { status -> String? in
            let count = record.measurements.filter { $0.status == status }.count
            return count > 0 ? "\(count) \(status.rawValue)" : nil
        }
        return """
            <span>\(label)<time datetime="\(record.startedAt)">\(Self.readable(record.startedAt))</time> · \
            \(record.host.cpu.model) · \(counts.joined(separator: ", "))</span>
            """
    }

    // MARK: Scripts

    private func scripts(_ charts: [ChartSpecification]) -> Markup {
        guard let chartScript else { return Self.script(PageResource.script) }
        return """
            \(Self.data(charts, id: "chart-data"))
            \(Self.script(chartScript))
            \(Self.script(PageResource.script))
            """
    }

    /// Script that ends only where we end it.
    private static func script(_ text: String) -> Markup {
        let inert = text.replacing("</script", with: "<\\/script").replacing("<!--", with: "<\\!--")
        return Markup(trusted: "<script>\n\(inert)\n</script>")
    }

    /// A value as JSON inside the page. `<` is written as an escape, so that nothing in it can end the element.
    static func data(_ value: some Encodable, id: String) -> Markup {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        guard let bytes = try? encoder.encode(value) else {
            return "<p class=\"problem\">The data of this page could not be written as JSON.</p>"
        }
        let json = String(decoding: bytes, as: UTF8.self).replacing("<", with: "\\u003c")
        return "<script type=\"application/json\" id=\"\(id)\">" + Markup(trusted: json) + "</script>"
    }

    // MARK: Words

    /// A name as part of an id: letters, digits and hyphens.
    static func anchor(_ name: String) -> String {
        String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
    }

    /// The text with a capital first letter and a full stop.
    static func sentence(_ text: String) -> String { capitalized(text) + (text.hasSuffix(".") ? "" : ".") }

    /// The text with a capital first letter.
    static func capitalized(_ text: String) -> String { (text.first?.uppercased() ?? "") + text.dropFirst() }

    /// The text with signs kept beside their numbers where lines break.
    static func unbroken(_ text: String) -> String {
        text.replacing(" ×", with: "\u{A0}×").replacing("× [", with: "×\u{A0}[").replacing("≈ ", with: "≈\u{A0}")
    }

    /// `2026-11-21T01:02:03Z` as `2026-11-21 01:02:03 UTC`; anything else as it is.
    static func readable(_ instant: String) -> String {
        guard instant.hasSuffix("Z"), instant.contains("T") else { return instant }
        return instant.dropLast().replacing("T", with: " ") + " UTC"
    }
}

extension MeasurementStatus {
    /// In the order in which counts are given.
    static let allReported: [MeasurementStatus] = [.ok, .incorrect, .failed, .skipped]
}
