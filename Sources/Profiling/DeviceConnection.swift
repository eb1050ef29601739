import Backends
import Kernels
import Results
import Statistics

/// A device behind a worker process that is started anew when it dies.
final class DeviceConnection {
    /// Why a request to the device has no answer.
    enum Failure: Error, CustomStringConvertible {
        /// The worker refused; the device can go on.
        case refused(String)
        /// The worker died or hung; it is gone, and what was prepared with it.
        case died(String)
        case interrupted

        var description: String {
            switch self {
            case .refused(let reason), .died(let reason): reason
            case .interrupted: "interrupted"
            }
        }
    }

    let device: DeviceRecord
    private let executable: String
    private let processor: ProcessorSettings
    private let kernelDirectories: [String]
    private let scratch: String
    private var worker: WorkerClient?
    /// Grows with every worker started: what was prepared in an earlier generation is gone.
    private(set) var generation = 0
    private var limits: DeviceLimits?
    /// The number under which workers hold the control kernel.
    private static let controlID = 0
    /// What to time beside every round of samples.
    private var control: Assignment?
    /// The number to ask for when the worker holds the control.
    private(set) var preparedControl: Int?
    /// Seconds of the control, all readings of the run.
    private var controlHistory: [Double] = []
    /// The smallest step of the clock that times kernels.
    var clockStep = 0.0

    init(
        device: DeviceRecord, executable: String, processor: ProcessorSettings, kernelDirectories: [String],
        scratch: String
    ) {
        self.device = device
        self.executable = executable
        self.processor = processor
        self.kernelDirectories = kernelDirectories
        self.scratch = scratch
    }

    /// Starts a worker when there is none. Returns the device's limits.
    @discardableResult
    func open() throws(Failure) -> DeviceLimits {
        if worker != nil, let limits { return limits }
        do {
            let worker = try WorkerClient(executable: executable)
            let limits = try worker.open(
                device, processor: processor, kernelDirectories: kernelDirectories, scratch: scratch
            ).1
            self.worker = worker
            self.limits = limits
            generation += 1
            prepareControl()
            return limits
        } catch {
            throw translate(error)
        }
    }

    /// From now on every round of samples stands beside a reading of this kernel.
    func useControl(_ assignment: Assignment?) {
        control = assignment
        prepareControl()
    }

    /// The control's seconds when nothing disturbs the device: a tenth of all readings of the run are shorter.
    var undisturbedControl: Double? {
        controlHistory.isEmpty ? nil : quantile(sorted: controlHistory.sorted(), 0.1)
    }

    /// Samples, with the control where there is one.
    func sample(_ order: SampleOrder, within seconds: Double) throws(Failure) -> SampleTimes {
        let times = try ask { try $0.sample(order, within: seconds) }
        controlHistory += times.controlSeconds
        return times
    }

    /// Without a control, or with one that cannot be prepared, samples stand alone.
    private func prepareControl() {
        preparedControl = nil
        guard let control, let worker else { return }
        if let preparation = try? worker.prepare(Self.controlID, control, within: 60), preparation.status == .ok {
            preparedControl = Self.controlID
        }
    }

    /// Sends one request through `body`, starting a worker first when there is none.
    func ask<Answer>(_ body: (WorkerClient) throws -> Answer) throws(Failure) -> Answer {
        try open()
        guard let worker else { throw .died("no worker") }
        do {
            return try body(worker)
        } catch {
            throw translate(error)
        }
    }

    func close() {
        worker?.close()
        worker = nil
        preparedControl = nil
    }

    private func translate(_ error: any Error) -> Failure {
        if let refusal = error as? WorkerClient.Refusal { return .refused(refusal.description) }
        worker = nil
        if let error = error as? ProfilingError, error.code == .interrupted { return .interrupted }
        return .died("\(error)")
    }
}
