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
        self.description = Self.line(description)
    }

    /// Beginning and end of a description that is longer than a person reads: which thing it is, and what was expected.
    private static let shown = (first: 600, last: 200)

    /// The text on one line and of bounded length, whatever a file holds that it speaks of.
    private static func line(_ text: String) -> String {
        // Of bytes, since one character may hold any number of them.
        let isShort = text.utf8.count <= shown.first + shown.last
        guard !isShort || text.utf8.contains(where: { $0 < 0x20 }) || text.contains(where: \.isNewline) else {
            return text
        }
        let scalars = text.unicodeScalars.map { scalar -> Unicode.Scalar in
            let isControl = scalar.properties.generalCategory == .control
            return isControl || Character(scalar).isNewline ? "\u{FFFD}" : scalar
        }
        func string(_ part: ArraySlice<Unicode.Scalar>) -> String {
            var text = String.UnicodeScalarView()
            text.append(contentsOf: part)
            return String(text)
        }
        guard scalars.count > shown.first + shown.last else { return string(scalars[...]) }
        return string(scalars.prefix(shown.first)) + " … " + string(scalars.suffix(shown.last))
    }
}
