import Results

/// One self-contained page about one or several runs: no network, no other file, readable without scripts.
///
/// The page states the finding in words first, then fused against unfused, every measurement, one section a family with
/// charts and the tables behind them, the machine, its power sources, and how every figure came to be. Each run's data
/// is inside.
public struct HTMLReport {
    let runs: [ReportedRun]
    /// A strategy's name has one colour and shape all over the page.
    let styles: SeriesStyles
    let metrics: [Metric]
    /// The workloads that a family's section shows, of families that have too many to show all.
    let shownCases: [String: Set<String>]

    /// - Parameters:
    ///   - runs: shown side by side, in this order.
    ///   - metrics: what is shown of each measurement.
    public init(runs: [RunRecord], metrics: [Metric] = Metric.all) {
        self.runs = ReportedRun.all(runs)
        shownCases = HTMLReport.shownCases(self.runs)
        styles = SeriesStyles(runs.flatMap(\.measurements).map(\.strategy))
        self.metrics = metrics
    }

    /// The page, as HTML 5.
    public func render() -> String {
        let findings = Findings(runs)
        let families = runs.flatMap(\.families).uniqued()
        var sections = [
            tuningSection(), modelSection(), matrixSection(), comparisonSection(), processorSection(),
            sideBySideSection(), resultsSection(),
        ]
        sections += families.map { familySection($0) }
        sections += [
            measurementsSection(), verificationSection(), machineSection(), powerSection(), provenanceSection(),
        ]
        return Page(
            title: runs.isEmpty ? "Joulemark" : "\(findings.headline) – Joulemark",
            header: header(findings, families: families), sections: sections,
            scripts: .tables
        ).render()
    }

    // MARK: Head of the page

    /// Workloads that one finding names before it counts the rest.
    private static let mostClauses = 24

    private func header(_ findings: Findings, families: [String]) -> Markup {
        let links = families.map { family -> Markup in "<a href=\"#family-\(Wording.anchor(family))\">\(family)</a>" }
        let cautions = findings.cautions.map { caution -> Markup in "<li>\(caution)</li>" }
        let details = findings.details.map { detail -> Markup in
            let clauses = detail.clauses.prefix(Self.mostClauses).map { clause -> Markup in
                "<li>\(Wording.unbroken(clause))</li>"
            }
            let others = detail.clauses.count - clauses.count
            return """
                <div><h2>\(detail.subject)</h2><ul>\(clauses)\
                \(when: others > 0, "<li>and \(others) more <a href=\"#comparisons\">below</a></li>")</ul></div>
                """
        }
        return """
            \(ChartMarks.definitions)<p class="brand"><strong>Joulemark</strong> \(runs.map(runLine).joined(separator: "<br>"))</p>
            <h1>\(Wording.unbroken(Wording.sentence(findings.headline)))</h1>
            \(when: !findings.lede.isEmpty, "<p class=\"lede\">\(Wording.unbroken(findings.lede))</p>")
            \(detailList(details))
            \(when: !cautions.isEmpty, "<div class=\"cautions\" role=\"note\" aria-label=\"Cautions\"><h2>Before you rely on this</h2><ul>\(cautions)</ul></div>")
            <nav aria-label="Sections">\(when: runs.contains { $0.record.tuning != nil }, "<a href=\"#tuning\">Configurations</a>")\
            \(when: runs.contains { $0.record.models != nil }, "<a href=\"#models\">Whole models</a>")\
            <a href="#matrix">Which strategy where</a><a href="#comparisons">\(sides.title)</a>\(when: runs.count > 1, "<a href=\"#runs\">Runs side by side</a>")\
            <a href="#results">Results</a>\(links)\
            \(when: hasPlaces && !families.isEmpty, "<a href=\"#measurements\">Each measurement</a>")<a href="#verification">Verification</a><a href="#machine">Machine</a><a href="#power">Power</a>\
            <a href="#provenance">Provenance</a></nav>
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
            <span>\(label)<time datetime="\(record.startedAt)">\(Wording.readable(record.startedAt))</time> · \
            \(record.host.cpu.model) · \(counts.joined(separator: ", "))</span>
            """
    }
}

extension MeasurementStatus {
    /// In the order in which counts are given.
    static let allReported: [MeasurementStatus] = [.ok, .incorrect, .failed, .skipped]
}
