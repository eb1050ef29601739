import Results

/// The stages of one measurement end to end, with each one's time and share in words.
struct StageGraphic {
    private static let width = 320.0

    /// Stages, and last what lies between them.
    private let parts: [(name: String, seconds: Double, style: Int)]

    /// - Returns: `nil` where there are no several stages.
    init?(_ time: TimeRecord?) {
        guard let time, time.stages.count > 1, time.median > 0, time.median.isFinite else { return nil }
        let known = time.stages.enumerated().map {
            (name: $0.element.name, seconds: $0.element.median, style: $0.offset)
        }
        guard known.allSatisfy({ $0.seconds >= 0 && $0.seconds.isFinite }) else { return nil }
        let gap = time.median - known.reduce(0) { $0 + $1.seconds }
        parts = known + (gap > 0.005 * time.median ? [("between stages", gap, -1)] : [])
    }

    var markup: Markup {
        let whole = parts.reduce(0) { $0 + $1.seconds }
        var begin = 0.0
        let bars = parts.map { part -> Markup in
            let width = part.seconds / whole * Self.width
            defer { begin += width }
            return """
                <rect class="part \(ChartMarks.stage(part.style))" x="\(Self.number(begin))" width="\(Self.number(width))" height="14"/>
                """
        }
        let words = parts.map { part in
            let share = NumberFormat.percentage(part.seconds / whole)
            return "\(part.name) \(NumberFormat.quantity(part.seconds, .seconds)) (\(share))"
        }.joined(separator: ", ")
        return """
            <svg class="stages-bar" width="320" height="14" role="img" aria-label="\(words)">\(bars)</svg>\(words)
            """
    }

    private static func number(_ value: Double) -> Markup { "\(String((value * 10).rounded() / 10))" }
}
