import Backends
import FoundationEssentials
import Kernels
import Platform
import Results

/// The parent's end of a worker process.
final class WorkerClient {
    private static let outOfTurn = ProfilingError(.worker, "the worker answered out of turn")

    private var process: ChildProcess
    private let encoder = JSONEncoder()
    private let decoder = JSONDecoder()

    /// Starts a worker: of this program, or of another build of it.
    ///
    /// - Parameter memoryLimit: bytes that it may have to itself; `nil`: the machine's memory.
    init(executable: String, memoryLimit: Int? = nil) throws(ProfilingError) {
        do {
            process = try ChildProcess(
                executable: executable, arguments: ["worker"], leading: .session, memoryLimit: memoryLimit)
        } catch {
            throw ProfilingError(error)
        }
    }

    func identity() throws(ProfilingError) -> WorkerIdentity {
        try ask(.identify, within: 10) { if case .identity(let identity) = $0 { identity } else { nil } }
    }

    /// The devices of a backend; refused, with the reason, where it has none.
    func list(backend: String, settings: BackendSettings) throws(ProfilingError) -> [DeviceRecord] {
        let request = WorkerRequest.list(
            backend: backend, processor: settings.processor, python: settings.python, runtimes: settings.runtimes)
        switch try ask(request, within: 60) {
        case .devices(let records): return records
        case .noDevices(let reason): throw ProfilingError(.refused, reason)
        default: throw Self.outOfTurn
        }
    }

    func open(
        _ device: DeviceRecord, settings: BackendSettings, kernelDirectories: [String], scratch: String
    ) throws(ProfilingError) -> DeviceLimits {
        let index = Int(device.id.split(separator: ":").last ?? "") ?? 0
        let request = WorkerRequest.open(
            backend: device.backend, index: index, processor: settings.processor, python: settings.python,
            runtimes: settings.runtimes, kernelDirectories: kernelDirectories, scratch: scratch)
        return try ask(request, within: 60) { if case .opened(_, let limits) = $0 { limits } else { nil } }
    }

    func compile(_ assignment: Assignment, within seconds: Double) throws(ProfilingError) {
        _ = try ask(.compile([assignment]), within: seconds)
    }

    /// What the device's compiler says of a strategy's stages, less those that it has told before.
    func inspect(
        _ assignment: Assignment, disassembles: Bool, within seconds: Double
    ) throws(ProfilingError) -> [ProgramRecord] {
        try ask(.inspect(assignment, disassembles: disassembles), within: seconds) {
            if case .inspected(let records) = $0 { records } else { nil }
        }
    }

    func prepare(_ id: Int, _ assignment: Assignment, within seconds: Double) throws(ProfilingError) -> Preparation {
        try ask(.prepare(id: id, assignment), within: seconds) {
            if case .prepared(let preparation) = $0 { preparation } else { nil }
        }
    }

    func sample(_ order: SampleOrder, within seconds: Double) throws(ProfilingError) -> SampleTimes {
        try ask(.sample(order), within: seconds) { if case .sampled(let times) = $0 { times } else { nil } }
    }

    /// What is known of the device's clock.
    func clock() throws(ProfilingError) -> DeviceClockRecord? {
        guard case .clock(let record) = try ask(.clock, within: 60) else { throw Self.outOfTurn }
        return record
    }

    func window(_ id: Int, seconds: Double, within limit: Double) throws(ProfilingError) -> WindowRecord {
        try ask(.window(id: id, seconds: seconds), within: limit) {
            guard case .windowDone(let begin, let end, let iterations) = $0 else { return nil }
            return WindowRecord(begin: begin, end: end, iterations: iterations)
        }
    }

    /// How outputs of another execution differ from those that were verified; `nil` when they do not.
    func confirm(_ id: Int, within limit: Double) throws(ProfilingError) -> String? {
        guard case .confirmed(let difference) = try ask(.confirm(id: id), within: limit) else { throw Self.outOfTurn }
        return difference
    }

    func discard(_ id: Int) throws(ProfilingError) { _ = try ask(.discard(id: id), within: 60) }

    /// Ends the worker in order.
    func close() {
        _ = try? ask(.close, within: 10)
        process.endInput()
        _ = process.waitForEnd(seconds: 5)
    }

    /// - Parameter find: what the answer holds when it answers the request.
    private func ask<Answer>(
        _ request: WorkerRequest, within seconds: Double, _ find: (WorkerResponse) -> Answer?
    ) throws(ProfilingError) -> Answer {
        guard let answer = find(try ask(request, within: seconds)) else { throw Self.outOfTurn }
        return answer
    }

    private func ask(_ request: WorkerRequest, within seconds: Double) throws(ProfilingError) -> WorkerResponse {
        try send(request)
        return try answer(within: seconds)
    }

    private func send(_ request: WorkerRequest) throws(ProfilingError) {
        let bytes = try ProfilingError.mapping { try encoder.encode(request) }
        process.send(line: String(decoding: bytes, as: UTF8.self))
    }

    private func answer(within seconds: Double) throws(ProfilingError) -> WorkerResponse {
        let answer: String
        do throws(ChildProcess.Failure) {
            answer = try process.readLine(deadline: MonotonicClock.now() + seconds) { Interruption.isRequested }
        } catch {
            throw end(error, seconds)
        }
        guard let response = try? decoder.decode(WorkerResponse.self, from: Data(answer.utf8)) else {
            process.terminate()
            throw ProfilingError(.worker, "the worker spoke nonsense")
        }
        switch response {
        case .failed(let reason): throw ProfilingError(.refused, reason)
        case .lost(let reason):
            process.terminate()
            throw ProfilingError(.worker, reason)
        default: return response
        }
    }

    /// Ends the worker that gave no answer, and says how it ended.
    private func end(_ failure: ChildProcess.Failure, _ seconds: Double) -> ProfilingError {
        switch failure {
        case .signalled:
            process.terminate()
            return ProfilingError(failure)
        case .deadline:
            process.terminate()
            _ = process.waitForEnd(seconds: 5)
            return ProfilingError(.hung, "no answer within \(Int(seconds)) s; the worker was ended")
        case .closed, .spawn:
            let end = process.waitForEnd(seconds: 5)
            let lastWords = process.lastErrorLine.map { "; it last said: \($0)" } ?? ""
            return ProfilingError(.worker, "the worker \(end)\(lastWords)")
        }
    }
}
