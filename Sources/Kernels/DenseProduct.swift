/// The inner loops of the references.
///
/// Eight independent sums hide the latency of an addition, which is most of what a scalar loop waits for. Products and
/// sums are rounded separately: a fused multiply-add would be a library call on a processor without one.
enum DenseProduct {
    /// output[i] += row[i] · factor. Both have the same length.
    @inline(__always)
    static func addScaled<Number: ReferenceNumber>(
        _ row: UnsafeBufferPointer<Number>, by factor: Number, to output: UnsafeMutableBufferPointer<Number>
    ) {
        let whole = row.count & ~7
        for index in whole..<row.count { unsafe output[index] += row[index] * factor }
        guard whole > 0, let source = unsafe UnsafeRawPointer(row.baseAddress),
            let destination = UnsafeMutableRawPointer(output.baseAddress)
        else { return }
        var offset = 0
        while offset < whole * MemoryLayout<Number>.stride {
            let sum =
                unsafe destination.loadUnaligned(fromByteOffset: offset, as: SIMD8<Number>.self)
                + source.loadUnaligned(fromByteOffset: offset, as: SIMD8<Number>.self) * factor
            unsafe destination.storeBytes(of: sum, toByteOffset: offset, as: SIMD8<Number>.self)
            offset += MemoryLayout<SIMD8<Number>>.stride
        }
    }
}

extension DenseProduct {
    /// Rows and columns of the result that one worker takes: 32 × 256 sums, 64 KiB.
    private static let (tileRows, tileColumns) = (32, 256)
    /// Rows of the right operand that are read for all of a tile's rows before the next ones: 128 KiB of them.
    private static let tileDepth = 64

    /// left · right: `left` has rows of `depth` elements, `right` has `depth` rows of `columns`.
    ///
    /// - Complexity: O(rows × depth × columns), on all cores; the right operand is read once for 32 rows.
    static func product<Number: ReferenceNumber>(
        _ left: [Number], _ right: [Number], depth: Int, columns: Int
    ) -> [Number] {
        let rows = left.count / max(depth, 1)
        let columnTiles = (columns + tileColumns - 1) / tileColumns
        return unsafe Parallel.fill(size: rows * columns, parts: (rows + tileRows - 1) / tileRows * columnTiles) {
            part, output in
            let (rowTile, columnTile) = part.quotientAndRemainder(dividingBy: columnTiles)
            let ownRows = (rowTile * tileRows)..<min((rowTile + 1) * tileRows, rows)
            let ownColumns = (columnTile * tileColumns)..<min((columnTile + 1) * tileColumns, columns)
            unsafe left.withUnsafeBufferPointer { left in
                unsafe right.withUnsafeBufferPointer { right in
                    for first in stride(from: 0, to: depth, by: tileDepth) {
                        let steps = first..<min(first + tileDepth, depth)
                        for row in ownRows {
                            let start = row * columns
                            unsafe addScaledRows(
                                right, columns: ownColumns, stride: columns, rows: steps,
                                by: left.extracting((row * depth)..<((row + 1) * depth)),
                                to: output.extracting((start + ownColumns.lowerBound)..<(start + ownColumns.upperBound))
                            )
                        }
                    }
                }
            }
        }
    }

    /// output += Σ over `rows` of factors[row] · those columns of the matrix's row; four rows at a time.
    private static func addScaledRows<Number: ReferenceNumber>(
        _ matrix: UnsafeBufferPointer<Number>, columns: Range<Int>, stride: Int, rows: Range<Int>,
        by factors: UnsafeBufferPointer<Number>, to output: UnsafeMutableBufferPointer<Number>
    ) {
        func row(_ index: Int) -> UnsafeBufferPointer<Number> {
            matrix.extracting((index * stride + columns.lowerBound)..<(index * stride + columns.upperBound))
        }
        var index = rows.lowerBound
        while index + 4 <= rows.upperBound {
            unsafe addScaled(
                (row(index), row(index + 1), row(index + 2), row(index + 3)),
                by: (factors[index], factors[index + 1], factors[index + 2], factors[index + 3]), to: output)
            index += 4
        }
        while index < rows.upperBound {
            unsafe addScaled(row(index), by: factors[index], to: output)
            index += 1
        }
    }

    /// output[i] += Σ rows[j][i] · factors[j]: the output is loaded and stored once for the four rows.
    @inline(__always)
    private static func addScaled<Number: ReferenceNumber>(
        _ rows: (
            UnsafeBufferPointer<Number>, UnsafeBufferPointer<Number>, UnsafeBufferPointer<Number>,
            UnsafeBufferPointer<Number>
        ), by factors: (Number, Number, Number, Number), to output: UnsafeMutableBufferPointer<Number>
    ) {
        let whole = output.count & ~7
        for index in whole..<output.count {
            unsafe output[index] +=
                (rows.0[index] * factors.0 + rows.1[index] * factors.1)
                + (rows.2[index] * factors.2 + rows.3[index] * factors.3)
        }
        guard whole > 0, let first = unsafe UnsafeRawPointer(rows.0.baseAddress),
            let second = unsafe UnsafeRawPointer(rows.1.baseAddress),
            let third = unsafe UnsafeRawPointer(rows.2.baseAddress),
            let fourth = unsafe UnsafeRawPointer(rows.3.baseAddress),
            let destination = UnsafeMutableRawPointer(output.baseAddress)
        else { return }
        var offset = 0
        while offset < whole * MemoryLayout<Number>.stride {
            let left =
                unsafe first.loadUnaligned(fromByteOffset: offset, as: SIMD8<Number>.self) * factors.0
                + second.loadUnaligned(fromByteOffset: offset, as: SIMD8<Number>.self) * factors.1
            let right =
                unsafe third.loadUnaligned(fromByteOffset: offset, as: SIMD8<Number>.self) * factors.2
                + fourth.loadUnaligned(fromByteOffset: offset, as: SIMD8<Number>.self) * factors.3
            let sum =
                unsafe destination.loadUnaligned(fromByteOffset: offset, as: SIMD8<Number>.self) + (left + right)
            unsafe destination.storeBytes(of: sum, toByteOffset: offset, as: SIMD8<Number>.self)
            offset += MemoryLayout<SIMD8<Number>>.stride
        }
    }
}
