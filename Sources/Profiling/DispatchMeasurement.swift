import Kernels
import Results
import Statistics

/// Measures what launching costs on a device, with a kernel that does next to nothing, and how finely its clock counts.
struct DispatchMeasurement {
    private static let sampleCount = 200
    private static let windowSeconds = 0.05

    private let connection: DeviceConnection
    private let catalogue: Catalogue

    init(_ connection: DeviceConnection, _ catalogue: Catalogue) {
        self.connection = connection
        self.catalogue = catalogue
    }

    /// - Throws: when the worker dies. `nil` when the device cannot run the kernel.
    func measure() throws(DeviceConnection.Failure) -> DispatchRecord? {
        guard let family = try? catalogue.family("empty-dispatch"),
            let parameters = try? family.parameters(overriding: [:])
        else { return nil }
        let assignment = Assignment(
            family: family.name, strategy: family.baseline, parameters: parameters, precision: .f32, seed: 1,
            inputs: [:],
            isHot: true)
        do throws(DeviceConnection.Failure) {
            let preparation = try connection.ask { try $0.prepare(1, assignment, within: 120) }
            guard preparation.status == .ok else { return nil }
            let times = try connection.ask {
                try $0.sample(SampleOrder(id: 1, repetitions: Self.sampleCount), within: 120)
            }
            let window = try connection.ask { try $0.window(1, seconds: Self.windowSeconds, within: 120) }
            let clock = try connection.ask { try $0.clock() }
            try connection.ask { try $0.discard(1) }
            guard let host = median(times.hostSeconds) else { return nil }
            let ticks = times.deviceSeconds.flatMap(ClockResolution.step)
            var record = DispatchRecord(
                hostSeconds: host, deviceSeconds: times.deviceSeconds.flatMap { median($0) },
                backToBackSeconds: window.iterations > 0
                    ? (window.end - window.begin) / Double(window.iterations) : nil,
                clockStepSeconds: max(ticks ?? ClockResolution.hostClockStep(), clock?.secondsPerTick ?? 0))
            record.clock = clock
            return record
        } catch .refused {
            return nil
        }
    }
}
