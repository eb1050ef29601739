/// The inner loops of the float64 oracles.
///
/// Eight independent sums hide the latency of an addition, which is most of what a scalar loop waits for. Products and
/// sums are rounded separately: a fused multiply-add would be a library call on a processor without one.
enum DenseProduct {
    /// Σ a[i] · b[i]. Both have the same length.
    @inline(__always)
    static func dot(_ a: UnsafeBufferPointer<Double>, _ b: UnsafeBufferPointer<Double>) -> Double {
        let whole = a.count & ~7
        var sum = 0.0
        for index in whole..<a.count { unsafe sum += a[index] * b[index] }
        guard whole > 0, let left = unsafe UnsafeRawPointer(a.baseAddress),
            let right = unsafe UnsafeRawPointer(b.baseAddress)
        else { return sum }
        var sums = SIMD8<Double>.zero
        var offset = 0
        while offset < whole * 8 {
            unsafe sums +=
                left.loadUnaligned(fromByteOffset: offset, as: SIMD8<Double>.self)
                * right.loadUnaligned(fromByteOffset: offset, as: SIMD8<Double>.self)
            offset += 64
        }
        return sum + sums.sum()
    }

    /// output[i] += row[i] · factor. Both have the same length.
    @inline(__always)
    static func addScaled(
        _ row: UnsafeBufferPointer<Double>, by factor: Double, to output: UnsafeMutableBufferPointer<Double>
    ) {
        let whole = row.count & ~7
        for index in whole..<row.count { unsafe output[index] += row[index] * factor }
        guard whole > 0, let source = unsafe UnsafeRawPointer(row.baseAddress),
            let destination = UnsafeMutableRawPointer(output.baseAddress)
        else { return }
        var offset = 0
        while offset < whole * 8 {
            let sum =
                unsafe destination.loadUnaligned(fromByteOffset: offset, as: SIMD8<Double>.self)
                + source.loadUnaligned(fromByteOffset: offset, as: SIMD8<Double>.self) * factor
            unsafe destination.storeBytes(of: sum, toByteOffset: offset, as: SIMD8<Double>.self)
            offset += 64
        }
    }
}

extension DenseProduct {
    /// row · W, where W lies row-major from `start` and has `columns` columns.
    static func product(_ row: [Double], _ matrix: [Double], start: Int, columns: Int) -> [Double] {
        var output = [Double](repeating: 0, count: columns)
        unsafe matrix.withUnsafeBufferPointer { matrix in
            unsafe output.withUnsafeMutableBufferPointer { output in
                for (index, factor) in row.enumerated() {
                    let begin = start + index * columns
                    unsafe addScaled(matrix.extracting(begin..<(begin + columns)), by: factor, to: output)
                }
            }
        }
        return output
    }
}
