import Statistics

/// Attention over the blocks of keys that a mask lists (Child et al. 2019; Zaheer et al. 2020, BigBird, section 2).
///
/// The mask is CSR over blocks of `block` × `block`: row i of blocks sees the blocks `mask_indices[mask_indptr[i]…]`.
/// Within them `causal` and `window` hide keys as in dense attention. A row without visible keys is 0.
struct SparseAttentionReference: ComputedReference {
    let family = "sparse-attention"

    func inputs(_ parameters: [String: Int], precision: Precision, seed: UInt64) throws(KernelError) -> [String: Tensor]
    {
        let shape = AttentionShape(parameters)
        var inputs = try AttentionReference().inputs(parameters, precision: precision, seed: seed)
        let mask = BlockPattern(parameters).rows(shape, parameters, seed: seed)
        inputs.merge(Self.tensors(mask)) { $1 }
        return inputs
    }

    /// A user's own mask, under the name `mask`: a pattern over blocks.
    func inputs(
        named name: String, from matrix: SparseMatrix, precision: Precision
    ) throws(KernelError) -> (inputs: [String: Tensor], parameters: [String: Int])? {
        guard name == "mask" else { return nil }
        let rows = (0..<matrix.rowCount).map { Array(matrix.columns[matrix.rowStarts[$0]..<matrix.rowStarts[$0 + 1]]) }
        return (Self.tensors(rows), [:])
    }

    private static func tensors(_ rows: [[Int]]) -> [String: Tensor] {
        var starts: [Int32] = [0]
        for row in rows { starts.append((starts.last ?? 0) + Int32(row.count)) }
        let indices = rows.joined().map { Int32($0) }
        return [
            "mask_indptr": Tensor(shape: [starts.count], elements: .i32(starts)),
            "mask_indices": Tensor(shape: [indices.count], elements: .i32(indices)),
        ]
    }

    /// The keys that each query row sees, as ascending ranges.
    private func visibleKeys(
        _ parameters: [String: Int], _ inputs: [String: Tensor]
    ) throws(KernelError) -> [[Range<Int>]] {
        let shape = AttentionShape(parameters)
        let block = max(parameters["block"] ?? 64, 1)
        let (blockRows, blockColumns) = ((shape.queryLength + block - 1) / block, (shape.keyLength + block - 1) / block)
        let mask = try SparseMatrix(
            rowCount: blockRows, columnCount: blockColumns,
            rowStarts: try inputs.doubles("mask_indptr", of: family).map { Int($0) },
            columns: try inputs.doubles("mask_indices", of: family).map { Int($0) }, values: nil,
            name: "sparse-attention: 'mask'")
        return (0..<shape.queryLength).map { row in
            let seen = shape.visibleKeys(row)
            let blocks = mask.columns[mask.rowStarts[row / block]..<mask.rowStarts[row / block + 1]]
            return blocks.map { ($0 * block)..<min(($0 + 1) * block, shape.keyLength) }
                .map { $0.clamped(to: seen) }.filter { !$0.isEmpty }
        }
    }

    func derivedParameters(
        _ parameters: [String: Int], inputs: [String: Tensor]
    ) throws(KernelError) -> [String: Int] {
        let visible = try visibleKeys(parameters, inputs)
        let indices = Set(try inputs.doubles("mask_indices", of: family))
        let block = max(parameters["block"] ?? 64, 1)
        let keyLength = parameters["Lk"] ?? 1
        return [
            "blocks": inputs["mask_indices"]?.count ?? 0,
            "visiblePairs": visible.joined().reduce(0) { $0 + $1.count },
            "visitedKeys": indices.reduce(0) { $0 + min(block, keyLength - Int($1) * block) },
        ]
    }

    /// `mask_bits[Lq, ⌈Lk/32⌉]`: a bit a pair, set where the query sees the key, the first key in the lowest bit.
    func packed(
        _ names: Set<String>, _ parameters: [String: Int], inputs: [String: Tensor]
    ) throws(KernelError) -> [String: Tensor] {
        let visible = try visibleKeys(parameters, inputs)
        let words = ((parameters["Lk"] ?? 1) + 31) / 32
        var bits = [UInt32](repeating: 0, count: visible.count * words)
        for (row, ranges) in visible.enumerated() {
            for key in ranges.joined() { bits[row * words + key / 32] |= 1 << UInt32(key % 32) }
        }
        return [
            "mask_bits": Tensor(
                shape: [visible.count, words], elements: .i32(bits.map { Int32(bitPattern: $0) }))
        ]
    }

    func computed<Number: ReferenceNumber>(
        _ parameters: [String: Int], _ inputs: [String: Tensor]
    ) throws(KernelError) -> [String: [Number]] {
        let visible = try visibleKeys(parameters, inputs)
        let q: [Number] = try inputs.numbers("q", of: family)
        let k: [Number] = try inputs.numbers("k", of: family)
        let v: [Number] = try inputs.numbers("v", of: family)
        return ["o": AttentionShape(parameters).attend(q: q, k: k, v: v) { visible[$0] }]
    }

