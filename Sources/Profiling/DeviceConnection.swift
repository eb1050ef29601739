import Backends
import Kernels
import Results
import Statistics

/// A device behind a worker process that is started anew when it dies.
final class DeviceConnection {
    private static let slowedFraction = 0.05
    /// A device that has hung so often is given up: each time takes as long as an answer may.
    private static let mostHangs = 3
    /// In median absolute deviations: three standard deviations of a normal distribution.
    private static let outlierDistance = 3 * 1.4826

    let device: DeviceRecord
    private let build: Build
    private let settings: BackendSettings
    private let scratch: String
    private var worker: WorkerClient?
    /// Grows with every worker started and with every one lost: what was prepared in an earlier generation is gone.
    private(set) var generation = 0
    private var limits: DeviceLimits?
    private var hangs = 0
    /// What to time beside every round of samples: one for arithmetic, one for memory.
    private var controls: [Assignment] = []
    /// The numbers to ask for when the worker holds the controls.
    private(set) var preparedControls: [Int] = []
    /// Work of each prepared control: operations of the first, bytes of the second.
    private var controlWork: [Double] = []
    /// Rates of the first control, of all rounds of the run.
    private var controlHistory: [Double] = []
    /// The highest reading of the first control: FLOP/s, `nil` when there was none.
    private(set) var bestControlRate: Double?
    /// The smallest step of the clock that times kernels.
    var clockStep = 0.0

    init(device: DeviceRecord, build: Build, settings: BackendSettings, scratch: String) {
        self.device = device
        self.build = build
        self.settings = settings
        self.scratch = scratch
    }

    /// Starts a worker when there is none. Returns the device's limits.
    @discardableResult
    func open() throws(ProfilingError) -> DeviceLimits {
        if worker != nil, let limits { return limits }
        guard hangs < Self.mostHangs else {
            throw ProfilingError(.refused, "\(device.id) was given up: it has given no answer in time \(hangs) times")
        }
        let worker = try WorkerClient(executable: build.executable)
        let limits = try worker.open(
            device, settings: settings, kernelDirectories: build.kernelDirectories, scratch: scratch)
        self.worker = worker
        self.limits = limits
        generation += 1
        prepareControls()
        return limits
    }

    /// From now on every round of samples stands beside readings of these kernels.
    func useControls(_ assignments: [Assignment]) {
        controls = assignments
        prepareControls()
    }

    /// The rate of the first control below which it tells of a slowed device: an outlier among all readings of the run,
    /// and 5 % below their median at least. How far readings scatter by themselves differs between devices.
    var slowRate: Double? {
        guard let usual = median(controlHistory), let spread = median(controlHistory.map { abs($0 - usual) }) else {
            return nil
        }
        return usual - max(Self.slowedFraction * usual, Self.outlierDistance * spread)
    }

    /// Samples, with the controls where there are any: `rates[control]` is the mean of a control's readings around
    /// them.
    func sample(
        _ order: SampleOrder, within seconds: Double
    ) throws(ProfilingError) -> (times: SampleTimes, rates: [Double]) {
        let times = try ask { worker throws(ProfilingError) in try worker.sample(order, within: seconds) }
        let rates = zip(times.controlSeconds, controlWork).map { readings, work in
            readings.filter { $0 > 0 }.map { work / $0 }
        }
        let means = rates.map { $0.reduce(0, +) / Double(max($0.count, 1)) }
        note(controlRates: means)
        if let best = rates.first?.max() { bestControlRate = max(best, bestControlRate ?? 0) }
        return (times, means)
    }

    /// Takes in the mean rate of each control around a round.
    func note(controlRates rates: [Double]) {
        guard let rate = rates.first else { return }
        controlHistory.append(rate)
        bestControlRate = max(rate, bestControlRate ?? 0)
    }

    /// Without controls, or with one that cannot be prepared, samples stand alone. Their numbers lie below those of
    /// strategies.
    private func prepareControls() {
        preparedControls = []
        guard let worker else { return }
        let ids = controls.indices.map { -1 - $0 }
        controlWork = []
        for (id, control) in zip(ids, controls) {
            guard let preparation = try? worker.prepare(id, control, within: 60), preparation.status == .ok,
                let work = preparation.work
            else { return }
            controlWork.append(id == ids[0] ? work.flops : work.minimumBytes)
        }
        preparedControls = ids
    }

    /// Sends one request through `body`, starting a worker first when there is none.
    ///
    /// - Throws: ``ProfilingError``. Unless its code is `refused`, the worker is gone, and what was prepared with it.
    func ask<Answer>(_ body: (WorkerClient) throws(ProfilingError) -> Answer) throws(ProfilingError) -> Answer {
        try open()
        guard let worker else { throw ProfilingError(.worker, "no worker") }
        do { return try body(worker) } catch {
            if error.code != .refused {
                self.worker = nil
                generation += 1
            }
            if error.code == .hung { hangs += 1 }
            throw error
        }
    }

    func close() {
        worker?.close()
        worker = nil
        preparedControls = []
    }
}
