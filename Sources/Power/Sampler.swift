import Results
import Synchronization

/// One reading of a source: the raw value, and the clock before and after the read.
package struct Sample: Sendable, Equatable {
    package var before: Double
    package var after: Double
    package var raw: Double

    package init(before: Double, after: Double, raw: Double) {
        self.before = before
        self.after = after
        self.raw = raw
    }

    /// The moment that the value belongs to, ± half the gap.
    package var time: Double { (before + after) / 2 }
}

/// A span of time in which readings are dense.
package struct DenseSpan: Sendable {
    package var from: Double
    package var until: Double
    /// The shortest time between readings.
    package var period: Double

    package init(_ from: Double, _ until: Double, period: Double = Sampler.shortestPeriod) {
        self.from = from
        self.until = until
        self.period = period
    }
}

/// Reads every source when it is due, on the meter's thread or when asked, and keeps the readings.
///
/// Between windows a slow heartbeat runs (counters must be read before they wrap, i915 counts only when read). Around
/// the edges of a window readings are dense, so that the counter's value at the edge is known to about a millisecond.
package final class Sampler: Sendable {
    /// Seconds between readings of a counter away from edges.
    package static let heartbeat = 0.1
    /// The shortest time between dense readings.
    package static let shortestPeriod = 0.001
    /// A transient error (a device in reset) is tried again this many times before a reading counts as failed.
    static let attempts = 3

    private struct Channel {
        let source: PowerSource
        /// Only sources whose joules count need dense readings.
        var wantsEdges = true
        var samples: [Sample] = []
        var faults: [(time: Double, fault: ReadFault)] = []
        var due = 0.0
    }

    /// What a probe said over a span of time.
    private struct Mark {
        var from: Double
        var until: Double
        var words: [String]
    }

    private struct Watch {
        let probe: ThrottlingProbe
        var marks: [Mark] = []
        var reached: Double?
        var due = 0.0
    }

    private struct State {
        var channels: [Channel] = []
        var watches: [Watch] = []
        /// Spans within which the machine slept, and for how long.
        var sleeps: [(from: Double, until: Double, seconds: Double)] = []
        /// Until when, and to what sum, sleep is known.
        var sleepKnown: (time: Double, seconds: Double)?
        /// Spans in which readings are dense: around the begin of a phase, and around its end.
        var dense: [DenseSpan] = []
    }

    private let time: any MeterTime
    private let state: Mutex<State>

    package init(
        sources: [PowerSource], edges: Set<String>, probes: [ThrottlingProbe] = [], time: any MeterTime
    ) {
        self.time = time
        let channels = sources.map { Channel(source: $0, wantsEdges: edges.contains($0.record.id)) }
        state = Mutex(State(channels: channels, watches: probes.map { Watch(probe: $0) }))
    }

    /// Reads what is due and returns the moment at which something is due next.
    package func tick() -> Double {
        let time = self.time
        return state.withLock { state in
            let now = time.now()
            let dense = state.dense.filter { now >= $0.from && now < $0.until }.map(\.period).min()
            var next = state.dense.lazy.map(\.from).filter { $0 > now }.min() ?? .infinity
            for index in state.channels.indices {
                let period = Self.period(
                    state.channels[index].source, dense: state.channels[index].wantsEdges ? dense : nil)
                let due = min(state.channels[index].due, now + period)
                if due <= now {
                    Self.read(&state.channels[index], time: time)
                    state.channels[index].due = now + period
                } else {
                    state.channels[index].due = due
                }
                next = min(next, state.channels[index].due)
            }
            Self.noteSleep(&state, time: time)
            for index in state.watches.indices {
                if state.watches[index].due <= now { Self.look(&state.watches[index], time: time) }
                next = min(next, state.watches[index].due)
            }
            return next
        }
    }

    /// Reads every source now, whatever is due.
    package func sampleNow() {
        let time = self.time
        state.withLock { state in
            for index in state.channels.indices { Self.read(&state.channels[index], time: time) }
            for index in state.watches.indices { Self.look(&state.watches[index], time: time) }
            Self.noteSleep(&state, time: time)
        }
    }

    /// Dense readings in these spans; replaces what was asked before.
    package func readDensely(in spans: [DenseSpan]) {
        state.withLock { $0.dense = spans }
    }

    /// The readings of a source, oldest first.
    package func samples(of id: String) -> [Sample] {
        state.withLock { state in state.channels.first { $0.source.record.id == id }?.samples ?? [] }
    }

    /// The latest fault of a source at or after a moment.
    package func fault(of id: String, since moment: Double) -> ReadFault? {
        state.withLock { state in
            state.channels.first { $0.source.record.id == id }?.faults.last { $0.time >= moment }?.fault
        }
    }

    /// Seconds that the machine slept between two moments, as far as it was noticed; `nil` when it did not.
    package func sleep(from begin: Double, to end: Double) -> Double? {
        state.withLock { state in
            let seconds = state.sleeps.filter { $0.from <= end && $0.until >= begin }.reduce(0) { $0 + $1.seconds }
            return seconds > 0 ? seconds : nil
        }
    }

    /// What held clocks back between two moments, for the parts of the machine in `scopes`: empty when nothing did,
    /// `nil` when nothing there can tell.
    package func throttling(of scopes: [PowerScope], from begin: Double, to end: Double) -> [String]? {
        state.withLock { state in
            let marks = state.watches.filter { scopes.contains($0.probe.scope) }.flatMap(\.marks)
                .filter { $0.from < end && $0.until > begin }
            guard !marks.isEmpty else { return nil }
            return marks.flatMap(\.words).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        }
    }

    /// Forgets readings that are older than a moment.
    package func forget(before moment: Double) {
        state.withLock { state in
            for index in state.channels.indices {
                state.channels[index].samples.removeAll { $0.after < moment }
                state.channels[index].faults.removeAll { $0.time < moment }
            }
            for index in state.watches.indices { state.watches[index].marks.removeAll { $0.until < moment } }
            state.sleeps.removeAll { $0.until < moment }
        }
    }

    /// Seconds between readings of a source: `dense` is the shortest time wanted around edges, `nil` away from them.
    static func period(_ source: PowerSource, dense: Double?) -> Double {
        let update = source.updateSeconds
        if source.record.kind == .sensor { return min(max(update / 2, 0.005), 0.25) }
        return dense.map { min(max(update / 10, $0), max($0, 0.01)) } ?? heartbeat
    }

    /// Less than this is how far apart two clocks can be read.
    private static let shortestSleep = 0.05

    private static func noteSleep(_ state: inout State, time: any MeterTime) {
        let (now, seconds) = (time.now(), time.suspendedSeconds())
        if let known = state.sleepKnown, seconds - known.seconds > shortestSleep {
            state.sleeps.append((known.time, now, seconds - known.seconds))
        }
        state.sleepKnown = (now, seconds)
    }

    private static func look(_ watch: inout Watch, time: any MeterTime) {
        let words = watch.probe.read()
        let now = time.now()
        if let words { watch.marks.append(Mark(from: watch.reached ?? now, until: now, words: words)) }
        watch.reached = now
        watch.due = now + heartbeat
    }

    private static func read(_ channel: inout Channel, time: any MeterTime) {
        for attempt in 1...attempts {
            let before = time.now()
            let result = channel.source.read()
            let after = time.now()
            switch result {
            case .success(let raw):
                channel.samples.append(Sample(before: before, after: after, raw: raw))
                return
            case .failure(.failed(let words)):
                if attempt == attempts { channel.faults.append((after, .failed(words))) }
            case .failure(let fault):
                channel.faults.append((after, fault))
                return
            }
        }
    }
}
