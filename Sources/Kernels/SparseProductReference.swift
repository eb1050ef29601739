import Statistics

/// c = a · b with a sparse a (Gale et al. 2020, Sparse GPU Kernels for Deep Learning, section 2).
///
/// The pattern of a is Bernoulli with `density` percent, in blocks of `block` × `block`; with `twoFour` 1, two of every
/// four consecutive columns are kept instead (Mishra et al. 2021). A user's own matrix replaces it under the name `a`.
struct SparseProductReference: ComputedReference {
    let family = "spmm"

    func validate(_ parameters: [String: Int]) throws(KernelError) {
        let shape = SparseShape(parameters)
        guard !shape.isTwoFour || (shape.depth % 4 == 0 && shape.block == 1) else {
            throw KernelError(
                .invalidParameter,
                "spmm: twoFour=1 takes block=1 and a K that 4 divides; found K=\(shape.depth), block=\(shape.block)"
            )
        }
    }

    func inputs(_ parameters: [String: Int], precision: Precision, seed: UInt64) throws(KernelError) -> [String: Tensor]
    { try inputs(parameters, precision: precision, seed: seed, without: []) }

    func inputs(
        _ parameters: [String: Int], precision: Precision, seed: UInt64, without given: Set<String>
    ) throws(KernelError) -> [String: Tensor] {
        let shape = SparseShape(parameters)
        var tensors: [String: Tensor] = [:]
        if !given.contains("a_indices") {
            let expected = Double(shape.rows) * Double(shape.depth) * Double(shape.isTwoFour ? 50 : shape.density) / 100
            guard expected < 0x1p30 else {
                throw KernelError(
                    .invalidParameter, "spmm: about \(expected.rounded()) stored elements; 32-bit offsets take 2^30")
            }
            tensors = Self.tensors(
                try shape.pattern(parameters, seed: seed), precision: precision, seed: seed)
        }
        tensors["b"] = .normal(
            shape: [shape.depth, shape.columns], precision: precision, seed: seed, purpose: "spmm.b")
        return tensors
    }

    func inputs(
        named name: String, from matrix: SparseMatrix, precision: Precision
    ) throws(KernelError) -> (inputs: [String: Tensor], parameters: [String: Int])? {
        guard name == "a" else { return nil }
        guard matrix.rowCount > 0, matrix.columnCount > 0 else {
            throw KernelError(.invalidInput, "spmm: 'a' has no elements; expected at least one row and one column")
        }
        let share = Double(matrix.storedCount) / (Double(matrix.rowCount) * Double(matrix.columnCount))
        let density = min(max(Int((100 * share).rounded(.up)), 1), 100)
        return (
            Self.tensors(matrix, precision: precision, seed: 1),
            ["M": matrix.rowCount, "K": matrix.columnCount, "density": density]
        )
    }

    /// CSR. A matrix that is only a pattern gets normal values, scaled so that products stay of size 1.
    private static func tensors(_ matrix: SparseMatrix, precision: Precision, seed: UInt64) -> [String: Tensor] {
        let count = matrix.storedCount
        let perRow = max(Double(count) / Double(max(matrix.rowCount, 1)), 1)
        let data =
            matrix.values.map { Tensor(shape: [count], rounding: $0, to: precision) }
            ?? .normal(
                shape: [count], scale: 1 / perRow.squareRoot(), precision: precision, seed: seed, purpose: "spmm.a")
        return [
            "a_indptr": Tensor(
                shape: [matrix.rowStarts.count], elements: .i32(matrix.rowStarts.map { Int32($0) })),
            "a_indices": Tensor(shape: [count], elements: .i32(matrix.columns.map { Int32($0) })), "a_data": data,
        ]
    }

    /// The matrix that the inputs hold, checked.
    private func matrix(_ parameters: [String: Int], _ inputs: [String: Tensor]) throws(KernelError) -> SparseMatrix {
        let shape = SparseShape(parameters)
        return try SparseMatrix(
            rowCount: shape.rows, columnCount: shape.depth,
            rowStarts: try inputs.doubles("a_indptr", of: family).map { Int($0) },
            columns: try inputs.doubles("a_indices", of: family).map { Int($0) },
            values: try inputs.doubles("a_data", of: family), name: "spmm: 'a'")
    }

    func derivedParameters(
        _ parameters: [String: Int], inputs: [String: Tensor]
    ) throws(KernelError) -> [String: Int] {
        let matrix = try matrix(parameters, inputs)
        let block = SparseShape(parameters).block
        return [
            "nnz": matrix.storedCount, "longestRow": matrix.rowLengths.max() ?? 0,
            "sellSize": matrix.slicedRows.last ?? 0,
            "bsrBlocks": block == 1 ? matrix.storedCount : matrix.blockColumns(block).joined().count,
        ]
    }

    func packed(
        _ names: Set<String>, _ parameters: [String: Int], inputs: [String: Tensor]
    ) throws(KernelError) -> [String: Tensor] {
        let matrix = try matrix(parameters, inputs)
        let precision = inputs["a_data"]?.precision ?? .f32
        var tensors: [String: Tensor] = [:]
        if names.contains("a_dense") { tensors.merge(matrix.dense(precision)) { $1 } }
        if names.contains(where: { $0.hasPrefix("a_sell") }) { tensors.merge(matrix.sliced(precision)) { $1 } }
        if names.contains(where: { $0.hasPrefix("a_bsr") }) {
            tensors.merge(matrix.blocked(SparseShape(parameters).block, precision)) { $1 }
        }
        if names.contains(where: { $0.hasPrefix("a_two_four") }) {
            tensors.merge(try matrix.twoFour(precision)) { $1 }
        }
        return tensors
    }

