/// The forms of a sparse matrix that kernels read.
extension SparseMatrix {
    /// Rows of a slice of SELL-C-σ, and rows that are sorted together (Kreutzer et al. 2014, section 4).
    static let sliceHeight = 32
    static let sortWindow = 256

    var rowLengths: [Int] { zip(rowStarts, rowStarts.dropFirst()).map { $1 - $0 } }

    /// Rows by falling length within each window.
    private var sortedRows: [Int] {
        let lengths = rowLengths
        return stride(from: 0, to: rowCount, by: Self.sortWindow).flatMap { start in
            (start..<min(start + Self.sortWindow, rowCount)).sorted { (lengths[$1], $0) < (lengths[$0], $1) }
        }
    }

    /// Where each slice of the SELL form begins: as long as its longest row, times the slice's height.
    var slicedRows: [Int] {
        let lengths = rowLengths
        let order = sortedRows
        var starts = [0]
        for first in stride(from: 0, to: rowCount, by: Self.sliceHeight) {
            let longest = order[first..<min(first + Self.sliceHeight, rowCount)].map { lengths[$0] }.max() ?? 0
            starts.append((starts.last ?? 0) + longest * Self.sliceHeight)
        }
        return starts
    }

    /// `a_dense[M,K]`.
    func dense(_ precision: Precision) -> [String: Tensor] {
        var elements = [Double](repeating: 0, count: rowCount * columnCount)
        for row in 0..<rowCount {
            for place in rowStarts[row]..<rowStarts[row + 1] {
                elements[row * columnCount + columns[place]] = values?[place] ?? 1
            }
        }
        return ["a_dense": Tensor(shape: [rowCount, columnCount], rounding: elements, to: precision)]
    }

    /// SELL-C-σ: slices of 32 rows, column by column of the slice; padding has the column 0 and the value 0. Row i of
    /// the slices is row `a_sell_rows[i]` of the matrix.
    func sliced(_ precision: Precision) -> [String: Tensor] {
        let (order, starts) = (sortedRows, slicedRows)
        let size = starts.last ?? 0
        var packedColumns = [Int32](repeating: 0, count: size)
        var packedValues = [Double](repeating: 0, count: size)
        for (index, row) in order.enumerated() {
            let (slice, lane) = index.quotientAndRemainder(dividingBy: Self.sliceHeight)
            for (step, place) in (rowStarts[row]..<rowStarts[row + 1]).enumerated() {
                let target = starts[slice] + step * Self.sliceHeight + lane
                packedColumns[target] = Int32(columns[place])
                packedValues[target] = values?[place] ?? 1
            }
        }
        return [
            "a_sell_offsets": Tensor(shape: [starts.count], elements: .i32(starts.map { Int32($0) })),
            "a_sell_rows": Tensor(shape: [rowCount], elements: .i32(order.map { Int32($0) })),
            "a_sell_indices": Tensor(shape: [size], elements: .i32(packedColumns)),
            "a_sell_data": Tensor(shape: [size], rounding: packedValues, to: precision),
        ]
    }

    /// The columns of blocks that hold an element, ascending, for each row of blocks.
    func blockColumns(_ block: Int) -> [[Int]] {
        stride(from: 0, to: rowCount, by: block).map { first in
            let last = min(first + block, rowCount)
            return Set(columns[rowStarts[first]..<rowStarts[last]].map { $0 / block }).sorted()
        }
    }

    /// BSR: blocks of `block` × `block`, row-major inside; what lies beyond the matrix's edge is 0.
    func blocked(_ block: Int, _ precision: Precision) -> [String: Tensor] {
        let blockRows = blockColumns(block)
        var starts: [Int32] = [0]
        for row in blockRows { starts.append((starts.last ?? 0) + Int32(row.count)) }
        let indices = blockRows.joined().map { Int32($0) }
        var elements = [Double](repeating: 0, count: indices.count * block * block)
        for row in 0..<rowCount {
            let (blockRow, inner) = row.quotientAndRemainder(dividingBy: block)
            var position: [Int: Int] = [:]
            for (index, column) in blockRows[blockRow].enumerated() {
                position[column] = Int(starts[blockRow]) + index
            }
            for place in rowStarts[row]..<rowStarts[row + 1] {
                let (column, innerColumn) = columns[place].quotientAndRemainder(dividingBy: block)
                let start = (position[column] ?? 0) * block * block
                elements[start + inner * block + innerColumn] = values?[place] ?? 1
            }
        }
        return [
            "a_bsr_indptr": Tensor(shape: [starts.count], elements: .i32(starts)),
            "a_bsr_indices": Tensor(shape: [indices.count], elements: .i32(indices)),
            "a_bsr_data": Tensor(shape: [indices.count, block, block], rounding: elements, to: precision),
        ]
    }

    /// 2:4: of each four columns, the two values, and two bits each for their places, sixteen to a word.
    ///
    /// - Throws: ``KernelError`` with code `invalidInput` when four columns hold more than two elements.
    func twoFour(_ precision: Precision) throws(KernelError) -> [String: Tensor] {
        let half = columnCount / 2
        let wordsPerRow = (half + 15) / 16
        var elements = [Double](repeating: 0, count: rowCount * half)
        var words = [UInt32](repeating: 0, count: rowCount * wordsPerRow)
        for row in 0..<rowCount {
            var filled = [Int](repeating: 0, count: columnCount / 4)
            for place in rowStarts[row]..<rowStarts[row + 1] {
                let (group, inner) = columns[place].quotientAndRemainder(dividingBy: 4)
                guard group < filled.count, filled[group] < 2 else {
                    throw KernelError(
                        .invalidInput,
                        "spmm: row \(row) holds more than two elements in columns \(group * 4)…\(group * 4 + 3)")
                }
                let slot = group * 2 + filled[group]
                elements[row * half + slot] = values?[place] ?? 1
                words[row * wordsPerRow + slot / 16] |= UInt32(inner) << UInt32(2 * (slot % 16))
                filled[group] += 1
            }
        }
        return [
            "a_two_four_data": Tensor(shape: [rowCount, half], rounding: elements, to: precision),
            "a_two_four_indices": Tensor(
                shape: [rowCount, wordsPerRow], elements: .i32(words.map { Int32(bitPattern: $0) })),
        ]
    }
}
