/// The raw readings from which joules were integrated, so that anyone can integrate them again.
public struct MeterTrace: Codable, Sendable, Equatable {
    public var sources: [SourceTrace] = []

    public init() {}
}

/// The readings of one power source.
public struct SourceTrace: Codable, Sendable, Equatable {
    public var source: String
    public var kind: PowerSourceKind
    /// Joules (counter) or watts (sensor) in one unit of `values`.
    public var scale: Double
    /// A counter starts again at 0 after this many units.
    @ExplicitNull public var modulus: Double?
    /// Seconds between updates that edges were reckoned with.
    public var updateSeconds: Double
    /// Seconds over which a sensor averages.
    public var averagingSeconds: Double
    /// CLOCK_MONOTONIC before and after each reading, and the raw value read.
    public var before: [Double] = []
    public var after: [Double] = []
    public var values: [Double] = []

    public init(
        source: String, kind: PowerSourceKind, scale: Double, modulus: Double?, updateSeconds: Double,
        averagingSeconds: Double
    ) {
        self.source = source
        self.kind = kind
        self.scale = scale
        self.modulus = modulus
        self.updateSeconds = updateSeconds
        self.averagingSeconds = averagingSeconds
    }
}
