/// A metric of one measurement in both runs, as they recorded it: nothing is said of chance here. Time and energy,
/// which are judged, are not among them.
public struct ComparedMetric: Codable, Sendable, Equatable {
    /// ``Metric/key``.
    public var key: String
    /// In the metric's unit without prefix.
    public var base: Double
    public var candidate: Double
    /// Above 1, the candidate is better, whichever way better is; `nil` where a figure is not positive.
    @ExplicitNull public var gain: Double?
    /// Of the weaker of the two figures; `nil` for what is counted and not measured.
    @ExplicitNull public var provenance: EnergyProvenance?

    /// - Returns: `nil` where a run does not know the figure, where neither of two values is the better one, and where
    ///   modelled joules would be weighed against measured ones.
    init?(_ metric: Metric, base: MeasurementRecord, candidate: MeasurementRecord) {
        guard metric.polarity != .neutral, let before = metric.figure(base), let after = metric.figure(candidate),
            before.isModelled == after.isModelled
        else { return nil }
        key = metric.key
        self.base = before.value
        self.candidate = after.value
        let ratio = metric.polarity == .moreIsBetter ? after.value / before.value : before.value / after.value
        gain = before.value > 0 && after.value > 0 ? ratio.finiteOrNil : nil
        provenance = [before, after].compactMap(\.provenance).min(by: { $0.isWeaker(than: $1) })
    }
}
