/// What makes two measurements the same measurement in different runs.
public struct MeasurementKey: Codable, Hashable, Sendable {
    public var family: String
    public var strategy: String
    public var workload: String
    public var parameters: [String: Int]
    public var device: String
    public var precision: String

    public init(_ measurement: MeasurementRecord) {
        family = measurement.family
        strategy = measurement.strategy
        workload = measurement.workload
        parameters = measurement.parameters
        device = measurement.device
        precision = measurement.precision
    }

    /// What is computed, whoever does it and where.
    var problem: MeasurementKey {
        var key = self
        key.strategy = ""
        key.device = ""
        return key
    }

    /// The same with another strategy: the other side of a comparison within a run.
    func with(strategy: String) -> MeasurementKey {
        var key = self
        key.strategy = strategy
        return key
    }
}
