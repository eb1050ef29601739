import CSQLite

/// A connection to a SQLite file, closed when the value goes away.
@safe struct SQLiteConnection: ~Copyable {
    private let handle: OpaquePointer
    private let path: String

    /// - Parameter create: makes the file when there is none.
    init(path: String, create: Bool) throws(ResultsError) {
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0)
        let status = unsafe sqlite3_open_v2(path, &opened, flags, nil)
        guard status == SQLITE_OK, let opened = unsafe opened else {
            defer { unsafe sqlite3_close_v2(opened) }
            throw Self.error(status, path: path, message: unsafe String(cString: sqlite3_errstr(status)))
        }
        unsafe handle = opened
        self.path = path
        // Another process's write takes milliseconds; ten seconds of waiting mean that it hangs.
        unsafe sqlite3_busy_timeout(handle, 10_000)
        unsafe sqlite3_extended_result_codes(handle, 1)
    }

    deinit { unsafe sqlite3_close_v2(handle) }

    /// Runs statements without values.
    func execute(_ sql: String) throws(ResultsError) {
        let status = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard status == SQLITE_OK else { throw error(status) }
    }

    /// Runs one statement.
    ///
    /// - Parameter row: called for each row of the answer.
    func run(
        _ sql: String, _ values: [SQLiteValue] = [], row: (borrowing SQLiteRow) throws(ResultsError) -> Void = { _ in }
    ) throws(ResultsError) {
        var prepared: OpaquePointer?
        let status = unsafe sqlite3_prepare_v2(handle, sql, -1, &prepared, nil)
        guard status == SQLITE_OK, let statement = unsafe prepared else { throw error(status) }
        defer { unsafe _ = sqlite3_finalize(statement) }
        for (index, value) in values.enumerated() {
            let status = unsafe value.bind(to: statement, at: CInt(index + 1))
            guard status == SQLITE_OK else { throw error(status) }
        }
        while true {
            let status = unsafe sqlite3_step(statement)
            if status == SQLITE_DONE { return }
            guard status == SQLITE_ROW else { throw error(status) }
            try row(unsafe SQLiteRow(statement: statement))
        }
    }

    /// Runs `body` as one transaction that starts by taking the write lock: all of it happens, or nothing.
    func transaction<Value>(_ body: () throws(ResultsError) -> Value) throws(ResultsError) -> Value {
        try execute("BEGIN IMMEDIATE")
        do throws(ResultsError) {
            let value = try body()
            try execute("COMMIT")
            return value
        } catch {
            try? execute("ROLLBACK")
            throw error
        }
    }

    /// The single whole number that a statement answers, 0 when it answers nothing.
    func number(_ sql: String, _ values: [SQLiteValue] = []) throws(ResultsError) -> Int {
        var number = 0
        try run(sql, values) { row in number = row.number(0) ?? 0 }
        return number
    }

    /// The id of the row that was inserted last.
    var lastInserted: Int { Int(unsafe sqlite3_last_insert_rowid(handle)) }

    private func error(_ status: CInt) -> ResultsError {
        Self.error(status, path: path, message: unsafe String(cString: sqlite3_errmsg(handle)))
    }

    private static func error(_ status: CInt, path: String, message: String) -> ResultsError {
        switch status & 0xFF {
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            damaged(path, message)
        case SQLITE_BUSY, SQLITE_LOCKED:
            ResultsError(.busy, "\(path): another process has kept the history locked for ten seconds")
        default:
            ResultsError(.system, "\(path): \(message)")
        }
    }

    static func damaged(_ path: String, _ message: String) -> ResultsError {
        ResultsError(
            .malformed,
            "\(path): damaged, or not a history (\(message)); it is left as it is: move it away to begin a new one, "
                + "or use --history FILE or --no-history")
    }
}

/// A value that goes into a statement.
enum SQLiteValue {
    case text(String?)
    case real(Double?)
    case integer(Int)

    @unsafe fileprivate func bind(to statement: OpaquePointer, at index: CInt) -> CInt {
        switch self {
        case .text(nil), .real(nil):
            return unsafe sqlite3_bind_null(statement, index)
        case .text(let text?):
            // SQLite copies the text before the call returns (SQLITE_TRANSIENT, which C spells as the pointer -1).
            let copies = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
            return unsafe sqlite3_bind_text64(
                statement, index, text, sqlite3_uint64(text.utf8.count), copies, UInt8(SQLITE_UTF8))
        case .real(let number?):
            return unsafe sqlite3_bind_double(statement, index, number)
        case .integer(let number):
            return unsafe sqlite3_bind_int64(statement, index, Int64(number))
        }
    }
}

/// The current row of an answer.
@safe struct SQLiteRow: ~Copyable {
    private let statement: OpaquePointer

    @unsafe fileprivate init(statement: OpaquePointer) { unsafe self.statement = statement }

    func number(_ column: CInt) -> Int? {
        isNull(column) ? nil : Int(unsafe sqlite3_column_int64(statement, column))
    }

    func real(_ column: CInt) -> Double? {
        isNull(column) ? nil : unsafe sqlite3_column_double(statement, column)
    }

    func text(_ column: CInt) -> String? {
        guard let start = unsafe sqlite3_column_text(statement, column) else { return nil }
        let count = Int(unsafe sqlite3_column_bytes(statement, column))
        return unsafe String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    private func isNull(_ column: CInt) -> Bool { unsafe sqlite3_column_type(statement, column) == SQLITE_NULL }
}
