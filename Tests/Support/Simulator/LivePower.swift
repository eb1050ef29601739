import Glibc
import Power

/// The power that a simulated machine draws, as its energy since some moment.
package enum LivePower: Sendable, Equatable {
    case constant(watts: Double)
    /// `high` watts for the first half of every period of CLOCK_MONOTONIC, `low` for the second.
    case square(low: Double, high: Double, period: Double)
    /// `idle` watts, and `busy` more for every processor that a process (with all its threads) keeps busy.
    case process(idle: Double, busy: Double, processID: Int32)
    /// The same for all processes of the machine together.
    case machine(idle: Double, busy: Double)

    /// Joules drawn up to a moment, counted from an origin that is the same for every call.
    package func joules(at now: Double) -> Double {
        switch self {
        case .constant(let watts): return watts * now
        case .square(let low, let high, let period):
            let whole = (now / period).rounded(.down)
            let rest = now - whole * period
            return whole * period * (low + high) / 2 + high * min(rest, period / 2) + low * max(rest - period / 2, 0)
        case .process(let idle, let busy, let processID):
            return idle * now + busy * Self.processorSeconds(of: processID)
        case .machine(let idle, let busy): return idle * now + busy * Self.processorSecondsOfMachine()
        }
    }

    /// `50`, `square:20:80:0.1`, `process:20:60:4711` or `machine:20:60`.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let numbers = parts.dropFirst().compactMap { Double($0) }
        guard numbers.count == max(parts.count - 1, 0), numbers.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
            return nil
        }
        switch (parts.first, numbers.count) {
        case ("square", 3) where numbers[2] > 0:
            self = .square(low: numbers[0], high: numbers[1], period: numbers[2])
        case ("process", 3): self = .process(idle: numbers[0], busy: numbers[1], processID: Int32(numbers[2]))
        case ("machine", 2): self = .machine(idle: numbers[0], busy: numbers[1])
        case (let watts?, 0):
            guard let watts = Double(watts), watts.isFinite, watts >= 0 else { return nil }
            self = .constant(watts: watts)
        default: return nil
        }
    }

    private static func processorSeconds(of processID: Int32) -> Double {
        var clock = clockid_t()
        var used = timespec()
        guard unsafe clock_getcpuclockid(processID, &clock) == 0, unsafe clock_gettime(clock, &used) == 0 else {
            return 0
        }
        return Double(used.tv_sec) + 1e-9 * Double(used.tv_nsec)
    }

    private static func processorSecondsOfMachine() -> Double {
        guard let bytes = try? OperatingSystem().contents(of: "/proc/stat", limit: 256) else { return 0 }
        let fields = String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self).split(separator: " ").dropFirst()
            .prefix(3).compactMap {
                Double($0)
            }
        return fields.reduce(0, +) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
