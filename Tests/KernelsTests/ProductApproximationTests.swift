import Kernels
import Testing

@Suite("What storage does to a product")
struct ProductApproximationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let workload: WorkloadCase
        /// What NumPy finds in the same format over thousands of rows and columns of this depth. A hundred of them
        /// stray by some per cent.
        let error: Double
    }

    private static func workload(_ family: String, _ changes: [String: Int], _ precision: Precision) -> WorkloadCase {
        WorkloadCase(
            family: family, parameters: ["K": 768].merging(changes) { $1 }, precision: precision)
    }

    static let cases = [
        Case(testDescription: "16 bits", workload: workload("matmul", [:], .f16), error: 2.94e-4),
        Case(testDescription: "8 bits, both operands", workload: workload("matmul", ["bits": 8], .f32), error: 0.01088),
        Case(testDescription: "4 bits in blocks of 32", workload: workload("matmul", ["bits": 4], .f32), error: 0.0969),
        Case(
            testDescription: "two of four weights", workload: workload("spmm", ["twoFour": 1], .f32), error: 0.3637),
    ]

    @Test("the error is that of an independent computation", arguments: cases)
    func errors(_ tested: Case) throws {
        let found = try #require(ProductApproximation(tested.workload)).relativeError()
        #expect(abs(found / tested.error - 1) < 0.06, "\(found)")
    }

    @Test("what is no product has none, and the count of rows changes nothing")
    func identity() {
        #expect(ProductApproximation(WorkloadCase(family: "swiglu", parameters: ["T": 1, "D": 8])) == nil)
        #expect(
            ProductApproximation(Self.workload("matmul", ["M": 1], .f16))
                == ProductApproximation(Self.workload("matmul", ["M": 512, "N": 4], .f16)))
    }
}
