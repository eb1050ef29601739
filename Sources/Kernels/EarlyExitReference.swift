import Statistics

/// Layers x ← x + silu(x · w[layer]) for each token as far as its depth: what a token is then is its output.
struct EarlyExitReference: ComputedReference {
    let family = "early-exit"

    /// Of ten tokens three leave after half of the layers, three after three quarters, and four go through all.
    private static let shares = [(share: 0.3, depth: 0.5), (0.3, 0.75), (0.4, 1)]

    func inputs(_ parameters: [String: Int], precision: Precision, seed: UInt64) throws(KernelError) -> [String: Tensor]
    {
        let (tokens, size, layers) = (parameters["T"] ?? 1, parameters["D"] ?? 4, parameters["layers"] ?? 1)
        var generator = SeededGenerator(seed: seed, purpose: "early-exit.depth")
        let depths = (0..<tokens).map { token -> Int32 in
            // Everybody leaves before the first layer but one token in five, which goes through all of them.
            if parameters["extremes"] == 1 { return token % 5 == 3 ? Int32(layers) : 0 }
            var rest = generator.uniform()
            for (share, depth) in Self.shares {
                rest -= share
                if rest < 0 { return Int32((depth * Double(layers)).rounded(.up)) }
            }
            return Int32(layers)
        }
        return [
            "x": .normal(shape: [tokens, size], precision: precision, seed: seed, purpose: "early-exit.x"),
            // Smaller the more layers there are, so that what they add up to does not grow with their number (Radford
            // and others 2019, section 2.3).
            "w": .normal(
                shape: [layers, size, size], scale: 1 / Double(size * layers).squareRoot(), precision: precision,
                seed: seed, purpose: "early-exit.w"),
            "depth": Tensor(shape: [tokens], elements: .i32(depths)),
        ]
    }

    func derivedParameters(_ parameters: [String: Int], inputs: [String: Tensor]) throws(KernelError) -> [String: Int] {
        let layers = parameters["layers"] ?? 1
        let depths = try inputs.doubles("depth", of: family).map { Int($0) }
        if let place = depths.firstIndex(where: { !(0...layers).contains($0) }) {
            throw KernelError(
                .invalidInput, "early-exit: depth[\(place)] is \(depths[place]), expected 0 to \(layers) layers")
        }
        return ["active": depths.reduce(0, +), "deepest": depths.max() ?? 0]
    }

    func computed<Number: ReferenceNumber>(
        _ parameters: [String: Int], _ inputs: [String: Tensor]
    ) throws(KernelError) -> [String: [Number]] {
        let (size, layers) = (parameters["D"] ?? 4, parameters["layers"] ?? 1)
        var y: [Number] = try inputs.numbers("x", of: family)
        let w: [Number] = try inputs.numbers("w", of: family)
        let depths = try inputs.doubles("depth", of: family).map { Int($0) }
        let precision = inputs.precision
        for layer in 0..<layers {
            let tokens = depths.indices.filter { depths[$0] > layer }
            let rows = tokens.flatMap { y[($0 * size)..<(($0 + 1) * size)] }
            let matrix = Array(w[(layer * size * size)..<((layer + 1) * size * size)])
            let product: [Number] = DenseProduct.product(rows, matrix, depth: size, columns: size)
            for (row, token) in tokens.enumerated() {
                for column in 0..<size {
                    let value = rows[row * size + column] + silu(product[row * size + column])
                    y[token * size + column] = value.stored(precision)
                }
            }
        }
        return ["y": y]
    }

    func workingCount(_ parameters: [String: Int], inputs: Double) -> Double { 3 * inputs }

    /// Each layer stores what a token is behind it.
    func roundings(_ parameters: [String: Int]) -> Int { parameters["layers"] ?? 1 }

    /// A product; SiLU's four operations and a sum for each element.
    func flops(_ parameters: [String: Int]) -> Double {
        let size = Double(parameters["D"] ?? 4)
        return Double(parameters["active"] ?? Self.expected(parameters)) * (2 * size * size + 5 * size)
    }

    func minimumBytes(_ parameters: [String: Int], precision: Precision) -> Double {
        let (tokens, size) = (Double(parameters["T"] ?? 1), Double(parameters["D"] ?? 4))
        let met = Double(parameters["deepest"] ?? parameters["layers"] ?? 1)
        return (2 * tokens * size + met * size * size) * Double(precision.byteCount) + 4 * tokens
    }

    /// As long as the depths are not known.
    private static func expected(_ parameters: [String: Int]) -> Int {
        (parameters["T"] ?? 1) * (parameters["layers"] ?? 1)
    }

    func tokens(_ parameters: [String: Int]) -> Double? { Double(parameters["T"] ?? 1) }

    var hardCases: [(name: String, parameters: [String: Int])] {
        [
            ("sizes that no tile divides", ["T": 37, "D": 68, "layers": 3]),
            ("one token", ["T": 1, "D": 132, "layers": 4]),
            ("one layer", ["T": 19, "D": 16, "layers": 1]),
            ("more tokens than a tile", ["T": 131, "D": 36, "layers": 5]),
            ("all or nothing", ["T": 75, "D": 40, "layers": 2, "extremes": 1]),
            ("nobody at all", ["T": 3, "D": 24, "layers": 2, "extremes": 1]),
        ]
    }
}
