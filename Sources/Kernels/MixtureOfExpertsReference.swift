import Glibc
import Statistics

/// A layer of gated experts (Shazeer et al. 2017; Jiang et al. 2024, Mixtral of Experts, section 2.1).
///
/// y[t] = Σ_j weight[t,j] · (silu(x[t]·w_gate[e]) ⊙ (x[t]·w_up[e])) · w_down[e], where e = expert[t,j] are the `topk`
/// experts that the router chose for token t.
struct MixtureOfExpertsReference: ComputedReference {
    let family = "moe"

    func inputs(_ parameters: [String: Int], precision: Precision, seed: UInt64) throws(KernelError) -> [String: Tensor]
    {
        let shape = ExpertShape(parameters)
        let (tokens, size, hidden) = (shape.tokens, shape.size, shape.hidden)
        func normal(_ name: String, _ tensorShape: [Int], _ fanIn: Int) -> Tensor {
            .normal(
                shape: tensorShape, scale: 1 / Double(fanIn).squareRoot(), precision: precision, seed: seed,
                purpose: "moe.\(name)")
        }
        let routing = route(shape, seed: seed, toOne: parameters["allOnOne"] == 1)
        return [
            "x": normal("x", [tokens, size], 1),
            "w_gate": normal("w_gate", [shape.experts, size, hidden], size),
            "w_up": normal("w_up", [shape.experts, size, hidden], size),
            "w_down": normal("w_down", [shape.experts, hidden, size], hidden),
            "expert": Tensor(shape: [tokens, shape.chosen], elements: .i32(routing.experts.map { Int32($0) })),
            "weight": Tensor(shape: [tokens, shape.chosen], rounding: routing.weights, to: precision),
        ]
    }

    /// The largest `topk` of normal logits, their softmax renormalised among them, as Mixtral routes. The logits of an
    /// expert share an offset, so that some experts are popular.
    private func route(_ shape: ExpertShape, seed: UInt64, toOne: Bool) -> (experts: [Int], weights: [Double]) {
        var generator = SeededGenerator(seed: seed, purpose: "moe.router")
        var offsets = (0..<shape.experts).map { _ in 0.5 * generator.normal() }
        if toOne { offsets[shape.experts / 2] += 100 }
        var experts: [Int] = []
        var weights: [Double] = []
        for _ in 0..<shape.tokens {
            let logits = offsets.map { $0 + generator.normal() }
            let chosen = logits.indices.sorted { logits[$0] > logits[$1] }.prefix(shape.chosen)
            let exponentials = chosen.map { exp(logits[$0] - (chosen.first.map { logits[$0] } ?? 0)) }
            let sum = exponentials.reduce(0, +)
            experts += chosen
            weights += exponentials.map { $0 / sum }
        }
        return (experts, weights)
    }

    func derivedParameters(
        _ parameters: [String: Int], inputs: [String: Tensor]
    ) throws(KernelError) -> [String: Int] {
        let counts = try tokensByExpert(parameters, inputs).map(\.count)
        return ["activeExperts": counts.count { $0 > 0 }, "largestGroup": counts.max() ?? 0]
    }

    /// The slots of `expert`, in order, of each expert.
    private func tokensByExpert(_ parameters: [String: Int], _ inputs: [String: Tensor]) throws(KernelError) -> [[Int]]
    {
        let count = parameters["E"] ?? 1
        var slots = [[Int]](repeating: [], count: count)
        for (slot, value) in try inputs.doubles("expert", of: family).enumerated() {
            guard value >= 0, value < Double(count) else {
                throw KernelError(.invalidInput, "moe: 'expert' names the expert \(Int(value)); there are \(count)")
            }
            slots[Int(value)].append(slot)
        }
        return slots
    }

    func packed(
        _ names: Set<String>, _ parameters: [String: Int], inputs: [String: Tensor]
    ) throws(KernelError) -> [String: Tensor] {
        let groups = try tokensByExpert(parameters, inputs)
        var offsets: [Int32] = [0]
        for group in groups { offsets.append((offsets.last ?? 0) + Int32(group.count)) }
        let slots = groups.joined().map { Int32($0) }
        return [
            "expert_offsets": Tensor(shape: [offsets.count], elements: .i32(offsets)),
            "expert_slots": Tensor(shape: [slots.count], elements: .i32(slots)),
        ]
    }

