import Statistics

/// A run as comma-separated values (RFC 4180): a row a measurement, numbers in SI units and full precision.
///
/// An unknown is an empty field, never 0, and `energyReason` says why there are no joules. Joules, and what follows
/// from them, are to be read with the column `energyProvenance` beside them: `modelled` ones were not measured. Texts
/// that a spreadsheet would take for formulas begin with an apostrophe.
public enum CSVWriter {
    public static func text(of run: RunRecord, metrics: [Metric] = Metric.all) -> String {
        let columns = columns(metrics, run)
        let rows = run.measurements.map { measurement in columns.map { quoted($0.field(measurement)) } }
        return ([columns.map(\.name)] + rows).map { $0.joined(separator: ",") + "\n" }.joined()
    }

    private struct Column {
        let name: String
        let field: (MeasurementRecord) -> String
    }

    /// The order of the columns that the format began with, which those who read it by position rely on. Others follow.
    private static let established = """
        family strategy workload parameters device precision seed codePath status message normalizedMeanSquaredError tolerance \
        flops minimumBytes strategyBytes seconds secondsLower secondsUpper relativeNoise samples stopReason cold clock \
        energyProvenance energyReason grossJoules grossJoulesLower grossJoulesUpper energyResolved idleJoules netJoules \
        averageWatts flopsPerSecond bytesPerSecond flopsPerJoule netFlopsPerJoule energyDelayProduct joulesPerToken \
        fractionOfRoofline meterCoreFraction
        """.split(separator: " ").map(String.init)

    private static func columns(_ metrics: [Metric], _ run: RunRecord) -> [Column] {
        let attributes = Attribute.all.map { attribute in
            Column(name: attribute.key) { attribute.text($0, in: run)?.inertCell ?? "" }
        }
        let figures = metrics.flatMap { metric -> [Column] in
            let value = Column(name: metric.key) { metric.figure($0).map { raw($0.value, metric) } ?? "" }
            guard metric.hasInterval else { return [value] }
            return [
                value,
                Column(name: metric.key + "Lower") { raw(metric.figure($0)?.interval?.lower, metric) },
                Column(name: metric.key + "Upper") { raw(metric.figure($0)?.interval?.upper, metric) },
            ]
        }
        let all = attributes + figures
        let isNew = { (column: Column) in !established.contains(column.name) }
        return established.compactMap { name in all.first { $0.name == name } } + all.filter(isNew)
    }

    private static func raw(_ value: Double?, _ metric: Metric) -> String {
        guard let value, value.isFinite else { return "" }
        return metric.unit == .count ? Int(exactly: value).map { "\($0)" } ?? "\(value)" : "\(value)"
    }

    private static func quoted(_ field: String) -> String {
        // By Unicode scalars: a carriage return and a line feed together are one character.
        let needsQuotes = field.unicodeScalars.contains { [",", "\"", "\n", "\r"].contains($0) }
        guard needsQuotes else { return field }
        return "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
