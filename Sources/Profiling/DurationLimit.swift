import Results

/// What a worker is told of how long an execution may take: whether a workload fits shows once its operations are
/// counted.
package struct DurationLimit: Codable, Sendable, Equatable {
    /// Of the execution that tells.
    package var secondsPerFlop: Double
    /// Longest time of an execution that fits.
    package var seconds: Double
    /// Workload of the execution that tells.
    package var workload: String

    /// Why a workload of so many operations does not fit; `nil` when it does.
    package func complaint(flops: Double) -> String? {
        let expected = flops * secondsPerFlop
        guard expected > seconds else { return nil }
        return """
            an execution would take about \(NumberFormat.quantity(expected, .seconds, digits: 2)) here \
            (\(NumberFormat.quantity(flops, .flops)) at the \
            \(NumberFormat.quantity(1 / secondsPerFlop, .flopsPerSecond)) of \(workload)), \
            and the suite takes those of up to \(NumberFormat.quantity(seconds, .seconds, digits: 2)): \
            --workload or --suite full measures it all the same
            """
    }
}
