import CPlatform
import FoundationEssentials
import Platform
import Profiling
import Reporting
import Results

/// Hands on to the display what the profiler is doing, in words.
struct ProfileProgress {
    private let display: ProgressDisplay

    init(isQuiet: Bool, isColorless: Bool) {
        let columns = Int(joulemark_terminal_columns(StandardStream.error.descriptor))
        display = ProgressDisplay(
            mode: ProgressDisplay.Mode(
                environment: ProcessInfo.processInfo.environment, isTerminal: StandardStream.error.isTerminal,
                quiet: isQuiet, noColor: isColorless, width: columns > 0 ? columns : 80),
            write: { _ = FileDescriptor.write(Array($0.utf8), to: StandardStream.error.descriptor) },
            now: MonotonicClock.now)
    }

    func show(_ event: ProfileEvent) {
        switch event {
        case .planned(let count): display.planned(measurements: count)
        case .openingDevice(let device): display.activity("opening \(device)")
        case .compiling(let device): display.activity("compiling the kernels for \(device)")
        case .measuringPeaks(let device): display.activity("measuring what \(device) can do at best")
        case .step(let step):
            display.step(measurement: step.measurement, device: step.device, doing: Self.words(step.activity))
        case .advanced(let done): display.advanced(done: done)
        case .finished(let measurement, let status, let done, let total):
            display.finished(measurement: measurement, device: nil, status: status, done: done, total: total)
        case .warning(let text): display.warning(text)
        }
    }

    /// Leaves the terminal to what follows.
    func end() { display.end() }

    /// Says what a command is at that takes its time over many files; on a terminal alone, where it leaves no trace.
    static func activity(isColorless: Bool) -> (@Sendable (String) -> Void, end: @Sendable () -> Void) {
        guard StandardStream.error.isTerminal else { return ({ _ in }, {}) }
        let progress = ProfileProgress(isQuiet: false, isColorless: isColorless)
        return ({ progress.display.activity($0) }, { progress.display.end() })
    }

    private static func words(_ activity: ProfileEvent.Step.Activity) -> String {
        switch activity {
        case .preparing: "compiling and verifying"
        case .timing(let samples, let noise):
            "timing, \(samples) samples" + (noise.map { ", noise \(NumberFormat.percentage($0))" } ?? "")
        case .metering: "metering"
        }
    }
}
