import Results
import Statistics

/// The answer of runs that searched among configurations: which one to take, what it saves and how sure that is.
extension HTMLReport {
    /// Empty where no run searched.
    func tuningAnswer() -> Markup {
        let searched = runs.filter { $0.record.tuning != nil }
        guard !searched.isEmpty else { return "" }
        let devices = searched.flatMap { run in run.record.devices.prefix(1).map { run.name(of: $0.id) } }.uniqued()
        let rows = searched.compactMap { run -> Markup? in
            guard let tuning = run.record.tuning, let summary = TuningSummary(run.record),
                let first = run.record.measurements.first
            else { return nil }
            let own = run.record.devices.first.map { run.name(of: $0.id) }
            let cells = devices.map { device -> Markup in
                device == own ? tuningCell(tuning, summary, run, device) : "<td class=\"unknown\">–"
            }
            return """
                <th scope="row">\(first.family)/\(tuning.strategy)<small>\(Self.caseName(first))</small></th>\(cells)
                """
        }
        return TableCell.table(
            caption: """
                The configuration that is better than the default beyond doubt (95 %), and what an execution of it saves. ≈\u{A0}joules \
                are modelled, not measured.
                """,
            headings: [.text("Strategy", "workload")] + devices.map { .text("\($0)") }, rows: rows,
            attributes: " class=\"picks\"")
    }

    private func tuningCell(
        _ tuning: TuningRecord, _ summary: TuningSummary, _ run: ReportedRun, _ device: String
    ) -> Markup {
        let start: Markup = "<span class=\"where\">\(device): </span>"
        guard let best = tuning.chosen else {
            let isOpen = run.record.interrupted || !run.record.measurements.contains { $0.status == .ok }
            let keep: Markup = "keep <b>\(tuning.defaultWords)</b>"
            return TableCell.text(
                start + (isOpen ? "<span class=\"verdict open\">undecided</span>" : keep),
                detail: "\(Wording.sentence(summary.conclusion))")
        }
        let detail = [savings(tuning, best, run), summary.advice ?? ""].filter { !$0.isEmpty }
        return TableCell.text(
            "\(start)<b>\(best.words)</b> <span class=\"verdict win\">\(Wording.unbroken(summary.gainInWords))</span>",
            detail: "\(detail.joined(separator: ". "))")
    }

    private func savings(_ tuning: TuningRecord, _ best: StrategyConfiguration, _ run: ReportedRun) -> String {
        let name = tuning.configurations.first { $0.chosen == best }?.strategy
        let sides = [tuning.strategy, name].map { name in run.record.measurements.first { $0.strategy == name } }
        guard let before = sides[0], let after = sides[1] else { return "" }
        let parts = [Metric.seconds, .leadingJoules].compactMap { metric -> String? in
            guard let dear = metric.figure(before), let cheap = metric.figure(after), dear.value > cheap.value else {
                return nil
            }
            return dear.mark + NumberFormat.quantity(dear.value - cheap.value, metric.unit)
        }
        return parts.isEmpty ? "" : "Saves \(parts.joined(separator: ", ")) an execution"
    }
}
