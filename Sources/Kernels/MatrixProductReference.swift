import Statistics

/// c = a · b, with operands as they are (`bits` 0), both in 8 bits, or b in 4 bits.
///
/// With `bits` 8, every row of a and every column of b is a scale times integers in −127…127. With `bits` 4, every
/// block of 32 along a column of b is a scale, of either sign, times integers in −8…7, and a stays as it is (Dettmers
/// et al. 2022, section 2; the block size is that of common 4-bit weight files). Strategies of every format compute the
/// same product of these numbers, so they can be compared at equal work.
struct MatrixProductReference: ComputedReference {
    /// Consecutive elements of a column that share a 4-bit scale.
    static let blockSize = 32
    let family = "matmul"

    func validate(_ parameters: [String: Int]) throws(KernelError) {
        let (bits, depth) = (parameters["bits"] ?? 0, parameters["K"] ?? 1)
        guard [0, 4, 8].contains(bits) else {
            throw KernelError(.invalidParameter, "matmul: bits=\(bits); expected 0 (as stored), 4 or 8")
        }
        guard bits == 0 || depth % Self.blockSize == 0 else {
            throw KernelError(
                .invalidParameter,
                "matmul: K=\(depth) with bits=\(bits); packed operands need a multiple of \(Self.blockSize)")
        }
    }

    func inputs(_ parameters: [String: Int], precision: Precision, seed: UInt64) throws(KernelError) -> [String: Tensor]
    {
        let (rows, columns, depth) = (parameters["M"] ?? 1, parameters["N"] ?? 1, parameters["K"] ?? 1)
        let bits = parameters["bits"] ?? 0
        let a = Tensor.normal(shape: [rows, depth], precision: precision, seed: seed, purpose: "matmul.a")
        let b = Tensor.normal(
            shape: [depth, columns], scale: 1 / Double(depth).squareRoot(), precision: precision, seed: seed,
            purpose: "matmul.b")
        switch bits {
        case 8:
            let left = QuantizedRows(rounding: a.doubles, count: rows, block: depth, .eightBits, precision)
            let right = QuantizedRows(
                rounding: b.doubles.transposed(rows: depth), count: columns, block: depth, .eightBits, precision)
            return [
                "a": Tensor(shape: [rows, depth], rounding: left.values, to: precision),
                "b": Tensor(shape: [depth, columns], rounding: right.values.transposed(rows: columns), to: precision),
            ]
        case 4:
            let right = QuantizedRows(
                rounding: b.doubles.transposed(rows: depth), count: columns, block: Self.blockSize, .fourBits,
                precision)
            return [
                "a": a,
                "b": Tensor(shape: [depth, columns], rounding: right.values.transposed(rows: columns), to: precision),
            ]
        default: return ["a": a, "b": b]
        }
    }

    func packed(
        _ names: Set<String>, _ parameters: [String: Int], inputs: [String: Tensor]
    ) throws(KernelError) -> [String: Tensor] {
        let (rows, columns, depth) = (parameters["M"] ?? 1, parameters["N"] ?? 1, parameters["K"] ?? 1)
        let precision = inputs["b"]?.precision ?? .f32
        let transposed = try inputs.doubles("b", of: family).transposed(rows: depth)
        var tensors: [String: Tensor] = [:]
        if names.contains("b_q4") || names.contains("b_q4_scales") {
            let b = try QuantizedRows(
                exactly: transposed, "the column of b", count: columns, block: Self.blockSize, .fourBits, precision)
            tensors["b_q4"] = b.words(bits: 4, offset: 8)
            tensors["b_q4_scales"] = b.scaleTensor(precision)
        }
        if names.contains("b_q8") || names.contains("b_q8_scales") {
            let b = try QuantizedRows(
                exactly: transposed, "the column of b", count: columns, block: depth, .eightBits, precision)
            tensors["b_q8"] = b.words(bits: 8, offset: 0)
            tensors["b_q8_scales"] = Tensor(shape: [columns], rounding: b.scales, to: precision)
        }
        if names.contains("a_q8") || names.contains("a_q8_scales") {
            let values = try inputs.doubles("a", of: family)
            let a = try QuantizedRows(exactly: values, "the row of a", count: rows, block: depth, .eightBits, precision)
            tensors["a_q8"] = a.words(bits: 8, offset: 0)
            tensors["a_q8_scales"] = Tensor(shape: [rows], rounding: a.scales, to: precision)
        }
        return tensors
    }

    func computed<Number: ReferenceNumber>(
        _ parameters: [String: Int], _ inputs: [String: Tensor]
    ) throws(KernelError) -> [String: [Number]] {
        let a: [Number] = try inputs.numbers("a", of: family)
        let b: [Number] = try inputs.numbers("b", of: family)
        return ["c": DenseProduct.product(a, b, depth: parameters["K"] ?? 1, columns: parameters["N"] ?? 1)]
    }

    func flops(_ parameters: [String: Int]) -> Double {
        2 * Double(parameters["M"] ?? 1) * Double(parameters["N"] ?? 1) * Double(parameters["K"] ?? 1)
    }

    /// The operands in their most compact form, and the result.
    func minimumBytes(_ parameters: [String: Int], precision: Precision) -> Double {
        let (rows, columns) = (Double(parameters["M"] ?? 1), Double(parameters["N"] ?? 1))
        let (depth, size) = (Double(parameters["K"] ?? 1), Double(precision.byteCount))
        let result = rows * columns * size
        switch parameters["bits"] ?? 0 {
        case 8: return (rows + columns) * (depth + size) + result
        case 4: return rows * depth * size + columns * depth * (0.5 + size / Double(Self.blockSize)) + result
        default: return (rows + columns) * depth * size + result
        }
    }

    func tokens(_ parameters: [String: Int]) -> Double? { Double(parameters["M"] ?? 1) }

    var hardCases: [(name: String, parameters: [String: Int])] {
        [
            ("sizes that no tile divides", ["M": 37, "N": 53, "K": 71]),
            ("one row: decode", ["M": 1, "N": 131, "K": 96]),
            ("one column", ["M": 45, "N": 1, "K": 64]), ("one product", ["M": 1, "N": 1, "K": 1]),
            ("depth below a tile", ["M": 64, "N": 64, "K": 3]),
            ("8 bits, odd sizes", ["M": 19, "N": 45, "K": 96, "bits": 8]),
            ("4 bits, odd sizes", ["M": 19, "N": 45, "K": 96, "bits": 4]),
            ("4 bits, one row", ["M": 1, "N": 77, "K": 256, "bits": 4]),
        ]
    }
}

extension [Double] {
    /// The transpose of a row-major matrix of `rows` rows.
    fileprivate func transposed(rows: Int) -> [Double] {
        guard rows > 0 else { return [] }
        let columns = count / rows
        var result: [Double] = []
        result.reserveCapacity(count)
        for column in 0..<columns { for row in 0..<rows { result.append(self[row * columns + column]) } }
        return result
    }
}