    func computed<Number: ReferenceNumber>(
        _ parameters: [String: Int], _ inputs: [String: Tensor]
    ) throws(KernelError) -> [String: [Number]] {
        let shape = ExpertShape(parameters)
        let (size, hidden) = (shape.size, shape.hidden)
        let weights: [Number] = try inputs.numbers("weight", of: family)
        let x: [Number] = try inputs.numbers("x", of: family)
        let precision = inputs.precision
        /// What each slot's expert gives for its token.
        var results = [Number](repeating: 0, count: shape.tokens * shape.chosen * size)
        // Expert by expert, because the weights of all are much: as float64, twice what the kernels have.
        for (expert, slots) in try tokensByExpert(parameters, inputs).enumerated() where !slots.isEmpty {
            func matrix(_ name: String) throws(KernelError) -> [Number] {
                try inputs.numbers(name, of: family, (expert * size * hidden)..<((expert + 1) * size * hidden))
            }
            let rows = slots.flatMap { slot in
                let token = slot / shape.chosen
                return x[(token * size)..<((token + 1) * size)]
            }
            let gated = DenseProduct.product(rows, try matrix("w_gate"), depth: size, columns: hidden)
            let raised = DenseProduct.product(rows, try matrix("w_up"), depth: size, columns: hidden)
            let activated = zip(gated, raised).map { gate, up in
                (silu(gate.stored(precision)) * up.stored(precision)).stored(precision)
            }
            let outputs = DenseProduct.product(activated, try matrix("w_down"), depth: hidden, columns: size)
            for (row, slot) in slots.enumerated() {
                for component in 0..<size {
                    results[slot * size + component] = outputs[row * size + component].stored(precision)
                }
            }
        }
        var y = [Number](repeating: 0, count: shape.tokens * size)
        for (slot, weight) in weights.enumerated() {
            let start = slot / shape.chosen * size
            for component in 0..<size { y[start + component] += weight * results[slot * size + component] }
        }
        return ["y": y]
    }

    /// The tokens, what all of them become, and an expert's weights and products: all tokens', at worst.
    func workingCount(_ parameters: [String: Int], inputs: Double) -> Double {
        let shape = ExpertShape(parameters)
        let (tokens, size, hidden) = (Double(shape.tokens), Double(shape.size), Double(shape.hidden))
        return tokens * size * Double(shape.chosen + 3) + 2 * size * hidden + 3 * tokens * hidden
    }

    /// Three matrix products for each token and chosen expert.
    func flops(_ parameters: [String: Int]) -> Double {
        let shape = ExpertShape(parameters)
        return 6 * Double(shape.tokens) * Double(shape.chosen) * Double(shape.size) * Double(shape.hidden)
    }

    /// The weights of the experts that have a token, the tokens in and out, and the routing.
    func minimumBytes(_ parameters: [String: Int], precision: Precision) -> Double {
        let shape = ExpertShape(parameters)
        let active = Double(parameters["activeExperts"] ?? shape.experts)
        let slots = Double(shape.tokens) * Double(shape.chosen)
        let elements =
            3 * active * Double(shape.size) * Double(shape.hidden) + 2 * Double(shape.tokens) * Double(shape.size)
            + slots
        return elements * Double(precision.byteCount) + 4 * slots
    }

    func tokens(_ parameters: [String: Int]) -> Double? { Double(parameters["T"] ?? 1) }

    var hardCases: [(name: String, parameters: [String: Int])] {
        let base = ["T": 19, "E": 8, "topk": 2, "K": 48, "N": 80]
        func with(_ changes: [String: Int]) -> [String: Int] { base.merging(changes) { $1 } }
        return [
            ("sizes that no tile divides", with(["K": 52, "N": 76])),
            ("experts without a token", with(["T": 2, "E": 16])), ("one token: decode", with(["T": 1])),
            ("every token's first choice is one expert", with(["allOnOne": 1, "topk": 1])),
            ("every expert for every token", with(["E": 4, "topk": 4])), ("one expert", with(["E": 1, "topk": 1])),
        ]
    }
}

private struct ExpertShape: Sendable {
    let tokens, experts, chosen, size, hidden: Int

    init(_ parameters: [String: Int]) {
        tokens = parameters["T"] ?? 1
        experts = parameters["E"] ?? 1
        chosen = parameters["topk"] ?? 1
        size = parameters["K"] ?? 1
        hidden = parameters["N"] ?? 1
    }
}
