extension Program {
    /// A `#compdef` file: one `_arguments` call a command.
    func zshCompletion(_ words: [String: WordSource]) -> String {
        let list = commands.map { "        \(shellQuoted("\($0.name):\(zshEscaped($0.summary))"))\n" }.joined()
        let cases = commands.map { command in
            let lines = zshArguments(command, words).map { "                \($0)" }.joined(separator: " \\\n")
            return "        \(command.name))\n            _arguments \\\n\(lines)\n            ;;\n"
        }.joined()
        return """
            #compdef \(name)
            # zsh completion for \(name): put this file into a folder of $fpath, under the name _\(name), or source it after compinit
            _\(name)() {
            local -a commands
            commands=(
            \(list))
            if (( CURRENT == 2 )); then
                _describe command commands
                return
            fi
            local command="$words[2]"
            shift words
            (( CURRENT-- ))
            case "$command" in
            \(cases)esac
            }
            # From $fpath this file is the body of the function's first call; sourced, it makes the function known.
            if [[ $funcstack[1] == _\(name) ]]; then
                _\(name) "$@"
            else
                compdef _\(name) \(name)
            fi

            """
    }

    private func zshArguments(_ command: Command, _ words: [String: WordSource]) -> [String] {
        var lines = command.allOptions.map { option in
            let star = option.repeats ? "*" : ""
            let head = "\(star)--\(option.name)[\(zshEscaped(option.summary))]"
            guard option.value != .nothing else { return shellQuoted(head) }
            return shellQuoted("\(head):\(zshEscaped(option.placeholder)):\(zshAction(offer(option, words)))")
        }
        if let operand = command.operands.last {
            let action = offer(operandsOf: command, words).map(zshAction) ?? "_files"
            lines.append(shellQuoted("*:\(zshEscaped(operand.name)):\(action)"))
        }
        return lines
    }

    private func zshAction(_ offer: CompletionOffer) -> String {
        switch offer {
        case .words(let source): zshAction(source)
        case .files: "_files"
        case .folders: "_files -/"
        case .nothing: ""
        }
    }

    private func zshAction(_ source: WordSource) -> String {
        switch source {
        case .fixed(let list): "(\(list.map(zshEscaped).joined(separator: " ")))"
        // Device ids have colons, in which a list in parentheses sees nothing but `compadd` takes as they are. One in
        // the command itself would end the action.
        case .command(let line): "{compadd -- ${(f)\"$(\(line.replacing(":", with: "\\:")) 2>/dev/null)\"}}"
        }
    }

    private func zshEscaped(_ text: String) -> String {
        var result = ""
        for character in text {
            if "[]:\\".contains(character) { result.append("\\") }
            result.append(character)
        }
        return result
    }
}
