/// Runs as one JSON list, an object a measurement: what `pandas.read_json` makes a data frame of without being told
/// anything.
///
/// The keys are CSV's columns, every one in every object, `null` where a value is not known; `parameters.<name>` beside
/// them hold the shape as numbers. Texts stand as they are: JSON has no formulas.
public enum FlatWriter {
    /// - Throws: ``ResultsError`` when the list cannot be written.
    public static func text(of runs: [RunRecord]) throws(ResultsError) -> String {
        let table = FlatTable(runs)
        let names = Set(table.rows.flatMap(\.measurement.parameters.keys)).sorted()
        var lines: [String] = []
        for row in table.rows {
            var record: [String: FlatTable.Value?] = [:]
            for column in table.columns { record[column.name] = .some(column.value(row)) }
            for name in names {
                record["parameters.\(name)"] = .some(row.measurement.parameters[name].map(FlatTable.Value.count))
            }
            lines.append(try JSONText.compact(record))
        }
        return "[\n" + lines.joined(separator: ",\n") + "\n]\n"
    }
}

extension FlatTable.Value: Encodable {
    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .count(let count): try container.encode(count)
        case .flag(let flag): try container.encode(flag)
        }
    }
}
