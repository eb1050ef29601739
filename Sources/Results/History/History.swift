import FoundationEssentials
import Glibc

/// Every run that was made, and the baselines chosen among them: one SQLite file.
///
/// The file holds each run's whole record besides its index, because result files are written over
/// (`reports/latest.json`) and a baseline must outlive them. Writing is one transaction under SQLite's rollback
/// journal, so that two processes can write, and a process that is killed leaves either the run or nothing. A file that
/// is damaged, newer or another program's is reported and never written to.
public struct History: ~Copyable {
    /// Version of the tables, in SQLite's `user_version`.
    public static let currentVersion = 1
    /// "JLMK", in SQLite's `application_id`: tells the file from other programs' databases.
    private static let applicationID = 0x4A4C_4D4B

    public let path: String
    let database: SQLiteConnection

    /// Opens the history at `path`, and makes it when there is none.
    public init(path: String) throws(ResultsError) {
        try Self.makeFolder(of: path)
        try Self.checkLength(of: path)
        let opened = try SQLiteConnection(path: path, create: true)
        try Self.prepare(opened, path)
        self.path = path
        database = opened
    }

    /// Opens the history at `path`, or gives `nil` when there is none: looking makes no file.
    public static func existing(path: String) throws(ResultsError) -> History? {
        guard unsafe access(path, F_OK) == 0 else {
            if errno == ENOENT { return nil }
            throw AtomicFile.failure(path)
        }
        return try History(path: path)
    }

    /// `$XDG_DATA_HOME/joulemark/history.sqlite`, below `~/.local/share` when the variable is unset or, as the XDG Base
    /// Directory Specification asks, not an absolute path.
    public static func defaultPath(environment: [String: String]) throws(ResultsError) -> String {
        if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return "\(data)/joulemark/history.sqlite" }
        guard let home = environment["HOME"], home.hasPrefix("/") else {
            throw ResultsError(.system, "HOME is not set: name the history with --history FILE, or use --no-history")
        }
        return "\(home)/.local/share/joulemark/history.sqlite"
    }

    private static func prepare(_ database: borrowing SQLiteConnection, _ path: String) throws(ResultsError) {
        // In this order: tables and name come to be at once, and where another process makes them between the two
        // looks, the name is there. The other way round there would be tables without a name, which is somebody else's
        // file.
        let tableCount = try database.number("SELECT count(*) FROM sqlite_master")
        let application = try database.number("PRAGMA application_id")
        if application == 0, tableCount == 0 {
            try database.transaction { () throws(ResultsError) in
                // Another process may have made the tables between the look and the lock.
                guard try database.number("SELECT count(*) FROM sqlite_master") == 0 else { return }
                try database.execute(tables)
                try database.execute("PRAGMA application_id = \(applicationID)")
                try database.execute("PRAGMA user_version = \(currentVersion)")
            }
            return
        }
        guard application == applicationID else {
            throw ResultsError(.malformed, "\(path): a database of another program, expected a history of joulemark")
        }
        let version = try database.number("PRAGMA user_version")
        guard version <= currentVersion else {
            throw ResultsError(
                .newer,
                "\(path): history version: found \(version), expected at most \(currentVersion); "
                    + "a newer joulemark made this file, and it is left as it is")
        }
    }

    private static let tables = """
        CREATE TABLE runs (
            id INTEGER PRIMARY KEY AUTOINCREMENT, startedAt TEXT NOT NULL, finishedAt TEXT, interrupted INTEGER NOT NULL,
            version TEXT NOT NULL, revision TEXT, arguments TEXT NOT NULL, machine TEXT NOT NULL, devices TEXT NOT NULL,
            file TEXT);
        CREATE TABLE measurements (
            run INTEGER NOT NULL REFERENCES runs (id), family TEXT NOT NULL, strategy TEXT NOT NULL,
            workload TEXT NOT NULL, device TEXT NOT NULL, precision TEXT NOT NULL, status TEXT NOT NULL, seconds REAL,
            grossJoules REAL, energyProvenance TEXT);
        CREATE INDEX measurementsOfRun ON measurements (run);
        CREATE TABLE baselines (
            name TEXT PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs (id), setAt TEXT NOT NULL);
        CREATE TABLE records (run INTEGER PRIMARY KEY REFERENCES runs (id), json TEXT NOT NULL);
        """

    /// SQLite takes a file of a few bytes for an empty database and would write over it.
    private static func checkLength(of path: String) throws(ResultsError) {
        var information = stat()
        guard unsafe stat(path, &information) == 0, (1..<512).contains(information.st_size) else { return }
        throw SQLiteConnection.damaged(path, "\(information.st_size) bytes")
    }

    private static func makeFolder(of path: String) throws(ResultsError) {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
        let folder = String(path[..<slash])
        guard unsafe access(folder, F_OK) != 0 else { return }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw ResultsError(.system, "\(folder): the folder of the history cannot be made")
        }
    }

    /// - Throws: when the index is damaged. The records themselves are checked as they are read.
    func checkIntact() throws(ResultsError) {
        for table in ["runs", "measurements", "baselines"] {
            var findings: [String] = []
            try database.run("PRAGMA quick_check(\(table))") { row in findings.append(row.text(0) ?? "") }
            guard findings == ["ok"] else { throw SQLiteConnection.damaged(path, findings.first ?? "no answer") }
        }
    }
}
