/// An argument that is no option, such as the file of `report RUN.json`.
public struct Operand: Sendable, Equatable {
    /// As help shows it: `RUN.json`.
    public let name: String
    public let summary: String
    /// How many of it there may be.
    public let count: ClosedRange<Int>
    /// The words that it can be; empty when any text will do.
    public let words: [String]

    public init(_ name: String, _ summary: String, count: ClosedRange<Int> = 1...1, words: [String] = []) {
        self.name = name
        self.summary = summary
        self.count = count
        self.words = words
    }

    /// The operand with its brackets and dots: `[NAME]`, `FILE...`.
    var synopsis: String {
        let dots = count.upperBound > 1 ? "..." : ""
        return count.lowerBound == 0 ? "[\(name)\(dots)]" : name + dots
    }
}

/// A command line worth copying, with a few words on what it does.
public struct Example: Sendable, Equatable {
    public let purpose: String
    public let line: String

    public init(_ purpose: String, _ line: String) {
        self.purpose = purpose
        self.line = line
    }
}

/// A subcommand: its table of options, its operands, and what help says about it.
public struct Command: Sendable, Equatable {
    public let name: String
    /// One line, without a full stop.
    public let summary: String
    /// Paragraphs.
    public let discussion: [String]
    public let options: [Option]
    /// In their order; each takes as many of the words as it can before the next has its turn.
    public let operands: [Operand]
    /// What may follow `--` and is handed on untouched, such as another program's command line.
    public let trailing: Operand?
    public let examples: [Example]

    public init(
        _ name: String, _ summary: String, discussion: [String] = [], options: [Option] = [], operands: [Operand] = [],
        trailing: Operand? = nil, examples: [Example] = []
    ) {
        self.name = name
        self.summary = summary
        self.discussion = discussion
        self.options = options
        self.operands = operands
        self.trailing = trailing
        self.examples = examples
    }

    /// The table's options and those that every command has.
    var allOptions: [Option] { options + [.help] }

    /// Headings in the order in which the table first names them.
    var groups: [String] {
        allOptions.reduce(into: []) { groups, option in
            if !groups.contains(option.group) { groups.append(option.group) }
        }
    }
}

/// A number that the program ends with, and what it means.
public struct ExitStatus: Sendable, Equatable {
    public let code: Int
    public let meaning: String

    public init(_ code: Int, _ meaning: String) {
        self.code = code
        self.meaning = meaning
    }
}

/// A program made of subcommands.
public struct Program: Sendable {
    public let name: String
    public let version: String
    /// One line, without a full stop.
    public let summary: String
    /// Paragraphs.
    public let discussion: [String]
    public let commands: [Command]
    public let examples: [Example]
    public let exitStatuses: [ExitStatus]
    /// Environment variables, and what each does.
    public let environment: [(name: String, meaning: String)]

    public init(
        _ name: String, version: String, _ summary: String, discussion: [String] = [], commands: [Command],
        examples: [Example] = [], exitStatuses: [ExitStatus] = [], environment: [(name: String, meaning: String)] = []
    ) {
        self.name = name
        self.version = version
        self.summary = summary
        self.discussion = discussion
        self.commands = commands
        self.examples = examples
        self.exitStatuses = exitStatuses
        self.environment = environment
    }

    /// The command called `name`.
    public func command(_ name: String) -> Command? { commands.first { $0.name == name } }
}
