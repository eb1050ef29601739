import Backends
import FoundationEssentials
import Kernels
import Platform
import Results

/// The parent's end of a worker link.
final class WorkerClient {
    private static let outOfTurn = ProfilingError(.worker, "the worker answered out of turn")

    /// How much longer than its sender was seen to wait an answer's times may be: both read the same clock.
    private static let tolerableLead = (share: 1.1, seconds: 0.01)

    private let link: any WorkerLink
    private let encoder = JSONEncoder()

    /// Starts a worker: of this program, or of another build of it.
    ///
    /// - Parameter memoryLimit: bytes that it may have to itself; `nil`: the machine's memory.
    init(executable: String, memoryLimit: Int? = nil) throws(ProfilingError) {
        do {
            link = try WorkerStart.current(executable, memoryLimit)
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
        case .devices(let records):
            guard records.allSatisfy({ $0.backend == backend }), Set(records.map(\.id)).count == records.count else {
                throw nonsense("devices that are no devices of \(backend)")
            }
            return records
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
        let begin = MonotonicClock.now()
        let times: SampleTimes = try ask(.sample(order), within: seconds) {
            if case .sampled(let times) = $0 { times } else { nil }
        }
        let waited = MonotonicClock.now() - begin
        guard times.hostSeconds.count == order.repetitions,
            times.hostSeconds.reduce(0, +) * Double(order.batch)
                <= waited * Self.tolerableLead.share + Self.tolerableLead.seconds
        else { throw nonsense("other samples than were asked for, or more seconds than have passed") }
        return times
    }

    /// What is known of the device's clock.
    func clock() throws(ProfilingError) -> DeviceClockRecord? {
        guard case .clock(let record) = try ask(.clock, within: 60) else { throw Self.outOfTurn }
        return record
    }

    func window(_ id: Int, seconds: Double, within limit: Double) throws(ProfilingError) -> WindowRecord {
        let asked = MonotonicClock.now()
        let window: WindowRecord = try ask(.window(id: id, seconds: seconds), within: limit) {
            guard case .windowDone(let begin, let end, let iterations) = $0 else { return nil }
            return WindowRecord(begin: begin, end: end, iterations: iterations)
        }
        guard asked <= window.begin, window.begin <= window.end, window.end <= MonotonicClock.now() else {
            throw nonsense("a window at another time than it was asked for")
        }
        return window
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
        link.endInput()
        _ = link.waitForEnd(seconds: 5)
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
        link.send(line: String(decoding: bytes, as: UTF8.self))
    }

    private func answer(within seconds: Double) throws(ProfilingError) -> WorkerResponse {
        let answer: String
        do throws(ChildProcess.Failure) {
            answer = try link.readLine(deadline: MonotonicClock.now() + seconds) { Interruption.isRequested }
        } catch {
            throw end(error, seconds)
        }
        let response: WorkerResponse
        do throws(ProfilingError) { response = try WorkerLine.response(answer) } catch {
            link.terminate()
            throw error
        }
        switch response {
        case .failed(let reason): throw ProfilingError(.refused, reason)
        case .lost(let reason):
            link.terminate()
            throw ProfilingError(.worker, reason)
        default: return response
        }
    }

    /// Ends the worker whose answer cannot be.
    private func nonsense(_ what: String) -> ProfilingError {
        link.terminate()
        return ProfilingError(.worker, "the worker spoke nonsense: it told of \(what)")
    }

    /// Ends the worker that gave no answer, and says how it ended.
    private func end(_ failure: ChildProcess.Failure, _ seconds: Double) -> ProfilingError {
        switch failure {
        case .signalled:
            link.terminate()
            return ProfilingError(failure)
        case .deadline:
            link.terminate()
            _ = link.waitForEnd(seconds: 5)
            return ProfilingError(.hung, "no answer within \(Int(min(seconds, 1e9))) s; the worker was ended")
        case .endless:
            link.terminate()
            return ProfilingError(.worker, "the worker spoke nonsense: a line without an end")
        case .closed, .spawn:
            let end = link.waitForEnd(seconds: 5)
            let lastWords = link.lastErrorLine.map { "; it last said: \($0)" } ?? ""
            return ProfilingError(.worker, "the worker \(end)\(lastWords)")
        }
    }
}
