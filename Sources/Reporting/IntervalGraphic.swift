import Glibc
import Results
import Statistics

/// Ratios with their intervals as small drawings on one logarithmic axis, to stand below each other in a table's
/// column: a line at 1, a band for what counts as the same, a dot with its interval. They need no script.
struct IntervalGraphic {
    private static let width = 240.0
    private static let height = 26.0
    /// However close the ratios lie, the axis reaches this far, so that trifles look like trifles.
    private static let leastReach = 0.05

    /// How far the axis reaches from 1, as a logarithm.
    private let reach: Double
    private let margin: Double

    /// - Parameters:
    ///   - quantities: all that are to share the axis.
    ///   - margin: the fraction below which a difference counts as none.
    init(_ intervals: [Interval], margin: Double) {
        let ends = intervals.flatMap { [$0.lower, $0.upper] }.filter { $0 > 0 && $0.isFinite }.map { abs(log($0)) }
        // What lies far out would press all else together: it ends in an arrow.
        let sorted = ends.sorted()
        let most = sorted.isEmpty ? 0 : min(sorted[sorted.count - 1], 4 * quantile(sorted: sorted, 0.5))
        reach = max(most * 1.08, Self.leastReach)
        self.margin = margin
    }

    /// The axis, for the head of the column: how much more and how much less its ends mean.
    var axis: Markup {
        let (less, more) = (NumberFormat.ratio(exp(-reach)), NumberFormat.ratio(exp(reach)))
        return "<span class=\"axis\"><span>◀ \(less)</span><span>1</span><span>\(more) ▶</span></span>"
    }

    /// The drawing of one ratio, and its words for those who do not see it.
    func drawing(_ ratio: Double, _ interval: Interval, verdict: Markup, words: String) -> Markup {
        guard ratio > 0, ratio.isFinite, interval.lower > 0, interval.upper.isFinite else { return "" }
        let middle = Self.height / 2
        let (begin, end) = (place(interval.lower), place(interval.upper))
        let band = (place(1 / (1 + margin)), place(1 + margin))
        let caps = [(interval.lower, begin), (interval.upper, end)].map { value, x -> Markup in
            guard abs(log(value)) <= reach else {
                let tip = value > 1 ? x : x - 0.01, back = value > 1 ? x - 6 : x + 6
                return
                    "<path d=\"M\(number(back)) \(number(middle - 4))L\(number(tip)) \(number(middle))L\(number(back)) \(number(middle + 4))\"/>"
            }
            return "<path d=\"M\(number(x)) \(number(middle - 4))V\(number(middle + 4))\"/>"
        }
        return """
            <svg class="interval \(verdict)" viewBox="0 0 \(number(Self.width)) \(number(Self.height))" role="img" \
            aria-label="\(words)"><rect x="\(number(band.0))" y="0" width="\(number(band.1 - band.0))" \
            height="\(number(Self.height))"/><path class="one" d="M\(number(Self.width / 2)) 0V\(number(Self.height))"/>\
            <path d="M\(number(begin)) \(number(middle))H\(number(end))"/>\(caps)\
            <circle cx="\(number(place(ratio)))" cy="\(number(middle))" r="4"/></svg>
            """
    }

    private func place(_ ratio: Double) -> Double {
        Self.width / 2 * (1 + min(max(log(ratio) / reach, -1), 1))
    }

    /// To a tenth of a pixel.
    private func number(_ value: Double) -> Markup { "\(String((value * 10).rounded() / 10))" }
}
