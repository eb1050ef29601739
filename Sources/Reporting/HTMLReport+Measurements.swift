import Results

/// Each measurement in a place of its own: what was asked, what ran, how to repeat it, what limits it, and its samples.
extension HTMLReport {
    /// Measurements up to which each has such a place; in a larger run its row is its place.
    private static let mostPlaces = 500

    var hasPlaces: Bool { runs.reduce(0) { $0 + $1.record.measurements.count } <= Self.mostPlaces }

    /// The id of a measurement's place, or where a page has none, of its row.
    func link(to row: String) -> String { hasPlaces ? "#\(row)-all" : "#\(row)" }

    func measurementsSection() -> Markup {
        guard hasPlaces else { return "" }
        let places = runs.flatMap { run in
            run.record.measurements.enumerated().map { place($1, run, row: run.anchor($0)) }
        }
        guard !places.isEmpty else { return "" }
        return """
            <section id="measurements"><h2>Each measurement</h2>
            <p>What was asked for and what ran, the command that repeats it, what limits it, and its samples.</p>
            \(places)
            </section>
            """
    }

    private func place(_ measurement: MeasurementRecord, _ run: ReportedRun, row: String) -> Markup {
        let place = MeasurementPlace(measurement: measurement, run: run, note: notes(measurement, run))
        let layers = layerWords(measurement)
        return """
            <details id="\(row)-all" class="place"><summary>\(measurement.family)/\(measurement.strategy) · \
            \(when: !layers.isEmpty, "\(layers) · ")\(Self.caseName(measurement)) · \(run.name(of: measurement.device))</summary><dl class="facts">\(place.facts)</dl>\
            <p><a href="#\(row)">Its row in the table of results</a></p></details>
            """
    }
}
