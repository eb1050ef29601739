import Results

/// One self-contained page about one or several runs: no network, no other file, readable without scripts.
///
/// The page says first what to pick and what to do next, then which strategy is how fast where, fused against unfused,
/// every measurement, one section a family with charts and the tables behind them, the machine, its power sources, and
/// how every figure came to be. Each run's data is inside.
public struct HTMLReport {
    let runs: [ReportedRun]
    /// What to take from each run.
    let summaries: [RunSummary]
    /// A strategy's name has one colour and shape all over the page.
    let styles: SeriesStyles
    let metrics: [Metric]
    /// How much of the runs is inside the page; `nil` leaves it to their size.
    let pageData: PageData?
    /// The layers of models that a kernel computes, by its family and workload.
    let layers: [[String]: [String]]
    /// What tells the shapes of a family apart, likewise.
    let shapeNames: [[String]: String]
    /// What is known of the strategy of a run's measurement besides its figures.
    let strategyNotes: @Sendable (RunRecord, MeasurementRecord) -> StrategyNote?
    /// The workloads that a family's section shows, of families that have too many to show all.
    let shownCases: [String: Set<String>]

    /// - Parameters:
    ///   - runs: shown side by side, in this order.
    ///   - metrics: what is shown of each measurement.
    ///   - pageData: how much of the runs is inside the page; `nil` leaves it to their size.
    ///   - strategyNotes: what the strategy of a run's measurement does, where that is known.
    public init(
        runs: [RunRecord], metrics: [Metric] = Metric.all, pageData: PageData? = nil,
        strategyNotes: @escaping @Sendable (RunRecord, MeasurementRecord) -> StrategyNote? = { _, _ in nil }
    ) {
        self.strategyNotes = strategyNotes
        self.pageData = pageData
        layers = HTMLReport.layers(runs)
        shapeNames = HTMLReport.shapeNames(runs)
        self.runs = ReportedRun.all(runs)
        summaries = runs.map { RunSummary($0) }
        shownCases = HTMLReport.shownCases(self.runs)
        styles = SeriesStyles(runs.flatMap(\.measurements).map(\.strategy))
        self.metrics = metrics
    }

    /// The page, as HTML 5.
    public func render() -> String {
        let findings = Findings(runs)
        let families = runs.flatMap(\.families).uniqued()
        var sections = [
            answerSection(), cautions(findings.cautions), nextSection(), tuningSection(), modelSection(),
            matrixSection(),
            scalingSection(), comparisonSection(), processorSection(), sideBySideSection(), resultsSection(),
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

    private func header(_ findings: Findings, families: [String]) -> Markup {
        """
        \(ChartMarks.definitions)<p class="brand"><strong>Joulemark</strong> \(runs.map(runLine).joined(separator: "<br>"))</p>
        \(navigation(families))
        <h1>\(Wording.unbroken(Wording.sentence(findings.headline)))</h1>
        \(when: !findings.shortLede.isEmpty, "<p class=\"lede\">\(Wording.unbroken(findings.shortLede))</p>")
        """
    }

    private func navigation(_ families: [String]) -> Markup {
        let sections: [(id: String, title: String, isThere: Bool)] = [
            ("answer", "What to pick", hasAnswer),
            ("next", "What next", summaries.contains { !$0.steps.isEmpty }),
            ("tuning", "Configurations", runs.contains { $0.record.tuning != nil }),
            ("models", "Whole models", runs.contains { $0.record.models != nil }),
            ("matrix", "Which strategy where", hasMatrix), ("scaling", "Over sizes", hasScaling),
            ("comparisons", sides.title, true), ("runs", "Runs side by side", runs.count > 1),
            ("results", "Results", true),
        ]
        let last: [(id: String, title: String, isThere: Bool)] = [
            ("measurements", "Each measurement", hasPlaces && !families.isEmpty),
            ("verification", "Verification", !families.isEmpty), ("machine", "Machine", true), ("power", "Power", true),
            ("provenance", "Provenance", true),
        ]
        let ofFamilies = families.map { (id: "family-\(Wording.anchor($0))", title: $0, isThere: true) }
        let links = (sections + ofFamilies + last).filter(\.isThere).map { link -> Markup in
            "<a href=\"#\(link.id)\">\(link.title)</a>"
        }
        return "<nav aria-label=\"Sections\">\(links)</nav>"
    }

    private func cautions(_ texts: [String]) -> Markup {
        guard !texts.isEmpty else { return "" }
        let items = texts.map { text -> Markup in "<li>\(text)</li>" }
        return """
            <div class="cautions" role="note" aria-label="Cautions"><h2>Before you rely on this</h2><ul>\(items)</ul></div>
            """
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
