import Platform

/// How finely clocks count, and what follows for kernels that are not much longer than a step of theirs.
package enum ClockResolution {
    /// Steps of the clock that a sample lasts at least: the clock then adds a thousandth at most.
    private static let leastSteps = 1000.0
    private static let largestBatch = 1024

    /// Executions to time together, so that a step of the clock is a thousandth of the sample at most; 1 for what is
    /// longer anyway, or when the step is not known.
    ///
    /// - Parameter seconds: of one execution.
    package static func batch(seconds: Double, clockStep: Double) -> Int {
        guard clockStep > 0, clockStep.isFinite, seconds >= 0 else { return 1 }
        // What is a whole number but for rounding is one.
        let wanted = (leastSteps * clockStep / max(seconds, 1e-12) * (1 - 1e-9)).rounded(.up)
        return max(1, Int(min(wanted, Double(largestBatch))))
    }

    /// The smallest difference between any two of the times; `nil` when all are alike.
    package static func step(_ times: [Double]) -> Double? {
        let sorted = times.sorted()
        // What differs by less than a millionth of a microsecond differs by rounding alone.
        return zip(sorted, sorted.dropFirst()).map { $1 - $0 }.filter { $0 > 1e-12 }.min()
    }

    /// The smallest advance that successive readings of the host's clock show.
    package static func hostClockStep() -> Double {
        var smallest = Double.infinity
        var last = MonotonicClock.now()
        for _ in 0..<1000 {
            let now = MonotonicClock.now()
            if now > last { smallest = min(smallest, now - last) }
            last = now
        }
        return smallest.isFinite ? smallest : 0
    }
}
