/// What went wrong with a result file or the history, in one line that names the thing, what was found and what was
/// expected.
public struct ResultsError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: Sendable, Equatable {
        /// The operating system refuses: no such file, no permission, no space.
        case system
        /// Not a result file, or one that ends early or holds something else than expected.
        case malformed
        /// Written by a newer version.
        case newer
        /// Holds a number that JSON cannot.
        case unwritable
        /// Nothing in the history answers to that name.
        case notFound
        /// Another process held the history for too long.
        case busy
    }

    public let code: Code
    public let description: String

    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
