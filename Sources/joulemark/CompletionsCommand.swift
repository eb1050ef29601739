import CommandLineKit
import Kernels

/// `joulemark completions SHELL`
enum CompletionsCommand: Subcommand {
    static let command = Command(
        "completions", "a script that lets the shell complete commands, options and names",
        discussion: ["Names of families, strategies and workloads are those of the built-in kernels."],
        options: [Options.noColor],
        operands: [Operand("SHELL", "bash, zsh or fish", words: Shell.allCases.map(\.rawValue))],
        examples: [
            Example("for this bash", "source <(joulemark completions bash)"),
            Example("for every fish", "joulemark completions fish > ~/.config/fish/completions/joulemark.fish"),
        ])

    static func run(_ invocation: Invocation, arguments: [String]) throws(CommandFailure) -> ExitCode {
        guard let shell = invocation.operands.first.flatMap(Shell.init) else {
            throw CommandFailure(.usage, "unknown shell")
        }
        let catalogue = try CommandFailure.mapping { try Catalogue() }
        let families = catalogue.families.filter { !$0.isInternal }
        let words = [
            "family": families.map(\.name),
            "strategy": Set(families.flatMap { catalogue.strategies(of: $0).map(\.name) }).sorted(),
            "workload": families.flatMap { $0.workloads.map(\.name) },
        ]
        try StandardStream.output.write(Joulemark.program.completion(for: shell, words: words))
        return .ok
    }
}
