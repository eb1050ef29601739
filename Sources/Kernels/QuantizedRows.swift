/// Rows of numbers as a scale a block times small integers.
struct QuantizedRows {
    /// The integers that a format has.
    enum Grid {
        case eightBits, fourBits

        var integers: ClosedRange<Int> {
            switch self {
            case .eightBits: -127...127
            case .fourBits: -8...7
            }
        }

        /// What the largest magnitude of a block may be times, the likeliest first: generated numbers have the largest
        /// integer there, common 4-bit weight files −8, and others what they happen to have.
        fileprivate var largestIntegers: [Int] {
            switch self {
            case .eightBits: (1...127).reversed()
            case .fourBits: [7, -8] + (1...6).reversed()
            }
        }
    }

    let count, size: Int
    /// A block each, row by row; representable in the stored precision.
    let scales: [Double]
    let integers: [Int8]
    private let block: Int

    private init(count: Int, block: Int, blocks: [(scale: Double, integers: [Int8])]) {
        scales = blocks.map(\.scale)
        integers = blocks.flatMap(\.integers)
        (self.count, self.size, self.block) = (count, integers.count / max(count, 1), max(block, 1))
    }

    /// The nearest numbers of this form whose scale makes each block's largest magnitude the largest integer.
    init(rounding source: [Double], count: Int, block: Int, _ grid: Grid, _ precision: Precision) {
        let limit = Double(grid.integers.upperBound)
        let blocks = Self.blocks(of: source, block).map { part in
            let scale = Self.round(part.reduce(0) { max($0, abs($1)) } / limit, precision)
            let integers = part.map { scale > 0 ? Int8(min(max(($0 / scale).rounded(), -limit), limit)) : 0 }
            return (scale, integers)
        }
        self.init(count: count, block: block, blocks: blocks)
    }

    /// Numbers that have this form already.
    ///
    /// - Parameter name: what a row of `source` is, for the message.
    /// - Throws: ``KernelError`` with code `invalidInput` for numbers that are no scale times integers: packing would
    ///   change the product.
    init(
        exactly source: [Double], _ name: String, count: Int, block: Int, _ grid: Grid, _ precision: Precision
    ) throws(KernelError) {
        var blocks: [(scale: Double, integers: [Int8])] = []
        let size = source.count / max(count, 1)
        for part in Self.blocks(of: source, block) {
            guard let found = Self.exactly(part, grid, precision) else {
                let (row, place) = part.startIndex.quotientAndRemainder(dividingBy: max(size, 1))
                let range = grid.integers
                throw KernelError(
                    .invalidInput,
                    "matmul: elements \(place)…\(place + part.count - 1) of \(name) \(row) are no scale of type "
                        + "\(precision.rawValue) times integers in \(range.lowerBound)…\(range.upperBound)"
                        + Self.example(part))
            }
            blocks.append(found)
        }
        self.init(count: count, block: block, blocks: blocks)
    }

    /// The first of the likely scales of which every element is a multiple, to the rounding of the scale and of the
    /// source.
    private static func exactly(
        _ part: ArraySlice<Double>, _ grid: Grid, _ precision: Precision
    ) -> (scale: Double, integers: [Int8])? {
        guard let largest = part.max(by: { abs($0) < abs($1) }), largest != 0 else {
            return (0, [Int8](repeating: 0, count: part.count))
        }
        let rounding = 4 * precision.roundingError
        candidates: for integer in grid.largestIntegers {
            // There is no +8: where −8 times the scale is positive, the scale is negative.
            let scale = round((integer < 0 ? largest : abs(largest)) / Double(integer), precision)
            guard scale != 0 else { continue }
            var integers: [Int8] = []
            integers.reserveCapacity(part.count)
            for value in part {
                let multiple = (value / scale).rounded()
                guard multiple >= Double(grid.integers.lowerBound), multiple <= Double(grid.integers.upperBound),
                    abs(multiple * scale - value) <= rounding * abs(value)
                else { continue candidates }
                integers.append(Int8(multiple))
            }
            return (scale, integers)
        }
        return nil
    }

    /// Two elements that say something of why.
    private static func example(_ part: ArraySlice<Double>) -> String {
        guard let largest = part.max(by: { abs($0) < abs($1) }),
            let smallest = part.filter({ $0 != 0 }).min(by: { abs($0) < abs($1) })
        else { return "" }
        return "; they hold \(Float(smallest)) and \(Float(largest))"
    }

    private static func blocks(of source: [Double], _ block: Int) -> [ArraySlice<Double>] {
        stride(from: 0, to: source.count, by: max(block, 1)).map { source[$0..<min($0 + max(block, 1), source.count)] }
    }

    private static func round(_ value: Double, _ precision: Precision) -> Double {
        precision.elementType.element.init(rounding: value).widened
    }

    /// Scale times integer.
    var values: [Double] { integers.indices.map { Double(integers[$0]) * scales[$0 / block] } }

    /// `[row][word]`: integers plus `offset`, in two's complement, the first in the lowest bits.
    func words(bits: Int, offset: Int) -> Tensor {
        let perWord = 32 / bits
        let mask = UInt32(1) << UInt32(bits) - 1
        let words = stride(from: 0, to: integers.count, by: perWord).map { start in
            (0..<perWord).reduce(UInt32(0)) { word, index in
                let field = UInt32(truncatingIfNeeded: Int(integers[start + index]) + offset) & mask
                return word | field << UInt32(bits * index)
            }
        }
        return Tensor(shape: [count, size / perWord], elements: .i32(words.map { Int32(bitPattern: $0) }))
    }

    /// `[row][block]`.
    func scaleTensor(_ precision: Precision) -> Tensor {
        Tensor(shape: [count, scales.count / max(count, 1)], rounding: scales, to: precision)
    }
}
