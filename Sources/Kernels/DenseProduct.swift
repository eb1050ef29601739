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
