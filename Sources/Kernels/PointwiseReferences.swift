import Statistics

/// y = silu(gate) · up (Shazeer 2020, GLU Variants Improve Transformer, section 2).
struct SwigluReference: ComputedReference {
    let family = "swiglu"

    func inputs(_ parameters: [String: Int], precision: Precision, seed: UInt64) throws(KernelError) -> [String: Tensor]
    {
        let shape = [parameters["T"] ?? 1, parameters["D"] ?? 1]
        // Ten times normal: a gate of ±40 is where a careless sigmoid overflows.
        let gateScale = parameters["wideGate"] == 1 ? 10.0 : 1
        return [
            "gate": .normal(shape: shape, scale: gateScale, precision: precision, seed: seed, purpose: "swiglu.gate"),
            "up": .normal(shape: shape, precision: precision, seed: seed, purpose: "swiglu.up"),
        ]
    }

    func computed<Number: ReferenceNumber>(
        _ parameters: [String: Int], _ inputs: [String: Tensor]
    ) throws(KernelError) -> [String: [Number]] {
        let (gate, up): ([Number], [Number]) = (
            try inputs.numbers("gate", of: family), try inputs.numbers("up", of: family)
        )
        let precision = inputs.precision
        return ["y": zip(gate, up).map { silu($0).stored(precision) * $1 }]
    }

    /// Negate, exponentiate, add, divide, multiply.
    func flops(_ parameters: [String: Int]) -> Double { 5 * elementCount(parameters) }

    func minimumBytes(_ parameters: [String: Int], precision: Precision) -> Double {
        3 * elementCount(parameters) * Double(precision.byteCount)
    }

    func tokens(_ parameters: [String: Int]) -> Double? { Double(parameters["T"] ?? 1) }

    var hardCases: [(name: String, parameters: [String: Int])] {
        [
            ("sizes that no vector divides", ["T": 7, "D": 131]), ("one element", ["T": 1, "D": 1]),
            ("gates of ±40", ["T": 5, "D": 259, "wideGate": 1]),
        ]
    }

    private func elementCount(_ parameters: [String: Int]) -> Double {
        Double(parameters["T"] ?? 1) * Double(parameters["D"] ?? 1)
    }
}

/// residual_out = x + residual, y = residual_out / √(mean(residual_out²) + 10⁻⁵) · weight (Zhang and Sennrich 2019,
/// equation 4).
struct RMSNormResidualReference: ComputedReference {
    static let epsilon = 1e-5
    let family = "rmsnorm-residual"

    func inputs(_ parameters: [String: Int], precision: Precision, seed: UInt64) throws(KernelError) -> [String: Tensor]
    {
        let (rows, size) = (parameters["T"] ?? 1, parameters["D"] ?? 1)
        var inputs: [String: Tensor] = [:]
        for name in ["x", "residual"] {
            var generator = SeededGenerator(seed: seed, purpose: "rmsnorm-residual.\(name)")
            let values = (0..<(rows * size)).map { index in
                let value = generator.normal()
                return parameters["zeroRows"] == 1 && index / size % 3 == 1 ? 0 : value
            }
            inputs[name] = Tensor(shape: [rows, size], rounding: values, to: precision)
        }
        var generator = SeededGenerator(seed: seed, purpose: "rmsnorm-residual.weight")
        inputs["weight"] = Tensor(
            shape: [size], rounding: (0..<size).map { _ in 1 + 0.1 * generator.normal() }, to: precision)
        return inputs
    }

    func computed<Number: ReferenceNumber>(
        _ parameters: [String: Int], _ inputs: [String: Tensor]
    ) throws(KernelError) -> [String: [Number]] {
        let size = parameters["D"] ?? 1
        let x: [Number] = try inputs.numbers("x", of: family)
        let residual: [Number] = try inputs.numbers("residual", of: family)
        let weight: [Number] = try inputs.numbers("weight", of: family)
        let sum = zip(x, residual).map { $0 + $1 }
        var y: [Number] = []
        y.reserveCapacity(sum.count)
        for start in stride(from: 0, to: sum.count, by: size) {
            let row = sum[start..<(start + size)]
            let meanSquare = row.reduce(0) { $0 + $1 * $1 } / Number(size)
            let factor = 1 / (meanSquare + Number(Self.epsilon)).squareRoot()
            y += zip(row, weight).map { $0 * factor * $1 }
        }
        return ["y": y, "residual_out": sum]
    }

