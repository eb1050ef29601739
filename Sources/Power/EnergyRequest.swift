import Results

/// What the meter is asked to find out about one strategy on one device.
public struct EnergyRequest: Sendable {
    /// The device's id, as in its record.
    public var deviceID: String
    /// Operations and bytes of one execution, for the model.
    public var work: WorkRecord
    /// Seconds one execution takes.
    public var medianSeconds: Double
    /// The relative half-width of the interval at which a figure counts as resolved.
    public var targetRelativeError: Double
    /// No window is shorter.
    public var minimumWindowSeconds: Double
    /// Idle phases, rests and windows together take no longer.
    public var timeLimitSeconds: Double
    /// Decides the resampling and the lengths of the rests.
    public var seed: UInt64

    public init(
        deviceID: String, work: WorkRecord, medianSeconds: Double, targetRelativeError: Double = 0.01,
        minimumWindowSeconds: Double, timeLimitSeconds: Double, seed: UInt64
    ) {
        self.deviceID = deviceID
        self.work = work
        self.medianSeconds = medianSeconds
        self.targetRelativeError = targetRelativeError
        self.minimumWindowSeconds = minimumWindowSeconds
        self.timeLimitSeconds = timeLimitSeconds
        self.seed = seed
    }
}
