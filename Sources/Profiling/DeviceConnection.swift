import Backends
import Kernels
import Results

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
            return limits
        } catch {
            throw translate(error)
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
    }

    private func translate(_ error: any Error) -> Failure {
        if let refusal = error as? WorkerClient.Refusal { return .refused(refusal.description) }
        worker = nil
        if let error = error as? ProfilingError, error.code == .interrupted { return .interrupted }
        return .died("\(error)")
    }
}
