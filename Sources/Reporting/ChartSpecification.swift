import Results

/// What a chart shows, as data for the page's script. All texts are formatted here, so that units, intervals and ≈ are the same in
/// charts and in tables.
struct ChartSpecification: Encodable, Sendable {
    enum Kind: String, Encodable, Sendable {
        /// A row per case, a dot per series with its interval.
        case dots
        /// A row per case, its parts end to end.
        case stack
        /// FLOP/s over FLOP/B, both logarithmic, below the device's measured roof.
        case roofline
    }

    struct Point: Encodable, Sendable {
        var x: Double
        var y: Double
        var low: Double?
        var high: Double?
        /// Drawn hollow.
        var modelled = false
        /// The figure in words.
        var text: String
        /// Drawn beside the point.
        var label: String?
    }

    struct Series: Encodable, Sendable {
        var name: String
        /// Position in the page's palette and list of point shapes.
        var style: Int
        /// A line instead of points.
        var isLine = false
        var points: [Point]
    }

    var kind: Kind
    /// The canvas' id.
    var id: String
    var xLabel: String
    var yLabel = ""
    var logarithmic = true
    /// Common to the charts that are to be compared.
    var range: [Double]?
    /// A line at this x: equality.
    var reference: Double?
    /// Labels of the rows, each of one or more lines.
    var rows: [[String]] = []
    var series: [Series]

    /// The most dots in a row.
    private var lanes: Int {
        let counts = series.flatMap(\.points).reduce(into: [:]) { $0[$1.y, default: 0] += 1 }
        return counts.values.max() ?? 1
    }

    /// Spreads the dots of each row over its height, in the order of the series.
    private mutating func spreadRows() {
        let counts = series.flatMap(\.points).reduce(into: [:]) { $0[$1.y, default: 0] += 1 }
        var used: [Double: Int] = [:]
        for place in series.indices {
            for index in series[place].points.indices {
                let row = series[place].points[index].y
                let lane = used[row, default: 0]
                used[row] = lane + 1
                guard let count = counts[row], count > 1 else { continue }
                let reach = min(0.56, 0.2 * Double(count))
                series[place].points[index].y += (Double(lane) / Double(count - 1) - 0.5) * reach
            }
        }
    }

    /// The chart without what is infinite or not a number, which JSON cannot hold and nothing can show, and with its dots in
    /// their places.
    var drawable: ChartSpecification {
        var chart = self
        chart.range = range.flatMap { $0.allSatisfy(\.isFinite) ? $0 : nil }
        for index in chart.series.indices {
            chart.series[index].points = series[index].points.filter { $0.x.isFinite && $0.y.isFinite }.map { point in
                var point = point
                if point.low?.isFinite != true || point.high?.isFinite != true { (point.low, point.high) = (nil, nil) }
                return point
            }
        }
        if kind == .dots { chart.spreadRows() }
        return chart
    }

    /// Height of the canvas in CSS pixels.
    var height: Int {
        switch kind {
        case .roofline: 300
        case .dots: 84 + rows.count * max(30, 17 * lanes)
        case .stack: 84 + rows.count * 40
        }
    }
}

/// One style, colour and shape, for each name all over the page.
struct SeriesStyles: Sendable {
    private let names: [String]

    init(_ names: [String]) { self.names = names.uniqued() }

    func style(of name: String) -> Int { names.firstIndex(of: name) ?? 0 }
}

extension NumberFormat.Unit {
    /// The prefix for an axis whose values have this middle, and the unit with it.
    func axis(_ values: [Double]) -> (factor: Double, unit: String) {
        let sorted = values.filter { $0.isFinite && $0 > 0 }.sorted()
        let prefix = prefix(for: sorted.isEmpty ? 1 : sorted[sorted.count / 2])
        return (prefix.factor, prefix.symbol + symbol)
    }
}
