/// Numbers in a text file, with the line they stand in.
private struct NumberReader {
    let name: String
    private let bytes: [UInt8]
    private var position: Int
    private(set) var line: Int

    init(name: String, bytes: [UInt8], position: Int = 0, line: Int = 1) {
        (self.name, self.bytes, self.position, self.line) = (name, bytes, position, line)
    }

    func failure(_ what: String) -> KernelError { InputFile.failure(name, "line \(line): \(what)") }

    /// The rest of the current line.
    mutating func restOfLine() -> String {
        let start = position
        while position < bytes.count, bytes[position] != 0x0A { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if position < bytes.count {
            position += 1
            line += 1
        }
        return text
    }

    /// The next character that is no white space, or `nil` at the end.
    mutating func peek() -> UInt8? {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D, 0x2C].contains(bytes[position]) {
            if bytes[position] == 0x0A { line += 1 }
            position += 1
        }
        return position < bytes.count ? bytes[position] : nil
    }

    private mutating func word(_ expected: String) throws(KernelError) -> String {
        guard peek() != nil else { throw failure("ends where \(expected) is expected") }
        let start = position
        while position < bytes.count, bytes[position] > 0x20, bytes[position] != 0x2C { position += 1 }
        return String(decoding: bytes[start..<min(position, start + 40)], as: UTF8.self)
    }

    mutating func integer(_ expected: String, in range: ClosedRange<Int>) throws(KernelError) -> Int {
        let text = try word(expected)
        guard let value = Int(text), range.contains(value) else {
            throw failure("'\(text)' where \(expected) from \(range.lowerBound) to \(range.upperBound) is expected")
        }
        return value
    }

    mutating func real() throws(KernelError) -> Double {
        let text = try word("a number")
        // Fortran writes an exponent with a D.
        let value = Double(text) ?? Double(text.replacing(/[dD]/, with: "e"))
        guard let value, value.isFinite else { throw failure("'\(text)' where a finite number is expected") }
        return value
    }
}

extension SparseMatrix {
    private static let maximumSize = Int(Int32.max) - 1

    /// How what stands below a diagonal continues above it.
    private enum Symmetry: String {
        case general, symmetric
        case skewSymmetric = "skew-symmetric"
    }

    /// Matrix Market's coordinate format: real, integer or pattern; general, symmetric or skew-symmetric (Boisvert,
    /// Pozo, Remington 1996), and `unsigned-integer`, which SciPy writes too.
    static func matrixMarket(_ name: String, _ bytes: [UInt8]) throws(KernelError) -> SparseMatrix {
        var reader = NumberReader(name: name, bytes: bytes)
        let banner = reader.restOfLine().lowercased().split { $0 == " " || $0 == "\t" || $0 == "\r" }.map(String.init)
        guard banner.first == "%%matrixmarket" else {
            throw InputFile.failure(
                name, "is not a Matrix Market file; its first line does not begin with %%MatrixMarket")
        }
        guard banner.count == 5, banner[1] == "matrix", banner[2] == "coordinate",
            ["real", "integer", "unsigned-integer", "pattern"].contains(banner[3]),
            let symmetry = Symmetry(rawValue: banner[4]), symmetry != .skewSymmetric || banner[3] != "pattern"
        else {
            throw InputFile.failure(
                name,
                "is '\(banner.dropFirst().joined(separator: " ").prefix(80))'; expected 'matrix coordinate', then real, "
                    + "integer, unsigned-integer or pattern, then general, symmetric or (with values) skew-symmetric")
        }
        while reader.peek() == UInt8(ascii: "%") { _ = reader.restOfLine() }
        let rowCount = try reader.integer("a number of rows", in: 0...maximumSize)
        let columnCount = try reader.integer("a number of columns", in: 0...maximumSize)
        if symmetry != .general, rowCount != columnCount {
            throw reader.failure("a \(symmetry.rawValue) matrix has as many rows as columns")
        }
        let count = try reader.integer("a number of entries", in: 0...maximumSize)
        // An entry takes at least four bytes, so a file cannot claim more of them than it has room for.
        guard count <= bytes.count / 4, rowCount <= 64 * bytes.count + 1_000_000 else {
            throw reader.failure("\(rowCount) rows with \(count) entries are more than \(bytes.count) bytes can hold")
        }
        var entries: [(row: Int, column: Int, value: Double)] = []
        entries.reserveCapacity(symmetry == .general ? count : 2 * count)
        for _ in 0..<count {
            let row = try reader.integer("a row", in: 1...max(rowCount, 1)) - 1
            let column = try reader.integer("a column", in: 1...max(columnCount, 1)) - 1
            let value = banner[3] == "pattern" ? 1 : try reader.real()
            entries.append((row, column, value))
            guard symmetry != .general else { continue }
            if row < column { throw reader.failure("an entry above the diagonal of a \(symmetry.rawValue) matrix") }
            if row == column {
                guard symmetry == .symmetric || value == 0 else {
                    throw reader.failure("\(value) on the diagonal of a skew-symmetric matrix, which is 0")
                }
                continue
            }
            entries.append((column, row, symmetry == .symmetric ? value : -value))
        }
        if reader.peek() != nil { throw reader.failure("more than the \(count) entries that are promised") }
        guard count == 0 || (rowCount > 0 && columnCount > 0) else {
            throw reader.failure("entries in a matrix without elements")
        }
        return try SparseMatrix(
            name: name, rowCount: rowCount, columnCount: columnCount, entries: entries,
            isPattern: banner[3] == "pattern")
    }

    /// The pattern format of the Deep Learning Matrix Collection (Gale et al. 2020): `rows, columns, count`, then the
    /// row offsets, then the columns.
    static func smtx(_ name: String, _ bytes: [UInt8]) throws(KernelError) -> SparseMatrix {
        var reader = NumberReader(name: name, bytes: bytes)
        let rowCount = try reader.integer("a number of rows", in: 0...maximumSize)
        let columnCount = try reader.integer("a number of columns", in: 0...maximumSize)
        let count = try reader.integer("a number of elements", in: 0...maximumSize)
        // An offset and a column take at least two bytes each.
        guard rowCount + count <= bytes.count / 2 + 1 else {
            throw reader.failure("\(rowCount) rows with \(count) elements are more than \(bytes.count) bytes can hold")
        }
        var starts: [Int] = []
        for _ in 0...rowCount { starts.append(try reader.integer("a row offset", in: 0...count)) }
        var columns: [Int] = []
        for _ in 0..<count { columns.append(try reader.integer("a column", in: 0...max(columnCount - 1, 0))) }
        if reader.peek() != nil { throw reader.failure("more than the \(count) columns that are promised") }
        guard starts.first == 0, starts.last == count, zip(starts, starts.dropFirst()).allSatisfy({ $0 <= $1 }) else {
            throw InputFile.failure(name, "has row offsets that do not ascend from 0 to \(count)")
        }
        for row in 0..<rowCount { columns[starts[row]..<starts[row + 1]].sort() }
        return try SparseMatrix(
            rowCount: rowCount, columnCount: columnCount, rowStarts: starts, columns: columns, values: nil, name: name)
    }
}
