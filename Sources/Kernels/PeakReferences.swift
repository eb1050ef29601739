import Statistics

/// Chains of fused multiply-adds in registers: the arithmetic peak of a device.
///
/// y[i] = x[i] · 0.9375^R + Σ 0.0625 · 0.9375^r, by R repetitions of y ← y · 0.9375 + 0.0625 on `N` independent
/// elements. Both constants are exact in binary, and the factor is far enough from 1 that rounding errors die out
/// instead of adding up.
struct PeakFlopsReference: FamilyReference {
    let family = "peak-flops"
    let hardCases: [(name: String, parameters: [String: Int])] = []

    func inputs(_ parameters: [String: Int], precision: Precision, seed: UInt64) throws(KernelError) -> [String: Tensor]
    {
        ["x": .normal(shape: [parameters["N"] ?? 0], precision: precision, seed: seed, purpose: "peak-flops.x")]
    }

    func outputs(_ parameters: [String: Int], inputs: [String: Tensor]) throws(KernelError) -> [String: [Double]] {
        let (factor, addend) = (Double(Float(0.9375)), Double(Float(0.0625)))
        var (power, offset) = (1.0, 0.0)
        for _ in 0..<(parameters["R"] ?? 0) {
            power *= factor
            offset = offset * factor + addend
        }
        return ["y": (inputs["x"]?.doubles ?? []).map { $0 * power + offset }]
    }

    func flops(_ parameters: [String: Int]) -> Double {
        2 * Double(parameters["N"] ?? 0) * Double(parameters["R"] ?? 0)
    }

    func minimumBytes(_ parameters: [String: Int], precision: Precision) -> Double {
        2 * Double(parameters["N"] ?? 0) * Double(precision.byteCount)
    }

    func tokens(_ parameters: [String: Int]) -> Double? { nil }
}

/// Chains of dot products of 8-bit integers in registers: y ← C − y, R times. With an even `R` the words are what they
/// were.
struct PeakIntegerDotReference: FamilyReference {
    let family = "peak-int8-dot"
    let hardCases: [(name: String, parameters: [String: Int])] = []

    func inputs(_ parameters: [String: Int], precision: Precision, seed: UInt64) throws(KernelError) -> [String: Tensor]
    {
        let limit = (parameters["C"] ?? 0) + 1
        return ["x": .integers(shape: [parameters["N"] ?? 0], below: limit, seed: seed, purpose: "peak-int8-dot.x")]
    }

    func outputs(_ parameters: [String: Int], inputs: [String: Tensor]) throws(KernelError) -> [String: [Double]] {
        let sum = Double(parameters["C"] ?? 0), isOdd = (parameters["R"] ?? 0) % 2 == 1
        return ["y": (inputs["x"]?.doubles ?? []).map { isOdd ? sum - $0 : $0 }]
    }

    func flops(_ parameters: [String: Int]) -> Double {
        8 * Double(parameters["N"] ?? 0) * Double(parameters["R"] ?? 0)
    }

    func minimumBytes(_ parameters: [String: Int], precision: Precision) -> Double {
        2 * Double(parameters["N"] ?? 0) * 4
    }

    func tokens(_ parameters: [String: Int]) -> Double? { nil }
}

/// Chains of products in matrix units: every 16 × 64 elements of y are R/2 · (a₀ + a₁) · bᵀ.
///
/// Operands are integers and a₁ is −a₀ but for one element a row, where it is one more: every sum on the way is an
/// integer below 2²⁴, which matrix units hold exactly however they round.
struct PeakMatrixReference: FamilyReference {
    /// How the operands are stored: as floats of the workload's precision, or as bytes, four a word.
    enum Operands { case floats, bytes }

    let operands: Operands
    let hardCases: [(name: String, parameters: [String: Int])] = []

    private static let rows = 16, columns = 64, depth = 32
    /// Operands lie between −`largest` and `largest`.
    private static let largest = 7

    var family: String { operands == .floats ? "peak-matrix" : "peak-matrix-int8" }

    func inputs(_ parameters: [String: Int], precision: Precision, seed: UInt64) throws(KernelError) -> [String: Tensor]
    {
        func integers(_ count: Int, _ name: String) -> [Double] {
            Tensor.integers(shape: [count], below: 2 * Self.largest + 1, seed: seed, purpose: "\(family).\(name)")
                .doubles
                .map { $0 - Double(Self.largest) }
        }
        let first = integers(Self.rows * Self.depth, "a")
        let second = first.enumerated().map { index, value in
            index % Self.depth == index / Self.depth ? 1 - value : -value
        }
        return [
            "a": stored(first + second, shape: [2, Self.rows, Self.depth], precision),
            "b": stored(integers(Self.columns * Self.depth, "b"), shape: [Self.columns, Self.depth], precision),
        ]
    }

