import Kernels
import Results
import Testing

private let expected = (0..<24).map { Double($0) / 8 - 1 }

private func verify(_ values: [Double], precision: Precision = .f32) -> Verification {
    Verification(
        outputs: ["o": Tensor(shape: [2, 3, 4], rounding: values, to: precision)], expected: ["o": expected],
        precision: precision)
}

@Suite("Verification")
struct VerificationTests {
    @Test("the oracle's own values pass, with errors of rounding at most", arguments: Precision.allCases)
    func exact(precision: Precision) {
        let result = verify(expected, precision: precision)
        #expect(result.message == nil)
        #expect(result.record.passed)
        #expect(result.record.maxAbsoluteError == 0)
        #expect(result.record.normalizedMeanSquaredError == 0)
        #expect(result.record.tolerance == [Precision.f32: 1e-11, .f16: 1e-6, .bf16: 6.4e-5][precision])
    }

    @Test("the errors are those of their definitions")
    func definitions() {
        var values = expected
        values[3] += 0.5
        values[20] -= 0.25
        let record = verify(values).record
        let squares = expected.reduce(0) { $0 + $1 * $1 }
        #expect(record.maxAbsoluteError == 0.5)
        #expect(abs((record.normalizedMeanSquaredError ?? 0) - 0.3125 / squares) < 1e-12)
        #expect(abs((record.relativeL2 ?? 0) - (0.3125 / squares).squareRoot()) < 1e-12)
        #expect(!record.passed)
    }

    @Test("the worst element is named with its value and what was expected")
    func worst() {
        var values = expected
        values[17] = 3.5
        let message = verify(values).message
        #expect(message?.hasPrefix("o[1,1,1] is 3.5, expected 1.125 (the worst of 24 elements") == true)
        #expect(message?.hasSuffix("at most 1e-11 passes)") == true)
    }

    @Test("NaN and infinities fail and are counted, also where everything else is right")
    func notFinite() {
        var values = expected
        values[5] = .nan
        #expect(verify(values).message == "o[0,1,1] is NaN, expected -0.375")
        values[9] = .infinity
        #expect(verify(values).message == "o[0,1,1] is NaN, expected -0.375 (and 1 more of 24 elements)")
        let record = verify(values).record
        #expect(!record.passed && record.maxAbsoluteError == nil && record.normalizedMeanSquaredError == nil)
    }

    @Test("an element that still holds the poison was never written", arguments: ElementType.allCases)
    func poisoned(type: ElementType) throws {
        let plan = TensorPlan(name: "o", shape: [2, 3, 4], type: type)
        let word = (0..<4).map { UInt8(truncatingIfNeeded: Verification.poison >> (8 * $0)) }
        let bytes = (0..<plan.byteCount).map { word[$0 % 4] }
        let poisoned = try Tensor(plan: plan, bytes: bytes)
        if type != .i32 { #expect(poisoned.doubles.allSatisfy { $0.isNaN }) }
        let whole = Verification(outputs: ["o": poisoned], expected: ["o": expected], precision: .f32)
        #expect(whole.message == "o[0,0,0] was never written (and 23 more of 24 elements)")

        var elements = Array(NumpyFile.bytes(Tensor(shape: [24], rounding: expected, to: .f32)).suffix(96))
        elements.replaceSubrange(68..<72, with: word)
        let one = try Tensor(plan: TensorPlan(name: "o", shape: [2, 3, 4], type: .f32), bytes: elements)
        let single = Verification(outputs: ["o": one], expected: ["o": expected], precision: .f32)
        #expect(single.message == "o[1,1,1] was never written")
    }

    @Test("one wrong element among a million fails in f16, although the mean forgives it")
    func oneAmongMany() {
        let reference = (0..<1_000_000).map { Double($0 % 7) - 3 }
        var values = reference
        values[765_432] += 1
        let result = Verification(
            outputs: ["o": Tensor(shape: [1000, 1000], rounding: values, to: .f16)], expected: ["o": reference],
            precision: .f16)
        #expect((result.record.normalizedMeanSquaredError ?? 1) < 1e-6)
        #expect(result.message?.hasPrefix("o[765,432] is ") == true)
    }

    @Test("noise within the tolerance passes, beyond it fails", arguments: Precision.allCases)
    func tolerance(precision: Precision) {
        // A third of the root of what is tolerated.
        let sizes: [Precision: Double] = [.f32: 1e-6, .f16: 4e-4, .bf16: 2.7e-3]
        let size = sizes[precision] ?? 0
        func noisy(_ factor: Double) -> [Double] {
            expected.enumerated().map { $1 * (1 + ($0 % 2 == 0 ? 1 : -1) * factor * size) }
        }
        #expect(verify(noisy(1), precision: precision).record.passed)
        #expect(!verify(noisy(10), precision: precision).record.passed)
    }

    @Test("a reference of zeros takes zeros and nothing else")
    func zeros() {
        let zeros = [Double](repeating: 0, count: 8)
        func verify(_ values: [Double]) -> Verification {
            Verification(
                outputs: ["o": Tensor(shape: [8], rounding: values, to: .f32)], expected: ["o": zeros], precision: .f32)
        }
        #expect(verify(zeros).record.passed)
        var values = zeros
        values[2] = 1e-20
        let result = verify(values)
        #expect(!result.record.passed && result.record.normalizedMeanSquaredError == nil)
        #expect(result.message?.hasPrefix("o[2] is 1e-20, expected 0.0") == true)
    }

    @Test("a missing output, a wrong count and an oracle without finite values are said")
    func incomplete() {
        let none = Verification(outputs: [:], expected: ["o": expected], precision: .f32)
        #expect(none.message == "the output 'o' is missing" && !none.record.passed)
        let short = Verification(
            outputs: ["o": Tensor(shape: [2], elements: .f32([1, 2]))], expected: ["o": expected], precision: .f32)
        #expect(short.message == "'o' has 2 elements, expected 24")
        let wild = Verification(
            outputs: ["o": Tensor(shape: [2], elements: .f32([1, 2]))], expected: ["o": [1, .nan]], precision: .f32)
        #expect(wild.message?.hasPrefix("o[1] is nan by the oracle") == true)
        #expect(Verification(outputs: [:], expected: [:], precision: .f32).message != nil)
    }

    @Test("the second output is checked like the first")
    func severalOutputs() {
        var wrong = expected
        wrong[0] = 9
        let result = Verification(
            outputs: [
                "a": Tensor(shape: [24], rounding: expected, to: .f32),
                "b": Tensor(shape: [24], rounding: wrong, to: .f32),
            ],
            expected: ["a": expected, "b": expected], precision: .f32)
        #expect(result.message?.hasPrefix("b[0] is 9.0, expected -1.0") == true)
        #expect(result.record.maxAbsoluteError == 10)
    }
}
