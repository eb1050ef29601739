import FoundationEssentials
import Kernels
import Statistics
import TestSupport
import Testing

private func read(_ text: String, _ name: String = "x.mtx") throws(KernelError) -> SparseMatrix {
    try SparseMatrix(name: name, bytes: Array(text.utf8))
}

@Suite("Sparse matrix files")
struct SparseMatrixTests {
    @Test("a general real matrix: comments, blank lines and unsorted entries")
    func general() throws {
        let matrix = try read(
            """
            %%MatrixMarket matrix coordinate real general
            % a comment

            %another
            3 4 4
            3 4 -1.5e1
            1 2 2
            3 1 0.25

            1 1 7
            """)
        #expect(matrix.rowCount == 3 && matrix.columnCount == 4)
        #expect(matrix.rowStarts == [0, 2, 2, 4])
        #expect(matrix.columns == [0, 1, 0, 3])
        #expect(matrix.values == [7, 2, 0.25, -15])
    }

    @Test("a symmetric matrix is stored below its diagonal and read whole")
    func symmetric() throws {
        let matrix = try read("%%MatrixMarket matrix coordinate integer symmetric\n3 3 3\n1 1 5\n3 1 2\n3 2 -4\n")
        #expect(matrix.rowStarts == [0, 2, 3, 5])
        #expect(matrix.columns == [0, 2, 2, 0, 1])
        #expect(matrix.values == [5, 2, -4, 2, -4])
    }

    @Test("a skew-symmetric matrix has the opposite above its diagonal")
    func skewSymmetric() throws {
        let matrix = try SparseMatrix(path: fixture("inputs/skew-symmetric.mtx"))
        #expect(matrix.rowStarts == [0, 2, 3, 4])
        #expect(matrix.columns == [1, 2, 0, 0])
        #expect(matrix.values == [-5, 2, 5, -2])
    }

    @Test("unsigned integers are read, and exponents with a D, as Fortran writes them")
    func otherNumbers() throws {
        let integers = try SparseMatrix(path: fixture("inputs/unsigned-integer.mtx"))
        #expect(integers.columns == [0, 1] && integers.values == [1, 2])
        #expect(try read(Self.head + "2 2 2\n1 1 1.5D+03\n2 2 -2d-1\n").values == [1500, -0.2])
    }

    @Test("a pattern has no values; Windows line ends and capitals do no harm")
    func pattern() throws {
        let matrix = try read("%%MatrixMarket MATRIX Coordinate PATTERN general\r\n2 2 2\r\n1 2\r\n2 1\r\n")
        #expect(matrix.columns == [1, 0] && matrix.values == nil)
    }

    @Test("DLMC's .smtx: sizes, row offsets, columns")
    func smtx() throws {
        let matrix = try read("3, 5, 4\n0 2 2 4\n3 1 0 4\n", "x.smtx")
        #expect(matrix.rowCount == 3 && matrix.columnCount == 5)
        #expect(matrix.rowStarts == [0, 2, 2, 4] && matrix.columns == [1, 3, 0, 4] && matrix.values == nil)
    }

