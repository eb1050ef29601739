import Statistics

/// What whole models come to, composed from the measurements of a run: part of the result of `joulemark model`.
///
/// All quantities are per token: of a prompt's tokens in the phase `prefill`, of a generated one in `decode`.
public struct ModelRecord: Codable, Sendable, Equatable {
    public var name: String
    public var summary: String
    /// Where the configuration was published.
    public var source: String
    /// The ladder that was climbed; `nil` when the model was composed as it was published.
    @ExplicitNull public var ladder: LadderRecord?
    /// What a token costs beyond the kernels that were composed, in words.
    public var leftOut: [String]
    /// Rung by rung, in each phase and at each context, on each device.
    public var points: [ModelPointRecord] = []
    /// Contexts at which one of two forms becomes the better one.
    public var crossings: [CrossingRecord] = []

    public init(name: String, summary: String, source: String, ladder: LadderRecord?, leftOut: [String]) {
        self.name = name
        self.summary = summary
        self.source = source
        self.ladder = ladder
        self.leftOut = leftOut
    }
}

/// Changes to a model, in order.
public struct LadderRecord: Codable, Sendable, Equatable {
    public var name: String
    public var summary: String
    public var rungs: [RungRecord]

    public init(name: String, summary: String, rungs: [RungRecord]) {
        self.name = name
        self.summary = summary
        self.rungs = rungs
    }
}

/// One change to a model.
public struct RungRecord: Codable, Sendable, Equatable {
    /// What a change does to what the model computes.
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// Nothing comes before it.
        case start
        /// The same function, rounding aside.
        case keeps
        /// The same function with numbers of fewer bits, or with weights left out.
        case approximates
        /// A function that has to be trained anew.
        case replaces
    }

    /// What others have published of such a change.
    public struct Claim: Codable, Sendable, Equatable {
        /// How many times less, as published; `nil` for claims that are no factor.
        @ExplicitNull public var factor: Double?
        public var text: String
        public var source: String
        /// The part of the source in which the figure was read; `nil` where it was not, and in files of before.
        public var read: String?
        /// Why the figure is not confirmed: who cites it, or that no source was found; `nil` where it is.
        public var unconfirmed: String?

        public init(factor: Double?, text: String, source: String, read: String?, unconfirmed: String?) {
            self.factor = factor
            self.text = text
            self.source = source
            self.read = read
            self.unconfirmed = unconfirmed
        }

        /// How far the figure is to be trusted, in words; empty for files of before.
        public var standing: String {
            if let read { return "read in \(read)" }
            return unconfirmed.map { "not confirmed: \($0)" } ?? ""
        }
    }

    public var name: String
    public var title: String
    public var kind: Kind
    /// The rung that it changes; `nil` for the first.
    @ExplicitNull public var on: String?
    /// What has to be known of the change, in words; `nil` when there is nothing.
    @ExplicitNull public var note: String?
    @ExplicitNull public var claim: Claim?
    /// Further ones, such as those that contradict it; `nil` where there are none.
    public var otherClaims: [Claim]?

    public init(
        name: String, title: String, kind: Kind, on: String?, note: String?, claim: Claim?, otherClaims: [Claim]? = nil
    ) {
        self.name = name
        self.title = title
        self.kind = kind
        self.on = on
        self.note = note
        self.claim = claim
        self.otherClaims = otherClaims
    }
}

/// Which part of an inference is composed.
public enum ModelPhase: String, Codable, Sendable, CaseIterable {
    /// All tokens of a prompt at once.
    case prefill
    /// One token after a prompt.
    case decode
}

/// One form of a model in one phase at one context on one device; quantities are per token.
public struct ModelPointRecord: Codable, Sendable, Equatable {
    /// The rung; `nil` for the model as published.
    @ExplicitNull public var rung: String?
    public var phase: ModelPhase
    public var batch: Int
    /// Tokens of the prompt.
    public var context: Int
    /// `nil` where nothing was measured.
    @ExplicitNull public var device: String?
    /// Weights of the model in this form.
    public var parameters: Double
    /// Weights that a token meets.
    public var activeParameters: Double
    /// Of the mathematics, per token.
    public var flops: Double
    /// Each kernel's inputs read once and its outputs written once, per token.
    public var minimumBytes: Double
    /// What the strategies move, per token; `nil` where nothing was measured.
    @ExplicitNull public var strategyBytes: Double?
    /// Why there are no times, such as a kernel that is wrong; `nil` when all kernels were measured.
    @ExplicitNull public var problem: String?
    /// Seconds a token: the sum over the kernels of how often each runs times its median.
    @ExplicitNull public var seconds: Double?
    /// 95 % interval of ``seconds``.
    @ExplicitNull public var secondsInterval: Interval?
    /// Joules a token, by the weakest provenance of all kernels.
    @ExplicitNull public var joules: Double?
    @ExplicitNull public var joulesInterval: Interval?
    @ExplicitNull public var provenance: EnergyProvenance?
    /// Why there are no joules, or why they are not measured.
    @ExplicitNull public var energyReason: String?
    /// Seconds a token in the meter's windows: what joules are held against, since windows have executions back to
    /// back.
    @ExplicitNull public var meteredSeconds: Double?
    /// The largest relative error (L2) of a kernel against float64 on the same rounded inputs.
    @ExplicitNull public var kernelError: Double?
    /// The largest relative error (L2) that storage makes of one of its products, against float64 of what is not
    /// rounded: of normal activations and weights.
    @ExplicitNull public var productError: Double?
    /// The layers, in order.
    public var layers: [ModelLayerRecord] = []
    /// Against the rung that this one changes, and the first; `nil` without a ladder, for the first rung, and where a
    /// time is missing.
    @ExplicitNull public var change: ModelChangeRecord?
    /// Tokens that leave early, as the kernels of early exit have them; `nil` where none do, and where one token runs
    /// at a time.
    public var exit: ModelExitRecord?
    /// Blocks of it run as one chain of dispatches; `nil` where that was not asked for.
    public var chain: ModelChainRecord?

