import Kernels
import Results

/// A workload with its inputs and the oracle's answer: what a strategy's outputs are held against.
struct VerificationProblem {
    let inputs: [String: Tensor]
    private let assignment: Assignment
    private let reference: any FamilyReference
    private let expected: [String: [Double]]

    init(
        _ assignment: Assignment, family: Family, catalogue: Catalogue, plan: StrategyPlan, references: ReferenceCache
    ) throws {
        self.assignment = assignment
        let reference = try catalogue.reference(of: family)
        self.reference = reference
        var inputs = try reference.inputs(assignment.parameters, precision: assignment.precision, seed: assignment.seed)
        for (name, file) in assignment.inputs {
            inputs[name] = try WorkloadInput.load(
                file, for: name, of: family, assignment.parameters, assignment.precision)
        }
        self.inputs = inputs
        expected = try references.outputs(
            key: Self.key(assignment),
            expectedCounts: Dictionary(
                uniqueKeysWithValues: plan.outputs.map { ($0.name, $0.shape.reduce(1, *)) })
        ) { try reference.outputs(assignment.parameters, inputs: inputs) }
    }

    var tokens: Double? { reference.tokens(assignment.parameters) }

    func work(_ plan: StrategyPlan) -> WorkRecord {
        let minimum = reference.minimumBytes(assignment.parameters, precision: assignment.precision)
        return WorkRecord(
            flops: reference.flops(assignment.parameters), minimumBytes: minimum,
            strategyBytes: minimum + plan.intermediateTraffic)
    }

    /// Compares a device's outputs with the oracle's.
    func compare(_ outputs: [String: Tensor]) -> Verification {
        Verification(outputs: outputs, expected: expected, precision: assignment.precision)
    }

    /// What the oracle's answer depends on.
    private static func key(_ assignment: Assignment) -> String {
        let parameters = assignment.parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let files = assignment.inputs.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return ([assignment.family, assignment.precision.rawValue, "\(assignment.seed)"] + parameters + files)
            .joined(separator: " ")
    }
}
