import Results

/// The comparison of a strategy's outputs with the float64 oracle.
///
/// An output passes when every element has been written, none is NaN or infinite, the normalised mean squared error
/// Σ(x − y)² / Σy² stays within ``Precision/tolerance``, and no single element is off by more than 64·√tolerance·(|y| + RMS of
/// y): one wrong element among millions hardly moves a mean.
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
    public init(
        outputs: [String: Tensor], expected: [String: [Double]], precision: Precision, reference: String = "float64"
    ) {
        let tolerance = precision.tolerance
        var errors: [Errors] = []
        var message: String? = expected.isEmpty ? "the oracle gives no outputs" : nil
        for (name, values) in expected.sorted(by: { $0.key < $1.key }) {
            guard let output = outputs[name] else {
                message = message ?? "the output '\(name)' is missing"
                continue
            }
            guard output.count == values.count else {
                message = message ?? "'\(name)' has \(output.count) elements, expected \(values.count)"
                continue
            }
            if let defect = Self.defect(name, output, values) {
                message = message ?? defect
                continue
            }
            let found = Errors(output.doubles, values, tolerance: tolerance)
            errors.append(found)
            message = message ?? found.complaint(name, output, values, tolerance)
        }
        let isComplete = errors.count == expected.count && !errors.isEmpty
        let nmse = errors.map(\.normalizedMeanSquaredError).max() ?? .nan
        var record = VerificationRecord(
            maxAbsoluteError: isComplete ? errors.map(\.maxAbsoluteError).max()?.finiteOrNil : nil,
            relativeL2: isComplete ? nmse.squareRoot().finiteOrNil : nil,
            normalizedMeanSquaredError: isComplete ? nmse.finiteOrNil : nil, tolerance: tolerance,
            passed: message == nil)
        record.reference = reference
        self.record = record
        self.message = message
    }

    /// Elements that no error measure can weigh: unwritten, NaN, infinite.
    private static func defect(_ name: String, _ output: Tensor, _ expected: [Double]) -> String? {
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
        let values = output.doubles
        let strange = values.indices.filter { !values[$0].isFinite }
        let kind = strange.first.map { values[$0].isNaN ? "NaN" : values[$0] < 0 ? "-infinite" : "infinite" }
        return describe(strange, "is \(kind ?? ""), expected \(strange.first.map { brief(expected[$0]) } ?? "")")
    }

    /// As many digits as a float32 has.
    fileprivate static func brief(_ value: Double) -> String {
        let short = Float(value)
        return short.isFinite && (short != 0 || value == 0) ? "\(short)" : "\(value)"
    }
}

/// How far one output is from the oracle.
private struct Errors {
    var maxAbsoluteError = 0.0
    var normalizedMeanSquaredError = 0.0
    /// The element whose error is largest against what an element may be off by.
    var worstIndex = 0
    /// That element's error over what it may be.
    var worstRatio = 0.0

    init(_ values: [Double], _ expected: [Double], tolerance: Double) {
        var (squaredError, squaredExpected) = (0.0, 0.0)
        for (value, reference) in zip(values, expected) {
            squaredError += (value - reference) * (value - reference)
            squaredExpected += reference * reference
        }
        normalizedMeanSquaredError = squaredError == 0 ? 0 : squaredError / squaredExpected
        let size = (squaredExpected / Double(max(values.count, 1))).squareRoot()
        let factor = 64 * tolerance.squareRoot()
        for (index, (value, reference)) in zip(values, expected).enumerated() {
            let error = abs(value - reference)
            maxAbsoluteError = max(maxAbsoluteError, error)
            let ratio = error == 0 ? 0 : error / (factor * (abs(reference) + size))
            if ratio > worstRatio { (worstIndex, worstRatio) = (index, ratio) }
        }
    }

    func complaint(_ name: String, _ output: Tensor, _ expected: [Double], _ tolerance: Double) -> String? {
        guard normalizedMeanSquaredError > tolerance || worstRatio > 1 else { return nil }
        let value = Verification.brief(output.doubles[worstIndex])
        return "\(output.place(name, worstIndex)) is \(value), expected \(Verification.brief(expected[worstIndex]))"
            + " (the worst of \(output.count) elements; normalised mean squared error"
            + " \(Verification.brief(normalizedMeanSquaredError)), at most \(tolerance) passes)"
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
    fileprivate func place(_ name: String, _ index: Int) -> String {
        "\(name)[\(Self.indices(of: index, shape: shape).map(String.init).joined(separator: ","))]"
    }

    /// Elements that still hold ``Verification/poison``.
    fileprivate var poisonedIndices: [Int] {
        let width = UInt64(8 * type.byteCount)
        let pattern = UInt64(Verification.poison) << 32 | UInt64(Verification.poison)
        return elements.array.indices(ofPattern: pattern & (width < 64 ? (1 << width) - 1 : .max))
    }
}
