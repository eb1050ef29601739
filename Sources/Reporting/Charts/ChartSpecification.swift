import Results

/// What a chart shows. All texts are formatted here, so that units, intervals and ≈ are the same in charts and in tables.
struct ChartSpecification: Sendable {
    enum Kind: Sendable {
        /// A row per case, a dot per series with its interval.
        case dots
        /// A row per case, its parts end to end.
        case stack
        /// One quantity over another, both logarithmic.
        case scatter
    }

    struct Point: Sendable {
        var x: Double
        /// A value, or in charts with rows the number of the row.
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

    struct Series: Sendable {
        var name: String
        /// Which shape and colour its marks have.
        var style: Int
        /// Points, points that a line joins, or a line alone.
        var form = Form.points
        var points: [Point]

        enum Form: Sendable { case points, joined, line }
    }

    var kind: Kind
    var id: String
    var xLabel: String
    var yLabel = ""
    var logarithmic = true
    /// Common to the charts that are to be compared.
    var range: [Double]?
    /// A line at this x: equality.
    var reference: Double?
    /// Labels of the rows, each of one or more parts.
    var rows: [[String]] = []
    var series: [Series]

    /// The chart without what is infinite or not a number, or on a logarithmic axis not positive: nothing can show it.
    var drawable: ChartSpecification {
        var chart = self
        chart.range = range.flatMap { $0.allSatisfy(\.isFinite) && $0[0] < $0[1] ? $0 : nil }
        let isPlace = { (value: Double) in value.isFinite && (!logarithmic || value > 0) }
        for index in chart.series.indices {
            chart.series[index].points = series[index].points.filter {
                isPlace($0.x) && $0.y.isFinite && (kind != .scatter || $0.y > 0)
            }.map { point in
                var point = point
                if let low = point.low, let high = point.high, isPlace(low), isPlace(high) { return point }
                (point.low, point.high) = (nil, nil)
                return point
            }
        }
        return chart
    }
}

extension ChartSpecification {
    /// Rows of a piece: what a printed page has room for, and what can be read before the axis is out of sight.
    private static let rowsInPiece = 14

    /// The chart, or its rows in several charts with the same axis.
    var pieces: [ChartSpecification] {
        guard kind != .scatter, rows.count > Self.rowsInPiece else { return [self] }
        let count = (rows.count + Self.rowsInPiece - 1) / Self.rowsInPiece
        let size = (rows.count + count - 1) / count
        let range = range ?? sharedRange
        return stride(from: 0, to: rows.count, by: size).map { first in
            let own = first..<min(first + size, rows.count)
            var piece = self
            piece.range = range
            piece.rows = Array(rows[own])
            for index in series.indices {
                piece.series[index].points = series[index].points.filter { own.contains(Int($0.y)) }.map { point in
                    var point = point
                    point.y -= Double(first)
                    return point
                }
            }
            return piece
        }
    }

    /// What holds all rows of a chart without a range of its own.
    private var sharedRange: [Double]? {
        guard kind == .stack else { return nil }
        let sums = series.flatMap(\.points).reduce(into: [:]) { $0[$1.y, default: 0] += $1.x }
        return sums.values.max().map { [0, $0 * 1.02] }
    }
}

/// One style, colour and shape, for each name all over the page.
struct SeriesStyles: Sendable {
    private let places: [String: Int]

    init(_ names: [String]) {
        places = Dictionary(uniqueKeysWithValues: names.uniqued().enumerated().map { ($1, $0) })
    }

    func style(of name: String) -> Int { places[name] ?? 0 }
}

extension NumberFormat.Unit {
    /// The prefix for an axis whose values have this middle, and the unit with it.
    func axis(_ values: [Double]) -> (factor: Double, unit: String) {
        let sorted = values.filter { $0.isFinite && $0 > 0 }.sorted()
        let prefix = prefix(for: sorted.isEmpty ? 1 : sorted[sorted.count / 2])
        return (prefix.factor, prefix.symbol + symbol)
    }
}
