/// What can go wrong with power counters and energy models.
public struct PowerError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: Sendable {
        /// Measured energy was required and no power source of any device can be read.
        case notReadable
        /// A file (a model, a run to fit from) does not hold what it should.
        case invalidFile
        /// A model cannot be fitted from these runs.
        case notFittable
        /// A command that was to be metered cannot be started.
        case notStartable
    }

    public var code: Code
    public var description: String

    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
