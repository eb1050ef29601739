import Statistics

/// Blocks of a model run as one chain of dispatches, each kernel on what the ones before it wrote, beside the sum of
/// the same kernels measured each alone; quantities are per token.
public struct ModelChainRecord: Codable, Sendable, Equatable {
    /// A kernel in the chain and alone.
    public struct Link: Codable, Sendable, Equatable {
        public var name: String
        /// The kernel's time where all stages of the chain are timed apart.
        public var seconds: Double
        public var secondsAlone: Double

        public init(name: String, seconds: Double, secondsAlone: Double) {
            self.name = name
            self.seconds = seconds
            self.secondsAlone = secondsAlone
        }
    }

    /// Beyond this share of the sum of parts a difference is told, and explained as far as it was seen.
    public static let allowance = 0.1

    /// Blocks in a row.
    public var blocks: Int
    /// Why the layers were not run in a row; `nil` when they were.
    @ExplicitNull public var problem: String?
    /// Of the chain.
    @ExplicitNull public var seconds: Double?
    @ExplicitNull public var secondsInterval: Interval?
    /// The sum of the same kernels, each measured alone.
    @ExplicitNull public var partsSeconds: Double?
    /// The chain's time over the sum's, 1 being equal.
    @ExplicitNull public var ratio: ModelChangeRecord.Factor?
    /// Joules of the chain, by its provenance, and of the sum.
    @ExplicitNull public var joules: Double?
    @ExplicitNull public var partsJoules: Double?
    @ExplicitNull public var provenance: EnergyProvenance?
    /// Relative error (L2) of what the chain writes against float64 on the same inputs before they were stored in fewer
    /// bits.
    @ExplicitNull public var error: Double?
    /// Where the difference comes from, in words, where it is beyond ``allowance``.
    @ExplicitNull public var explanation: String?
    public var links: [Link] = []

    public init(blocks: Int, problem: String? = nil) {
        self.blocks = blocks
        self.problem = problem
    }

    /// True where the chain and the sum of its parts differ by more than ``allowance``.
    public var isFlagged: Bool { ratio.map { abs($0.factor - 1) > Self.allowance } ?? false }
}
