/// A command line that cannot be understood.
public struct UsageError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One line: the thing, what was found, what was expected.
    public let description: String

    public init(_ description: String) { self.description = description }

    /// `description` with a pointer to the help of the command that was called.
    func pointing(to help: String) -> UsageError { UsageError("\(description); see '\(help)'") }
}
