extension Program {
    /// One function that looks at the command and at the option before the cursor.
    func bashCompletion(_ words: [String: WordSource]) -> String {
        let function = "_\(name.filter { $0.isLetter || $0.isNumber })"
        let cases = commands.map { bashCase($0, words) }.joined()
        return """
            # bash completion for \(name): source this file, or put it into /etc/bash_completion.d
            \(function)() {
                local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD - 1]}"
                COMPREPLY=()
                if [ "$COMP_CWORD" -eq 1 ]; then
                    mapfile -t COMPREPLY < <(compgen -W \(bashWords(commands.map(\.name) + ["help", "--help", "--version"])) -- "$current")
                    return
                fi
                case "${COMP_WORDS[1]}" in
                    help)
                        mapfile -t COMPREPLY < <(compgen -W \(bashWords(commands.map(\.name))) -- "$current")
                        ;;
            \(cases)    esac
            }
            complete -F \(function) \(name)

            """
    }

    private func bashCase(_ command: Command, _ words: [String: WordSource]) -> String {
        let other =
            offer(operandsOf: command, words).map { "compgen -W \(bashWords($0)) -- \"$current\"" }
            ?? "compgen -f -- \"$current\""
        var text = "        \(command.name))\n            case \"$previous\" in\n"
        for option in command.allOptions where option.value != .nothing {
            text += "                --\(option.name)) \(bashReply(offer(option, words))); return ;;\n"
        }
        text += """
                        esac
                        case "$current" in
                            -*) mapfile -t COMPREPLY < <(compgen -W \(bashWords(command.allOptions.map { "--\($0.name)" })) -- "$current") ;;
                            *) mapfile -t COMPREPLY < <(\(other)) ;;
                        esac
                        ;;

            """
        return text
    }

    private func bashReply(_ offer: CompletionOffer) -> String {
        switch offer {
        case .words(let list): "mapfile -t COMPREPLY < <(compgen -W \(bashWords(list)) -- \"$current\")"
        case .files: "mapfile -t COMPREPLY < <(compgen -f -- \"$current\")"
        case .folders: "mapfile -t COMPREPLY < <(compgen -d -- \"$current\")"
        case .nothing: "COMPREPLY=()"
        }
    }

    private func bashWords(_ source: WordSource) -> String {
        switch source {
        case .fixed(let words): bashWords(words)
        case .command(let line): "\"$(\(line) 2>/dev/null)\""
        }
    }

    private func bashWords(_ words: [String]) -> String { shellQuoted(words.joined(separator: " ")) }
}
