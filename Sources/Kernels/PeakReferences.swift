import Statistics

/// Chains of fused multiply-adds in registers: the arithmetic peak of a device.
///
/// y[i] = x[i] · 0.9375^R + Σ 0.0625 · 0.9375^r, by R repetitions of y ← y · 0.9375 + 0.0625 on `N` independent elements.
/// Both constants are exact in binary, and the factor is far enough from 1 that rounding errors die out instead of adding up.
struct PeakFlopsReference: FamilyReference {
    let family = "peak-flops"
    let hardCases: [(name: String, parameters: [String: Int])] = []

    func inputs(_ parameters: [String: Int], precision: Precision, seed: UInt64) throws(KernelError) -> [String: Tensor]
    {
        ["x": .normal(shape: [parameters["N"] ?? 0], precision: precision, seed: seed, purpose: "peak-flops.x")]
    }

    func outputs(_ parameters: [String: Int], inputs: [String: Tensor]) throws(KernelError) -> [String: [Double]] {
        let (factor, addend) = (Double(Float(0.9375)), Double(Float(0.0625)))
        var (power, offset) = (1.0, 0.0)
        for _ in 0..<(parameters["R"] ?? 0) {
            power *= factor
            offset = offset * factor + addend
        }
        return ["y": (inputs["x"]?.doubles ?? []).map { $0 * power + offset }]
    }

    func flops(_ parameters: [String: Int]) -> Double {
        2 * Double(parameters["N"] ?? 0) * Double(parameters["R"] ?? 0)
    }

    func minimumBytes(_ parameters: [String: Int], precision: Precision) -> Double {
        2 * Double(parameters["N"] ?? 0) * Double(precision.byteCount)
    }

    func tokens(_ parameters: [String: Int]) -> Double? { nil }
}

/// Chains of dot products of 8-bit integers in registers: y ← C − y, R times. With an even `R` the words are what they were.
struct PeakIntegerDotReference: FamilyReference {
    let family = "peak-int8-dot"
    let hardCases: [(name: String, parameters: [String: Int])] = []

    func inputs(_ parameters: [String: Int], precision: Precision, seed: UInt64) throws(KernelError) -> [String: Tensor]
    {
        let limit = (parameters["C"] ?? 0) + 1
        return ["x": .integers(shape: [parameters["N"] ?? 0], below: limit, seed: seed, purpose: "peak-int8-dot.x")]
    }

    func outputs(_ parameters: [String: Int], inputs: [String: Tensor]) throws(KernelError) -> [String: [Double]] {
        let sum = Double(parameters["C"] ?? 0), isOdd = (parameters["R"] ?? 0) % 2 == 1
        return ["y": (inputs["x"]?.doubles ?? []).map { isOdd ? sum - $0 : $0 }]
    }

    func flops(_ parameters: [String: Int]) -> Double {
        8 * Double(parameters["N"] ?? 0) * Double(parameters["R"] ?? 0)
    }

    func minimumBytes(_ parameters: [String: Int], precision: Precision) -> Double {
        2 * Double(parameters["N"] ?? 0) * 4
    }

    func tokens(_ parameters: [String: Int]) -> Double? { nil }
}

/// y = 0.5 · x over arrays larger than any cache: the memory bandwidth of a device (STREAM's "scale", McCalpin 1995).
struct PeakBandwidthReference: FamilyReference {
    let family = "peak-bandwidth"
    private static let blockElements = 1 << 16
    let hardCases: [(name: String, parameters: [String: Int])] = []

    func inputs(_ parameters: [String: Int], precision: Precision, seed: UInt64) throws(KernelError) -> [String: Tensor]
    {
        // Many elements, and all that is asked of them is that they are not all alike: a block over and over again.
        let count = parameters["N"] ?? 0
        let block = Tensor.normal(
            shape: [min(count, Self.blockElements)], precision: precision, seed: seed, purpose: "peak-bandwidth.x"
        ).elements
        return ["x": Tensor(shape: [count], elements: block.array.repeated(count: count))]
    }

    func outputs(_ parameters: [String: Int], inputs: [String: Tensor]) throws(KernelError) -> [String: [Double]] {
        ["y": (inputs["x"]?.doubles ?? []).map { $0 * 0.5 }]
    }

    func flops(_ parameters: [String: Int]) -> Double { Double(parameters["N"] ?? 0) }

    func minimumBytes(_ parameters: [String: Int], precision: Precision) -> Double {
        2 * Double(parameters["N"] ?? 0) * Double(precision.byteCount)
    }

    func tokens(_ parameters: [String: Int]) -> Double? { nil }
}

/// y = x for one number: what launching a kernel costs, there being next to nothing in it.
struct EmptyDispatchReference: FamilyReference {
    let family = "empty-dispatch"
    let hardCases: [(name: String, parameters: [String: Int])] = []

    func inputs(_ parameters: [String: Int], precision: Precision, seed: UInt64) throws(KernelError) -> [String: Tensor]
    {
        ["x": .normal(shape: [parameters["N"] ?? 1], precision: precision, seed: seed, purpose: "empty-dispatch.x")]
    }

    func outputs(_ parameters: [String: Int], inputs: [String: Tensor]) throws(KernelError) -> [String: [Double]] {
        ["y": try inputs.doubles("x", of: family)]
    }

    func flops(_ parameters: [String: Int]) -> Double { 0 }

    func minimumBytes(_ parameters: [String: Int], precision: Precision) -> Double {
        2 * Double(parameters["N"] ?? 1) * Double(precision.byteCount)
    }

    func tokens(_ parameters: [String: Int]) -> Double? { nil }
}
