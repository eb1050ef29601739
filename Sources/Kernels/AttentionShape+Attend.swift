extension AttentionShape {
    /// Query rows that one worker takes: few enough that two cores share even one head evenly.
    private static let rowsPerPart = 64

    /// softmax(q kᵀ / √D) v with, for each query row, the ranges of keys that it sees: ascending and disjoint.
    ///
    /// - Complexity: O(visible keys × D) a head, on all cores.
    func attend<Number: ReferenceNumber>(
        q: [Number], k: [Number], v: [Number], visibleKeys: @Sendable (Int) -> [Range<Int>]
    ) -> [Number] {
        let rowParts = max((queryLength + Self.rowsPerPart - 1) / Self.rowsPerPart, 1)
        let heads = batch * queryHeads
        return unsafe Parallel.fill(size: q.count, parts: heads * rowParts) { part, output in
            let (head, rowPart) = part.quotientAndRemainder(dividingBy: rowParts)
            let (batchIndex, queryHead) = head.quotientAndRemainder(dividingBy: queryHeads)
            let keyStart = (batchIndex * keyHeads + queryHead / (queryHeads / keyHeads)) * keyLength * headSize
            let keySpan = keyStart..<(keyStart + keyLength * headSize)
            var rows = AttentionRows<Number>(keyLength: keyLength, headSize: headSize)
            for row in stride(
                from: rowPart * Self.rowsPerPart, to: min((rowPart + 1) * Self.rowsPerPart, queryLength),
                by: AttentionRows<Number>.count)
            {
                let group = row..<min(row + AttentionRows<Number>.count, queryLength)
                let queryStart = (head * queryLength + row) * headSize
                let queries = queryStart..<(queryStart + group.count * headSize)
                rows.load(queries: q[queries])
                unsafe k.withUnsafeBufferPointer { k in
                    unsafe v.withUnsafeBufferPointer { v in
                        unsafe rows.attend(
                            keys: k.extracting(keySpan), values: v.extracting(keySpan), visible: group.map(visibleKeys))
                    }
                }
                for (place, value) in zip(queries, rows.output) { unsafe output[place] = value }
            }
        }
    }
}

/// Four query rows against the keys of one head: each key and value is loaded once for the four of them.
private struct AttentionRows<Number: ReferenceNumber> {
    static var count: Int { 4 }

    private let headSize: Int
    private let scale: Number
    /// `[component][row]`.
    private var queries: [SIMD4<Number>]
    /// `[key][row]`: logits, then weights.
    private var weights: [SIMD4<Number>]
    private(set) var output: [Number]

    init(keyLength: Int, headSize: Int) {
        self.headSize = headSize
        scale = 1 / Number(headSize).squareRoot()
        queries = Array(repeating: .zero, count: headSize)
        weights = Array(repeating: .zero, count: keyLength)
        output = Array(repeating: 0, count: Self.count * headSize)
    }

    mutating func load(queries rows: ArraySlice<Number>) {
        for component in 0..<headSize {
            var vector = SIMD4<Number>.zero
            for row in 0..<(rows.count / headSize) {
                vector[row] = rows[rows.startIndex + row * headSize + component] * scale
            }
            queries[component] = vector
        }
    }

    mutating func attend(
        keys: UnsafeBufferPointer<Number>, values: UnsafeBufferPointer<Number>, visible: [[Range<Int>]]
    ) {
        let seen = visible.joined().sorted { $0.lowerBound < $1.lowerBound }
        var union: [Range<Int>] = []
        for range in seen where !range.isEmpty {
            if let last = union.last, range.lowerBound <= last.upperBound {
                union[union.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                union.append(range)
            }
        }
        for range in union { unsafe computeLogits(keys, range) }
        for row in 0..<Self.count { hide(row, visible.indices.contains(row) ? visible[row] : [], union) }
        let sums = computeWeights(union)
        unsafe computeOutput(values, union, sums)
    }

    private mutating func computeLogits(_ keys: UnsafeBufferPointer<Number>, _ range: Range<Int>) {
        let headSize = headSize
        unsafe queries.withUnsafeBufferPointer { queries in
            unsafe weights.withUnsafeMutableBufferPointer { weights in
                for key in range {
                    let row = key * headSize
                    // Two sums of alternate components, so that one addition need not wait for the other.
                    var (even, odd) = (SIMD4<Number>.zero, SIMD4<Number>.zero)
                    for component in stride(from: 0, to: headSize & ~1, by: 2) {
                        unsafe even += queries[component] * keys[row + component]
                        unsafe odd += queries[component + 1] * keys[row + component + 1]
                    }
                    if headSize & 1 == 1 { unsafe even += queries[headSize - 1] * keys[row + headSize - 1] }
                    unsafe weights[key] = even + odd
                }
            }
        }
    }

    /// Puts −∞ wherever the row does not see a key of the union.
    private mutating func hide(_ row: Int, _ visible: [Range<Int>], _ union: [Range<Int>]) {
        for range in union {
            var start = range.lowerBound
            for seen in visible where seen.overlaps(range) {
                for key in start..<max(start, seen.lowerBound) { weights[key][row] = -.infinity }
                start = seen.upperBound
            }
            for key in start..<max(start, range.upperBound) { weights[key][row] = -.infinity }
        }
    }

    private mutating func computeWeights(_ union: [Range<Int>]) -> SIMD4<Number> {
        var largest = SIMD4<Number>(repeating: -.greatestFiniteMagnitude)
        for range in union {
            for key in range { largest.replace(with: weights[key], where: weights[key] .> largest) }
        }
        var sums = SIMD4<Number>.zero
        for range in union {
            for key in range {
                let logit = weights[key] - largest
                let weight = SIMD4<Number>(
                    .exponential(logit[0]), .exponential(logit[1]), .exponential(logit[2]), .exponential(logit[3]))
                weights[key] = weight
                sums += weight
            }
        }
        return sums
    }

    private mutating func computeOutput(
        _ values: UnsafeBufferPointer<Number>, _ union: [Range<Int>], _ sums: SIMD4<Number>
    ) {
        // A row that sees no key has the sum 0 and stays 0.
        let factors = (1 / sums).replacing(with: 0, where: sums .== 0)
        unsafe weights.withUnsafeBufferPointer { weights in
            var component = 0
            while component < headSize {
                let isWide = component + 4 <= headSize
                var accumulators = (SIMD4<Number>.zero, SIMD4<Number>.zero, SIMD4<Number>.zero, SIMD4<Number>.zero)
                for range in union {
                    for key in range {
                        let weight = unsafe weights[key]
                        let place = key * headSize + component
                        unsafe accumulators.0 += weight * values[place]
                        guard isWide else { continue }
                        unsafe accumulators.1 += weight * values[place + 1]
                        unsafe accumulators.2 += weight * values[place + 2]
                        unsafe accumulators.3 += weight * values[place + 3]
                    }
                }
                for row in 0..<Self.count {
                    output[row * headSize + component] = accumulators.0[row] * factors[row]
                    guard isWide else { continue }
                    output[row * headSize + component + 1] = accumulators.1[row] * factors[row]
                    output[row * headSize + component + 2] = accumulators.2[row] * factors[row]
                    output[row * headSize + component + 3] = accumulators.3[row] * factors[row]
                }
                component += isWide ? 4 : 1
            }
        }
    }
}