    public init(
        rung: String?, phase: ModelPhase, batch: Int, context: Int, device: String?, parameters: Double,
        activeParameters: Double, flops: Double, minimumBytes: Double
    ) {
        self.rung = rung
        self.phase = phase
        self.batch = batch
        self.context = context
        self.device = device
        self.parameters = parameters
        self.activeParameters = activeParameters
        self.flops = flops
        self.minimumBytes = minimumBytes
    }
}

/// What leaving early is worth to kernels, in whose place the model's layers count: the same tokens through layers of
/// one product each, all of them as deep as the deepest, and sorted so that those that left cost nothing.
public struct ModelExitRecord: Codable, Sendable, Equatable {
    /// Strategies of the family early-exit, and what they were run on.
    public var baseline: String
    public var strategy: String
    public var workload: String
    /// The share of the layers that a token goes through on average: what a perfect exit would take.
    public var meanDepth: Double
    /// What it took: the strategy's time over the baseline's. Times of the layers that tokens leave count so often;
    /// where it is `nil`, with ``meanDepth``.
    @ExplicitNull public var timeShare: Double?
    /// Likewise of joules; `nil` where they are not known.
    @ExplicitNull public var energyShare: Double?
    /// Why there is no ``timeShare``; `nil` where there is one.
    @ExplicitNull public var problem: String?

    public init(baseline: String, strategy: String, workload: String, meanDepth: Double) {
        self.baseline = baseline
        self.strategy = strategy
        self.workload = workload
        self.meanDepth = meanDepth
    }
}

/// A layer's share of a point, per token.
public struct ModelLayerRecord: Codable, Sendable, Equatable {
    public var name: String
    public var family: String
    public var strategy: String
    /// The measurement's workload.
    public var workload: String
    /// Its sizes in words; `nil` for families without words for them, and in files of before.
    public var label: String?
    public var precision: String
    /// Executions in one pass over the model: fewer than there are layers where tokens leave early.
    public var count: Double
    public var flops: Double
    public var minimumBytes: Double
    @ExplicitNull public var seconds: Double?
    @ExplicitNull public var joules: Double?

    public init(
        name: String, family: String, strategy: String, workload: String, precision: String, count: Double,
        flops: Double, minimumBytes: Double
    ) {
        self.name = name
        self.family = family
        self.strategy = strategy
        self.workload = workload
        self.precision = precision
        self.count = count
        self.flops = flops
        self.minimumBytes = minimumBytes
    }
}

/// How many times less a rung takes, above 1 being less. Kernels that both sides share cancel in the intervals.
public struct ModelChangeRecord: Codable, Sendable, Equatable {
    /// A factor with its 95 % interval.
    public struct Factor: Codable, Sendable, Equatable {
        public var factor: Double
        @ExplicitNull public var interval: Interval?

        public init(factor: Double, interval: Interval?) {
            self.factor = factor
            self.interval = interval
        }
    }

    /// The rung that it is held against.
    public var on: String
    public var time: Factor
    /// Against the first rung.
    public var timeFromStart: Factor
    /// What those of the changes from the first rung on that keep the function make of it.
    public var timeOfKeeping: Double
    /// `nil` unless the joules of both were measured.
    @ExplicitNull public var energy: Factor?
    @ExplicitNull public var energyFromStart: Factor?
    @ExplicitNull public var energyOfKeeping: Double?
    /// Bytes that the strategies move and FLOPs, the other rung's over this one's.
    public var bytes: Double
    public var flops: Double

    public init(
        on: String, time: Factor, timeFromStart: Factor, timeOfKeeping: Double, bytes: Double, flops: Double
    ) {
        self.on = on
        self.time = time
        self.timeFromStart = timeFromStart
        self.timeOfKeeping = timeOfKeeping
        self.bytes = bytes
        self.flops = flops
    }
}

/// A context from which on one form of a model takes less than another.
public struct CrossingRecord: Codable, Sendable, Equatable {
    public var phase: ModelPhase
    public var device: String
    /// The form that takes less at shorter contexts.
    public var before: String
    /// The form that takes less at longer ones.
    public var after: String
    /// Tokens, between two measured contexts on straight lines of the logarithms.
    public var context: Double
    /// Where the ends of the ratio's interval cross; an end is `nil` where it lies outside of what was measured.
    @ExplicitNull public var lower: Double?
    @ExplicitNull public var upper: Double?

    public init(
        phase: ModelPhase, device: String, before: String, after: String, context: Double, lower: Double?,
        upper: Double?
    ) {
        self.phase = phase
        self.device = device
        self.before = before
        self.after = after
        self.context = context
        self.lower = lower
        self.upper = upper
    }
}
