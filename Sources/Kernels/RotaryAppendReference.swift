import Glibc
import Statistics

/// The heads of a projection: queries and keys turned by the angles of their positions (Su et al. 2021, section 3.4.2),
/// keys and values put at the end of the caches, whose other positions stay as they are.
struct RotaryAppendReference: ComputedReference {
    /// Angles of a pair are position · base^(−2i / rotated).
    private static let base = 10_000.0
    let family = "rotary-append"

    func inputs(_ parameters: [String: Int], precision: Precision, seed: UInt64) throws(KernelError) -> [String: Tensor]
    {
        let shape = Shape(parameters)
        func normal(_ sizes: [Int], _ name: String) -> Tensor {
            .normal(shape: sizes, precision: precision, seed: seed, purpose: "rotary-append.\(name)")
        }
        let cache = [shape.batch, shape.keys, shape.positions, shape.size]
        return [
            "qkv": normal([shape.batch * shape.length, (shape.queries + 2 * shape.keys) * shape.size], "qkv"),
            "rotation": Self.rotation(shape, seed: seed), "k": normal(cache, "k"), "v": normal(cache, "v"),
        ]
    }

    /// Cosines and sines of every new token, the cache's first token being somewhere in a text; without rotation,
    /// numbers that nobody reads.
    private static func rotation(_ shape: Shape, seed: UInt64) -> Tensor {
        let half = max(shape.rotated / 2, 1)
        var generator = SeededGenerator(seed: seed, purpose: "rotary-append.rotation")
        let start = (1000 * generator.uniform()).rounded()
        var values: [Float] = []
        for token in 0..<shape.length {
            let position = start + Double(shape.positions - shape.length + token)
            let angles = (0..<half).map { position * pow(base, -Double($0) / Double(half)) }
            values += angles.map { Float(cos($0)) } + angles.map { Float(sin($0)) }
        }
        return Tensor(shape: [shape.length, 2 * half], elements: .f32(values))
    }

    func computed<Number: ReferenceNumber>(
        _ parameters: [String: Int], _ inputs: [String: Tensor]
    ) throws(KernelError) -> [String: [Number]] {
        let shape = Shape(parameters)
        let projection: [Number] = try inputs.numbers("qkv", of: family)
        let rotation: [Number] = try inputs.numbers("rotation", of: family)
        var k: [Number] = try inputs.numbers("k", of: family)
        var v: [Number] = try inputs.numbers("v", of: family)
        var q = [Number](repeating: 0, count: shape.batch * shape.queries * shape.length * shape.size)
        let (size, width) = (shape.size, (shape.queries + 2 * shape.keys) * shape.size)
        for token in 0..<(shape.batch * shape.length) {
            let (batch, place) = token.quotientAndRemainder(dividingBy: shape.length)
            let turn = rotation[(place * max(shape.rotated, 2))..<((place + 1) * max(shape.rotated, 2))]
            for head in 0..<(shape.queries + 2 * shape.keys) {
                let from = token * width + head * size
                let values = Array(projection[from..<(from + size)])
                if head < shape.queries {
                    let to = ((batch * shape.queries + head) * shape.length + place) * size
                    q.replaceSubrange(to..<(to + size), with: Self.turned(values, turn, shape.rotated))
                    continue
                }
                let isKey = head < shape.queries + shape.keys
                let own = head - shape.queries - (isKey ? 0 : shape.keys)
                let cached = shape.positions - shape.length + place
                let to = ((batch * shape.keys + own) * shape.positions + cached) * size
                if isKey {
                    k.replaceSubrange(to..<(to + size), with: Self.turned(values, turn, shape.rotated))
                } else {
                    v.replaceSubrange(to..<(to + size), with: values)
                }
            }
        }
        return ["q": q, "k": k, "v": v]
    }

    /// - Parameter turn: cosines, then sines.
    private static func turned<Number: ReferenceNumber>(
        _ head: [Number], _ turn: ArraySlice<Number>, _ rotated: Int
    ) -> [Number] {
        let (half, turn) = (rotated / 2, Array(turn))
        var result = head
        for i in 0..<half {
            result[i] = head[i] * turn[i] - head[i + half] * turn[half + i]
            result[i + half] = head[i + half] * turn[i] + head[i] * turn[half + i]
        }
        return result
    }

    /// Two products and a sum for each element that is rotated.
    func flops(_ parameters: [String: Int]) -> Double {
        let shape = Shape(parameters)
        return 3 * Double(shape.batch * shape.length) * Double((shape.queries + shape.keys) * shape.rotated)
    }

    /// The projection in and its parts out; the rotation is float32 whatever the storage.
    func minimumBytes(_ parameters: [String: Int], precision: Precision) -> Double {
        let shape = Shape(parameters)
        let moved = 2 * Double(shape.batch * shape.length) * Double((shape.queries + 2 * shape.keys) * shape.size)
        return moved * Double(precision.byteCount) + 4 * Double(shape.length * max(shape.rotated, 2))
    }

    func tokens(_ parameters: [String: Int]) -> Double? {
        Double(parameters["B"] ?? 1) * Double(parameters["L"] ?? 1)
    }

    var hardCases: [(name: String, parameters: [String: Int])] {
        func with(_ values: [String: Int]) -> [String: Int] {
            ["B": 2, "L": 5, "Hq": 4, "Hkv": 2, "D": 16, "positions": 9, "rotated": 16].merging(values) { $1 }
        }
        return [
            ("a cache that holds other tokens", with([:])), ("one token after many", with(["L": 1, "positions": 131])),
            ("a part of each head", with(["rotated": 6])), ("no rotation", with(["rotated": 0])),
            ("heads that no vector divides", with(["D": 37, "rotated": 34])),
            ("the whole cache", with(["L": 67, "positions": 67])),
            ("one head of one element", ["B": 1, "L": 1, "Hq": 1, "Hkv": 1, "D": 1, "positions": 1, "rotated": 0]),
        ]
    }

    private struct Shape {
        let batch, length, queries, keys, size, positions, rotated: Int

        init(_ parameters: [String: Int]) {
            batch = parameters["B"] ?? 1
            length = parameters["L"] ?? 1
            queries = parameters["Hq"] ?? 1
            keys = parameters["Hkv"] ?? 1
            size = parameters["D"] ?? 1
            positions = parameters["positions"] ?? 1
            rotated = parameters["rotated"] ?? 0
        }
    }
}
