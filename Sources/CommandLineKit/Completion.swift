/// A shell that completion scripts are written for.
public enum Shell: String, Sendable, CaseIterable {
    case bash, zsh, fish
}

extension Program {
    /// A script that teaches `shell` the program's commands, options and their values.
    ///
    /// - Parameters:
    ///   - words: what the values of an option or an operand can be, by its name, where the table itself has no list.
    ///   - commands: command lines that print such words, one a line, for what differs from machine to machine.
    public func completion(
        for shell: Shell, words: [String: [String]] = [:], commands: [String: String] = [:]
    ) -> String {
        let sources = words.mapValues(WordSource.fixed).merging(commands.mapValues(WordSource.command)) { $1 }
        return switch shell {
        case .bash: bashCompletion(sources)
        case .zsh: zshCompletion(sources)
        case .fish: fishCompletion(sources)
        }
    }

    /// What a shell offers for the value of an option.
    func offer(_ option: Option, _ sources: [String: WordSource]) -> CompletionOffer {
        if !option.words.isEmpty { return .words(.fixed(option.words)) }
        if let source = sources[option.name] { return .words(source) }
        switch option.value {
        case .file: return .files
        case .folder: return .folders
        case .nothing, .text, .choice, .choices, .number, .integer: return .nothing
        }
    }
}

/// Where a shell has words from.
enum WordSource: Equatable {
    case fixed([String])
    /// A command line that prints them.
    case command(String)
}

/// What a shell offers at a place of the command line.
enum CompletionOffer: Equatable {
    case words(WordSource)
    case files
    case folders
    case nothing
}

extension Program {
    /// What a shell offers for the operands of a command; `nil`: files.
    func offer(operandsOf command: Command, _ sources: [String: WordSource]) -> WordSource? {
        let fixed = command.operands.flatMap(\.words)
        if !fixed.isEmpty { return .fixed(fixed) }
        return command.operands.lazy.compactMap { sources[$0.name] }.first
    }
}

/// `text` inside single quotes, as bash and zsh read them.
func shellQuoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}