    static let head = "%%MatrixMarket matrix coordinate real general\n"
    static let malformed: [(text: String, name: String, reason: String)] = [
        ("", "x.mtx", "is not a Matrix Market file"),
        ("1 2 3\n", "x.mtx", "is not a Matrix Market file"),
        ("%%MatrixMarket matrix array real general\n2 2\n", "x.mtx", "expected 'matrix coordinate'"),
        ("%%MatrixMarket matrix coordinate complex general\n", "x.mtx", "expected 'matrix coordinate'"),
        ("%%MatrixMarket matrix coordinate real hermitian\n", "x.mtx", "expected 'matrix coordinate'"),
        ("%%MatrixMarket matrix coordinate pattern skew-symmetric\n", "x.mtx", "expected 'matrix coordinate'"),
        ("%%MatrixMarket matrix coordinate real skew-symmetric\n2 2 1\n1 1 3\n", "x.mtx", "3.0 on the diagonal"),
        ("%%MatrixMarket matrix coordinate real skew-symmetric\n2 2 1\n1 2 3\n", "x.mtx", "above the diagonal"),
        ("%%MatrixMarket matrix coordinate real skew-symmetric\n2 3 0\n", "x.mtx", "as many rows as columns"),
        (head + "2 2 1\n1 1 dead\n", "x.mtx", "'dead' where a finite number"),
        (head, "x.mtx", "line 2: ends where a number of rows is expected"),
        (head + "2 2", "x.mtx", "ends where a number of entries"),
        (head + "-2 2 1\n", "x.mtx", "'-2' where a number of rows"),
        (head + "2 2 999999999999999999999\n", "x.mtx", "where a number of entries"),
        (head + "2 2 2147483000\n1 1 1\n", "x.mtx", "more than"),
        (head + "2147483000 2 1\n1 1 1\n", "x.mtx", "more than"),
        (head + "2 2 1\n3 1 1\n", "x.mtx", "line 3: '3' where a row from 1 to 2 is expected"),
        (head + "2 2 1\n1 0 1\n", "x.mtx", "line 3: '0' where a column from 1 to 2"),
        (head + "2 2 1\n1 1 nan\n", "x.mtx", "'nan' where a finite number"),
        (head + "2 2 1\n1 1 x\n", "x.mtx", "'x' where a finite number"),
        (head + "2 2 2\n1 1 1\n", "x.mtx", "ends where a row"),
        (head + "2 2 1\n1 1 1\n2 2 1\n", "x.mtx", "line 4: more than the 1 entries"),
        (head + "2 2 2\n1 1 1\n1 1 2\n", "x.mtx", "two entries at row 1, column 1"),
        ("%%MatrixMarket matrix coordinate real symmetric\n2 3 0\n", "x.mtx", "as many rows as columns"),
        ("%%MatrixMarket matrix coordinate real symmetric\n2 2 1\n1 2 4\n", "x.mtx", "above the diagonal"),
        ("", "x.smtx", "ends where a number of rows"),
        ("2, 2, 1\n0 1\n", "x.smtx", "ends where a row offset"),
        ("2, 2, 2\n0 2 1 1 0 0 0\n", "x.smtx", "more than the 2 columns"),
        ("2, 2, 2\n0 2 1\n0 1\n", "x.smtx", "do not ascend"),
        ("2, 2, 2\n0 1 2\n0 2\n", "x.smtx", "'2' where a column from 0 to 1"),
        ("1, 2, 2\n0 2\n1 1\n", "x.smtx", "the column 1 after 1"),
        ("9999999, 2, 2\n0 2\n1 1\n", "x.smtx", "more than"),
    ]

    @Test("a malformed file is one line that names the file and what is wrong", arguments: malformed)
    func refused(text: String, name: String, reason: String) {
        let error = #expect(throws: KernelError.self) { try read(text, name) }
        #expect(error?.code == .invalidInput)
        #expect(error?.description.hasPrefix("\(name): ") == true)
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("\n") == false)
    }

    @Test("random changes of a file never trap", arguments: ["x.mtx", "x.smtx"])
    func fuzzed(name: String) {
        let text = name == "x.mtx" ? Self.head + "3 4 3\n1 2 2\n3 1 0.25\n1 1 7\n" : "3, 5, 4\n0 2 2 4\n3 1 0 4\n"
        var generator = SeededGenerator(seed: 5)
        let alphabet = Array("0123456789 -.,%\ne".utf8)
        var accepted = 0
        for _ in 0..<10_000 {
            var bytes = Array(text.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[place] = alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
            }
            if (try? SparseMatrix(name: name, bytes: bytes)) != nil { accepted += 1 }
        }
        #expect(accepted < 10_000)
    }
}

@Suite("Packed operands")
struct PackedOperandTests {
    private func problem(
        _ name: String, _ parameters: [String: Int], precision: Precision = .f32, files: [String: String] = [:]
    ) throws -> Problem {
        let family = try #require(try Catalogue.shared().describedFamilies.first { $0.name == name })
        let reference = try #require(Catalogue.references.first { $0.family == name })
        let workload = WorkloadCase(
            family: name, parameters: parameters, precision: precision, seed: 4, inputs: files)
        return try Problem(workload, family: family, reference: reference, allowingHardCase: true)
    }

