import Backends
import Kernels
import Platform
import Power

/// Why a run cannot start or ended, or why a request to a worker has no answer.
public struct ProfilingError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: Sendable {
        /// The request contradicts itself or names what does not exist: exit code 64.
        case usage
        /// No such device, or it cannot be opened: exit code 4.
        case noSuchDevice
        /// Power counters are required but cannot be read: exit code 6.
        case powerUnavailable
        /// A strategy cannot run for its workload on its device.
        case unavailable
        /// A worker process refused a request; it goes on.
        case refused
        /// A worker process could not be started, died, lost its device or spoke nonsense; what was prepared with it is
        /// gone.
        case worker
        /// A worker process gave no answer in time and was ended.
        case hung
        /// The user interrupted the run.
        case interrupted
    }

    public var code: Code
    public var description: String

    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}

extension ProfilingError {
    /// What any module throws, as an error of this one: the one place that decides it.
    init(_ error: any Error) {
        switch error {
        case let error as ProfilingError: self = error
        case let error as KernelError: self.init(error.code == .unavailable ? .unavailable : .usage, error.description)
        case let error as BackendError:
            switch error.code {
            case .limit, .unsupported: self.init(.unavailable, error.description)
            case .driver, .lost: self.init(.worker, error.description)
            case .missing, .compilation, .outOfMemory: self.init(.noSuchDevice, error.description)
            case .function: self.init(.refused, error.description)
            }
        case let error as PowerError:
            self.init(error.code == .notReadable ? .powerUnavailable : .usage, error.description)
        case ChildProcess.Failure.signalled: self.init(.interrupted, "interrupted")
        default: self.init(.worker, "\(error)")
        }
    }

    /// Runs `body`; whatever it throws becomes an error of this module.
    static func mapping<Value>(_ body: () throws -> Value) throws(ProfilingError) -> Value {
        do { return try body() } catch { throw ProfilingError(error) }
    }
}
