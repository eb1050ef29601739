import Results
import Statistics

/// Watts over time in the windows of a measurement: a step for each window, the readings in it where the run kept them,
/// and what the idle machine draws.
struct PowerGraphic {
    private static let width = 320.0, height = 90.0
    /// Steps that readings of one window are drawn in at most.
    private static let mostSteps = 40

    private struct Step {
        let begin, end, watts: Double
    }

    private let windows: [Step]
    private let readings: [Step]
    private let idle: Double?

    /// - Returns: `nil` where no window has joules.
    init?(_ measurement: MeasurementRecord, _ run: RunRecord) {
        guard let energy = measurement.validEnergy else { return nil }
        windows = energy.windows.compactMap { window in
            guard let joules = window.grossJoules, window.end > window.begin else { return nil }
            return Step(begin: window.begin, end: window.end, watts: joules / (window.end - window.begin))
        }.filter { $0.watts.isFinite && $0.watts >= 0 }
        guard !windows.isEmpty else { return nil }
        idle = energy.idleWatts.flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
        // The readings of several sources come at different moments, and are not added here.
        let sources = Set(energy.domains.map(\.source)).intersection(run.energyAccounting?.included ?? [])
        let traces = (run.meterTrace?.sources ?? []).filter { sources.contains($0.source) }
        readings = traces.count == 1 ? windows.flatMap { Self.steps(traces[0], in: $0) } : []
    }

    private static func steps(_ trace: SourceTrace, in window: Step) -> [Step] {
        let count = min(trace.before.count, trace.after.count, trace.values.count)
        let inside = (0..<count).filter { trace.before[$0] >= window.begin && trace.after[$0] <= window.end }
        let stride = max(1, (inside.count + mostSteps - 1) / mostSteps)
        let chosen = inside.enumerated().filter { $0.offset % stride == 0 }.map(\.element)
        return zip(chosen, chosen.dropFirst()).compactMap { from, to in
            let (begin, end) = (trace.after[from], trace.after[to])
            guard end > begin else { return nil }
            let watts: Double
            if trace.kind == .counter {
                var units = trace.values[to] - trace.values[from]
                if units < 0, let modulus = trace.modulus { units += modulus }
                watts = units * trace.scale / (end - begin)
            } else {
                let values = trace.values[from..<to]
                watts = values.reduce(0, +) / Double(values.count) * trace.scale
            }
            return watts.isFinite && watts >= 0 ? Step(begin: begin, end: end, watts: watts) : nil
        }
    }

    var markup: Markup {
        let start = windows.map(\.begin).min() ?? 0, end = windows.map(\.end).max() ?? 1
        let most = max((windows + readings).map(\.watts).max() ?? 0, idle ?? 0, .leastNormalMagnitude) * 1.1
        func x(_ time: Double) -> Markup { Self.number((time - start) / (end - start) * Self.width) }
        func y(_ watts: Double) -> Markup { Self.number(Self.height * (1 - watts / most)) }
        let blocks = windows.map { step -> Markup in
            "M\(x(step.begin)) \(Self.number(Self.height))V\(y(step.watts))H\(x(step.end))V\(Self.number(Self.height))z"
        }
        let line = readings.map { step -> Markup in "M\(x(step.begin)) \(y(step.watts))H\(x(step.end))" }
        let rest = idle.map { watts -> Markup in
            "<path class=\"idle\" d=\"M0 \(y(watts))H\(Self.number(Self.width))\"/>"
        }
        return """
            <svg class="power" width="\(Self.number(Self.width))" height="\(Self.number(Self.height))" role="img" aria-label="\(words)">\
            <path class="windows" d="\(blocks)"/><path class="readings" d="\(line)"/>\(rest ?? "")</svg><small>\(words)</small>
            """
    }

    private var words: String {
        let watts = windows.map(\.watts)
        let (least, most) = (watts.min() ?? 0, watts.max() ?? 0)
        let texts = [least, most].map { NumberFormat.quantity($0, .watts) }
        let range = texts[0] == texts[1] ? texts[0] : "\(texts[0]) to \(texts[1])"
        let span = (windows.map(\.end).max() ?? 0) - (windows.map(\.begin).min() ?? 0)
        let noun = windows.count == 1 ? "window" : "windows"
        return "\(range) in \(windows.count) \(noun) over \(NumberFormat.quantity(span, .seconds))"
            + (idle.map { "; dashed: \(NumberFormat.quantity($0, .watts)) of the idle machine" } ?? "")
    }

    private static func number(_ value: Double) -> Markup { "\(String((value * 10).rounded() / 10))" }
}
