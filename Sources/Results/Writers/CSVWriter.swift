/// Runs as comma-separated values (RFC 4180): a row a measurement, numbers in SI units and full precision.
///
/// An unknown is an empty field, never 0, and `energyReason` says why there are no joules. Joules, and what follows
/// from them, are to be read with the column `energyProvenance` beside them: `modelled` ones were not measured. Texts
/// that a spreadsheet would take for formulas begin with an apostrophe. Which run and machine a row comes from, its
/// last columns say.
public enum CSVWriter {
    public static func text(of run: RunRecord, metrics: [Metric] = Metric.all) -> String {
        text(of: [run], metrics: metrics)
    }

    /// Several runs one below the other.
    public static func text(of runs: [RunRecord], metrics: [Metric] = Metric.all) -> String {
        let table = FlatTable(runs, metrics: metrics)
        let rows = table.rows.map { row in table.columns.map { quoted(field($0.value(row))) } }
        return ([table.columns.map(\.name)] + rows).map { $0.joined(separator: ",") + "\n" }.joined()
    }

    private static func field(_ value: FlatTable.Value?) -> String {
        switch value {
        case .text(let text): text.inertCell
        case .number(let number): "\(number)"
        case .count(let count): "\(count)"
        case .flag(let flag): "\(flag)"
        case nil: ""
        }
    }

    private static func quoted(_ field: String) -> String {
        // By Unicode scalars: a carriage return and a line feed together are one character.
        let needsQuotes = field.unicodeScalars.contains { [",", "\"", "\n", "\r"].contains($0) }
        guard needsQuotes else { return field }
        return "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
