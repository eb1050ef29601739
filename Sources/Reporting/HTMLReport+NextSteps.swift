import Results

/// What to do next: what is open and the command that settles it, joules that could be measured, tunables worth a
/// search.
extension HTMLReport {
    /// Steps of a kind that are shown before the rest is folded.
    private static let mostSteps = 2

    func nextSection() -> Markup {
        let steps = zip(runs, summaries).flatMap { run, summary in summary.steps.map { (run: run, step: $0) } }
        guard !steps.isEmpty else { return "" }
        let parts = steps.grouped(by: \.step.kind).map { kind, own -> Markup in
            let items = own.map { item($0.step, $0.run) }
            let rest = Array(items.dropFirst(Self.mostSteps))
            return """
                <h3>\(Self.title(kind))</h3><ul class="steps">\(Array(items.prefix(Self.mostSteps)))</ul>\
                \(when: !rest.isEmpty, "<details><summary>\(rest.count) more</summary><ul class=\"steps\">\(rest)</ul></details>")
                """
        }
        return "<section id=\"next\"><h2>What to do next</h2>\(parts)</section>"
    }

    private static func title(_ kind: NextStep.Kind) -> String {
        switch kind {
        case .settle: "Decide what is open"
        case .unlock: "Measure joules"
        case .tune: "Search for better tunables"
        }
    }

    private func item(_ step: NextStep, _ run: ReportedRun) -> Markup {
        let command: Markup = step.command.map { "<code>\($0)</code>" } ?? ""
        let detail: Markup = step.detail.map { "<small>\($0)</small>" } ?? ""
        return """
            <li>\(when: !run.label.isEmpty, "<b>\(run.label)</b> ")\(Wording.unbroken(step.about))\
            \(when: step.command == nil, ".")\(command)\(detail)</li>
            """
    }
}
