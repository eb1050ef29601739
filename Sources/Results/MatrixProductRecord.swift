/// A product of small matrices that a device's matrix units do, as its driver lists it: m × k times k × n, plus m × n.
public struct MatrixProductRecord: Codable, Sendable, Equatable {
    public var m: Int
    public var n: Int
    public var k: Int
    /// Types of the elements of the left and the right operand, of what is added, and of the result: `f16`, `bf16`,
    /// `s8`, `s32`…
    public var a: String
    public var b: String
    public var sum: String
    public var result: String
    /// Who does it together: `subgroup` or `workgroup`.
    public var scope: String
    /// Whether sums stop at the largest integer.
    public var saturates: Bool

    public init(
        m: Int, n: Int, k: Int, a: String, b: String, sum: String, result: String, scope: String, saturates: Bool
    ) {
        self.m = m
        self.n = n
        self.k = k
        self.a = a
        self.b = b
        self.sum = sum
        self.result = result
        self.scope = scope
        self.saturates = saturates
    }
}
