extension Program {
    /// A manual page of section 1 in the man macros, for `man -l`.
    public func manualPage() -> String {
        var page = """
            .TH \(name.uppercased()) 1 "" "\(roff(name)) \(roff(version))" "User Commands"
            .SH NAME
            \(roff(name)) \\- \(roff(summary))
            .SH SYNOPSIS
            .B \(roff(name))
            .I COMMAND
            [OPTIONS]

            """
        if !discussion.isEmpty { page += ".SH DESCRIPTION\n" + paragraphs(discussion) }
        page += ".SH COMMANDS\n"
        for command in commands { page += manualSection(of: command) }
        if !examples.isEmpty { page += ".SH EXAMPLES\n" + manual(examples) }
        if !environment.isEmpty {
            page += ".SH ENVIRONMENT\n" + environment.map { definition($0.name, $0.meaning) }.joined()
        }
        if !exitStatuses.isEmpty {
            page += ".SH EXIT STATUS\n" + exitStatuses.map { definition(String($0.code), $0.meaning) }.joined()
        }
        return page
    }

    private func manualSection(of command: Command) -> String {
        var text = ".SS \(roff(synopsis(of: command)))\n\(roff(command.summary)).\n"
        if !command.discussion.isEmpty { text += ".PP\n" + paragraphs(command.discussion) }
        for operand in command.operands + (command.trailing.map { [$0] } ?? []) {
            text += definition(operand.name, operand.summary)
        }
        for option in command.options { text += definition(option.synopsis, option.explanation) }
        return text + manual(command.examples)
    }

    private func paragraphs(_ texts: [String]) -> String {
        texts.map(roff).joined(separator: "\n.PP\n") + "\n"
    }

    private func definition(_ term: String, _ text: String) -> String { ".TP\n.B \(roff(term))\n\(roff(text))\n" }

    private func manual(_ examples: [Example]) -> String {
        examples.map { ".PP\n\(roff($0.purpose)):\n.RS\n.nf\n\(roff($0.line))\n.fi\n.RE\n" }.joined()
    }

    /// `text` with everything escaped that roff would take for itself.
    private func roff(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "'": result += "\\(aq"
            case "`": result += "\\(ga"
            case "\"": result += "\\(dq"
            case "^": result += "\\(ha"
            case "~": result += "\\(ti"
            default: result.append(character)
            }
        }
        return result.first == "." ? "\\&" + result : result
    }
}
