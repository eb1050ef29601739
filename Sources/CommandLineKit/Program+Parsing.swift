/// What a command line asks for.
public enum Request: Sendable, Equatable {
    case run(Invocation)
    /// A text for standard output: help or the version.
    case show(String)
}

extension Program {
    /// Reads the arguments, the program's own name left out.
    ///
    /// Understood are `--name VALUE`, `--name=VALUE`, one-letter forms, `--` before operands that begin with a dash,
    /// and `-` as an operand or a value. `--help` anywhere before `--` wins over every mistake.
    ///
    /// - Throws: ``UsageError``, one line.
    public func parse(_ arguments: [String]) throws(UsageError) -> Request {
        let beforeTerminator = arguments.prefix { $0 != "--" }
        let wantsHelp = beforeTerminator.contains { $0 == "--help" || $0 == "-h" }
        guard let first = arguments.first else {
            throw UsageError("\(name): no command given; '\(name) --help' lists the commands")
        }
        if first == "--version" { return .show("\(name) \(version)\n") }
        if first == "help" { return .show(try help(on: arguments.dropFirst().first { !$0.hasPrefix("-") })) }
        guard let command = command(first) else {
            if first.hasPrefix("-") {
                if wantsHelp { return .show(help()) }
                throw UsageError(
                    "\(name): unknown option '\(first)'"
                        + Suggestion.phrase(
                            for: String(first.drop { $0 == "-" }), among: ["help", "version"], prefix: "--")
                        + "; a command comes first, '\(name) --help' lists them")
            }
            if wantsHelp { return .show(help()) }
            throw unknownCommand(first)
        }
        if wantsHelp { return .show(help(for: command)) }
        do {
            var parser = ArgumentParser(command: command)
            return .run(try parser.parse(arguments.dropFirst()))
        } catch {
            throw UsageError("\(name) \(command.name): \(error.description)")
                .pointing(to: "\(name) \(command.name) --help")
        }
    }

    private func help(on topic: String?) throws(UsageError) -> String {
        guard let topic else { return help() }
        guard let command = command(topic) else { throw unknownCommand(topic) }
        return help(for: command)
    }

    private func unknownCommand(_ word: String) -> UsageError {
        UsageError(
            "\(name): unknown command '\(word)'" + Suggestion.phrase(for: word, among: commands.map(\.name))
                + "; '\(name) --help' lists the commands")
    }
}

/// Walks over the arguments of one command.
private struct ArgumentParser {
    let command: Command
    var values: [String: [String]] = [:]
    var operands: [String] = []
    var trailing: [String] = []

    init(command: Command) { self.command = command }

    mutating func parse(_ arguments: ArraySlice<String>) throws(UsageError) -> Invocation {
        var rest = arguments
        while let argument = rest.popFirst() {
            if argument == "--" {
                if command.trailing == nil { operands += rest } else { trailing += rest }
                break
            }
            if argument.hasPrefix("-"), argument != "-" {
                try take(option: argument, rest: &rest)
            } else {
                operands.append(argument)
            }
        }
        try checkConflicts()
        try checkOperands()
        return Invocation(command: command, values: values, operands: operands, trailing: trailing)
    }

    private mutating func take(option argument: String, rest: inout ArraySlice<String>) throws(UsageError) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let option = try find(parts[0])
        if option.value == .nothing {
            guard parts.count == 1 else { throw UsageError("--\(option.name) takes no value, found '\(parts[1])'") }
            guard values.updateValue([""], forKey: option.name) == nil else { throw givenTwice(option) }
            return
        }
        var value: String
        if parts.count == 2 {
            value = parts[1]
        } else {
            guard let next = rest.first, next == "-" || !next.hasPrefix("-") || Double(next) != nil else {
                let found = rest.first.map { ", found the option '\($0)'" } ?? ""
                throw UsageError("--\(option.name) needs a value, \(option.placeholder)\(found)")
            }
            value = next
            rest.removeFirst()
        }
        if let complaint = option.complaint(about: value) { throw UsageError("--\(option.name) \(complaint)") }
        guard option.repeats || values[option.name] == nil else { throw givenTwice(option) }
        values[option.name, default: []].append(value)
    }

    private func givenTwice(_ option: Option) -> UsageError { UsageError("--\(option.name) is given twice") }

    private func find(_ word: String) throws(UsageError) -> Option {
        let options = command.allOptions
        if word.hasPrefix("--") {
            let name = String(word.dropFirst(2))
            if let option = options.first(where: { $0.name == name }) { return option }
            throw UsageError(
                "unknown option '\(word)'" + Suggestion.phrase(for: name, among: options.map(\.name), prefix: "--"))
        }
        let letters = word.dropFirst()
        if letters.count == 1, let option = options.first(where: { $0.short == letters.first }) { return option }
        let hint = Suggestion.phrase(for: String(letters), among: options.map(\.name), prefix: "--")
        throw UsageError("unknown option '\(word)'\(hint)")
    }

    private func checkConflicts() throws(UsageError) {
        for option in command.options where values[option.name] != nil {
            guard let other = option.conflicts.first(where: { values[$0] != nil }) else { continue }
            throw UsageError("--\(option.name) and --\(other) cannot be given together")
        }
    }

    private func checkOperands() throws(UsageError) {
        var index = 0
        for operand in command.operands {
            let available = operands.count - index
            guard available >= operand.count.lowerBound else {
                throw UsageError("\(operand.name) is missing: \(operand.summary)")
            }
            let taken = min(available, operand.count.upperBound)
            for word in operands[index..<index + taken] where !operand.words.isEmpty && !operand.words.contains(word) {
                throw UsageError(
                    "\(operand.name) is one of \(operand.words.joined(separator: ", ")), found '\(word)'"
                        + Suggestion.phrase(for: word, among: operand.words))
            }
            index += taken
        }
        if index < operands.count { throw UsageError("unexpected argument '\(operands[index])'") }
        if let trailing = command.trailing, self.trailing.count < trailing.count.lowerBound {
            throw UsageError("\(trailing.name) is missing after --: \(trailing.summary)")
        }
    }
}
