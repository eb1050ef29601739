/// Why a run cannot start, or ended.
public struct ProfilingError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: Sendable {
        /// The request contradicts itself or names what does not exist: exit code 64.
        case usage
        /// No such device, or it cannot be opened: exit code 4.
        case noSuchDevice
        /// Power counters are required but cannot be read: exit code 6.
        case powerUnavailable
        /// A worker process could not be started or died.
        case worker
        /// A worker did not answer within its limit.
        case timeLimit
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
