import Results
import Statistics

/// Whole models for a terminal: what was found, in words, then a table for each phase and context.
public struct ModelTable {
    private let models: [ModelRecord]
    private let run: RunRecord?

    public init(_ run: RunRecord) {
        models = run.models ?? []
        self.run = run
    }

    /// What was counted and not measured.
    public init(_ models: [ModelRecord]) {
        self.models = models
        run = nil
    }

    /// The tables, lines ended by newlines, none wider than `width` columns.
    ///
    /// - Parameter color: adds ANSI colours; without it the text has no escape codes.
    public func render(width: Int, color: Bool) -> String {
        var headlines: [String] = []
        var lines: [String] = []
        if let run, let summary = ModelSummary(run) {
            headlines = wrapped(Wording.sentence(summary.headline), width)
            if !summary.lede.isEmpty { lines += wrapped(summary.lede, width) }
            lines.append("")
        }
        for model in models {
            lines += wrapped("\(model.name): \(model.summary)", width)
            for view in ModelView.all(model) { lines += self.lines(view, width) }
            if let footprint = run?.footprint { lines += footprintLines(model, footprint, width) }
            lines += model.crossings.map { "  \(Self.words($0))" }
            if !model.leftOut.isEmpty {
                lines += wrapped("  Left out: \(model.leftOut.joined(separator: "; ")).", width, indent: 2)
            }
            lines.append("")
        }
        if let run {
            let cautions = Findings([ReportedRun(run)]).cautions
            lines += cautions.flatMap { wrapped("  ! \($0)", width, indent: 4) }
        }
        let bold = headlines.map(TerminalText.harmless).map { color ? "\u{1B}[1m\($0)\u{1B}[0m" : $0 }
        return (bold + lines.map(TerminalText.harmless)).map { $0 + "\n" }.joined()
    }

    /// From which context on the other form takes less.
    static func words(_ crossing: CrossingRecord) -> String {
        func tokens(_ count: Double) -> String { NumberFormat.significant(count, digits: 2) }
        let range =
            crossing.lower == nil && crossing.upper == nil
            ? "not known how exactly"
            : "\(crossing.lower.map(tokens) ?? "less than measured") to \(crossing.upper.map(tokens) ?? "more than measured")"
        return
            "\(crossing.after) takes less time than \(crossing.before) from about \(tokens(crossing.context)) tokens on"
            + " (\(range)), \(crossing.phase.rawValue) on \(crossing.device)"
    }

    func wrapped(_ text: String, _ width: Int, indent: Int = 0) -> [String] {
        TerminalText.wrapped(text, width: max(width, 40), indent: indent)
    }

    // MARK: Tables

    private func lines(_ view: ModelView, _ width: Int) -> [String] {
        let heading = "  \(view.situation)" + (view.device.isEmpty ? "" : ", \(view.device)") + "; figures per token"
        let isLadder = view.model.ladder != nil
        let rows = isLadder ? ladderRows(view) : view.points.flatMap(layerRows)
        return ["", heading] + table(rows, width)
            + (isLadder
                ? legend(view, width) + view.points.flatMap { timeLines($0, width) } + claimLines(view, width) : [])
            + view.points.flatMap { chainLines($0, view.model.name, width) } + problems(view, width)
    }

    private func problems(_ view: ModelView, _ width: Int) -> [String] {
        view.points.flatMap { point -> [String] in
            guard let problem = point.problem else { return [] }
            return wrapped("  \(point.rung ?? view.model.name) was not composed: \(problem)", width, indent: 4)
        }
    }

    /// Of a ladder: a row a rung.
    private func ladderRows(_ view: ModelView) -> [[String]] {
        let header = [
            "rung", "", "time", "less", "in all", "joules", "traffic", "FLOPs", "error", "claim",
        ]
        return [header]
            + view.points.map { point in
                let rung = view.rung(point)
                return [
                    point.rung ?? "", rung.map { Self.mark($0.kind) } ?? "",
                    Self.figure(point.seconds, point.secondsInterval, .seconds),
                    view.factor(point).map { Self.figure($0.factor, $0.interval, .ratio) } ?? "",
                    view.factor(point, fromStart: true).map { NumberFormat.ratio($0.factor) } ?? "",
                    Self.joules(point),
                    NumberFormat.quantity(point.strategyBytes ?? point.minimumBytes, .bytes),
                    NumberFormat.quantity(point.flops, .flops),
                    (point.chain?.error ?? point.productError).map { NumberFormat.scientific($0) } ?? "",
                    rung?.claim?.factor.map { NumberFormat.ratio($0) } ?? "",
                ]
            }
    }

    /// Which rungs do not change the one before them, and what the table's columns say.
    private func legend(_ view: ModelView, _ width: Int) -> [String] {
        let names = view.points.map(\.rung)
        let elsewhere = zip(view.points.dropFirst(), names).compactMap { point, before -> String? in
            guard let on = view.rung(point)?.on, on != before else { return nil }
            return "\(point.rung ?? "") of \(on)"
        }
        let what = view.leadsWithJoules ? "energy" : "time"
        let text =
            "  less: how many times less \(what) than the rung before"
            + (elsewhere.isEmpty ? "" : " (\(elsewhere.joined(separator: ", ")))")
            + "; in all: than the first. = keeps the function, ~ approximates it, ≠ is another model."
            + " error: \(Self.meaningOfError(view)). claim: as published."
        return wrapped(text, width, indent: 2)
    }

    private static func meaningOfError(_ view: ModelView) -> String {
        let chained = view.points.filter { $0.chain?.error != nil }.count
        if chained == 0 { return "the largest that storage makes of a product" }
        let ofBlocks = "of whole blocks, against float64 on what is not rounded"
        return chained == view.points.count ? ofBlocks : ofBlocks + "; where none was run, the largest of a product"
    }

