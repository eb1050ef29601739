import Results
import Statistics

/// Time against energy: a chart a workload with every strategy on every device, and what nothing else beats in both.
extension HTMLReport {
    /// Workloads of a family that are drawn.
    private static let mostTradeOffs = 12

    private struct Choice {
        let place: String
        let measurement: MeasurementRecord
        let seconds, joules: Figure

        var name: String { "\(measurement.strategy) on \(place)" }

        func isBeaten(by other: Choice) -> Bool {
            other.seconds.value <= seconds.value && other.joules.value <= joules.value
                && (other.seconds.value < seconds.value || other.joules.value < joules.value)
        }
    }

    func tradeOffPart(_ family: String) -> Markup {
        let all = runs.flatMap { run in
            shown(family, in: run).compactMap { measurement -> Choice? in
                guard let seconds = Metric.seconds.figure(measurement), seconds.value > 0,
                    let joules = Metric.leadingJoules.figure(measurement), joules.value > 0
                else { return nil }
                return Choice(
                    place: run.name(of: measurement.device), measurement: measurement, seconds: seconds, joules: joules)
            }
        }
        let cases = all.grouped { Self.caseName($0.measurement) }.filter { $0.elements.count > 1 }
        guard !cases.isEmpty else { return "" }
        let drawn = cases.prefix(Self.mostTradeOffs).enumerated()
        let panels = drawn.map { index, entry in
            panel(entry.key, entry.elements, "\(Wording.anchor(family))-\(index)")
        }
        let words = drawn.map { _, entry -> Markup in
            "<li><b>\(entry.key)</b>: \(Self.front(entry.elements).map { "nothing beats \(Self.words($0))" } ?? Self.noFront)</li>"
        }
        return """
            <h3>Time against energy</h3>
            <p>Left and low is better. The line joins what nothing else beats in both; hollow marks are modelled.</p>
            \(ChartGallery.figures(panels))<ul class="fronts">\(words)</ul>
            """
    }

    private static let noFront = "measured and modelled energies are not weighed against each other"

    /// The fastest first; `nil` where energies came to be in ways that must not be weighed against each other.
    private static func front(_ choices: [Choice]) -> [Choice]? {
        guard Set(choices.map(\.joules.isModelled)).count == 1 else { return nil }
        return choices.filter { choice in !choices.contains { choice.isBeaten(by: $0) } }.sorted {
            $0.seconds.value < $1.seconds.value
        }
    }

    private static func words(_ front: [Choice]) -> String {
        front.map { "\($0.name) (\($0.seconds.texts.value), \($0.joules.mark)\($0.joules.texts.value))" }
            .joined(separator: "; ")
    }

    private func panel(_ name: String, _ choices: [Choice], _ id: String) -> ChartPanel {
        let time = NumberFormat.Unit.seconds.axis(choices.map(\.seconds.value))
        let energy = NumberFormat.Unit.joules.axis(choices.map(\.joules.value))
        func point(_ choice: Choice) -> ChartSpecification.Point {
            ChartSpecification.Point(
                x: choice.seconds.value / time.factor, y: choice.joules.value / energy.factor,
                modelled: choice.joules.isModelled,
                text: "\(choice.joules.words), \(choice.seconds.words), \(choice.place)", label: choice.place)
        }
        var series = choices.grouped(by: \.measurement.strategy).map { strategy, own in
            ChartSpecification.Series(name: strategy, style: styles.style(of: strategy), points: own.map(point))
        }
        if let front = Self.front(choices), front.count > 1 {
            series.append(.init(name: "nothing beats these in both", style: 0, form: .line, points: front.map(point)))
        }
        let chart = ChartSpecification(
            kind: .scatter, id: "chart-tradeoff-\(id)", xLabel: "time in \(time.unit), logarithmic",
            yLabel: "energy in \(energy.unit), logarithmic", series: series)
        return ChartPanel(title: name, chart: chart)
    }
}
