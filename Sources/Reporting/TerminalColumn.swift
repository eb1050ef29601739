import Results

/// A column of the table on a terminal: what it says of a measurement, and how soon it gives way where there is no
/// room.
struct TerminalColumn: Sendable {
    /// Nothing else is shown at the cost of these: they are dropped last, by ``givesWay``, after names were cut.
    static let lastToGo = 3

    /// The longest first.
    let headings: [String]
    /// 0 never; the highest first.
    let givesWay: Int
    var alignsRight = false
    /// A name, which is cut in its middle where figures need the room.
    var isName = false
    /// What it says, the longest form first.
    let forms: @Sendable (MeasurementRecord, ReportedRun, ComparisonCase?) -> [String]

    static func all(_ metrics: [Metric]) -> [TerminalColumn] {
        let names = [
            TerminalColumn(headings: ["device"], givesWay: 0, isName: true) { measurement, _, _ in
                [measurement.device]
            },
            TerminalColumn(headings: ["strategy"], givesWay: 0, isName: true) { measurement, _, _ in
                [measurement.strategy]
            },
        ]
        let comparisons = [
            TerminalColumn(headings: ["against the baseline", "baseline"], givesWay: 1) { _, _, comparison in
                comparison.map { [$0.timeInWords, $0.shortTime] } ?? [""]
            },
            TerminalColumn(headings: ["its energy", "energy"], givesWay: lastToGo) { measurement, _, comparison in
                comparison.map { comparison in
                    comparison.energyInWords.map { [$0, comparison.shortEnergy ?? $0] } ?? [NumberFormat.unknown]
                } ?? [""]
            },
        ]
        let attributes = Attribute.all.filter { $0.places.contains(.terminal) }.map { attribute in
            TerminalColumn(headings: [attribute.heading], givesWay: 10) { measurement, run, _ in
                [attribute.text(measurement, in: run.record) ?? ""]
            }
        }
        return names + figures(metrics) + comparisons + attributes
    }

    private static func figures(_ metrics: [Metric]) -> [TerminalColumn] {
        metrics.filter { $0.terminal != nil }.enumerated().map { place, metric in
            TerminalColumn(headings: [metric.short], givesWay: metric.terminal ?? 0, alignsRight: true) {
                measurement, _, _ in
                guard let figure = metric.figure(measurement) else {
                    // What became of a measurement without figures stands in the place of the first.
                    return [place == 0 ? measurement.status.rawValue : NumberFormat.unknown]
                }
                let short = figure.mark + NumberFormat.quantity(figure.value, figure.unit)
                let width = NumberFormat.relativeHalfWidth(figure.value, figure.interval).map { " " + $0 }
                return [short + (width ?? ""), short]
            }
        }
    }
}

extension TerminalColumn {
    /// The comparisons of a run by what they compare.
    struct Cases {
        private let run: ReportedRun

        init(_ run: ReportedRun) { self.run = run }

        /// True when a verdict is open and yet probably one thing.
        var hasTendency: Bool {
            run.comparisons.contains { $0.comparison.timeTendency != nil || $0.comparison.energyTendency != nil }
        }

        subscript(measurement: MeasurementRecord) -> ComparisonCase? { run.comparison(of: measurement) }
    }
}