    private func stored(_ values: [Double], shape: [Int], _ precision: Precision) -> Tensor {
        guard operands == .bytes else { return Tensor(shape: shape, rounding: values, to: precision) }
        let words = stride(from: 0, to: values.count, by: 4).map { start in
            Int32(
                bitPattern: values[start..<start + 4].reversed().reduce(UInt32(0)) { word, value in
                    word << 8 | UInt32(UInt8(bitPattern: Int8(value)))
                })
        }
        return Tensor(shape: shape.dropLast() + [Self.depth / 4], elements: .i32(words))
    }

    /// The integers of a tensor.
    private func values(_ tensor: Tensor?) -> [Double] {
        guard let tensor else { return [] }
        guard operands == .bytes else { return tensor.doubles }
        return tensor.doubles.flatMap { word in
            (0..<4).map { Double(Int8(truncatingIfNeeded: Int32(word) >> (8 * $0))) }
        }
    }

    func outputs(_ parameters: [String: Int], inputs: [String: Tensor]) throws(KernelError) -> [String: [Double]] {
        let (a, b) = (values(inputs["a"]), values(inputs["b"]))
        let pairs = Double((parameters["R"] ?? 0) / 2)
        var tile: [Double] = []
        for row in 0..<Self.rows {
            for column in 0..<Self.columns {
                tile.append(
                    pairs
                        * (0..<Self.depth).reduce(0.0) { sum, k in
                            sum + (a[row * Self.depth + k] + a[(Self.rows + row) * Self.depth + k])
                                * b[column * Self.depth + k]
                        })
            }
        }
        let tiles = (parameters["N"] ?? 0) / tile.count
        return ["y": [[Double]](repeating: tile, count: tiles).flatMap(\.self)]
    }

    func flops(_ parameters: [String: Int]) -> Double {
        2 * Double(Self.depth) * Double(parameters["N"] ?? 0) * Double(parameters["R"] ?? 0)
    }

    func minimumBytes(_ parameters: [String: Int], precision: Precision) -> Double {
        let bytes = operands == .bytes ? 1 : precision.byteCount
        return 4 * Double(parameters["N"] ?? 0) + Double((2 * Self.rows + Self.columns) * Self.depth * bytes)
    }

    func tokens(_ parameters: [String: Int]) -> Double? { nil }
}

/// y = 0.5 · x over arrays larger than any cache: the memory bandwidth of a device (STREAM's "scale", McCalpin 1995).
struct PeakBandwidthReference: FamilyReference {
    let family = "peak-bandwidth"
    private static let blockElements = 1 << 16
    let hardCases: [(name: String, parameters: [String: Int])] = []

    func inputs(_ parameters: [String: Int], precision: Precision, seed: UInt64) throws(KernelError) -> [String: Tensor]
    {
        // Many elements, and all that is asked of them is that they are not all alike: a block over and over again.
        let count = parameters["N"] ?? 0
        let block = Tensor.normal(
            shape: [min(count, Self.blockElements)], precision: precision, seed: seed, purpose: "peak-bandwidth.x"
        ).elements
        return ["x": Tensor(shape: [count], elements: block.array.repeated(count: count))]
    }

    func outputs(_ parameters: [String: Int], inputs: [String: Tensor]) throws(KernelError) -> [String: [Double]] {
        ["y": (inputs["x"]?.doubles ?? []).map { $0 * 0.5 }]
    }

    func flops(_ parameters: [String: Int]) -> Double { Double(parameters["N"] ?? 0) }

    func minimumBytes(_ parameters: [String: Int], precision: Precision) -> Double {
        2 * Double(parameters["N"] ?? 0) * Double(precision.byteCount)
    }

    func tokens(_ parameters: [String: Int]) -> Double? { nil }
}

/// y = x for one number: what launching a kernel costs, there being next to nothing in it.
struct EmptyDispatchReference: FamilyReference {
    let family = "empty-dispatch"
    let hardCases: [(name: String, parameters: [String: Int])] = []

    func inputs(_ parameters: [String: Int], precision: Precision, seed: UInt64) throws(KernelError) -> [String: Tensor]
    {
        ["x": .normal(shape: [parameters["N"] ?? 1], precision: precision, seed: seed, purpose: "empty-dispatch.x")]
    }

    func outputs(_ parameters: [String: Int], inputs: [String: Tensor]) throws(KernelError) -> [String: [Double]] {
        ["y": try inputs.doubles("x", of: family)]
    }

    func flops(_ parameters: [String: Int]) -> Double { 0 }

    func minimumBytes(_ parameters: [String: Int], precision: Precision) -> Double {
        2 * Double(parameters["N"] ?? 1) * Double(precision.byteCount)
    }

    func tokens(_ parameters: [String: Int]) -> Double? { nil }
}
