import Results
import Statistics

/// The forms of a model in one phase at one context on one device: what stands side by side.
struct ModelView {
    let model: ModelRecord
    /// Of a ladder, rung by rung.
    let points: [ModelPointRecord]

    /// All views of a model, in the order of its points.
    static func all(_ model: ModelRecord) -> [ModelView] {
        func key(_ point: ModelPointRecord) -> String { "\(point.device ?? "") \(point.phase) \(point.context)" }
        return model.points.map(key).uniqued().map { name in
            ModelView(model: model, points: model.points.filter { key($0) == name })
        }
    }

    /// `prefill of 512 tokens, batch 1`
    var situation: String {
        guard let point = points.first else { return "" }
        let what = point.phase == .prefill ? "prefill of" : "decode after"
        return "\(what) \(point.context) \(point.context == 1 ? "token" : "tokens"), batch \(point.batch)"
    }

    var device: String { points.first?.device ?? "" }

    func rung(_ point: ModelPointRecord) -> RungRecord? { model.ladder?.rungs.first { $0.name == point.rung } }

    /// True where joules were measured, so that they lead.
    var leadsWithJoules: Bool {
        let known = points.filter { $0.problem == nil }
        return !known.isEmpty && known.allSatisfy { [.measured, .integrated].contains($0.provenance) }
    }

    /// How many times less a form takes of what leads, against the rung that it changes or the first.
    func factor(_ point: ModelPointRecord, fromStart: Bool = false) -> ModelChangeRecord.Factor? {
        guard let change = point.change else { return nil }
        if leadsWithJoules { return fromStart ? change.energyFromStart : change.energy }
        return fromStart ? change.timeFromStart : change.time
    }
}

/// What whole models came to, in words.
struct ModelSummary {
    private let views: [ModelView]

    /// `nil` for runs without models.
    init?(_ run: RunRecord) {
        guard let models = run.models, !models.isEmpty else { return nil }
        views = models.flatMap(ModelView.all)
    }

    /// One sentence, without its full stop, of the last view: the longest context.
    var headline: String { views.last.map(Self.sentence) ?? "no model was composed" }

    /// The other views, and what limits the figures.
    var lede: String {
        var parts = views.dropLast().map { Wording.sentence(Self.sentence($0)) }
        if let reason = Self.reasonWithoutJoules(views) {
            parts.append("Joules were not measured, so time leads: \(reason).")
        }
        return parts.joined(separator: " ")
    }

    private static func sentence(_ view: ModelView) -> String {
        guard let point = view.points.last else { return "\(view.model.name) was not composed" }
        let place = point.device.map { "on \($0), " } ?? ""
        let situation = "\(place)at context \(point.context) and batch \(point.batch), "
        guard view.model.ladder != nil else { return situation + plain(view) }
        let what = view.leadsWithJoules ? "less energy" : "less time"
        guard let whole = view.factor(point, fromStart: true) else {
            return situation + "the last rung of \(view.model.name) could not be composed"
        }
        let keeping = view.leadsWithJoules ? point.change?.energyOfKeeping : point.change?.timeOfKeeping
        let finding =
            "\(view.model.name) takes \(factor(whole)) \(what) a token in \(point.phase.rawValue) on the last rung"
        var text = situation + finding
        if let keeping { text += ", of which \(NumberFormat.ratio(keeping)) keep the function" }
        let best = view.points.filter { $0.change != nil }.max {
            (view.factor($0, fromStart: true)?.factor ?? 0) < (view.factor($1, fromStart: true)?.factor ?? 0)
        }
        if let best, best.rung != point.rung, let most = view.factor(best, fromStart: true) {
            text += "; the best rung is \(best.rung ?? "") with \(factor(most))"
        }
        return text
    }

    private static func plain(_ view: ModelView) -> String {
        guard let point = view.points.first else { return "nothing was composed" }
        let name = view.model.name, phase = point.phase.rawValue
        guard let seconds = point.seconds else {
            if let problem = point.problem { return "\(name) could not be composed: \(problem)" }
            let flops = NumberFormat.quantity(point.flops, .flops)
            return
                "\(name) takes \(flops) and moves \(NumberFormat.quantity(point.minimumBytes, .bytes)) a token in \(phase)"
        }
        let time = "\(quantity(seconds, point.secondsInterval, .seconds)) a token in \(phase)"
        guard view.leadsWithJoules, let joules = point.joules else { return "\(name) takes \(time)" }
        return "\(name) takes \(quantity(joules, point.joulesInterval, .joules)) and \(time)"
    }

    private static func reasonWithoutJoules(_ views: [ModelView]) -> String? {
        guard views.contains(where: { !$0.leadsWithJoules }) else { return nil }
        let points = views.flatMap(\.points).filter { $0.seconds != nil }
        return points.lazy.compactMap(\.energyReason).first
    }

    static func factor(_ factor: ModelChangeRecord.Factor) -> String {
        NumberFormat.ratio(factor.factor, factor.interval)
    }

    static func quantity(_ value: Double, _ interval: Interval?, _ unit: NumberFormat.Unit) -> String {
        guard let interval else { return NumberFormat.quantity(value, unit) }
        let texts = NumberFormat.quantity(value, interval, unit)
        return "\(texts.value) \(texts.interval)"
    }
}
