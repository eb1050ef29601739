/// The raw readings from which joules were integrated, so that anyone can integrate them again.
public struct MeterTrace: Codable, Sendable, Equatable {
    /// One for each source that was part of a total.
    public var sources: [SourceTrace] = []

    public init() {}
}

/// The readings of one power source.
public struct SourceTrace: Codable, Sendable, Equatable {
    /// Id of the source.
    public var source: String
    /// Whether its values are joules that grow or watts.
    public var kind: PowerSourceKind
    /// Joules (counter) or watts (sensor) in one unit of `values`.
    public var scale: Double
    /// A counter starts again at 0 after this many units of `values`; `nil` for a sensor, and for a counter whose range
    /// is not known.
    @ExplicitNull public var modulus: Double?
    /// Seconds between updates that edges were reckoned with.
    public var updateSeconds: Double
    /// Seconds over which a sensor averages; 0 for a counter, and for a sensor that shows an instant.
    public var averagingSeconds: Double
    /// CLOCK_MONOTONIC seconds before each reading, oldest first.
    public var before: [Double] = []
    /// CLOCK_MONOTONIC seconds after each reading.
    public var after: [Double] = []
    /// What was read each time, in raw units of `scale` joules or watts.
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
