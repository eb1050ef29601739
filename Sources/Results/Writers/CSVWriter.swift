import Statistics

/// A run as comma-separated values (RFC 4180): a row a measurement, numbers in SI units and full precision.
///
/// An unknown is an empty field, never 0, and `energyReason` says why there are no joules. Joules, and what follows from them, are
/// to be read with the column `energyProvenance` beside them: `modelled` ones were not measured.
public enum CSVWriter {
    public static func text(of run: RunRecord) -> String {
        let cost = run.energyAccounting?.meterCoreFraction.map { $0.isFinite ? "\($0)" : "" } ?? ""
        let rows = run.measurements.map { measurement in columns.map { quoted($0.value(measurement)) } + [cost] }
        return ([columns.map(\.name) + ["meterCoreFraction"]] + rows).map { $0.joined(separator: ",") + "\n" }.joined()
    }

    private struct Column: Sendable {
        let name: String
        let value: @Sendable (MeasurementRecord) -> String

        init(_ name: String, text value: @escaping @Sendable (MeasurementRecord) -> String?) {
            self.name = name
            self.value = { value($0) ?? "" }
        }

        init(_ name: String, _ value: @escaping @Sendable (MeasurementRecord) -> Double?) {
            self.name = name
            self.value = { value($0).map { $0.isFinite ? "\($0)" : "" } ?? "" }
        }
    }

    private static let columns: [Column] = [
        Column("family", text: { $0.family }),
        Column("strategy", text: { $0.strategy }),
        Column("workload", text: { $0.workload }),
        Column(
            "parameters",
            text: { $0.parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ") }),
        Column("device", text: { $0.device }),
        Column("precision", text: { $0.precision }),
        Column("seed", text: { "\($0.seed)" }),
        Column("codePath", text: { $0.codePath }),
        Column("status", text: { $0.status.rawValue }),
        Column("message", text: { $0.message }),
        Column("normalizedMeanSquaredError", { $0.verification?.normalizedMeanSquaredError }),
        Column("tolerance", { $0.verification?.tolerance }),
        Column("flops", { $0.work?.flops }),
        Column("minimumBytes", { $0.work?.minimumBytes }),
        Column("strategyBytes", { $0.work?.strategyBytes }),
        Column("seconds", { $0.time?.median }),
        Column("secondsLower", { $0.time?.interval?.lower }),
        Column("secondsUpper", { $0.time?.interval?.upper }),
        Column("relativeNoise", { $0.time?.relativeNoise }),
        Column("samples", text: { $0.time.map { "\($0.samples)" } }),
        Column("stopReason", text: { $0.time?.stopReason }),
        Column("cold", text: { $0.time.map { "\($0.cold)" } }),
        Column("clock", text: { $0.time?.clock }),
        Column("energyProvenance", text: { $0.energy?.provenance.rawValue }),
        Column("energyReason", text: { $0.energy?.reason }),
        Column("grossJoules", { $0.energy?.grossJoules }),
        Column("grossJoulesLower", { $0.energy?.interval?.lower }),
        Column("grossJoulesUpper", { $0.energy?.interval?.upper }),
        Column("energyResolved", text: { $0.energy?.grossJoules == nil ? nil : $0.energy.map { "\($0.resolved)" } }),
        Column("idleJoules", { $0.energy?.idleJoules }),
        Column("netJoules", { $0.energy?.netJoules }),
        Column("averageWatts", { $0.energy?.averageWatts }),
        Column("flopsPerSecond", { $0.derived?.flopsPerSecond }),
        Column("bytesPerSecond", { $0.derived?.bytesPerSecond }),
        Column("flopsPerJoule", { $0.derived?.flopsPerJoule }),
        Column("netFlopsPerJoule", { $0.derived?.netFlopsPerJoule }),
        Column("energyDelayProduct", { $0.derived?.energyDelayProduct }),
        Column("joulesPerToken", { $0.derived?.joulesPerToken }),
        Column("fractionOfRoofline", { $0.derived?.fractionOfRoofline }),
    ]

    private static func quoted(_ field: String) -> String {
        // By Unicode scalars: a carriage return and a line feed together are one character.
        let needsQuotes = field.unicodeScalars.contains { [",", "\"", "\n", "\r"].contains($0) }
        guard needsQuotes else { return field }
        return "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
