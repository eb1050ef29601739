/// A reference whose mathematics is written once and computed in two kinds of numbers.
protocol ComputedReference: FamilyReference {
    /// The outputs by tensor name: the oracle's in float64, what plain float32 arithmetic gives in float32.
    func computed<Number: ReferenceNumber>(
        _ parameters: [String: Int], _ inputs: [String: Tensor]
    ) throws(KernelError) -> [String: [Number]]
}

extension ComputedReference {
    func outputs(_ parameters: [String: Int], inputs: [String: Tensor]) throws(KernelError) -> [String: [Double]] {
        try computed(parameters, inputs)
    }

    func roundedOutputs(
        _ parameters: [String: Int], inputs: [String: Tensor]
    ) throws(KernelError) -> [String: [Float]]? { try computed(parameters, inputs) }
}