    func computed<Number: ReferenceNumber>(
        _ parameters: [String: Int], _ inputs: [String: Tensor]
    ) throws(KernelError) -> [String: [Number]] {
        let matrix = try matrix(parameters, inputs)
        let values: [Number] = try inputs.numbers("a_data", of: family)
        let columns = SparseShape(parameters).columns
        let b: [Number] = try inputs.numbers("b", of: family)
        let c: [Number] = unsafe Parallel.fill(parts: matrix.rowCount, size: columns) { row, output in
            unsafe b.withUnsafeBufferPointer { b in
                for place in matrix.rowStarts[row]..<matrix.rowStarts[row + 1] {
                    let start = matrix.columns[place] * columns
                    unsafe DenseProduct.addScaled(
                        b.extracting(start..<(start + columns)), by: values[place], to: output)
                }
            }
        }
        return ["c": c]
    }

    func flops(_ parameters: [String: Int]) -> Double {
        let shape = SparseShape(parameters)
        return 2 * shape.storedElements(parameters) * Double(shape.columns)
    }

    func minimumBytes(_ parameters: [String: Int], precision: Precision) -> Double {
        let shape = SparseShape(parameters)
        let size = Double(precision.byteCount)
        return shape.storedElements(parameters) * (size + 4) + 4 * Double(shape.rows + 1)
            + Double(shape.depth + shape.rows) * Double(shape.columns) * size
    }

    func tokens(_ parameters: [String: Int]) -> Double? { nil }

    var hardCases: [(name: String, parameters: [String: Int])] {
        let base = ["M": 93, "K": 131, "N": 37, "density": 10, "block": 1, "twoFour": 0]
        func with(_ changes: [String: Int]) -> [String: Int] { base.merging(changes) { $1 } }
        return [
            ("sizes that no tile divides", base), ("empty rows", with(["emptyRows": 1])),
            ("one dense row", with(["denseRow": 1, "density": 2])), ("power-law rows", with(["powerLaw": 1])),
            ("one column: a matrix times a vector", with(["N": 1])), ("one row", with(["M": 1])),
            ("a full matrix", with(["density": 100])), ("blocks of 16", with(["block": 16, "density": 30])),
            ("blocks of 32 that the sizes divide", with(["M": 96, "K": 128, "block": 32, "density": 30])),
            ("two of four", with(["K": 128, "twoFour": 1])),
            ("empty rows, and columns that vectors divide", with(["emptyRows": 1, "N": 64])),
            ("one dense row, and columns that vectors divide", with(["denseRow": 1, "density": 2, "N": 40])),
        ]
    }
}

/// The parameters of a sparse product by name.
struct SparseShape: Sendable {
    let rows, depth, columns, density, block: Int
    let isTwoFour: Bool

    init(_ parameters: [String: Int]) {
        rows = parameters["M"] ?? 1
        depth = parameters["K"] ?? 1
        columns = parameters["N"] ?? 1
        density = parameters["density"] ?? 10
        block = max(parameters["block"] ?? 1, 1)
        isTwoFour = parameters["twoFour"] == 1
    }

    /// Known from the data, or else as many as are expected.
    func storedElements(_ parameters: [String: Int]) -> Double {
        parameters["nnz"].map { Double($0) } ?? Double(rows) * Double(depth) * Double(isTwoFour ? 50 : density) / 100
    }

    /// A seeded pattern without values; the keys of hard cases shape its rows.
    func pattern(_ parameters: [String: Int], seed: UInt64) throws(KernelError) -> SparseMatrix {
        var generator = SeededGenerator(seed: seed, purpose: "spmm.pattern")
        var starts = [0]
        var columns: [Int] = []
        var blockRow: [Int] = []
        for row in 0..<rows {
            if isTwoFour {
                for group in 0..<(depth / 4) {
                    let first = Int.random(in: 0..<4, using: &generator)
                    let second = (first + Int.random(in: 1..<4, using: &generator)) % 4
                    columns += [group * 4 + min(first, second), group * 4 + max(first, second)]
                }
            } else {
                if row % block == 0 { blockRow = blocks(row, parameters, &generator) }
                for start in blockRow { columns += (start * block)..<min((start + 1) * block, depth) }
            }
            starts.append(columns.count)
        }
        return try SparseMatrix(rowCount: rows, columnCount: depth, rowStarts: starts, columns: columns, values: nil)
    }

    /// The block columns of a block row.
    private func blocks(_ row: Int, _ parameters: [String: Int], _ generator: inout SeededGenerator) -> [Int] {
        if parameters["emptyRows"] == 1, row % 3 != 1 { return [] }
        var share = Double(density) / 100
        if parameters["denseRow"] == 1, row == rows / 2 { share = 1 }
        if parameters["powerLaw"] == 1 { share = min(1, 0.02 / max(generator.uniform(), 1e-9)) }
        return (0..<((depth + block - 1) / block)).filter { _ in generator.uniform() < share }
    }
}
