/// What a search among a strategy's configurations found: part of the result of `joulemark tune`.
public struct TuningRecord: Codable, Sendable, Equatable {
    /// What the best configuration has least of.
    public enum Objective: String, Codable, Sendable, CaseIterable {
        case time
        case energy
        /// Energy times delay.
        case edp
    }

    /// A configuration, and how it did.
    public struct Configuration: Codable, Sendable, Equatable {
        public var tunables: [String: Int]
        /// The variant that was forced; `nil`: the first on the ladder that the device can take.
        @ExplicitNull public var variant: String?
        /// `incorrect`, `failed` and `skipped` configurations are out of the search.
        public var status: MeasurementStatus
        /// Why, when the status is not `ok`.
        @ExplicitNull public var message: String?
        /// The default configuration's figure over this one's, by the objective: above 1, this one is better. From a
        /// first look with few samples, unless there is a ``strategy``. `nil` when one of the figures is missing.
        @ExplicitNull public var ratio: Double?
        /// Median time of an execution, in seconds, as ``ratio`` has it.
        @ExplicitNull public var seconds: Double?
        /// The configuration that makes the same program for this workload on this device, and was tried in place of
        /// this one.
        @ExplicitNull public var sameAs: [String: Int]?
        /// That configuration's variant.
        @ExplicitNull public var sameAsVariant: String?
        /// The name of its measurement in the run; `nil` when a first look was all that it got.
        @ExplicitNull public var strategy: String?

        public init(
            _ chosen: StrategyConfiguration, status: MeasurementStatus, message: String?, ratio: Double? = nil,
            sameAs twin: StrategyConfiguration? = nil
        ) {
            tunables = chosen.tunables
            variant = chosen.variant
            self.status = status
            self.message = message
            self.ratio = ratio
            sameAs = twin?.tunables
            sameAsVariant = twin?.variant
        }

        public var chosen: StrategyConfiguration { StrategyConfiguration(tunables: tunables, variant: variant) }

        /// What ``sameAs`` and ``sameAsVariant`` say.
        public var twin: StrategyConfiguration? {
            sameAs.map { StrategyConfiguration(tunables: $0, variant: sameAsVariant) }
        }
    }

    public var objective: Objective
    /// The strategy's own name, which is also that of the default configuration's measurement.
    public var strategy: String
    /// The file that says which values are the default ones.
    public var file: String
    /// The default configuration on this device, which takes the first variant that the device can.
    public var defaults: [String: Int]
    /// Configurations that there are, the default among them.
    public var configurationCount: Int
    /// Those that were looked at, without the default, the best first.
    public var configurations: [Configuration] = []
    /// The configuration that is better than the default beyond doubt, and best among those; `nil` when none is.
    @ExplicitNull public var best: [String: Int]?
    /// The variant that the best configuration forces.
    @ExplicitNull public var bestVariant: String?

    public init(
        objective: Objective, strategy: String, file: String, defaults: [String: Int], configurationCount: Int
    ) {
        self.objective = objective
        self.strategy = strategy
        self.file = file
        self.defaults = defaults
        self.configurationCount = configurationCount
    }

    /// The best configuration as one value.
    public var chosen: StrategyConfiguration? {
        best.map { StrategyConfiguration(tunables: $0, variant: bestVariant) }
    }

    /// The default configuration in words.
    public var defaultWords: String { defaults.isEmpty ? "its first variant" : Self.words(defaults) }

    /// Tunables in words: `BLOCK_M=32,WAVES=4`, sorted by name.
    public static func words(_ tunables: [String: Int]) -> String {
        tunables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }
}
