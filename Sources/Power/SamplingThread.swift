import CPlatform
import Glibc
import Platform
import Synchronization

/// The meter's own thread: it sleeps until the next reading is due, and counts the processor time that it takes.
@safe final class SamplingThread: SamplingTask, @unchecked Sendable {
    /// A source is looked at least this often, whatever its tick says.
    private static let longestSleep = 1.0

    private struct Shared {
        var stopping = false
        var processorSeconds = 0.0
    }

    private let shared = Mutex(Shared())
    private let thread = Mutex<pthread_t?>(nil)
    private let tick: @Sendable () -> Double
    private let bell: OpaquePointer?

    init(_ tick: @escaping @Sendable () -> Double) {
        self.tick = tick
        unsafe bell = joulemark_bell_create()
        var identifier = pthread_t()
        let this = unsafe Unmanaged.passRetained(self).toOpaque()
        let failure = unsafe pthread_create(
            &identifier, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<SamplingThread>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, this)
        if failure == 0 {
            let started = identifier
            thread.withLock { $0 = started }
        } else {
            unsafe Unmanaged<SamplingThread>.fromOpaque(this).release()
        }
    }

    private func run() {
        while true {
            let next = tick()
            let used = joulemark_thread_cpu_seconds()
            let stopping = shared.withLock { shared in
                shared.processorSeconds = used
                return shared.stopping
            }
            if stopping { return }
            let wake = min(next, MonotonicClock.now() + Self.longestSleep)
            if let bell = unsafe bell { unsafe joulemark_bell_wait(bell, wake) } else { joulemark_sleep_until(wake) }
        }
    }

    func wake() {
        if let bell = unsafe bell { unsafe joulemark_bell_ring(bell) }
    }

    deinit {
        if let bell = unsafe bell { unsafe joulemark_bell_destroy(bell) }
    }

    func stop() {
        shared.withLock { $0.stopping = true }
        wake()
        let identifier = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let identifier { _ = pthread_join(identifier, nil) }
    }

    var processorSeconds: Double? { shared.withLock { $0.processorSeconds } }
}
