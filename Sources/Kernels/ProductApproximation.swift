import Statistics

/// How far a product of a model strays when its operands are stored as a workload stores them: with fewer bits, or
/// without half of the weights.
///
/// Verification does not show that: kernels are held against the product of the rounded numbers. Here the unrounded
/// product is the reference, of normal activations and normal weights, in float64 throughout.
public struct ProductApproximation: Hashable, Sendable {
    private static let rows = 32
    private static let columns = 128

    private let depth: Int
    /// Of 8 or 4 where operands are packed, else 0.
    private let bits: Int
    private let isTwoFour: Bool
    private let precision: Precision

    /// What the error depends on; `nil` for what is no product.
    public init?(_ workload: WorkloadCase) {
        guard let depth = workload.parameters["K"], ["matmul", "spmm", "moe"].contains(workload.family) else {
            return nil
        }
        self.depth = depth
        bits = workload.family == "matmul" ? workload.parameters["bits"] ?? 0 : 0
        isTwoFour = workload.family == "spmm" && workload.parameters["twoFour"] == 1
        precision = workload.precision
    }

    /// ‖x·W − x′·W′‖ ÷ ‖x·W‖ over some rows and columns.
    public func relativeError() -> Double {
        let (rows, columns) = (Self.rows, Self.columns)
        var generator = SeededGenerator(seed: 1, purpose: "product approximation")
        let x = (0..<(rows * depth)).map { _ in generator.normal() }
        // A row a column of W, as weights are packed.
        let w = (0..<(columns * depth)).map { _ in generator.normal() / Double(depth).squareRoot() }
        let stored = stored(x, w)
        var (error, size) = (0.0, 0.0)
        for row in 0..<rows {
            for column in 0..<columns {
                let exact = product(x, w, row, column)
                let difference = product(stored.x, stored.w, row, column) - exact
                error += difference * difference
                size += exact * exact
            }
        }
        return (error / size).squareRoot()
    }

    private func stored(_ x: [Double], _ w: [Double]) -> (x: [Double], w: [Double]) {
        let block = bits == 4 ? MatrixProductReference.blockSize : depth
        func packed(_ values: [Double], _ count: Int, _ grid: QuantizedRows.Grid) -> [Double] {
            QuantizedRows(rounding: values, count: count, block: block, grid, precision).values
        }
        func rounded(_ values: [Double]) -> [Double] {
            Tensor(shape: [values.count], rounding: values, to: precision).doubles
        }
        switch bits {
        case 8: return (packed(x, Self.rows, .eightBits), packed(w, Self.columns, .eightBits))
        case 4: return (rounded(x), packed(w, Self.columns, .fourBits))
        default: return (rounded(x), rounded(isTwoFour ? Self.largestTwoOfFour(w) : w))
        }
    }

    /// The two larger of every four consecutive weights, zeros for the others (Mishra et al. 2021, section 4).
    private static func largestTwoOfFour(_ weights: [Double]) -> [Double] {
        var result = weights
        for start in stride(from: 0, to: weights.count - 3, by: 4) {
            let places = (start..<(start + 4)).sorted { abs(weights[$0]) < abs(weights[$1]) }
            for place in places.prefix(2) { result[place] = 0 }
        }
        return result
    }

    private func product(_ x: [Double], _ w: [Double], _ row: Int, _ column: Int) -> Double {
        var sum = 0.0
        for place in 0..<depth { sum += x[row * depth + place] * w[column * depth + place] }
        return sum
    }
}
