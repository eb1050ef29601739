import FoundationEssentials
import Results

/// A line of the workers' protocol. Both ends take from it only what the other could mean: numbers that no machine has
/// are refused here, so that nobody reckons with them.
package enum WorkerLine {
    /// What a worker says.
    ///
    /// - Throws: ``ProfilingError`` with code `worker`.
    static func response(_ line: String) throws(ProfilingError) -> WorkerResponse {
        guard let response = try? JSONDecoder().decode(WorkerResponse.self, from: Data(line.utf8)) else {
            throw ProfilingError(.worker, "the worker spoke nonsense")
        }
        if let complaint = response.complaint {
            throw ProfilingError(.worker, "the worker spoke nonsense: \(complaint)")
        }
        return response
    }

    /// What a worker is asked; `nil` for what is no request.
    static func request(_ line: String) -> WorkerRequest? {
        try? JSONDecoder().decode(WorkerRequest.self, from: Data(line.utf8))
    }

    /// Why a line is no answer; `nil` when it is one.
    package static func refusal(ofAnswer line: String) -> ProfilingError? {
        do throws(ProfilingError) {
            _ = try response(line)
            return nil
        } catch {
            return error
        }
    }

    /// Whether a worker understands the line.
    package static func isRequest(_ line: String) -> Bool { request(line) != nil }
}

extension WorkerResponse {
    /// More operations or bytes than any execution has.
    private static let mostWork = 1e30
    /// Longer than any run, seconds.
    private static let longest = 1e9

    /// What of it cannot be; `nil`: it can.
    fileprivate var complaint: String? {
        switch self {
        case .prepared(let preparation): preparation.complaint(mostWork: Self.mostWork)
        case .sampled(let times): times.complaint(longest: Self.longest)
        case .clock(let record): record.flatMap { $0.secondsPerTick > 0 ? nil : "a clock that does not advance" }
        case .windowDone(_, _, let iterations): iterations >= 0 ? nil : "fewer executions than none"
        case .identity, .devices, .noDevices, .opened, .inspected, .confirmed, .done, .failed, .lost: nil
        }
    }
}

extension Preparation {
    fileprivate func complaint(mostWork: Double) -> String? {
        let figures = [
            work?.flops, work?.minimumBytes, work?.strategyBytes, work?.writtenBytes, tokens,
            verification?.tolerance,
        ].compactMap(\.self)
        if figures.contains(where: { !(0...mostWork).contains($0) }) { return "an amount of work that no kernel has" }
        return outputSample?.isTooLarge == true ? "more of the outputs than was to be told" : nil
    }
}

extension SampleTimes {
    /// Beyond what 64 bits of any device's clock come to, seconds: what it says is held against the host's clock later,
    /// and a clock that lies costs its own figures and not the samples.
    private static let farthest = 1e15

    fileprivate func complaint(longest: Double) -> String? {
        guard hostSeconds.allSatisfy({ (0...longest).contains($0) }),
            controlSeconds.joined().allSatisfy({ (0...longest).contains($0) }),
            stageSeconds.joined().allSatisfy({ abs($0) <= Self.farthest }),
            waitSeconds.allSatisfy({ abs($0) <= Self.farthest }),
            abs(stealSeconds ?? 0) <= longest
        else { return "a time that no execution takes" }
        return nil
    }
}

extension WorkerRequest {
    /// More than any round of samples is.
    private static let mostExecutions = 1 << 20
    /// Seconds.
    private static let longestWindow = 86400.0

    /// What a worker refuses whatever it holds; `nil`: nothing.
    var complaint: String? {
        switch self {
        case .sample(let order):
            let executions = order.repetitions.multipliedReportingOverflow(by: order.batch)
            let isPossible =
                order.repetitions > 0 && order.batch > 0 && !executions.overflow
                && executions.partialValue <= Self.mostExecutions
            return isPossible ? nil : "\(order.repetitions) samples of \(order.batch) executions cannot be taken"
        case .window(_, let seconds):
            return (0...Self.longestWindow).contains(seconds) ? nil : "no window lasts \(seconds) s"
        default: return nil
        }
    }
}
