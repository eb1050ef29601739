extension Program {
    /// One `complete` line a command and option.
    func fishCompletion(_ words: [String: WordSource]) -> String {
        let head = "complete -c \(name)"
        var text = "# fish completion for \(name): put this file into ~/.config/fish/completions/\(name).fish\n"
        text += "\(head) -f\n"
        for command in commands {
            text += "\(head) -n __fish_use_subcommand -a \(command.name) -d \(fishQuoted(command.summary))\n"
        }
        for option in [Option.help, Option.version] {
            text += "\(head) -n __fish_use_subcommand -l \(option.name) -d \(fishQuoted(option.summary))\n"
        }
        for command in commands {
            let scope = "\(head) -n \(fishQuoted("__fish_seen_subcommand_from \(command.name)"))"
            for option in command.allOptions {
                let short = option.short.map { " -s \($0)" } ?? ""
                let action = option.value == .nothing ? "" : fishAction(offer(option, words))
                text += "\(scope) -l \(option.name)\(short)\(action) -d \(fishQuoted(option.summary))\n"
            }
            if !command.operands.isEmpty {
                text +=
                    offer(operandsOf: command, words).map { "\(scope) -a \(fishQuoted(fishWords($0)))\n" }
                    ?? "\(scope) -F\n"
            }
        }
        return text
    }

    private func fishAction(_ offer: CompletionOffer) -> String {
        switch offer {
        case .words(let source): " -x -a \(fishQuoted(fishWords(source)))"
        case .files: " -r -F"
        case .folders: " -x -a \(fishQuoted("(__fish_complete_directories)"))"
        case .nothing: " -x"
        }
    }

    private func fishWords(_ source: WordSource) -> String {
        switch source {
        case .fixed(let list): list.joined(separator: " ")
        case .command(let line): "(\(line) 2>/dev/null)"
        }
    }

    private func fishQuoted(_ text: String) -> String {
        var result = "'"
        for character in text {
            if character == "'" || character == "\\" { result.append("\\") }
            result.append(character)
        }
        return result + "'"
    }
}