    /// Add, square, accumulate, scale, weigh for each element; divide, add, root, invert for each row.
    func flops(_ parameters: [String: Int]) -> Double {
        let rows = Double(parameters["T"] ?? 1)
        return 5 * rows * Double(parameters["D"] ?? 1) + 4 * rows
    }

    func minimumBytes(_ parameters: [String: Int], precision: Precision) -> Double {
        let size = Double(parameters["D"] ?? 1)
        return (4 * Double(parameters["T"] ?? 1) * size + size) * Double(precision.byteCount)
    }

    func tokens(_ parameters: [String: Int]) -> Double? { Double(parameters["T"] ?? 1) }

    var hardCases: [(name: String, parameters: [String: Int])] {
        [
            ("sizes that no vector divides", ["T": 5, "D": 203]), ("one row", ["T": 1, "D": 4096]),
            ("rows shorter than a work-group", ["T": 9, "D": 16]),
            ("rows of zeros", ["T": 7, "D": 260, "zeroRows": 1]),
        ]
    }
}

/// A causal convolution of each channel, then SiLU, as in Mamba's blocks (Gu and Dao 2023, section 3.4).
///
/// y[b,l,d] = silu(bias[d] + Σ_j w[d,j] · x[b, l − (W − 1) + j, d]), with x = 0 before the sequence begins.
struct CausalConvolutionReference: ComputedReference {
    let family = "conv1d"

    func inputs(_ parameters: [String: Int], precision: Precision, seed: UInt64) throws(KernelError) -> [String: Tensor]
    {
        let (batch, length) = (parameters["B"] ?? 1, parameters["L"] ?? 1)
        let (channels, width) = (parameters["D"] ?? 1, parameters["W"] ?? 1)
        let scale = 1 / Double(width).squareRoot()
        return [
            "x": .normal(shape: [batch, length, channels], precision: precision, seed: seed, purpose: "conv1d.x"),
            "w": .normal(
                shape: [channels, width], scale: scale, precision: precision, seed: seed, purpose: "conv1d.w"),
            "bias": .normal(shape: [channels], scale: 0.1, precision: precision, seed: seed, purpose: "conv1d.bias"),
        ]
    }

    func computed<Number: ReferenceNumber>(
        _ parameters: [String: Int], _ inputs: [String: Tensor]
    ) throws(KernelError) -> [String: [Number]] {
        let (batch, length) = (parameters["B"] ?? 1, parameters["L"] ?? 1)
        let (channels, width) = (parameters["D"] ?? 1, parameters["W"] ?? 1)
        let x: [Number] = try inputs.numbers("x", of: family)
        let w: [Number] = try inputs.numbers("w", of: family)
        let bias: [Number] = try inputs.numbers("bias", of: family)
        let precision = inputs.precision
        let y: [Number] = unsafe Parallel.fill(parts: batch * length, size: channels) { row, output in
            let position = row % length
            for channel in 0..<channels {
                var sum = bias[channel]
                for tap in max(0, width - 1 - position)..<width {
                    sum += w[channel * width + tap] * x[(row - (width - 1) + tap) * channels + channel]
                }
                unsafe output[channel] = silu(sum.stored(precision))
            }
        }
        return ["y": y]
    }

    /// A multiply-add a tap; the bias and SiLU's four operations besides.
    func flops(_ parameters: [String: Int]) -> Double {
        elementCount(parameters) * (2 * Double(parameters["W"] ?? 1) + 5)
    }

    func minimumBytes(_ parameters: [String: Int], precision: Precision) -> Double {
        let weights = Double(parameters["D"] ?? 1) * Double((parameters["W"] ?? 1) + 1)
        return (2 * elementCount(parameters) + weights) * Double(precision.byteCount)
    }

    func tokens(_ parameters: [String: Int]) -> Double? { Double(parameters["B"] ?? 1) * Double(parameters["L"] ?? 1) }

    var hardCases: [(name: String, parameters: [String: Int])] {
        [
            ("shorter than the filter", ["B": 2, "L": 2, "D": 40, "W": 4]),
            ("one step", ["B": 3, "L": 1, "D": 64, "W": 4]),
            ("a filter of one tap", ["B": 1, "L": 17, "D": 33, "W": 1]),
            ("sizes that no tile divides", ["B": 2, "L": 131, "D": 67, "W": 4]),
            ("a wide filter", ["B": 1, "L": 50, "D": 48, "W": 8]),
        ]
    }

    private func elementCount(_ parameters: [String: Int]) -> Double {
        Double(parameters["B"] ?? 1) * Double(parameters["L"] ?? 1) * Double(parameters["D"] ?? 1)
    }
}
