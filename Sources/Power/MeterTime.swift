import CPlatform
import Glibc
import Platform

/// The time that the meter lives in: CLOCK_MONOTONIC, or a simulated clock for statistics over many runs.
package protocol MeterTime: Sendable {
    /// Seconds of the clock that windows are stamped with.
    func now() -> Double
    /// Returns when the clock reads `moment`.
    func sleep(until moment: Double)
    /// Seconds that the machine has slept until now, which ``now()`` does not count.
    func suspendedSeconds() -> Double
    /// Calls `tick` again and again; each call returns the moment of the next one. Ends with ``SamplingTask/stop()``.
    func startSampling(_ tick: @escaping @Sendable () -> Double) -> any SamplingTask
}

/// The meter's thread, or what stands for it.
package protocol SamplingTask: Sendable {
    /// Has the next tick come now.
    func wake()
    /// Ends the thread and waits for its end.
    func stop()
    /// Processor seconds that it has used; `nil` where that has no meaning.
    var processorSeconds: Double? { get }
}

/// CLOCK_MONOTONIC and a thread of our own.
package struct RealTime: MeterTime {
    package init() {}

    package func now() -> Double { MonotonicClock.now() }

    package func sleep(until moment: Double) { joulemark_sleep_until(moment) }

    package func suspendedSeconds() -> Double { joulemark_suspended_seconds() }

    package func startSampling(_ tick: @escaping @Sendable () -> Double) -> any SamplingTask { SamplingThread(tick) }
}
