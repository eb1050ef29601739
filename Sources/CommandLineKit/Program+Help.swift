extension Program {
    /// The overview: what the program is for, its commands, examples, exit codes.
    public func help() -> String {
        var page = "\(name) \(version): \(summary)\n"
        page += section("usage", "  \(name) COMMAND [OPTIONS]\n  \(name) help COMMAND\n")
        for paragraph in discussion { page += "\n" + TextLayout.wrap(paragraph, indent: 0) }
        page += section("commands", TextLayout.definitions(commands.map { ($0.name, $0.summary) }))
        page += section(
            "options",
            TextLayout.definitions([Option.help, Option.version].map { ($0.synopsis, $0.summary) }))
        return page + closing(examples)
    }

    /// Everything about one command.
    public func help(for command: Command) -> String {
        var page = "\(name) \(command.name): \(command.summary)\n"
        page += section("usage", TextLayout.wrap(synopsis(of: command), indent: 2))
        for paragraph in command.discussion { page += "\n" + TextLayout.wrap(paragraph, indent: 0) }
        let operands = command.operands + (command.trailing.map { [$0] } ?? [])
        if !operands.isEmpty {
            page += section("arguments", TextLayout.definitions(operands.map { ($0.name, $0.summary) }))
        }
        for group in command.groups {
            let rows = command.allOptions.filter { $0.group == group }.map { ($0.synopsis, $0.explanation) }
            page += section(group, TextLayout.definitions(rows))
        }
        return page + closing(command.examples)
    }

    /// The command's name with what it takes, on one line.
    func synopsis(of command: Command) -> String {
        var words = [name, command.name]
        if !command.options.isEmpty { words.append("[OPTIONS]") }
        words += command.operands.map(\.synopsis)
        if let trailing = command.trailing { words.append("[-- \(trailing.name)...]") }
        return words.joined(separator: " ")
    }

    private func closing(_ examples: [Example]) -> String {
        var text = ""
        if !examples.isEmpty {
            text += section("examples", examples.map { "  # \($0.purpose)\n  \($0.line)\n" }.joined(separator: "\n"))
        }
        if !environment.isEmpty {
            text += section("environment", TextLayout.definitions(environment.map { ($0.name, $0.meaning) }))
        }
        if !exitStatuses.isEmpty {
            text += section(
                "exit codes", TextLayout.definitions(exitStatuses.map { (String($0.code), $0.meaning) }))
        }
        return text
    }

    private func section(_ title: String, _ body: String) -> String { "\n\(title.uppercased())\n\(body)" }
}

extension Option {
    /// The summary with what help adds: the default, that it may repeat, what it cannot stand beside.
    var explanation: String {
        var remarks: [String] = []
        if repeats { remarks.append("may repeat") }
        if let defaultText { remarks.append("default: \(defaultText)") }
        if !conflicts.isEmpty { remarks.append("not with \(conflicts.map { "--\($0)" }.joined(separator: ", "))") }
        return remarks.isEmpty ? summary : "\(summary) (\(remarks.joined(separator: "; ")))"
    }
}
