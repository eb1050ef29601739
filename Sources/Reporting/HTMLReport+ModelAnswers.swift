import Results
import Statistics

/// The answer of runs with whole models: which form to take of each, with and without giving up its function, or which
/// device.
extension HTMLReport {
    /// How far a form is from the model as published.
    private enum Reach: Int, CaseIterable {
        case same, approximated, replaced

        init(_ kind: RungRecord.Kind) {
            switch kind {
            case .start, .keeps: self = .same
            case .approximates: self = .approximated
            case .replaces: self = .replaced
            }
        }

        var words: String {
            switch self {
            case .same: "the same function"
            case .approximated: "approximations allowed"
            case .replaced: "another model allowed"
            }
        }
    }

    /// Empty where no model was composed that there is a choice about.
    func modelAnswer() -> Markup {
        let ladders = runs.flatMap { run in
            (run.record.models ?? []).filter { $0.ladder != nil }.map { (run: run, views: ModelView.all($0)) }
        }
        let rows = ladders.flatMap { rungRows($0.run, $0.views) }
        let devices = ladders.flatMap { ladder in ladder.views.map { ladder.run.name(of: $0.device) } }.uniqued()
        let table: Markup =
            rows.isEmpty
            ? ""
            : TableCell.table(
                caption: """
                    The form that takes least, against the first one, and what a token of it saves. The intervals are 95 %, each by itself. \
                    What approximations and other models do to the answers is not measured. ≈\u{A0}joules are modelled, not measured.
                    """,
                headings: [.text("Model", "what may change")] + devices.map { .text("\($0)") }, rows: rows,
                attributes: " class=\"picks\"")
        return table + deviceAnswers()
    }

    // MARK: Forms of a ladder

    private func rungRows(_ run: ReportedRun, _ views: [ModelView]) -> [Markup] {
        let devices = views.map(\.device).uniqued()
        return views.grouped(by: \.situation).flatMap { situation, own in
            Reach.allCases.compactMap { reach -> Markup? in
                let isThere = own.contains { view in view.points.dropFirst().contains { Self.reach($0, view) == reach }
                }
                guard isThere else { return nil }
                let cells = devices.map { device -> Markup in
                    own.first { $0.device == device }.map { rungCell($0, reach, run) } ?? "<td class=\"unknown\">–"
                }
                return """
                    <th scope="row">\(own[0].model.name)<small>\(situation); \(reach.words)</small></th>\(cells)
                    """
            }
        }
    }

    /// What all changes from the first form on make of the function.
    private static func reach(_ point: ModelPointRecord, _ view: ModelView) -> Reach? {
        var most = Reach.same
        var rung = view.rung(point)
        var left = view.points.count
        while let next = rung, left >= 0 {
            if Reach(next.kind).rawValue > most.rawValue { most = Reach(next.kind) }
            rung = next.on.flatMap { name in view.model.ladder?.rungs.first { $0.name == name } }
            left -= 1
        }
        return view.rung(point) == nil ? nil : most
    }

    private func rungCell(_ view: ModelView, _ reach: Reach, _ run: ReportedRun) -> Markup {
        let allowed = view.points.filter { point in
            Self.reach(point, view).map { $0.rawValue <= reach.rawValue } ?? false
        }
        let known = allowed.compactMap { point in
            view.factor(point, fromStart: true).map { (point: point, factor: $0) }
        }
        let start: Markup = "<span class=\"where\">\(run.name(of: view.device)): </span>"
        guard let best = known.max(by: { $0.factor.factor < $1.factor.factor }) else {
            let problem = allowed.compactMap(\.problem).first
            let unknown: Markup = "<span class=\"unknown\">–</span>"
            return TableCell.text(start + unknown, detail: "\(problem ?? "nothing to choose")")
        }
        let interval = best.factor.interval
        let ratio = Wording.unbroken(ModelSummary.factor(best.factor))
        let what = view.leadsWithJoules ? "less energy" : "less time"
        let title = view.rung(best.point)?.title ?? best.point.rung ?? ""
        guard let lower = interval?.lower, lower > 1 else {
            let keep: Markup = "keep <b>\(view.points.first.flatMap(view.rung)?.title ?? "the first form")</b>"
            let isLoss = interval.map { $0.upper < 1 } ?? false
            return TableCell.text(
                start + (isLoss ? keep : "<span class=\"verdict open\">undecided</span>"),
                detail: "the best other is \(title), \(ratio) \(what)")
        }
        return TableCell.text(
            "\(start)<b>\(title)</b> <span class=\"verdict win\">\(ratio) \(what)</span>",
            detail: "\(Wording.unbroken(saved(best.point, view)))")
    }

    private func saved(_ point: ModelPointRecord, _ view: ModelView) -> String {
        guard let first = view.points.first else { return "" }
        let seconds = Self.difference(first.seconds, point.seconds, .seconds)
        let isModelled = [first, point].contains { $0.provenance == .modelled }
        let joules = Self.difference(first.joules, point.joules, .joules, mark: isModelled)
        let bytes = Self.difference(first.strategyBytes, point.strategyBytes, .bytes)
        let parts = [seconds, joules, bytes].compactMap(\.self)
        let gains = parts.filter { !$0.isLoss }.map(\.text), losses = parts.filter(\.isLoss).map(\.text)
        return [
            gains.isEmpty ? nil : "saves \(gains.joined(separator: ", ")) a token",
            losses.isEmpty ? nil : "takes \(losses.joined(separator: ", ")) more",
        ].compactMap(\.self).joined(separator: "; ")
    }

    private static func difference(
        _ before: Double?, _ after: Double?, _ unit: NumberFormat.Unit, mark: Bool = false
    ) -> (isLoss: Bool, text: String)? {
        guard let before, let after, before != after else { return nil }
        let text = NumberFormat.quantity(abs(before - after), unit)
        return (after > before, (mark ? NumberFormat.modelledMark : "") + text)
    }

    // MARK: Devices for a model as it was published

    private func deviceAnswers() -> Markup {
        var plain: [(run: ReportedRun, view: ModelView, point: ModelPointRecord)] = []
        for run in runs {
            for view in (run.record.models ?? []).filter({ $0.ladder == nil }).flatMap(ModelView.all) {
                if let point = view.points.first, point.seconds != nil { plain.append((run, view, point)) }
            }
        }
        let items = plain.grouped { "\($0.view.model.name): \($0.view.situation)" }.compactMap {
            title, own -> Markup? in
            let sorted = own.sorted { ($0.point.seconds ?? 0) < ($1.point.seconds ?? 0) }
            guard sorted.count > 1, let seconds = sorted[0].point.seconds, let next = sorted[1].point.seconds else {
                return nil
            }
            let names = sorted.map { $0.run.name(of: $0.view.device) }
            let ends = (sorted[0].point.secondsInterval?.upper, sorted[1].point.secondsInterval?.lower)
            let isSure = ends.0.flatMap { upper in ends.1.map { upper < $0 } } ?? false
            let gain =
                "\(NumberFormat.quantity(seconds, .seconds)) a token, \(NumberFormat.ratio(next / seconds)) less time than "
                + names[1]
            let kind: Markup = isSure ? "win" : "open"
            return """
                <li>\(title): <b>\(names[0])</b> <span class="verdict \(kind)">\(when: !isSure, "not told apart from \(names[1]), ")\
                \(Wording.unbroken(gain))</span></li>
                """
        }
        return items.isEmpty ? "" : "<ul class=\"answers\">\(items)</ul>"
    }
}
