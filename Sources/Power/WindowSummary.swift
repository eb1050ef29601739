import Results
import Statistics

/// A window with the joules that the meter found in it.
struct MeteredWindow {
    var window: WindowRecord
    /// All included sources together.
    var total: EnergyEstimate
    /// Joules of each source, included or shown.
    var parts: [String: Double]
    /// Watts of quarters of the window, as far as they are known.
    var quarters: [Double] = []

    var seconds: Double { window.end - window.begin }
    var watts: Double { total.joules / seconds }
}

/// Joules an execution from several windows.
struct WindowSummary {
    let joulesPerExecution: Double
    let interval: Interval
    let relativeError: Double
    /// The part of the relative error that only longer windows reduce.
    let edgeError: Double

    /// One window says nothing of what the next one would differ by: no less than this is allowed for, relatively.
    private static let leastSpreadOfOne = 0.1

    init(_ windows: [MeteredWindow], seed: UInt64) {
        let executions = windows.reduce(0) { $0 + Double($1.window.iterations) }
        let joules = windows.reduce(0) { $0 + $1.total.joules }
        // Errors at the edges may all have one sign, so they are not averaged down.
        let bound = windows.reduce(0) { $0 + $1.total.bound } / executions
        joulesPerExecution = joules / executions
        edgeError = bound / joulesPerExecution
        let noise =
            bootstrapRatioInterval(
                numerators: windows.map(\.total.joules), denominators: windows.map { Double($0.window.iterations) },
                seed: seed) ?? Self.intervalOfOne(windows, joulesPerExecution)
        interval = Interval(max(noise.lower - bound, 0), noise.upper + bound)
        relativeError = interval.width / 2 / joulesPerExecution
    }

    /// From one window alone: as wide as its own quarters are uncertain as to a further one, and wide at any rate.
    private static func intervalOfOne(_ windows: [MeteredWindow], _ joules: Double) -> Interval {
        let quarters = windows.flatMap(\.quarters)
        let moments = RunningMoments(quarters)
        let spread =
            quarters.count >= 2 && moments.mean > 0
            ? studentQuantile(0.975, degrees: Double(quarters.count - 1)) * moments.variance.squareRoot() / moments.mean
            : 1
        let reach = joules * min(max(spread, leastSpreadOfOne), 1)
        return Interval(joules - reach, joules + reach)
    }
}
