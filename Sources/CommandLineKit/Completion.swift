/// A shell that completion scripts are written for.
public enum Shell: String, Sendable, CaseIterable {
    case bash, zsh, fish
}

extension Program {
    /// A script that teaches `shell` the program's commands, options and their values.
    ///
    /// - Parameter words: what the values of an option can be, by the option's name, where the table itself has no list.
    public func completion(for shell: Shell, words: [String: [String]] = [:]) -> String {
        switch shell {
        case .bash: bashCompletion(words)
        case .zsh: zshCompletion(words)
        case .fish: fishCompletion(words)
        }
    }

    /// What a shell offers for the value of an option.
    func offer(_ option: Option, _ words: [String: [String]]) -> CompletionOffer {
        let list = option.words.isEmpty ? words[option.name] ?? [] : option.words
        if !list.isEmpty { return .words(list) }
        switch option.value {
        case .file: return .files
        case .folder: return .folders
        case .nothing, .text, .choice, .choices, .number, .integer: return .nothing
        }
    }
}

/// What a shell offers at a place of the command line.
enum CompletionOffer: Equatable {
    case words([String])
    case files
    case folders
    case nothing
}

/// `text` inside single quotes, as bash and zsh read them.
func shellQuoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}
