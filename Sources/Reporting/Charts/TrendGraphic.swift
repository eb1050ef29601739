import Results
import Statistics

/// A measurement's time from run to run as SVG: places across in per cent, so that it fits every width; equal steps for
/// the runs, whose dates stand in the table.
struct TrendGraphic {
    private static let top = 18.0, bottom = 128.0, height = 150.0
    private static let leastReach = 0.05
    private static let left = 14.0, right = 96.0

    private let points: [HistoryTrend.Point]
    private let axis: ChartAxis
    private let factor: Double
    private let unit: String

    init(_ points: [HistoryTrend.Point]) {
        self.points = points
        (factor, unit) = NumberFormat.Unit.seconds.axis(points.map(\.seconds))
        let ends = points.flatMap { [$0.seconds, $0.interval?.lower ?? $0.seconds, $0.interval?.upper ?? $0.seconds] }
        let (lowest, highest) = ((ends.min() ?? 0) / factor, (ends.max() ?? 1) / factor)
        // However little differs, the axis reaches this far, so that trifles look like trifles.
        let middle = (lowest + highest) / 2, reach = max((highest - lowest) * 0.55, middle * Self.leastReach)
        axis = ChartAxis([], range: [max(middle - reach, 0), middle + reach], isLogarithmic: false)
    }

    func markup(title: String) -> Markup {
        """
        <svg class="plot trend" width="100%" height="\(Self.number(Self.height))" role="img" aria-label="\(title): time over \
        \(points.count) \(points.count == 1 ? "run" : "runs")">\(grid)\(builds)\(lines)\(marks)</svg>
        """
    }

    // MARK: Places

    private func x(_ index: Int) -> Double {
        let share = points.count > 1 ? Double(index) / Double(points.count - 1) : 0.5
        return Self.left + (Self.right - Self.left) * share
    }

    private func y(_ seconds: Double) -> Markup {
        Self.number(Self.bottom - (Self.bottom - Self.top) * axis.share(seconds / factor))
    }

    private var grid: Markup {
        axis.ticks.map { tick -> Markup in
            let y = y(tick * factor)
            return """
                <line class="grid" x1="\(Self.percent(Self.left - 2))" x2="\(Self.percent(Self.right + 2))" y1="\(y)" y2="\(y)"/>\
                <text class="tick end" x="\(Self.percent(Self.left - 3))" y="\(y)" dy="4">\(ChartAxis.text(tick)) \(unit)</text>
                """
        }.joined()
    }

    /// Where another version ran than before.
    private var builds: Markup {
        zip(points.indices, points.indices.dropFirst()).map { before, index -> Markup in
            guard points[before].build != points[index].build else { return "" }
            let x = Self.percent((x(before) + x(index)) / 2)
            return """
                <line class="reference" x1="\(x)" x2="\(x)" y1="4" y2="\(Self.number(Self.bottom))">\
                <title>\(points[before].build) → \(points[index].build)</title></line>
                """
        }.joined() + runs
    }

    /// The runs' numbers, as many as there is room for.
    private var runs: Markup {
        let stride = max(1, (points.count + 9) / 10)
        return points.enumerated().filter { $0.offset % stride == 0 }.map { index, point -> Markup in
            "<text class=\"tick\" x=\"\(Self.percent(x(index)))\" y=\"\(Self.number(Self.bottom + 16))\">\(point.run)</text>"
        }.joined()
    }

    private var lines: Markup {
        let pairs = zip(points.indices, points.indices.dropFirst()).map { from, to -> Markup in
            """
            <line class="c1" x1="\(Self.percent(x(from)))" y1="\(y(points[from].seconds))" x2="\(Self.percent(x(to)))" \
            y2="\(y(points[to].seconds))"/>
            """
        }
        return pairs.joined()
    }

    private var marks: Markup {
        points.enumerated().map { index, point -> Markup in
            let x = Self.percent(x(index)), y = y(point.seconds)
            let bar: Markup =
                point.interval.map { interval -> Markup in
                    "<line x1=\"\(x)\" x2=\"\(x)\" y1=\"\(self.y(interval.lower))\" y2=\"\(self.y(interval.upper))\"/>"
                } ?? ""
            let (kind, sign): (Markup, Markup) =
                switch point.timeVerdict ?? "" {
                case "faster": ("win", "▲")
                case "slower": ("loss", "▼")
                default: ("c1", "")
                }
            let change: Markup =
                sign.isEmpty ? "" : "<text class=\"\(kind) change\" x=\"\(x)\" y=\"12\">\(sign)</text>"
            return """
                <g class="\(kind)">\(bar)<circle cx="\(x)" cy="\(y)" r="3.5"/>\
                <title>run \(point.run), \(point.build): \(words(point))</title></g>\(change)
                """
        }.joined()
    }

    private func words(_ point: HistoryTrend.Point) -> String {
        let texts = point.interval.map { NumberFormat.quantity(point.seconds, $0, .seconds) }
        let time = texts.map { "\($0.value) \($0.interval)" } ?? NumberFormat.quantity(point.seconds, .seconds)
        let change = TrendTable.change(point)
        return change.isEmpty ? time : "\(time), \(change)"
    }

    // MARK: Numbers

    private static func number(_ value: Double) -> Markup { "\(String((value * 10).rounded() / 10))" }

    private static func percent(_ value: Double) -> Markup { "\(String((value * 100).rounded() / 100))%" }
}
