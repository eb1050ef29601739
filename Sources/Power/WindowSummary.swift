import Results
import Statistics

/// A window with the joules that the meter found in it.
struct MeteredWindow {
    var window: WindowRecord
    /// All included sources together.
    var total: EnergyEstimate
    /// Joules of each source, included or shown.
    var parts: [String: Double]

    var seconds: Double { window.end - window.begin }
    var watts: Double { total.joules / seconds }
}

/// Joules an execution from several windows.
struct WindowSummary {
    let joulesPerExecution: Double
    let interval: Interval?
    let relativeError: Double
    /// The part of the relative error that only longer windows reduce.
    let edgeError: Double

    init(_ windows: [MeteredWindow], seed: UInt64) {
        let executions = windows.reduce(0) { $0 + Double($1.window.iterations) }
        let joules = windows.reduce(0) { $0 + $1.total.joules }
        // Errors at the edges may all have one sign, so they are not averaged down.
        let bound = windows.reduce(0) { $0 + $1.total.bound } / executions
        joulesPerExecution = joules / executions
        edgeError = bound / joulesPerExecution
        let noise = bootstrapRatioInterval(
            numerators: windows.map(\.total.joules), denominators: windows.map { Double($0.window.iterations) },
            seed: seed)
        interval = noise.map { Interval(max($0.lower - bound, 0), $0.upper + bound) }
        relativeError = interval.map { $0.width / 2 / (joules / executions) } ?? .infinity
    }
}
