import Results
import Statistics

/// The answer first: which strategy to pick for each workload on each device, what that saves, and how sure it is.
extension HTMLReport {
    private typealias CaseKey = ReportedRun.CaseKey

    /// Sentences up to which no table is needed.
    private static let mostSentences = 3
    /// Rows that are shown before the rest is folded.
    private static let mostRows = 20

    /// What is picked in one place for one workload.
    private struct Entry {
        let place: DevicePlace
        let pick: StrategyPick

        /// What the reader is told to do: workloads for which that is the same need one row.
        var advice: String {
            let choice = pick.isDecided ? pick.strategy : pick.certainty.rawValue
            return "\(place.run) \(place.device) \(choice) \(pick.baseline)"
        }
    }

    /// A line of the table: workloads of a family with the same advice everywhere.
    private struct Row {
        let family: String
        let workloads: [String]
        let picks: [DevicePlace: [StrategyPick]]
    }

    func answerSection() -> Markup {
        let entries = summaries.enumerated().flatMap { index, summary in
            summary.picks.map { Entry(place: DevicePlace(run: index, device: $0.device), pick: $0) }
        }
        let answers = summaries.reduce(0) { $0 + $1.answers.count }
        let strategies: Markup =
            entries.isEmpty ? "" : answers <= Self.mostSentences && shapeNames.isEmpty ? sentences : table(entries)
        let parts = strategies + tuningAnswer() + modelAnswer()
        return parts.isEmpty ? "" : "<section id=\"answer\"><h2>What to pick</h2>\n\(parts)\n</section>"
    }

    var hasAnswer: Bool {
        summaries.contains { !$0.picks.isEmpty } || runs.contains { $0.record.tuning != nil } || !modelAnswer().isEmpty
    }

    private var sentences: Markup {
        let items = zip(runs, summaries).flatMap { run, summary in
            summary.headlines.map { line -> Markup in
                "<li>\(when: !run.label.isEmpty, "<b>\(run.label)</b> ")\(Wording.unbroken(line))</li>"
            }
        }
        return "<ul class=\"answers\">\(items)</ul>"
    }

    // MARK: The table

    private func table(_ entries: [Entry]) -> Markup {
        let places = entries.map(\.place).uniqued()
        let losses = runs.map { run in
            Dictionary(grouping: run.comparisons.filter(\.isLoss)) { CaseKey($0.comparison, strategy: "") }
        }
        let rows = self.rows(entries).map { row -> Markup in
            let cells = places.map { place -> Markup in
                row.picks[place].map { cell($0, place, losses[place.run]) } ?? "<td class=\"unknown\">–"
            }
            let names = Wording.list(row.workloads, atMost: 2)
            return "<th scope=\"row\">\(row.family)<small>\(names)</small></th>\(cells)"
        }
        let headings = [TableCell.Heading.text("Family", "workload")] + places.map { placeHeading($0) }
        func part(_ rows: [Markup], _ caption: Markup) -> Markup {
            TableCell.table(caption: caption, headings: headings, rows: rows, attributes: " class=\"picks\"")
        }
        let rest = Array(rows.dropFirst(Self.mostRows))
        let caption: Markup = """
            The fastest right strategy against its family's baseline on the same device, and what an execution of it saves. All \
            intervals hold together with 95 %; “probably” leaves one chance in ten that it is the other way round. ≈\u{A0}joules are \
            modelled, not measured.
            """
        return """
            \(part(Array(rows.prefix(Self.mostRows)), caption))
            \(when: !rest.isEmpty, "<details><summary>\(rest.count) more</summary>\(part(rest, "Continued."))</details>")
            """
    }

    private func rows(_ entries: [Entry]) -> [Row] {
        let cases = entries.grouped { [$0.pick.family, $0.pick.place] }
        let alike = cases.grouped { [$0.elements[0].pick.family] + $0.elements.map(\.advice) }
        return alike.map { _, cases in
            let own = cases.flatMap(\.elements)
            return Row(
                family: own[0].pick.family, workloads: cases.map { name($0.elements[0].pick) },
                picks: Dictionary(grouping: own, by: \.place).mapValues { $0.map(\.pick) })
        }
    }

    private func name(_ pick: StrategyPick) -> String {
        let name = TextCut.middle(shortName(pick.family, pick.workload), to: 60)
        return pick.precision == "f32" ? name : "\(name) \(pick.precision)"
    }

    private func cell(
        _ picks: [StrategyPick], _ place: DevicePlace, _ losses: [CaseKey: [ComparisonCase]]
    ) -> Markup {
        let run = runs[place.run]
        var remarks = [savings(picks, run)]
        let rivals = picks.flatMap(\.rivals).uniqued().filter { $0 != picks[0].baseline }
        if picks[0].isDecided, !picks[0].isBaseline, !rivals.isEmpty {
            remarks.append("not told apart from \(Wording.list(rivals, atMost: 2))")
        }
        let lost = picks.flatMap { losses[CaseKey($0, strategy: "")] ?? [] }
        remarks += lost.grouped(by: \.comparison.strategy).prefix(2).map { strategy, cases in
            let probable = cases.allSatisfy { $0.time != .worse } ? "probably " : ""
            let ratios = cases.map { 1 / $0.comparison.speedup }
            return "\(strategy) is \(probable)\(Self.range(ratios) { NumberFormat.ratio($0) }) slower"
        }
        let known = remarks.filter { !$0.isEmpty }
        // Where the table is too narrow for columns, the style sheet shows the place in its cells.
        let name: Markup = "<span class=\"where\">\(run.name(of: place.device)): </span>"
        return TableCell.text(name + advice(picks), detail: "\(Wording.unbroken(known.joined(separator: "; ")))")
    }

