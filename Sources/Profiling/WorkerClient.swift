import Backends
import FoundationEssentials
import Kernels
import Platform
import Results

/// The parent's end of a worker process.
final class WorkerClient {
    /// The worker is no more: it died, hung, or spoke nonsense.
    struct Death: Error, CustomStringConvertible {
        let description: String
    }

    /// The worker refused one request and goes on.
    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    private var process: ChildProcess
    private let encoder = JSONEncoder()
    private let decoder = JSONDecoder()

    /// Starts a worker: of this program, or of another build of it.
    init(executable: String) throws(ProfilingError) {
        do {
            process = try ChildProcess(executable: executable, arguments: ["worker"])
        } catch {
            throw ProfilingError(.worker, error.description)
        }
    }

    func identity() throws -> WorkerIdentity {
        guard case .identity(let identity) = try ask(.identify, within: 10) else {
            throw Death(description: "the worker answered out of turn")
        }
        return identity
    }

    /// The devices of a backend, or why it has none.
    func list(backend: String, processor: ProcessorSettings) throws -> Result<[DeviceRecord], Refusal> {
        switch try ask(.list(backend: backend, processor: processor), within: 60) {
        case .devices(let records): return .success(records)
        case .noDevices(let reason): return .failure(Refusal(description: reason))
        default: throw Death(description: "the worker answered out of turn")
        }
    }

    func open(
        _ device: DeviceRecord, processor: ProcessorSettings, kernelDirectories: [String], scratch: String
    ) throws -> (DeviceRecord, DeviceLimits) {
        let index = Int(device.id.split(separator: ":").last ?? "") ?? 0
        let request = WorkerRequest.open(
            backend: device.backend, index: index, processor: processor, kernelDirectories: kernelDirectories,
            scratch: scratch)
        guard case .opened(let record, let limits) = try ask(request, within: 60) else {
            throw Death(description: "the worker answered out of turn")
        }
        return (record, limits)
    }

    /// Has the worker compile, and does not wait for it: ``endCompiling(within:)`` does.
    func beginCompiling(_ assignments: [Assignment]) throws { try send(.compile(assignments)) }

    func endCompiling(within seconds: Double) throws { _ = try answer(within: seconds) }

    func prepare(_ id: Int, _ assignment: Assignment, within seconds: Double) throws -> Preparation {
        guard case .prepared(let preparation) = try ask(.prepare(id: id, assignment), within: seconds) else {
            throw Death(description: "the worker answered out of turn")
        }
        return preparation
    }

    func sample(_ order: SampleOrder, within seconds: Double) throws -> SampleTimes {
        guard case .sampled(let times) = try ask(.sample(order), within: seconds) else {
            throw Death(description: "the worker answered out of turn")
        }
        return times
    }

    /// What is known of the device's clock.
    func clock() throws -> DeviceClockRecord? {
        guard case .clock(let record) = try ask(.clock, within: 60) else {
            throw Death(description: "the worker answered out of turn")
        }
        return record
    }

    func window(_ id: Int, seconds: Double, within limit: Double) throws -> (
        begin: Double, end: Double, iterations: Int
    ) {
        guard
            case .windowDone(let begin, let end, let iterations) = try ask(
                .window(id: id, seconds: seconds), within: limit)
        else { throw Death(description: "the worker answered out of turn") }
        return (begin, end, iterations)
    }

    func discard(_ id: Int) throws { _ = try ask(.discard(id: id), within: 60) }

    /// Ends the worker in order.
    func close() {
        _ = try? ask(.close, within: 10)
        process.endInput()
        _ = process.waitForEnd(seconds: 5)
    }

    private func ask(_ request: WorkerRequest, within seconds: Double) throws -> WorkerResponse {
        try send(request)
        return try answer(within: seconds)
    }

    private func send(_ request: WorkerRequest) throws {
        process.send(line: String(decoding: try encoder.encode(request), as: UTF8.self))
    }

    private func answer(within seconds: Double) throws -> WorkerResponse {
        let answer: String
        do throws(ChildProcess.Failure) {
            answer = try process.readLine(deadline: MonotonicClock.now() + seconds) { Interruption.isRequested }
        } catch {
            throw death(error, seconds)
        }
        guard let response = try? decoder.decode(WorkerResponse.self, from: Data(answer.utf8)) else {
            process.terminate()
            throw Death(description: "the worker spoke nonsense")
        }
        if case .failed(let reason) = response { throw Refusal(description: reason) }
        return response
    }

    private func death(_ failure: ChildProcess.Failure, _ seconds: Double) -> any Error {
        switch failure {
        case .signalled:
            process.terminate()
            return ProfilingError(.interrupted, "interrupted")
        case .deadline:
            process.terminate()
            _ = process.waitForEnd(seconds: 5)
            return Death(description: "no answer within \(Int(seconds)) s; the worker was ended")
        case .closed, .spawn:
            let end = process.waitForEnd(seconds: 5)
            let lastWords = process.lastErrorLine.map { "; it last said: \($0)" } ?? ""
            return Death(description: "the worker \(end)\(lastWords)")
        }
    }
}
