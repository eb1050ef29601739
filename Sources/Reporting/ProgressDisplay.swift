import Synchronization

/// What a run is doing, for the person who waits: on standard error, one rewritten line on a terminal, plain lines
/// elsewhere.
///
/// ```
/// [7/18] attention/flash llama3-8b-prefill-512 f32 on opencl:0: timing, 42 samples, noise 1.2 % · about 2 min left
/// ```
public final class ProgressDisplay: Sendable {
    /// Where and how to show.
    public struct Mode: Sendable {
        /// Rewrite one line, instead of writing a line per event.
        public var rewrites: Bool
        public var usesColor: Bool
        /// Nothing but warnings.
        public var isQuiet: Bool
        /// Columns of the terminal.
        public var width: Int

        public init(rewrites: Bool, usesColor: Bool, isQuiet: Bool, width: Int = 80) {
            self.rewrites = rewrites
            self.usesColor = usesColor
            self.isQuiet = isQuiet
            self.width = width
        }

        /// What suits a stream: `NO_COLOR` and `TERM=dumb` are honoured, and what is not a terminal gets plain lines.
        public init(environment: [String: String], isTerminal: Bool, quiet: Bool, noColor: Bool, width: Int) {
            let obeys = isTerminal && environment["TERM"] != "dumb"
            // NO_COLOR counts when it is there and not empty (no-color.org).
            let isColorless = noColor || !(environment["NO_COLOR"] ?? "").isEmpty
            self.init(rewrites: obeys, usesColor: obeys && !isColorless, isQuiet: quiet, width: width)
        }
    }

    private struct State {
        var total = 0
        var done = 0
        var begun: Double?
        /// What is on the rewritten line.
        var line = ""
        var lastWrite = -Double.infinity
        var lastActivity = ""
    }

    /// Seconds after which plain lines tell of a step: whoever reads a log wants to know that the run goes on.
    private static let longestSilence = 30.0

    private let mode: Mode
    private let write: @Sendable (String) -> Void
    private let now: @Sendable () -> Double
    private let state = Mutex(State())

    /// - Parameters:
    ///   - write: receives complete pieces of text, newlines and control sequences included.
    ///   - now: seconds of a clock that never goes back.
    public init(mode: Mode, write: @escaping @Sendable (String) -> Void, now: @escaping @Sendable () -> Double) {
        self.mode = mode
        self.write = write
        self.now = now
    }

    // MARK: Events

    /// The plan is made: this many measurements follow.
    public func planned(measurements: Int) {
        state.withLock { state in
            state.total = measurements
            state.begun = now()
            announce("\(measurements) \(measurements == 1 ? "measurement" : "measurements")", &state)
        }
    }

    /// Something that happens once, such as `opening vulkan:0`.
    public func activity(_ text: String) {
        state.withLock { state in announce(text, &state) }
    }

    /// A step within a measurement, which may be reported often.
    ///
    /// - Parameters:
    ///   - measurement: `attention/flash llama3-8b-prefill-512 f32`.
    ///   - doing: `verifying`, `timing, 42 samples, noise 1.2 %`, `metering`.
    public func step(measurement: String, device: String, doing: String) {
        state.withLock { state in
            let subject = "\(measurement) on \(device)"
            // Samples come faster than anyone reads.
            let silence = now() - state.lastWrite
            let isNews = mode.rewrites ? state.lastActivity != subject || silence > 0.1 : silence >= Self.longestSilence
            guard !mode.isQuiet, isNews else { return }
            state.lastActivity = subject
            let rest = ": \(doing)\(remaining(state).map { " · \($0)" } ?? "")"
            let room = max(mode.width - 1, 20) - TerminalText.width(counter(state)) - TerminalText.width(rest)
            // What is being done, and for how long yet, is news; the name is cut in its middle to leave room for it.
            let name = mode.rewrites ? TerminalText.cut(TerminalText.harmless(subject), to: max(room, 12)) : subject
            let line = counter(state) + name + rest
            if mode.rewrites { rewrite(line, &state) } else { keep(line, color: nil, &state) }
        }
    }

    /// That many measurements' worth of the work is done.
    public func advanced(done: Int) { state.withLock { $0.done = done } }

    /// A measurement is complete. On a terminal only what went wrong stays to be read.
    public func finished(measurement: String, device: String?, status: String, done: Int, total: Int) {
        state.withLock { state in
            state.done = done
            state.total = total
            let subject = device.map { "\(measurement) on \($0)" } ?? measurement
            if status != "ok", !mode.isQuiet {
                keep("[\(done)/\(total)] \(subject): \(status)", color: status == "skipped" ? "2" : "31", &state)
            } else if !mode.rewrites, !mode.isQuiet {
                keep("[\(done)/\(total)] \(subject): \(status)", color: nil, &state)
            }
        }
    }

    /// What the user should know while the run goes on; shown even when the display is quiet.
    public func warning(_ text: String) {
        state.withLock { state in keep("warning: \(text)", color: "33", &state) }
    }

    /// Clears the line: what follows on the terminal is not the display's.
    public func end() {
        state.withLock { state in
            guard !state.line.isEmpty else { return }
            write("\r\u{1B}[K")
            state.line = ""
        }
    }

    // MARK: Lines

    private func announce(_ text: String, _ state: inout State) {
        guard !mode.isQuiet else { return }
        if mode.rewrites { rewrite(counter(state) + text, &state) } else { keep(text, color: nil, &state) }
    }

    private func rewrite(_ text: String, _ state: inout State) {
        let line = TerminalText.truncated(TerminalText.harmless(text), to: max(mode.width - 1, 20))
        guard line != state.line else { return }
        write("\r\(line)\u{1B}[K")
        state.line = line
        state.lastWrite = now()
    }

    /// Writes a line that stays, above the one that is rewritten.
    private func keep(_ text: String, color: String?, _ state: inout State) {
        var line = TerminalText.harmless(text)
        if mode.usesColor, let color { line = "\u{1B}[\(color)m\(line)\u{1B}[0m" }
        let clear = state.line.isEmpty ? "" : "\r\u{1B}[K"
        write("\(clear)\(line)\n\(state.line)")
        state.lastWrite = now()
    }

    private func counter(_ state: State) -> String {
        state.total > 0 ? "[\(min(state.done + 1, state.total))/\(state.total)] " : ""
    }

    /// Judged by the mean of what is done; the first two are no basis.
    private func remaining(_ state: State) -> String? {
        guard state.done >= 2, state.total > state.done, let begun = state.begun else { return nil }
        let seconds = (now() - begun) / Double(state.done) * Double(state.total - state.done)
        switch seconds {
        case ..<5: return "a few seconds left"
        case ..<55: return "about \(Int((seconds / 5).rounded(.up)) * 5) s left"
        case ..<5400: return "about \(Int((seconds / 60).rounded(.up))) min left"
        default: return "about \(Int((seconds / 3600).rounded(.up))) h left"
        }
    }
}
