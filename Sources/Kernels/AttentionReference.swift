import Glibc

/// Scaled dot-product attention with grouped-query heads (Vaswani et al. 2017, section 3.2.1; Ainslie et al. 2023).
///
/// o[b,h,i] = Σⱼ softmaxⱼ(q[b,h,i] · k[b,h/g,j] / √D) · v[b,h/g,j] over the visible keys: with `causal`, key j is visible
/// to query i when j ≤ i + (Lk − Lq); with `window` w > 0, when also i + (Lk − Lq) − j < w. A row without visible keys is 0.
struct AttentionReference: FamilyReference {
    let family = "attention"

    func validate(_ parameters: [String: Int]) throws(KernelError) {}

    func inputs(_ parameters: [String: Int], precision: Precision, seed: UInt64) throws(KernelError) -> [String: Tensor]
    {
        let shape = AttentionShape(parameters)
        let queryShape = [shape.batch, shape.queryHeads, shape.queryLength, shape.headSize]
        let keyShape = [shape.batch, shape.keyHeads, shape.keyLength, shape.headSize]
        return [
            "q": .normal(shape: queryShape, precision: precision, seed: seed, purpose: "attention.q"),
            "k": .normal(shape: keyShape, precision: precision, seed: seed, purpose: "attention.k"),
            "v": .normal(shape: keyShape, precision: precision, seed: seed, purpose: "attention.v"),
        ]
    }

    func outputs(_ parameters: [String: Int], inputs: [String: Tensor]) throws(KernelError) -> [String: [Double]] {
        let shape = AttentionShape(parameters)
        guard let q = inputs["q"]?.doubles, let k = inputs["k"]?.doubles, let v = inputs["v"]?.doubles else {
            throw KernelError(.invalidInput, "attention takes the inputs q, k and v")
        }
        let size = shape.headSize
        let scale = 1 / Double(size).squareRoot()
        let headCount = shape.batch * shape.queryHeads
        let blocks = Parallel.map(count: headCount) { head -> [Double] in
            let (batch, queryHead) = head.quotientAndRemainder(dividingBy: shape.queryHeads)
            let keyHead = batch * shape.keyHeads + queryHead / (shape.queryHeads / shape.keyHeads)
            var output = [Double](repeating: 0, count: shape.queryLength * size)
            var weights = [Double](repeating: 0, count: shape.keyLength)
            for row in 0..<shape.queryLength {
                let visible = shape.visibleKeys(row)
                guard !visible.isEmpty else { continue }
                let queryStart = (head * shape.queryLength + row) * size
                var largest = -Double.infinity
                for key in visible {
                    let keyStart = (keyHead * shape.keyLength + key) * size
                    weights[key] = dot(q, queryStart, k, keyStart, size) * scale
                    largest = max(largest, weights[key])
                }
                var sum = 0.0
                for key in visible {
                    weights[key] = exp(weights[key] - largest)
                    sum += weights[key]
                }
                for key in visible {
                    addScaled(
                        &output, row * size, v, (keyHead * shape.keyLength + key) * size, weights[key] / sum, size)
                }
            }
            return output
        }
        return ["o": blocks.flatMap { $0 }]
    }

    func flops(_ parameters: [String: Int]) -> Double {
        let shape = AttentionShape(parameters)
        let visible = (0..<shape.queryLength).reduce(0) { $0 + shape.visibleKeys($1).count }
        return 4 * Double(shape.batch * shape.queryHeads) * Double(visible) * Double(shape.headSize)
    }

    func minimumBytes(_ parameters: [String: Int], precision: Precision) -> Double {
        let shape = AttentionShape(parameters)
        let queries = 2 * shape.batch * shape.queryHeads * shape.queryLength * shape.headSize
        let keys = 2 * shape.batch * shape.keyHeads * shape.keyLength * shape.headSize
        return Double((queries + keys) * precision.byteCount)
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
        ] + stride(from: 16, through: 256, by: 8).map { ("D=\($0)", with(["D": $0, "causal": 1])) }
    }
}

/// The parameters of attention by name.
struct AttentionShape {
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

/// Dot product of two float64 slices, in four partial sums.
private func dot(_ a: [Double], _ aStart: Int, _ b: [Double], _ bStart: Int, _ count: Int) -> Double {
    var sums = SIMD8<Double>.zero
    var index = 0
    while index + 8 <= count {
        var left = SIMD8<Double>(), right = SIMD8<Double>()
        for lane in 0..<8 {
            left[lane] = a[aStart + index + lane]
            right[lane] = b[bStart + index + lane]
        }
        sums += left * right
        index += 8
    }
    var sum = sums.sum()
    while index < count {
        sum += a[aStart + index] * b[bStart + index]
        index += 1
    }
    return sum
}

private func addScaled(
    _ output: inout [Double], _ outputStart: Int, _ values: [Double], _ start: Int, _ factor: Double, _ count: Int
) {
    for index in 0..<count { output[outputStart + index] += values[start + index] * factor }
}
