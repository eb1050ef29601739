import Results

/// What a chart shows. All texts are formatted here, so that units, intervals and ≈ are the same in charts and in
/// tables.
package struct ChartSpecification: Sendable {
    package enum Kind: Sendable {
        /// A row per case, a dot per series with its interval.
        case dots
        /// A row per case, its parts end to end.
        case stack
        /// One quantity over another, both logarithmic.
        case scatter
    }

    package struct Point: Sendable {
        package var x: Double
        /// A value, or in charts with rows the number of the row.
        package var y: Double
        package var low: Double?
        package var high: Double?
        /// Drawn hollow.
        package var modelled = false
        /// The figure in words.
        package var text: String
        /// Drawn beside the point.
        package var label: String?

        package init(
            x: Double, y: Double, low: Double? = nil, high: Double? = nil, modelled: Bool = false, text: String,
            label: String? = nil
        ) {
            (self.x, self.y, self.low, self.high) = (x, y, low, high)
            (self.modelled, self.text, self.label) = (modelled, text, label)
        }
    }

    package struct Series: Sendable {
        package var name: String
        /// Which shape and colour its marks have.
        package var style: Int
        /// Points, points that a line joins, or a line alone.
        package var form = Form.points
        package var points: [Point]

        package enum Form: Sendable { case points, joined, line }

        package init(name: String, style: Int, form: Form = .points, points: [Point]) {
            (self.name, self.style, self.form, self.points) = (name, style, form, points)
        }
    }

    package var kind: Kind
    package var id: String
    package var xLabel: String
    package var yLabel = ""
    package var logarithmic = true
    /// Common to the charts that are to be compared.
    package var range: [Double]?
    /// A line at this x: equality.
    package var reference: Double?
    /// Lines at these x of a chart without rows: where series cross.
    package var lines: [Double] = []
    /// Labels of the rows, each of one or more parts.
    package var rows: [[String]] = []
    package var series: [Series]

    package init(
        kind: Kind, id: String, xLabel: String, yLabel: String = "", logarithmic: Bool = true, range: [Double]? = nil,
        reference: Double? = nil, rows: [[String]] = [], series: [Series]
    ) {
        (self.kind, self.id, self.xLabel, self.yLabel) = (kind, id, xLabel, yLabel)
        (self.logarithmic, self.range, self.reference) = (logarithmic, range, reference)
        (self.rows, self.series) = (rows, series)
    }

    /// The chart without what is infinite or not a number, or on a logarithmic axis not positive: nothing can show it.
    package var drawable: ChartSpecification {
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
    package var pieces: [ChartSpecification] {
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
