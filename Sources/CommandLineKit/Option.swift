/// An option of a command: one row of its table.
///
/// ```swift
/// let interval = Option(
///     "interval", takes: .number(0.01...60), as: "SECONDS", "time between two readings", default: "1")
/// ```
/// Parsing, help, completions and the manual page all come from this row.
public struct Option: Sendable, Equatable {
    /// What an option takes. The parser refuses everything else, so that readers of an ``Invocation`` need not check
    /// again.
    public enum Value: Sendable, Equatable {
        /// Nothing: the option is there or not.
        case nothing
        case text
        /// The name of a file.
        case file
        /// The name of a folder.
        case folder
        /// One of these words.
        case choice([String])
        /// Some of these words, with commas between them.
        case choices([String])
        /// A finite number in this range.
        case number(ClosedRange<Double>)
        case integer(ClosedRange<Int>)
    }

    /// Without the leading `--`.
    public let name: String
    /// The one-letter form, without its `-`.
    public let short: Character?
    public let value: Value
    /// What stands for the value in help, such as `FILE`.
    public let placeholder: String
    public let summary: String
    /// What holds when the option is absent, as help shows it.
    public let defaultText: String?
    public let repeats: Bool
    /// The heading of the option in help.
    public let group: String
    /// Names of options that cannot stand beside this one. Naming it on one side is enough.
    public let conflicts: [String]

    public init(
        _ name: String, short: Character? = nil, takes value: Value = .nothing, as placeholder: String? = nil,
        _ summary: String, default defaultText: String? = nil, repeats: Bool = false, group: String = "options",
        conflicts: [String] = []
    ) {
        self.name = name
        self.short = short
        self.value = value
        self.placeholder = placeholder ?? Option.placeholder(for: value)
        self.summary = summary
        self.defaultText = defaultText
        self.repeats = repeats
        self.group = group
        self.conflicts = conflicts
    }

    /// `--name`, with its one-letter form before and its value behind it, as help shows it.
    public var synopsis: String {
        let long = placeholder.isEmpty ? "--\(name)" : "--\(name) \(placeholder)"
        guard let short else { return long }
        return "-\(short), \(long)"
    }

    /// The words that the value can be, for completion; empty when there is no fixed list.
    public var words: [String] {
        switch value {
        case .choice(let words), .choices(let words): words
        case .nothing, .text, .file, .folder, .number, .integer: []
        }
    }

    /// Every command has these.
    static let help = Option("help", short: "h", "show this help and stop")
    static let version = Option("version", "show the version and stop")

    private static func placeholder(for value: Value) -> String {
        switch value {
        case .nothing: ""
        case .text: "TEXT"
        case .file: "FILE"
        case .folder: "DIR"
        case .choice(let words): words.joined(separator: "|")
        case .choices(let words): words.joined(separator: ",")
        case .number: "NUMBER"
        case .integer: "COUNT"
        }
    }
}

extension Option {
    /// Why `text` is not a value of this option; `nil` when it is one.
    func complaint(about text: String) -> String? {
        guard !text.isEmpty else { return "takes \(expectation), found an empty text" }
        switch value {
        case .nothing, .text, .file, .folder: return nil
        case .choice(let words):
            return words.contains(text) ? nil : complaint(word: text, among: words)
        case .choices(let words):
            let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            return parts.first { !words.contains($0) }.map { complaint(word: $0, among: words) }
        case .number(let range):
            let number = Double(text)
            return number.map { range.contains($0) } == true ? nil : "takes \(expectation), found '\(text)'"
        case .integer(let range):
            let number = Int(text)
            return number.map { range.contains($0) } == true ? nil : "takes \(expectation), found '\(text)'"
        }
    }

    private func complaint(word: String, among words: [String]) -> String {
        "takes \(expectation), found '\(word)'" + Suggestion.phrase(for: word, among: words)
    }

    /// What the option takes, in words.
    private var expectation: String {
        switch value {
        case .nothing: "no value"
        case .text: placeholder
        case .file: "the name of a file"
        case .folder: "the name of a folder"
        case .choice(let words): "one of \(words.joined(separator: ", "))"
        case .choices(let words): "some of \(words.joined(separator: ", ")) with commas between them"
        case .number(let range):
            range.upperBound.isFinite && range.upperBound < Double.greatestFiniteMagnitude
                ? "a number from \(Self.plain(range.lowerBound)) to \(Self.plain(range.upperBound))"
                : "a number of at least \(Self.plain(range.lowerBound))"
        case .integer(let range):
            range.upperBound == .max
                ? "a whole number of at least \(range.lowerBound)"
                : "a whole number from \(range.lowerBound) to \(range.upperBound)"
        }
    }

    private static func plain(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? String(number)
    }
}
