import Statistics

/// y = gelu(x + bias), gelu(v) = v/2 · (1 + tanh(√(2/π) · (v + 0.044715 v³))) (Hendrycks and Gimpel 2016, section 2).
struct GeluReference: ComputedReference {
    let family = "gelu"

    func inputs(_ parameters: [String: Int], precision: Precision, seed: UInt64) throws(KernelError) -> [String: Tensor]
    {
        let (rows, size) = (parameters["T"] ?? 1, parameters["D"] ?? 1)
        // Forty times normal: beyond ±20 a careless exponential overflows.
        let scale = parameters["wide"] == 1 ? 40.0 : 1
        return [
            "x": .normal(shape: [rows, size], scale: scale, precision: precision, seed: seed, purpose: "gelu.x"),
            "bias": .normal(shape: [size], scale: 0.1, precision: precision, seed: seed, purpose: "gelu.bias"),
        ]
    }

    func computed<Number: ReferenceNumber>(
        _ parameters: [String: Int], _ inputs: [String: Tensor]
    ) throws(KernelError) -> [String: [Number]] {
        let (x, bias): ([Number], [Number]) = (
            try inputs.numbers("x", of: family), try inputs.numbers("bias", of: family)
        )
        let (precision, size) = (inputs.precision, parameters["D"] ?? 1)
        return ["y": x.enumerated().map { Self.gelu(($1 + bias[$0 % size]).stored(precision)) }]
    }

    /// v/2 · (1 + tanh u) is v / (1 + e⁻²ᵘ).
    static func gelu<Number: ReferenceNumber>(_ v: Number) -> Number {
        // √(2/π), doubled.
        let twice = Number(1.595_769_121_605_730_7) * (v + Number(0.044_715) * v * v * v)
        return v / (1 + .exponential(-twice))
    }

    /// Add; square, scale, add, multiply, scale; exponentiate, add, divide, with a change of sign.
    func flops(_ parameters: [String: Int]) -> Double {
        10 * Double(parameters["T"] ?? 1) * Double(parameters["D"] ?? 1)
    }

    func minimumBytes(_ parameters: [String: Int], precision: Precision) -> Double {
        let size = Double(parameters["D"] ?? 1)
        return (2 * Double(parameters["T"] ?? 1) * size + size) * Double(precision.byteCount)
    }

    func tokens(_ parameters: [String: Int]) -> Double? { Double(parameters["T"] ?? 1) }

    var hardCases: [(name: String, parameters: [String: Int])] {
        [
            ("sizes that no vector divides", ["T": 7, "D": 131]), ("one element", ["T": 1, "D": 1]),
            ("arguments of ±150", ["T": 5, "D": 259, "wide": 1]), ("many short rows", ["T": 300, "D": 3]),
        ]
    }
}
