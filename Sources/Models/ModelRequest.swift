import KernelDefinitions
import Results

/// What a user asks `joulemark model` to compose.
public struct ModelRequest: Sendable {
    public var phases: [ModelPhase] = [.prefill]
    /// Sequences at a time.
    public var batch = 1
    /// Tokens of the prompt.
    public var contexts = [512]
    /// Of a model as published; a ladder's rungs say their own.
    public var precision = Precision.f32
    /// Strategies in place of the usual ones, by family.
    public var strategies: [(family: String, strategy: String)] = []

    /// How many blocks are run as one chain of dispatches beside the kernels; `nil`: none.
    public var chainedBlocks: Int?

    public init() {}
}
