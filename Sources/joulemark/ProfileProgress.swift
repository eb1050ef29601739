import Profiling

/// Says on standard error what the profiler is doing.
final class ProfileProgress {
    private let isQuiet: Bool
    private var lastLine = ""

    init(isQuiet: Bool) { self.isQuiet = isQuiet }

    func show(_ event: ProfileEvent) {
        if case .warning(let text) = event { return StandardStream.error.writeLine("warning: \(text)") }
        guard !isQuiet, let line = line(event), line != lastLine else { return }
        lastLine = line
        StandardStream.error.writeLine(line)
    }

    private func line(_ event: ProfileEvent) -> String? {
        switch event {
        case .planned(let count): "\(count) measurements"
        case .openingDevice(let device): "opening \(device)"
        case .measuringPeaks(let device): "\(device): measuring peaks"
        case .step(let step):
            switch step.activity {
            case .preparing: "\(step.measurement) on \(step.device): compiling and verifying"
            case .timing: "\(step.measurement) on \(step.device): timing"
            case .metering: "\(step.measurement) on \(step.device): metering"
            }
        case .finished(let measurement, let status, let done, let total): "[\(done)/\(total)] \(measurement): \(status)"
        case .warning: nil
        }
    }
}