    /// What to do, with the ratio that says why.
    private func advice(_ picks: [StrategyPick]) -> Markup {
        let pick = picks[0]
        let probable = picks.count { $0.certainty == .probable }
        let doubt =
            probable == 0 ? "" : probable == picks.count ? "probably " : "probably in \(probable) of \(picks.count), "
        switch (pick.certainty, pick.isBaseline) {
        case (.same, _):
            return "<span class=\"verdict same\">no matter</span>: \(pick.strategy) is as fast as \(others(pick))"
        case (.undecided, _):
            let lead = pick.isBaseline ? "" : ", \(pick.strategy) leads by \(speedup(picks))"
            return "<span class=\"verdict open\">undecided</span>\(Wording.unbroken(lead))"
        case (_, true): return "\(doubt)keep <b>\(pick.baseline)</b>"
        case (_, false):
            let kind: Markup = probable == picks.count ? "open" : "win"
            return """
                <b>\(pick.strategy)</b> <span class="verdict \(kind)">\(doubt)\(Wording.unbroken(speedup(picks))) faster</span>
                """
        }
    }

    private func others(_ pick: StrategyPick) -> String {
        pick.isBaseline ? Wording.list(pick.rivals, atMost: 2) : pick.baseline
    }

    /// Of one workload with its interval, of several their range.
    private func speedup(_ picks: [StrategyPick]) -> String {
        picks.count == 1
            ? NumberFormat.ratio(picks[0].speedup, picks[0].speedupInterval)
            : Self.range(picks.map(\.speedup)) { NumberFormat.ratio($0) }
    }

    // MARK: Savings

    /// `saves 455 µs, ≈ 15.1 mJ, 48.0 MiB`, and what it takes more of.
    private func savings(_ picks: [StrategyPick], _ run: ReportedRun) -> String {
        guard !picks[0].isBaseline, picks[0].isDecided else { return "" }
        let joules = picks.compactMap { savedJoules($0, run) }
        let mark = picks.contains { $0.energyProvenance == .modelled } ? NumberFormat.modelledMark : ""
        let quantities: [(values: [Double], unit: NumberFormat.Unit, mark: String, remark: String)] = [
            (picks.map(\.savedSeconds), .seconds, "", ""), (joules, .joules, mark, energyRemark(picks)),
            (picks.map(\.savedBytes), .bytes, "", ""),
        ]
        let parts = quantities.filter { $0.values.contains { $0 != 0 } }.map { part -> (isLoss: Bool, text: String) in
            let isLoss = part.values.allSatisfy { $0 <= 0 }
            let values = isLoss ? part.values.map(abs) : part.values
            return (
                isLoss, part.mark + Self.range(values) { NumberFormat.quantity($0, part.unit) } + part.remark
            )
        }
        let (gains, losses) = (parts.filter { !$0.isLoss }.map(\.text), parts.filter(\.isLoss).map(\.text))
        return [
            gains.isEmpty ? nil : "saves \(gains.joined(separator: ", "))",
            losses.isEmpty ? nil : "takes \(losses.joined(separator: ", ")) more",
        ].compactMap(\.self).joined(separator: "; ")
    }

    /// The verdict about measured joules: how many times cheaper, or that it is open.
    private func energyRemark(_ picks: [StrategyPick]) -> String {
        guard picks.count == 1, let pick = picks.first, pick.energyProvenance != .modelled, let ratio = pick.energyRatio
        else { return "" }
        return switch pick.energyVerdict.map(Verdict.init(word:)) {
        case .better: " (\(NumberFormat.ratio(ratio, pick.energyRatioInterval)) cheaper)"
        case .worse: " (\(NumberFormat.ratio(1 / ratio)) costlier)"
        case .same: " (the same)"
        case .unresolved, nil: " (unresolved)"
        }
    }

    /// Measured where the pick has them, else of the model for both sides.
    private func savedJoules(_ pick: StrategyPick, _ run: ReportedRun) -> Double? {
        guard pick.energyProvenance == .modelled else { return pick.savedJoules }
        let sides = [pick.baseline, pick.strategy].map { strategy in
            run.measurement(CaseKey(pick, strategy: strategy)).flatMap(Metric.leadingJoules.figure)
        }
        guard let dear = sides[0], let cheap = sides[1] else { return nil }
        return dear.value - cheap.value
    }

    private static func range(_ values: [Double], _ text: (Double) -> String) -> String {
        guard let least = values.min().map(text), let most = values.max().map(text) else { return NumberFormat.unknown }
        return least == most ? least : "\(least) to \(most)"
    }
}

extension ComparisonCase {
    /// Slower, or probably.
    fileprivate var isLoss: Bool { time == .worse || isProbably(.worse) }
}