    /// The packed tensors of these names, with the shapes that family.json declares.
    private func packed(_ problem: Problem, _ names: [String]) throws -> [String: [Double]] {
        var plans: [TensorPlan] = []
        for tensor in problem.family.packed where names.contains(tensor.name) {
            var shape: [Int] = []
            for size in tensor.shape { shape.append(try size.integer(problem.parameters)) }
            plans.append(
                TensorPlan(
                    name: tensor.name, shape: shape, type: tensor.type ?? problem.precision.elementType))
        }
        #expect(plans.count == names.count)
        let plan = StrategyPlan(inputs: plans, outputs: [], intermediates: [], stages: [])
        return try problem.tensors(for: plan).mapValues(\.doubles)
    }

    private func cases(_ name: String) throws -> [(name: String, parameters: [String: Int])] {
        try #require(Catalogue.references.first { $0.family == name }).hardCases
    }

    @Test("every form of a sparse matrix holds the same matrix, in every hard case")
    func sparse() throws {
        for hardCase in try cases("spmm") {
            let problem = try problem("spmm", hardCase.parameters)
            let (rows, columns) = (try #require(problem.parameters["M"]), try #require(problem.parameters["K"]))
            let starts = try #require(problem.inputs["a_indptr"]).doubles.map { Int($0) }
            let indices = try #require(problem.inputs["a_indices"]).doubles.map { Int($0) }
            let data = try #require(problem.inputs["a_data"]).doubles
            var dense = [Double](repeating: 0, count: rows * columns)
            for row in 0..<rows {
                for place in starts[row]..<starts[row + 1] { dense[row * columns + indices[place]] = data[place] }
            }
            #expect(problem.parameters["nnz"] == data.count)
            #expect(try packed(problem, ["a_dense"])["a_dense"] == dense, "\(hardCase.name)")
            #expect(try sliced(problem, rows, columns) == dense, "\(hardCase.name)")
            #expect(try blocked(problem, rows, columns) == dense, "\(hardCase.name)")
            if problem.parameters["twoFour"] == 1 { #expect(try twoFour(problem, rows, columns) == dense) }
        }
    }

    private func sliced(_ problem: Problem, _ rows: Int, _ columns: Int) throws -> [Double] {
        let forms = try packed(problem, ["a_sell_offsets", "a_sell_rows", "a_sell_indices", "a_sell_data"])
        let offsets = try #require(forms["a_sell_offsets"]).map { Int($0) }
        let (order, values) = (try #require(forms["a_sell_rows"]), try #require(forms["a_sell_data"]))
        let indices = try #require(forms["a_sell_indices"])
        var dense = [Double](repeating: 0, count: rows * columns)
        for (index, row) in order.enumerated() {
            for place in stride(from: offsets[index / 32] + index % 32, to: offsets[index / 32 + 1], by: 32) {
                dense[Int(row) * columns + Int(indices[place])] += values[place]
            }
        }
        return dense
    }

    private func blocked(_ problem: Problem, _ rows: Int, _ columns: Int) throws -> [Double] {
        let block = try #require(problem.parameters["block"])
        let forms = try packed(problem, ["a_bsr_indptr", "a_bsr_indices", "a_bsr_data"])
        let starts = try #require(forms["a_bsr_indptr"]).map { Int($0) }
        let (indices, values) = (try #require(forms["a_bsr_indices"]), try #require(forms["a_bsr_data"]))
        var dense = [Double](repeating: 0, count: rows * columns)
        for row in 0..<rows {
            for place in starts[row / block]..<starts[row / block + 1] {
                for inner in 0..<block where Int(indices[place]) * block + inner < columns {
                    dense[row * columns + Int(indices[place]) * block + inner] =
                        values[(place * block + row % block) * block + inner]
                }
            }
        }
        return dense
    }

    private func twoFour(_ problem: Problem, _ rows: Int, _ columns: Int) throws -> [Double] {
        let forms = try packed(problem, ["a_two_four_data", "a_two_four_indices"])
        let (values, words) = (try #require(forms["a_two_four_data"]), try #require(forms["a_two_four_indices"]))
        let (half, wordCount) = (columns / 2, (columns / 2 + 15) / 16)
        var dense = [Double](repeating: 0, count: rows * columns)
        for row in 0..<rows {
            for slot in 0..<half {
                let word = UInt32(bitPattern: Int32(words[row * wordCount + slot / 16]))
                let inner = Int(word >> UInt32(2 * (slot % 16)) & 3)
                dense[row * columns + slot / 2 * 4 + inner] += values[row * half + slot]
            }
        }
        return dense
    }

    @Test("a mask's bits are its visible pairs, and hide what the oracle hides")
    func maskBits() throws {
        for hardCase in try cases("sparse-attention") {
            let problem = try problem("sparse-attention", hardCase.parameters)
            let words = try #require(try packed(problem, ["mask_bits"])["mask_bits"])
            let bits = words.map { UInt32(bitPattern: Int32($0)) }
            #expect(
                bits.reduce(0) { $0 + $1.nonzeroBitCount } == problem.parameters["visiblePairs"], "\(hardCase.name)")
            let rowWords = (try #require(problem.parameters["Lk"]) + 31) / 32
            let empty = Set(
                (0..<(bits.count / rowWords)).filter { row in
                    bits[(row * rowWords)..<((row + 1) * rowWords)].allSatisfy { $0 == 0 }
                })
            let output = try #require(try problem.expectedOutputs()["o"])
            let (length, size) = (try #require(problem.parameters["Lq"]), try #require(problem.parameters["D"]))
            for row in 0..<length {
                let values = output[(row * size)..<((row + 1) * size)]
                #expect(values.allSatisfy { $0 == 0 } == empty.contains(row), "\(hardCase.name), row \(row)")
            }
        }
    }

    @Test("packed operands of 8 and 4 bits are the operands, to a rounding", arguments: Precision.allCases)
    func quantized(precision: Precision) throws {
        let tolerance = 2 * precision.roundingError
        for bits in [4, 8] {
            let problem = try problem("matmul", ["M": 5, "N": 7, "K": 96, "bits": bits], precision: precision)
            let forms = try packed(problem, bits == 4 ? ["b_q4", "b_q4_scales"] : ["b_q8", "b_q8_scales"])
            let words = try #require(forms["b_q\(bits)"]).map { UInt32(bitPattern: Int32($0)) }
            let scales = try #require(forms["b_q\(bits)_scales"])
            let b = try #require(problem.inputs["b"]).doubles
            for column in 0..<7 {
                for row in 0..<96 {
                    let index = column * 96 + row
                    let field = words[index * bits / 32] >> UInt32(index * bits % 32)
                    let integer = bits == 4 ? Int(field & 15) - 8 : Int(Int8(truncatingIfNeeded: Int(field & 255)))
                    let value = Double(integer) * scales[bits == 4 ? index / 32 : column]
                    #expect(abs(value - b[row * 7 + column]) <= tolerance * abs(value))
                }
            }
        }
    }

    @Test(
        "a grid of −8…7 is taken whatever the largest of its integers is, with scales of either sign",
        arguments: Precision.allCases)
    func grids(precision: Precision) throws {
        let depth = 64
        for largest in [-8, 7, 5, -3, 1] {
            for sign in [1.0, -1] {
                // Two blocks a column, of a scale each.
                let values = (0..<(depth * 3)).map { index in
                    let (row, column) = index.quotientAndRemainder(dividingBy: 3)
                    let integer = row % 32 == 0 ? largest : (row * 7 + column) % (abs(largest) + 1) * largest.signum()
                    return sign * Double(integer) * (row < 32 ? 0.375 : 0.01171875)
                }
                let reference = try #require(Catalogue.references.first { $0.family == "matmul" })
                let b = Tensor(shape: [depth, 3], rounding: values, to: precision)
                let forms = try reference.packed(
                    ["b_q4", "b_q4_scales"], ["M": 1, "N": 3, "K": depth, "bits": 4], inputs: ["b": b])
                let words = try #require(forms["b_q4"]).doubles.map { UInt32(bitPattern: Int32($0)) }
                let scales = try #require(forms["b_q4_scales"]).doubles
                for (index, value) in values.enumerated() {
                    let place = index % 3 * depth + index / 3
                    let field = Int(words[place / 8] >> UInt32(4 * (place % 8)) & 15) - 8
                    #expect(abs(Double(field) * scales[place / 32] - value) <= 4 * precision.roundingError * abs(value))
                }
            }
        }
    }

    @Test("what is on no grid is refused with its place")
    func offGrid() throws {
        let reference = try #require(Catalogue.references.first { $0.family == "matmul" })
        var values = [Double](repeating: 1, count: 128)
        values[2 * 40 + 1] = 0.3
        let b = Tensor(shape: [64, 2], rounding: values, to: .f32)
        let error = #expect(throws: KernelError.self) {
            try reference.packed(["b_q4"], ["M": 1, "N": 2, "K": 64, "bits": 4], inputs: ["b": b])
        }
        #expect(
            error?.description
                == "matmul: elements 32…63 of the column of b 1 are no scale of type f32 times integers in -8…7; "
                + "they hold 0.3 and 1.0")
    }

    @Test("numbers that are not on a grid are refused rather than rounded")
    func lossy() throws {
        let problem = try problem("matmul", ["M": 5, "N": 7, "K": 96])
        #expect(throws: KernelError.self) { try packed(problem, ["b_q8"]) }
    }

    @Test("the experts' groups hold each slot once, under its expert")
    func experts() throws {
        for hardCase in try cases("moe") {
            let problem = try problem("moe", hardCase.parameters)
            let forms = try packed(problem, ["expert_offsets", "expert_slots"])
            let offsets = try #require(forms["expert_offsets"]).map { Int($0) }
            let slots = try #require(forms["expert_slots"]).map { Int($0) }
            let experts = try #require(problem.inputs["expert"]).doubles.map { Int($0) }
            #expect(slots.sorted() == Array(experts.indices))
            for expert in 0..<(offsets.count - 1) {
                #expect(slots[offsets[expert]..<offsets[expert + 1]].allSatisfy { experts[$0] == expert })
            }
        }
    }

    @Test("a value that the precision does not hold is named, with the file and its place")
    func valuesInRange() throws {
        let path = fixture("inputs/large-values.mtx")
        let error = #expect(throws: KernelError.self) {
            try problem("spmm", ["N": 2], precision: .f16, files: ["a": path])
        }
        #expect(error?.code == .invalidInput)
        #expect(
            error?.description
                == "\(path): holds 2832268.51852 at row 1, column 1, which is no finite value of type f16")
        for precision in [Precision.f32, .bf16] {
            #expect(try problem("spmm", ["N": 2], precision: precision, files: ["a": path]).parameters["nnz"] == 5)
        }
    }

    @Test("a user's matrix takes the place of the generated one and sets the sizes; contradictions are said")
    func userMatrix() throws {
        try withTemporaryFolder { folder in
            let path = "\(folder)/a.mtx"
            try Data((SparseMatrixTests.head + "3 4 2\n1 2 2\n3 1 0.25\n").utf8).write(to: URL(filePath: path))
            let problem = try problem("spmm", ["N": 2], files: ["a": path])
            #expect(problem.parameters["M"] == 3 && problem.parameters["K"] == 4 && problem.parameters["nnz"] == 2)
            let b = try #require(problem.inputs["b"]).doubles
            #expect(try problem.expectedOutputs()["c"] == [2 * b[2], 2 * b[3], 0, 0, 0.25 * b[0], 0.25 * b[1]])
            func message(_ name: String, _ parameters: [String: Int], _ files: [String: String]) -> String? {
                #expect(throws: KernelError.self) { try self.problem(name, parameters, files: files) }?.description
            }
            #expect(message("spmm", ["M": 5], ["a": path]) == "\(path): has M=3, but M=5 is asked for")
            #expect(message("spmm", [:], ["b": path]) == "\(path): spmm takes no sparse matrix as 'b'")
            #expect(
                message("attention", [:], ["q": "q.txt"]) == "q.txt: is of no known kind; expected .npy, .mtx or .smtx")
            let dense = "\(folder)/b.npy"
            try NumpyFile.write(Tensor(shape: [1, 2], elements: .f32([1, 2])), to: dense)
            #expect(message("spmm", ["N": 2], ["b": dense])?.contains("has the shape [1, 2], expected") == true)
            #expect(
                message("swiglu", [:], ["b": dense]) == "\(dense): swiglu has no input 'b'; its inputs are gate, up")
        }
    }
}