    private static func mark(_ kind: RungRecord.Kind) -> String {
        switch kind {
        case .start: ""
        case .keeps: "="
        case .approximates: "~"
        case .replaces: "≠"
        }
    }

    /// What a change does to the function, in a word.
    static func word(_ kind: RungRecord.Kind) -> String {
        switch kind {
        case .start: "start"
        case .keeps: "keeps the function"
        case .approximates: "approximates"
        case .replaces: "another model"
        }
    }

    /// Of a model as published: a row a layer, and their sum.
    private func layerRows(_ point: ModelPointRecord) -> [[String]] {
        let header = ["layer", "kernel", "count", "time", "share", "joules", "traffic at least", "FLOPs", "sizes"]
        let rows = point.layers.map { layer in
            [
                layer.name, "\(layer.family)/\(layer.strategy) \(layer.precision)",
                NumberFormat.significant(layer.count, digits: 3), Self.figure(layer.seconds, nil, .seconds),
                layer.seconds.flatMap { own in point.seconds.map { NumberFormat.percentage(own / $0) } } ?? "",
                layer.joules.map { Self.mark(point) + NumberFormat.quantity($0, .joules) } ?? "",
                NumberFormat.quantity(layer.minimumBytes, .bytes),
                NumberFormat.quantity(layer.flops, .flops), layer.label ?? layer.workload,
            ]
        }
        let active =
            point.activeParameters < point.parameters
            ? ", \(NumberFormat.quantity(point.activeParameters, .parameters)) a token" : ""
        let sum = [
            "all", "\(NumberFormat.quantity(point.parameters, .parameters)) parameters\(active)", "",
            Self.figure(point.seconds, point.secondsInterval, .seconds), "", Self.joules(point),
            NumberFormat.quantity(point.minimumBytes, .bytes),
            NumberFormat.quantity(point.flops, .flops), "",
        ]
        return [header] + rows + [sum]
    }

    /// What takes most of a rung's time.
    private func timeLines(_ point: ModelPointRecord, _ width: Int) -> [String] {
        guard let seconds = point.seconds else { return [] }
        let largest = point.layers.sorted { ($0.seconds ?? 0) > ($1.seconds ?? 0) }.prefix(4)
        let parts = largest.map { "\($0.name) \(NumberFormat.percentage(($0.seconds ?? 0) / seconds))" }
        let words = parts.joined(separator: ", ") + (point.exit.map { "; \(Self.words($0))" } ?? "")
        return wrapped("  \(point.rung ?? ""): \(words)", width, indent: 4)
    }

    /// What leaving early is worth to kernels, beside what it would be worth at best.
    static func words(_ exit: ModelExitRecord) -> String {
        guard let share = exit.timeShare else {
            return
                "layers that tokens leave take \(NumberFormat.percentage(exit.meanDepth)) of their time, as if it cost nothing to"
                + " leave (\(exit.problem ?? "not measured"))"
        }
        return
            "layers that tokens leave take \(NumberFormat.percentage(share)) of their time, as early-exit/\(exit.strategy) of"
            + " \(exit.baseline)'s (a perfect exit: \(NumberFormat.percentage(exit.meanDepth)))"
    }

    /// What else is published of the rungs, such as measurements that contradict it, and what could not be confirmed.
    private func claimLines(_ view: ModelView, _ width: Int) -> [String] {
        let claims = view.points.compactMap(view.rung).flatMap { rung in
            let own = rung.claim.flatMap { $0.unconfirmed == nil ? nil : $0 }.map { [$0] } ?? []
            return (own + (rung.otherClaims ?? [])).map { (rung.name, $0) }
        }
        guard !claims.isEmpty else { return [] }
        return ["  published too:"]
            + claims.flatMap { rung, claim in
                let factor = claim.factor.map { " \(NumberFormat.ratio($0))," } ?? ""
                return wrapped(
                    "    \(rung):\(factor) \(claim.text) (\(claim.source); \(claim.standing))", width, indent: 6)
            }
    }

    private static func mark(_ point: ModelPointRecord) -> String {
        point.provenance == .modelled ? NumberFormat.modelledMark : ""
    }

    private static func joules(_ point: ModelPointRecord) -> String {
        guard let joules = point.joules else { return point.seconds == nil ? "" : NumberFormat.unknown }
        // How wide a model's interval is says nothing of these figures in particular.
        return mark(point) + figure(joules, point.provenance == .modelled ? nil : point.joulesInterval, .joules)
    }

    private static func figure(_ value: Double?, _ interval: Interval?, _ unit: NumberFormat.Unit) -> String {
        guard let value else { return "" }
        let half = NumberFormat.relativeHalfWidth(value, interval).map { " " + $0 } ?? ""
        return NumberFormat.quantity(value, unit) + half
    }

    /// Columns that hold nothing are left out; what is wider than the terminal is cut.
    func table(_ rows: [[String]], _ width: Int) -> [String] {
        guard let header = rows.first else { return [] }
        let columns = header.indices.filter { column in rows.dropFirst().contains { !$0[column].isEmpty } }
        let widths = columns.map { column in rows.map { TerminalText.width($0[column]) }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(columns, widths).map { column, size in
                row[column] + String(repeating: " ", count: size - TerminalText.width(row[column]))
            }
            let line = "    " + cells.joined(separator: "  ")
            return TerminalText.truncated(String(line.reversed().drop { $0 == " " }.reversed()), to: max(width, 40))
        }
    }
}
