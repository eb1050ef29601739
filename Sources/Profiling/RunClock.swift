import FoundationEssentials
import Platform
import Results

/// What CLOCK_MONOTONIC counts from: another moment after every start of the machine.
struct RunClock: Codable, Equatable {
    /// Of this start of the machine; empty where nothing tells.
    var boot: String
    /// Seconds since 1970 at its 0.
    var origin: Double

    static func current() -> RunClock {
        let boot = FileManager.default.contents(atPath: "/proc/sys/kernel/random/boot_id")
        return RunClock(
            boot: boot.map { String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace } } ?? "",
            origin: Date.now.timeIntervalSince1970 - MonotonicClock.now())
    }

    /// Seconds to add to a time of this clock to have it by another: exactly 0 unless the machine was started anew,
    /// since the time of day is set meanwhile.
    func shift(to other: RunClock) -> Double { boot == other.boot ? 0 : origin - other.origin }
}

extension CandidateEvent {
    /// The same, at times of another clock.
    func shifted(by seconds: Double) -> CandidateEvent {
        switch self {
        case .sampled(var round):
            round.begin += seconds
            return .sampled(round)
        case .metered(var record):
            for index in record.windows.indices {
                record.windows[index].begin += seconds
                record.windows[index].end += seconds
            }
            return .metered(record)
        default: return self
        }
    }
}
