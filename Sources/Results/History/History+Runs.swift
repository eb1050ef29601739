import FoundationEssentials

/// A run as the history lists it.
public struct HistoryEntry: Codable, Sendable, Equatable {
    /// What `history show`, `history baseline` and `compare` know the run by.
    public var id: Int
    public var startedAt: String
    @ExplicitNull public var finishedAt: String?
    public var interrupted: Bool
    public var version: String
    @ExplicitNull public var commit: String?
    public var arguments: [String]
    /// Model of the host's processor.
    public var machine: String
    public var devices: [String]
    public var measurements: Int
    /// Where the result file was written, if it was.
    @ExplicitNull public var file: String?
    /// Names of the baselines that the run is.
    public var baselines: [String]
    /// Which side the run is of two whose samples were taken in turn; `nil` for a run on its own.
    public var side: TurnsRecord.Side?
    /// What whoever made the run calls it.
    public var label: String?
}

extension History {
    /// Adds a run.
    ///
    /// - Parameter file: where its result file is, if there is one.
    /// - Returns: the run's id.
    public func record(_ run: RunRecord, file: String?) throws(ResultsError) -> Int {
        let json = try JSONText.compact(run)
        try checkIntact()
        return try database.transaction { () throws(ResultsError) in
            try database.run(
                "INSERT INTO runs (startedAt, finishedAt, interrupted, version, revision, arguments, machine, devices, file)"
                    + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    .text(run.startedAt), .text(run.finishedAt), .integer(run.interrupted ? 1 : 0),
                    .text(run.tool.version), .text(run.tool.commit), .text(try JSONText.compact(run.tool.arguments)),
                    .text(run.host.cpu.model), .text(try JSONText.compact(run.devices.map(\.id))), .text(file),
                ])
            let id = database.lastInserted
            for measurement in run.measurements {
                try database.run(
                    "INSERT INTO measurements VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    [
                        .integer(id), .text(measurement.family), .text(measurement.strategy),
                        .text(measurement.workload), .text(measurement.device), .text(measurement.precision),
                        .text(measurement.status.rawValue), .real(measurement.time?.median),
                        .real(measurement.energy?.grossJoules), .text(measurement.energy?.provenance.rawValue),
                    ])
            }
            try database.run("INSERT INTO records VALUES (?, ?)", [.integer(id), .text(json)])
            return id
        }
    }

    /// The runs, newest first.
    public func entries(limit: Int = .max) throws(ResultsError) -> [HistoryEntry] {
        try entries("ORDER BY id DESC LIMIT ?", .integer(limit))
    }

    /// - Throws: ``ResultsError`` with code `notFound` when there is no such run.
    public func entry(_ id: Int) throws(ResultsError) -> HistoryEntry {
        guard let entry = try entries("WHERE id = ?", .integer(id)).first else { throw notFound("run \(id)") }
        return entry
    }

    /// The whole record of a run.
    ///
    /// - Throws: ``ResultsError`` with code `notFound` when there is no such run.
    public func run(_ id: Int) throws(ResultsError) -> RunRecord {
        var json: String?
        try database.run("SELECT json FROM records WHERE run = ?", [.integer(id)]) { row in json = row.text(0) }
        guard let json else { throw notFound("run \(id)") }
        return try RunFile.decode(Array(json.utf8), name: "\(path): run \(id)")
    }

    /// Gives a run a name to compare others with. A name that is taken moves to this run.
    public func setBaseline(_ name: String, to id: Int, at time: String) throws(ResultsError) {
        try checkIntact()
        try database.transaction { () throws(ResultsError) in
            _ = try entry(id)
            try database.run(
                "INSERT OR REPLACE INTO baselines VALUES (?, ?, ?)", [.text(name), .integer(id), .text(time)])
        }
    }

    /// The id of the run that has this name.
    ///
    /// - Throws: ``ResultsError`` with code `notFound`, naming the baselines that there are.
    public func baseline(_ name: String) throws(ResultsError) -> Int {
        var id: Int?
        try database.run("SELECT run FROM baselines WHERE name = ?", [.text(name)]) { row in id = row.number(0) }
        guard let id else { throw notFound("baseline '\(name)'") }
        return id
    }

    private func notFound(_ what: String) -> ResultsError {
        var names: [String] = []
        try? database.run("SELECT name FROM baselines ORDER BY name") { row in names.append(row.text(0) ?? "") }
        let known = names.isEmpty ? "there are no baselines" : "the baselines are \(names.joined(separator: ", "))"
        return ResultsError(.notFound, "\(path): no \(what); \(known), and 'joulemark history list' shows the runs")
    }

    private func entries(_ condition: String, _ value: SQLiteValue) throws(ResultsError) -> [HistoryEntry] {
        var names: [Int: [String]] = [:]
        try database.run("SELECT run, name FROM baselines ORDER BY name") { row in
            names[row.number(0) ?? 0, default: []].append(row.text(1) ?? "")
        }
        var entries: [HistoryEntry] = []
        try database.run(
            "SELECT id, startedAt, finishedAt, interrupted, version, revision, arguments, machine, devices, file,"
                + " (SELECT count(*) FROM measurements WHERE run = id),"
                + " \(Self.part("side", of: "$.turns.side", where: "--base")),"
                + " \(Self.part("label", of: "$.label", where: "--label")) FROM runs \(condition)", [value]
        ) { row in
            let id = row.number(0) ?? 0
            entries.append(
                HistoryEntry(
                    id: id, startedAt: row.text(1) ?? "", finishedAt: row.text(2), interrupted: row.number(3) == 1,
                    version: row.text(4) ?? "", commit: row.text(5), arguments: Self.list(row.text(6)),
                    machine: row.text(7) ?? "", devices: Self.list(row.text(8)), measurements: row.number(10) ?? 0,
                    file: row.text(9), baselines: names[id] ?? [], side: row.text(11).flatMap(TurnsRecord.Side.init),
                    label: row.text(12)))
        }
        return entries
    }

    /// Something of the record, which is read only where an option of the run says that it is there: records are large.
    private static func part(_ name: String, of path: String, where option: String) -> String {
        "CASE WHEN arguments LIKE '%\(option)%' THEN"
            + " (SELECT json_extract(json, '\(path)') FROM records WHERE records.run = runs.id) END AS \(name)"
    }

    private static func list(_ json: String?) -> [String] {
        (try? JSONDecoder().decode([String].self, from: Data((json ?? "[]").utf8))) ?? []
    }
}
