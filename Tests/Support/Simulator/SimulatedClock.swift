import Power
import Synchronization

/// A clock that moves only when somebody sleeps: hours of metering pass in milliseconds.
///
/// The sampler's ticks are run at their moments while another party sleeps, as a thread of its own would.
package final class SimulatedClock: MeterTime {
    private struct State {
        var now = 1000.0
        var tick: (@Sendable () -> Double)?
        var due = Double.infinity
        var suspended = 0.0
    }

    private let state = Mutex(State())

    package init() {}

    package func now() -> Double { state.withLock { $0.now } }

    package func sleep(until moment: Double) {
        while true {
            let tick = state.withLock { state -> (@Sendable () -> Double)? in
                guard let tick = state.tick, state.due <= moment else {
                    state.now = max(state.now, moment)
                    return nil
                }
                state.now = max(state.now, state.due)
                return tick
            }
            guard let tick else { return }
            let next = tick()
            // A tick that asks for itself at once must not hold the clock still.
            state.withLock { $0.due = max(next, $0.now + 1e-5) }
        }
    }

    /// Moves the clock without running ticks: the sampler's thread did not get a turn.
    package func stall(until moment: Double) { state.withLock { $0.now = max($0.now, moment) } }

    /// The machine sleeps: this clock stands still meanwhile.
    package func suspend(seconds: Double) { state.withLock { $0.suspended += seconds } }

    package func suspendedSeconds() -> Double { state.withLock { $0.suspended } }

    package func startSampling(_ tick: @escaping @Sendable () -> Double) -> any SamplingTask {
        state.withLock { state in
            state.tick = tick
            state.due = state.now
        }
        return Task(clock: self)
    }

    private struct Task: SamplingTask {
        let clock: SimulatedClock

        var processorSeconds: Double? { nil }

        func wake() { clock.state.withLock { $0.due = $0.now } }

        func stop() {
            clock.state.withLock { state in
                state.tick = nil
                state.due = .infinity
            }
        }
    }
}
