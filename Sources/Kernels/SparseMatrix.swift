/// A sparse matrix in compressed rows (CSR): columns ascend within a row, none stands twice.
public struct SparseMatrix: Sendable, Equatable {
    public let rowCount: Int
    public let columnCount: Int
    /// Where each row begins in `columns` and `values`; one more than there are rows.
    public let rowStarts: [Int]
    public let columns: [Int]
    /// Stored elements. `nil` for a matrix that is only a pattern.
    public let values: [Double]?

    public var storedCount: Int { columns.count }

    /// - Throws: ``KernelError`` with code `invalidInput`: `rowStarts` do not ascend from 0 to the number of columns,
    ///   or the columns of a row do not ascend within 0..<columnCount.
    public init(
        rowCount: Int, columnCount: Int, rowStarts: [Int], columns: [Int], values: [Double]?,
        name: String = "the matrix"
    ) throws(KernelError) {
        guard rowCount >= 0, columnCount >= 0, rowStarts.count == rowCount + 1, rowStarts.first == 0,
            rowStarts.last == columns.count, zip(rowStarts, rowStarts.dropFirst()).allSatisfy({ $0 <= $1 }),
            values.map({ $0.count == columns.count }) ?? true
        else { throw InputFile.failure(name, "has row offsets that do not ascend from 0 to its stored elements") }
        for row in 0..<rowCount {
            var last = -1
            for column in columns[rowStarts[row]..<rowStarts[row + 1]] {
                guard column > last, column < columnCount else {
                    throw InputFile.failure(
                        name,
                        "has the column \(column) after \(last) in row \(row); columns ascend below \(columnCount)")
                }
                last = column
            }
        }
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.rowStarts = rowStarts
        self.columns = columns
        self.values = values
    }

    /// Reads a Matrix Market (`.mtx`) or DLMC (`.smtx`) file.
    public init(path: String) throws(KernelError) {
        try self.init(name: path, bytes: try InputFile.bytes(path))
    }

    /// Reads a file's content; `name` ends in `.mtx` or `.smtx`.
    public init(name: String, bytes: [UInt8]) throws(KernelError) {
        self = name.hasSuffix(".smtx") ? try Self.smtx(name, bytes) : try Self.matrixMarket(name, bytes)
    }

    /// Refuses values that become infinite as `type`.
    ///
    /// - Throws: ``KernelError`` with code `invalidInput` that names the file, the value and, from 1 as in the file,
    ///   its place.
    func checkRange(_ type: ElementType, file: String) throws(KernelError) {
        guard let values, let index = values.firstIndex(where: { !type.element.holds($0) }) else { return }
        let row = (rowStarts.firstIndex { $0 > index } ?? rowCount + 1) - 1
        throw InputFile.failure(
            file,
            "holds \(values[index]) at row \(row + 1), column \(columns[index] + 1), which is no finite value of type \(type)"
        )
    }

    /// Sorts entries into rows.
    init(
        name: String, rowCount: Int, columnCount: Int, entries: [(row: Int, column: Int, value: Double)],
        isPattern: Bool
    ) throws(KernelError) {
        let sorted = entries.sorted { ($0.row, $0.column) < ($1.row, $1.column) }
        var starts = [Int](repeating: 0, count: rowCount + 1)
        for (index, entry) in sorted.enumerated() {
            if index > 0, sorted[index - 1].row == entry.row, sorted[index - 1].column == entry.column {
                throw InputFile.failure(name, "has two entries at row \(entry.row + 1), column \(entry.column + 1)")
            }
            starts[entry.row + 1] += 1
        }
        for row in 0..<rowCount { starts[row + 1] += starts[row] }
        try self.init(
            rowCount: rowCount, columnCount: columnCount, rowStarts: starts, columns: sorted.map(\.column),
            values: isPattern ? nil : sorted.map(\.value), name: name)
    }
}
