import Results

/// The comparison of a strategy's outputs with the float64 oracle.
///
/// An output passes when every element has been written, none is NaN or infinite, the normalised mean squared error Σ(x
/// − y)² / Σy² stays within ``Precision/tolerance``, and no single element is off by more than 64·√tolerance·(|y| + RMS
/// of y): one wrong element among millions hardly moves a mean. Half of the smallest number that the storage has counts
/// as no error.
///
/// There are inputs for which that is too much to ask: of logits in the thousands a softmax passes on the rounding of
/// each, and a slow decay that of every step. Where it is exceeded, plain float32 arithmetic is tried on the same
/// inputs, and eight times its error, of the mean and of an element, passes too; never more than 1 % of Σy², so that
/// what is wrong on every input is wrong on those.
public struct Verification: Sendable {
    /// What outputs are filled with beforehand: repeated, it is a quiet NaN in f16, f32 and f64 alike.
    public static let poison: UInt32 = 0x7FFD_7FFD

    /// The worst of all outputs.
    public let record: VerificationRecord
    /// One line that names the worst element; `nil` when the outputs passed.
    public let message: String?

    /// Compares every expected output with the tensor of the same name.
    ///
    /// - Parameters:
    ///   - outputs: what the device wrote over ``poison``, by tensor name.
    ///   - expected: what ``FamilyReference/outputs(_:inputs:)`` gives.
    ///   - reference: where `expected` is from, for the record.
    ///   - steps: kernels that each store what they computed, one after the other.
    ///   - rounded: what ``FamilyReference/roundedOutputs(_:inputs:)`` gives; asked for only where outputs would fail
    ///     without.
    public init(
        outputs: [String: Tensor], expected: [String: [Double]], precision: Precision, reference: String = "float64",
        steps: Int = 1, rounded: () -> [String: [Float]]? = { nil }
    ) {
        var errors: [String: OutputErrors] = [:]
        var bounds: [String: ErrorBound] = [:]
        var message: String? = expected.isEmpty ? "the oracle gives no outputs" : nil
        for (name, values) in expected.sorted(by: { $0.key < $1.key }) {
            if let defect = Self.defect(name, outputs[name], values) {
                message = message ?? defect
                continue
            }
            let bound = ErrorBound(precision, steps: steps)
            bounds[name] = bound
            errors[name] = outputs[name].map { OutputErrors($0, values, bound) }
        }
        if message == nil, errors.values.contains(where: { !$0.passes }), errors.values.allSatisfy(\.isClose),
            let rounded = rounded()
        {
            for (name, values) in expected {
                guard let plain = rounded[name], let output = outputs[name] else { continue }
                let bound = ErrorBound(precision, plain: plain, expected: values)
                bounds[name] = bound
                errors[name] = OutputErrors(output, values, bound)
            }
        }
        for (name, found) in errors.sorted(by: { $0.key < $1.key }) {
            guard let output = outputs[name], let values = expected[name] else { continue }
            message = message ?? found.complaint(name, output, values)
        }
        let isComplete = errors.count == expected.count && !errors.isEmpty
        let nmse = errors.values.map(\.normalizedMeanSquaredError).max() ?? .nan
        var record = VerificationRecord(
            maxAbsoluteError: isComplete ? errors.values.map(\.maxAbsoluteError).max()?.finiteOrNil : nil,
            relativeL2: isComplete ? nmse.squareRoot().finiteOrNil : nil,
            normalizedMeanSquaredError: isComplete ? nmse.finiteOrNil : nil,
            tolerance: errors.values.map(\.tolerance).max() ?? precision.tolerance, passed: message == nil)
        record.reference = reference
        self.record = record
        self.message = message
    }

    /// Elements that no error measure can weigh: unwritten, NaN, infinite.
    private static func defect(_ name: String, _ output: Tensor?, _ expected: [Double]) -> String? {
        guard let output else { return "the output '\(name)' is missing" }
        guard output.count == expected.count else {
            return "'\(name)' has \(output.count) elements, expected \(expected.count)"
        }
        func describe(_ indices: [Int], _ what: String) -> String? {
            guard let first = indices.first else { return nil }
            let others = indices.count == 1 ? "" : " (and \(indices.count - 1) more of \(output.count) elements)"
            return "\(output.place(name, first)) \(what)\(others)"
        }
        if let index = expected.firstIndex(where: { !$0.isFinite }) {
            return "\(output.place(name, index)) is \(expected[index]) by the oracle; the inputs are out of range"
        }
        let unwritten = output.poisonedIndices
        if !unwritten.isEmpty { return describe(unwritten, "was never written") }
        var strange: [(index: Int, value: Double)] = []
        output.forEachPart { first, values in
            for (place, value) in values.enumerated() where !value.isFinite { strange.append((first + place, value)) }
        }
        guard let (index, value) = strange.first else { return nil }
        if !output.type.element.holds(expected[index]) {
            return "\(output.place(name, index)) is \(expected[index]) by the oracle, more than \(output.type) holds; "
                + "the inputs are out of range"
        }
        let kind = value.isNaN ? "NaN" : value < 0 ? "-infinite" : "infinite"
        return describe(strange.map(\.index), "is \(kind), expected \(brief(expected[index]))")
    }

    /// As many digits as a float32 has.
    static func brief(_ value: Double) -> String {
        let short = Float(value)
        return short.isFinite && (short != 0 || value == 0) ? "\(short)" : "\(value)"
    }
}

extension Tensor {
    /// The index along each dimension of the element at a linear index.
    static func indices(of linear: Int, shape: [Int]) -> [Int] {
        var rest = linear
        var indices: [Int] = []
        for size in shape.reversed() {
            indices.append(rest % max(size, 1))
            rest /= max(size, 1)
        }
        return indices.reversed()
    }

    /// `o[0,3,17,5]`
    func place(_ name: String, _ index: Int) -> String {
        "\(name)[\(Self.indices(of: index, shape: shape).map(String.init).joined(separator: ","))]"
    }

    /// Calls `body` with the elements as float64, some at a time, and the linear index of the first: as many as a cache
    /// holds, instead of a copy of them all.
    func forEachPart(_ body: (Int, [Double]) -> Void) {
        for first in stride(from: 0, to: count, by: 1 << 15) {
            body(first, doubles(in: first..<min(first + 1 << 15, count)))
        }
    }

    /// Elements that still hold ``Verification/poison``.
    fileprivate var poisonedIndices: [Int] {
        let width = UInt64(8 * type.byteCount)
        let pattern = UInt64(Verification.poison) << 32 | UInt64(Verification.poison)
        return elements.array.indices(ofPattern: pattern & (width < 64 ? (1 << width) - 1 : .max))
    }
}
