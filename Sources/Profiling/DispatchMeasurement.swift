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
    func measure() throws(ProfilingError) -> DispatchRecord? {
        guard let assignment = catalogue.baseline(of: "empty-dispatch") else { return nil }
        do throws(ProfilingError) {
            return try connection.ask { worker throws(ProfilingError) in try record(assignment, worker) }
        } catch  where error.code == .refused {
            return nil
        }
    }

    private func record(_ assignment: Assignment, _ worker: WorkerClient) throws(ProfilingError) -> DispatchRecord? {
        guard try worker.prepare(1, assignment, within: 120).status == .ok else { return nil }
        let times = try worker.sample(SampleOrder(id: 1, repetitions: Self.sampleCount), within: 120)
        let window = try worker.window(1, seconds: Self.windowSeconds, within: 120)
        let clock = try worker.clock()
        try worker.discard(1)
        guard let host = median(times.hostSeconds) else { return nil }
        let ticks = times.deviceSeconds.flatMap(ClockResolution.step)
        var record = DispatchRecord(
            hostSeconds: host, deviceSeconds: times.deviceSeconds.flatMap { median($0) },
            backToBackSeconds: window.iterations > 0 ? (window.end - window.begin) / Double(window.iterations) : nil,
            clockStepSeconds: max(ticks ?? ClockResolution.hostClockStep(), clock?.secondsPerTick ?? 0))
        record.clock = clock
        return record
    }
}
