import Kernels
import Results

/// A workload with the tensors that a plan reads and the oracle's answer: what a strategy's outputs are held against.
struct VerificationProblem {
    /// The plan's inputs by name.
    let inputs: [String: Tensor]
    private let problem: Problem
    private let expected: [String: [Double]]

    /// What the outputs are held against, as the result names it.
    private let reference: String

    /// - Parameter references: where the oracle's answer may lie already.
    init(_ problem: Problem, plan: StrategyPlan, references: ReferenceCache) throws(KernelError) {
        let counts = plan.outputs.map { ($0.name, $0.shape.reduce(1, *)) }
        let expected = try references.outputs(
            key: problem.workload.key, expectedCounts: Dictionary(uniqueKeysWithValues: counts),
            compute: problem.expectedOutputs)
        try self.init(problem, plan: plan, expected: expected, reference: problem.referenceName)
    }

    init(
        _ problem: Problem, plan: StrategyPlan, expected: [String: [Double]], reference: String
    ) throws(KernelError) {
        self.problem = problem
        inputs = try problem.tensors(for: plan)
        self.expected = expected
        self.reference = reference
    }

    var tokens: Double? { problem.tokens }

    /// What one execution does by a plan.
    func work(_ plan: StrategyPlan) -> WorkRecord { problem.work(plan) }

    /// The family's inputs as well as the forms of them that the plan reads, for whoever computes the outputs
    /// elsewhere.
    var allInputs: [String: Tensor] { problem.inputs.merging(inputs) { $1 } }

    /// Compares a device's outputs with the oracle's.
    func compare(_ outputs: [String: Tensor]) -> Verification {
        Verification(
            outputs: outputs, expected: expected, precision: problem.precision, reference: reference,
            steps: problem.reference.roundings(problem.parameters), rounded: { try? problem.roundedOutputs() })
    }
}

extension Problem {
    /// What one execution does by a plan.
    func work(_ plan: StrategyPlan) -> WorkRecord {
        var record = WorkRecord(flops: flops, minimumBytes: minimumBytes, strategyBytes: plan.bytes)
        record.writtenBytes = plan.writtenBytes
        // Of several, the one with the highest peak: no stage goes beyond it.
        let rate = ArithmeticRate.allCases.last { plan.rates.contains($0) } ?? .f32
        record.rate = rate == .f32 ? nil : rate.rawValue
        return record
    }
}
