/// Scaled dot-product attention with grouped-query heads (Vaswani et al. 2017, section 3.2.1; Ainslie et al. 2023).
///
/// o[b,h,i] = Σⱼ softmaxⱼ(q[b,h,i] · k[b,h/g,j] / √D) · v[b,h/g,j] over the visible keys: with `causal`, key j is
/// visible to query i when j ≤ i + (Lk − Lq); with `window` w > 0, when also i + (Lk − Lq) − j < w. A row without
/// visible keys is 0.
struct AttentionReference: ComputedReference {
    let family = "attention"

    func inputs(_ parameters: [String: Int], precision: Precision, seed: UInt64) throws(KernelError) -> [String: Tensor]
    {
        let shape = AttentionShape(parameters)
        // Logits are q·k/√D: with normal q and k of scale s they are about normal, of scale s². `logitScale` is what
        // a hard case asks for in place of 1, so that most of a softmax's weights underflow.
        let scale = Double(parameters["logitScale"] ?? 1).squareRoot()
        let queryShape = [shape.batch, shape.queryHeads, shape.queryLength, shape.headSize]
        let keyShape = [shape.batch, shape.keyHeads, shape.keyLength, shape.headSize]
        return [
            "q": .normal(shape: queryShape, scale: scale, precision: precision, seed: seed, purpose: "attention.q"),
            "k": .normal(shape: keyShape, scale: scale, precision: precision, seed: seed, purpose: "attention.k"),
            "v": .normal(shape: keyShape, precision: precision, seed: seed, purpose: "attention.v"),
        ]
    }

    func computed<Number: ReferenceNumber>(
        _ parameters: [String: Int], _ inputs: [String: Tensor]
    ) throws(KernelError) -> [String: [Number]] {
        let shape = AttentionShape(parameters)
        let q: [Number] = try inputs.numbers("q", of: family)
        let k: [Number] = try inputs.numbers("k", of: family)
        let v: [Number] = try inputs.numbers("v", of: family)
        return ["o": shape.attend(q: q, k: k, v: v) { row in [shape.visibleKeys(row)] }]
    }

    func flops(_ parameters: [String: Int]) -> Double {
        let shape = AttentionShape(parameters)
        let visible = (0..<shape.queryLength).reduce(0) { $0 + shape.visibleKeys($1).count }
        return 4 * Double(shape.batch * shape.queryHeads) * Double(visible) * Double(shape.headSize)
    }

    func minimumBytes(_ parameters: [String: Int], precision: Precision) -> Double {
        let shape = AttentionShape(parameters)
        let queries = Double(shape.queryHeads) * Double(shape.queryLength)
        let keys = Double(shape.keyHeads) * Double(shape.keyLength)
        return 2 * Double(shape.batch) * (queries + keys) * Double(shape.headSize) * Double(precision.byteCount)
    }

    func tokens(_ parameters: [String: Int]) -> Double? {
        let shape = AttentionShape(parameters)
        return Double(shape.batch * shape.queryLength)
    }

    var hardCases: [(name: String, parameters: [String: Int])] {
        let base = ["B": 1, "Hq": 2, "Hkv": 1, "Lq": 33, "Lk": 47, "D": 64, "causal": 0, "window": 0]
        func with(_ changes: [String: Int]) -> [String: Int] { base.merging(changes) { $1 } }
        return [
            ("lengths that no tile divides", base),
            (
                "more queries than keys under a causal mask: rows without a visible key",
                with(["Lq": 47, "Lk": 33, "causal": 1])
            ),
            ("one query", with(["Lq": 1, "Lk": 77])),
            ("one key", with(["Lq": 5, "Lk": 1])),
            ("grouped heads over batches", with(["B": 3, "Hq": 6, "Hkv": 2, "causal": 1])),
            ("window", with(["Lq": 80, "Lk": 80, "causal": 1, "window": 9])),
            ("window wider than the keys", with(["causal": 1, "window": 1000])),
            ("logits of about ±80", with(["logitScale": 24])),
            ("logits of about ±80 under a causal mask", with(["Lq": 80, "Lk": 80, "causal": 1, "logitScale": 24])),
        ] + stride(from: 16, through: 256, by: 8).map { ("D=\($0)", with(["D": $0, "causal": 1])) }
    }
}

/// The parameters of attention by name.
struct AttentionShape: Sendable {
    let batch, queryHeads, keyHeads, queryLength, keyLength, headSize, window: Int
    let isCausal: Bool

    init(_ parameters: [String: Int]) {
        batch = parameters["B"] ?? 1
        queryHeads = parameters["Hq"] ?? 1
        keyHeads = parameters["Hkv"] ?? 1
        queryLength = parameters["Lq"] ?? 1
        keyLength = parameters["Lk"] ?? 1
        headSize = parameters["D"] ?? 1
        isCausal = parameters["causal"] == 1
        window = parameters["window"] ?? 0
    }

    /// Keys that a query row sees.
    func visibleKeys(_ row: Int) -> Range<Int> {
        let position = row + keyLength - queryLength
        let end = isCausal ? min(max(position + 1, 0), keyLength) : keyLength
        let start = window > 0 ? min(max(position - window + 1, 0), end) : 0
        return start..<end
    }
}
