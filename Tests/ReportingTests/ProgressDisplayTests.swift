import Reporting
import Synchronization
import Testing

@Suite("Progress")
struct ProgressDisplayTests {
    /// What a display wrote, under a clock that the test turns.
    final class Recorder: Sendable {
        private let text = Mutex("")
        private let time = Mutex(0.0)

        func display(rewrites: Bool, color: Bool = false, quiet: Bool = false, width: Int = 80) -> ProgressDisplay {
            ProgressDisplay(
                mode: .init(rewrites: rewrites, usesColor: color, isQuiet: quiet, width: width),
                write: { [self] piece in text.withLock { $0 += piece } }, now: { [self] in time.withLock { $0 } })
        }

        func advance(_ seconds: Double) { time.withLock { $0 += seconds } }

        var written: String { text.withLock { $0 } }

        /// The last line as a terminal shows it.
        var line: String {
            let last = written.split(separator: "\n").last ?? ""
            return String(last.split(separator: "\r").last ?? "").replacing("\u{1B}[K", with: "")
        }
    }

    @Test("elsewhere than on a terminal every event is a plain line, and samples are not told one by one")
    func plain() {
        let recorder = Recorder()
        let display = recorder.display(rewrites: false)
        display.planned(measurements: 2)
        display.activity("opening vulkan:0")
        for sample in 0..<50 { display.step(measurement: "m", device: "vulkan:0", doing: "timing, \(sample) samples") }
        display.finished(measurement: "m", device: "vulkan:0", status: "ok", done: 1, total: 2)
        display.end()
        #expect(recorder.written == "2 measurements\nopening vulkan:0\n[1/2] m on vulkan:0: ok\n")
    }

    @Test("elsewhere than on a terminal a run that is silent for half a minute says what it is at")
    func silence() {
        let recorder = Recorder()
        let display = recorder.display(rewrites: false)
        display.planned(measurements: 9)
        for second in 1...65 {
            recorder.advance(1)
            display.step(measurement: "m", device: "cpu:0", doing: "timing, \(second) samples")
        }
        display.advanced(done: 6)
        recorder.advance(30)
        display.step(measurement: "n", device: "cpu:0", doing: "metering")
        display.end()
        let expected = [
            "9 measurements", "[1/9] m on cpu:0: timing, 30 samples", "[1/9] m on cpu:0: timing, 60 samples",
            "[7/9] n on cpu:0: metering · about 50 s left",
        ]
        #expect(recorder.written == expected.map { $0 + "\n" }.joined())
    }

    @Test("on a terminal one line is rewritten, no wider than the terminal, and cleared at the end")
    func rewriting() {
        let recorder = Recorder()
        let display = recorder.display(rewrites: true, width: 40)
        display.planned(measurements: 3)
        display.step(measurement: "attention/flash llama3-8b-prefill-512 f32", device: "opencl:0", doing: "metering")
        #expect(recorder.line.hasPrefix("[1/3] attention/f") && recorder.line.hasSuffix("on opencl:0: metering"))
        #expect(recorder.line.count < 40)
        #expect(!recorder.written.contains("\n"))
        display.end()
        #expect(recorder.written.hasSuffix("\r\u{1B}[K"))
    }

    @Test("a name of any length leaves room for what is being done and for how long yet")
    func longNames() {
        let recorder = Recorder()
        let display = recorder.display(rewrites: true, width: 80)
        display.planned(measurements: 4)
        display.advanced(done: 2)
        recorder.advance(30)
        let name = "family/" + String(repeating: "strategy-", count: 1000) + "end"
        display.step(measurement: name, device: "opencl:0", doing: "timing, 42 samples")
        #expect(recorder.line.count < 80 && recorder.line.hasPrefix("[3/4] family/"), "\(recorder.line)")
        #expect(recorder.line.hasSuffix("on opencl:0: timing, 42 samples · about 30 s left"), "\(recorder.line)")
    }

    @Test("samples that come faster than ten a second are not all shown")
    func throttling() {
        let recorder = Recorder()
        let display = recorder.display(rewrites: true)
        display.planned(measurements: 1)
        for sample in 0..<1000 {
            recorder.advance(0.001)
            display.step(measurement: "m", device: "cpu:0", doing: "timing, \(sample) samples")
        }
        #expect(recorder.written.split(separator: "\r").count <= 12)
    }

    @Test("the time left follows from the mean of what is done, once two are")
    func remaining() {
        let recorder = Recorder()
        let display = recorder.display(rewrites: true, width: 120)
        display.planned(measurements: 10)
        recorder.advance(20)
        display.finished(measurement: "a", device: nil, status: "ok", done: 1, total: 10)
        display.step(measurement: "b", device: "cpu:0", doing: "verifying")
        #expect(!recorder.line.contains("left"))
        recorder.advance(20)
        display.finished(measurement: "b", device: nil, status: "ok", done: 2, total: 10)
        display.step(measurement: "c", device: "cpu:0", doing: "verifying")
        #expect(recorder.line == "[3/10] c on cpu:0: verifying · about 3 min left")
    }

    @Test("quiet shows warnings and nothing else")
    func quiet() {
        let recorder = Recorder()
        let display = recorder.display(rewrites: true, quiet: true)
        display.planned(measurements: 3)
        display.activity("opening cpu:0")
        display.step(measurement: "m", device: "cpu:0", doing: "metering")
        display.finished(measurement: "m", device: "cpu:0", status: "failed", done: 1, total: 3)
        display.warning("idle power drifted by 12 %")
        display.end()
        #expect(recorder.written == "warning: idle power drifted by 12 %\n")
    }

    @Test("what went wrong stays on the terminal, above the line that goes on")
    func failures() {
        let recorder = Recorder()
        let display = recorder.display(rewrites: true, color: true)
        display.planned(measurements: 3)
        display.finished(measurement: "m", device: "cpu:0", status: "incorrect", done: 1, total: 3)
        #expect(recorder.written.contains("\u{1B}[31m[1/3] m on cpu:0: incorrect\u{1B}[0m\n"))
        #expect(recorder.line == "[1/3] 3 measurements")
    }

    @Test("a name cannot bring escape sequences to the terminal")
    func harmless() {
        let recorder = Recorder()
        recorder.display(rewrites: false).warning("driver says \u{1B}]0;owned\u{7}")
        #expect(!recorder.written.contains { $0 == "\u{1B}" || $0 == "\u{7}" })
    }

    @Test(
        "NO_COLOR, TERM=dumb and --no-color are honoured",
        arguments: [
            (["TERM": "xterm"], true, false, true, true),
            (["TERM": "xterm", "NO_COLOR": "1"], true, false, true, false),
            (["TERM": "xterm", "NO_COLOR": ""], true, false, true, true), (["TERM": "dumb"], true, false, false, false),
            (["TERM": "xterm"], false, false, false, false), (["TERM": "xterm"], true, true, true, false),
        ] as [([String: String], Bool, Bool, Bool, Bool)])
    func modes(environment: [String: String], isTerminal: Bool, noColor: Bool, rewrites: Bool, usesColor: Bool) {
        let mode = ProgressDisplay.Mode(
            environment: environment, isTerminal: isTerminal, quiet: false, noColor: noColor, width: 80)
        #expect(mode.rewrites == rewrites && mode.usesColor == usesColor)
    }
}
