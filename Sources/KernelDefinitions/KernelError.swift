/// What can be wrong with a kernel folder, a workload or an input.
public struct KernelError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: Sendable {
        /// A file of kernels/ cannot be read or does not say what it should.
        case invalidDefinition
        /// No such family, strategy or workload.
        case unknownName
        /// A parameter is unknown, missing or out of range.
        case invalidParameter
        /// An arithmetic expression cannot be read or computed.
        case invalidExpression
        /// An input file cannot be read, or does not fit.
        case invalidInput
        /// A file cannot be written.
        case cannotWrite
        /// The strategy cannot run for this workload on this device.
        case unavailable
    }

    public var code: Code
    /// One line: the thing, what was found, what was expected.
    public var description: String

    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