    /// As dense attention, over the visible pairs.
    func flops(_ parameters: [String: Int]) -> Double {
        let shape = AttentionShape(parameters)
        let pairs = Double(parameters["visiblePairs"] ?? shape.queryLength * shape.keyLength)
        return 4 * Double(shape.batch * shape.queryHeads) * pairs * Double(shape.headSize)
    }

    /// Queries and outputs, the keys and values of blocks that any query visits, and the mask.
    func minimumBytes(_ parameters: [String: Int], precision: Precision) -> Double {
        let shape = AttentionShape(parameters)
        let keys = Double(shape.keyHeads) * Double(parameters["visitedKeys"] ?? shape.keyLength)
        let queries = Double(shape.queryHeads) * Double(shape.queryLength)
        let block = max(parameters["block"] ?? 64, 1)
        let mask = 4 * Double((shape.queryLength + block - 1) / block + 1 + (parameters["blocks"] ?? 0))
        return 2 * Double(shape.batch) * (queries + keys) * Double(shape.headSize) * Double(precision.byteCount) + mask
    }

    func tokens(_ parameters: [String: Int]) -> Double? { AttentionReference().tokens(parameters) }

    var hardCases: [(name: String, parameters: [String: Int])] {
        let base = [
            "B": 1, "Hq": 2, "Hkv": 1, "Lq": 150, "Lk": 150, "D": 64, "causal": 0, "window": 0, "block": 16,
            "localBlocks": 3, "globalBlocks": 0, "randomBlocks": 0,
        ]
        func with(_ changes: [String: Int]) -> [String: Int] { base.merging(changes) { $1 } }
        return [
            ("local blocks, lengths that no block divides", base),
            ("BigBird", with(["globalBlocks": 2, "randomBlocks": 3])),
            ("local and global, causal", with(["globalBlocks": 1, "causal": 1])),
            ("a sliding window", with(["localBlocks": 0, "window": 20, "causal": 1])),
            ("rows with one block", with(["localBlocks": 1])),
            ("rows of blocks that see nothing", with(["emptyRows": 1])),
            ("every block", with(["localBlocks": 0])),
            ("blocks of one element", with(["block": 1, "Lq": 40, "Lk": 40])),
            ("grouped heads over batches", with(["B": 2, "Hq": 6, "Hkv": 2, "causal": 1])),
            ("more keys than queries", with(["Lq": 33, "causal": 1, "globalBlocks": 1])),
            ("head size 128, blocks of 64", with(["D": 128, "block": 64, "Lq": 200, "Lk": 200, "randomBlocks": 1])),
        ]
    }
}

/// Which blocks of keys each row of blocks sees.
private struct BlockPattern {
    let block, localBlocks, globalBlocks, randomBlocks: Int

    init(_ parameters: [String: Int]) {
        block = max(parameters["block"] ?? 64, 1)
        localBlocks = parameters["localBlocks"] ?? 0
        globalBlocks = parameters["globalBlocks"] ?? 0
        randomBlocks = parameters["randomBlocks"] ?? 0
    }

    /// Local blocks lie around the row's own; global ones come first and are seen by all, and see all; random ones are
    /// drawn without replacement among the rest. Blocks that `causal` or `window` hide as a whole are left out. With
    /// none of the three, every block is seen.
    func rows(_ shape: AttentionShape, _ parameters: [String: Int], seed: UInt64) -> [[Int]] {
        var generator = SeededGenerator(seed: seed, purpose: "sparse-attention.mask")
        let columns = (shape.keyLength + block - 1) / block
        let seesAll = localBlocks + globalBlocks + randomBlocks == 0
        return (0..<((shape.queryLength + block - 1) / block)).map { row in
            if parameters["emptyRows"] == 1, row % 3 == 1 { return [] }
            let last = min((row + 1) * block, shape.queryLength) - 1
            let candidates = (0..<columns).filter { column in
                let keys = (column * block)..<min((column + 1) * block, shape.keyLength)
                return (row * block...last).contains { shape.visibleKeys($0).overlaps(keys) }
            }
            if seesAll || row < globalBlocks { return candidates }
            let own = (row * block + shape.keyLength - shape.queryLength) / block
            let (before, after) = (localBlocks / 2, max(localBlocks - 1, 0) / 2)
            let local = localBlocks > 0 ? (own - before)...(own + after) : nil
            var chosen = candidates.filter { $0 < globalBlocks || local?.contains($0) == true }
            let rest = candidates.filter { !chosen.contains($0) }.shuffled(using: &generator)
            chosen += rest.prefix(randomBlocks)
            return chosen.sorted()
        }
    }
}
