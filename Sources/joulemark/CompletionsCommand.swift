import Backends
import CommandLineKit
import Kernels
import Profiling
import Results

/// `joulemark completions SHELL`
enum CompletionsCommand: Subcommand {
    /// What scripts ask for when the shell asks them.
    private static let lookUps = ["devices", "baselines"]

    static let command = Command(
        "completions", "a script that lets the shell complete commands, options and names",
        discussion: [
            "Names of families, strategies and workloads are those of the built-in kernels. Devices and baselines are looked up when the "
                + "shell asks for them: 'completions devices' and 'completions baselines' print them, one a line."
        ],
        options: [HistoryAccess.file, Options.noColor],
        operands: [
            Operand(
                "SHELL", "bash, zsh or fish; or devices or baselines, for the scripts",
                words: Shell.allCases.map(\.rawValue) + lookUps)
        ],
        examples: [
            Example("for this bash", "source <(joulemark completions bash)"),
            Example("for this zsh, after compinit", "source <(joulemark completions zsh)"),
            Example("for every fish", "joulemark completions fish > ~/.config/fish/completions/joulemark.fish"),
        ])

    static func run(_ invocation: Invocation, arguments: [String]) throws(CommandFailure) -> ExitCode {
        if let name = invocation.operands.first, lookUps.contains(name) {
            let words = name == "devices" ? try devices() : try baselines(invocation)
            try StandardStream.output.write(words.map { $0 + "\n" }.joined())
            return .ok
        }
        guard let shell = invocation.operands.first.flatMap(Shell.init) else {
            throw CommandFailure(.usage, "unknown shell")
        }
        let catalogue = try CommandFailure.mapping { try Catalogue() }
        let families = catalogue.families.filter { !$0.isInternal }
        let words = [
            "family": families.map(\.name),
            "strategy": Set(families.flatMap { catalogue.strategies(of: $0).map(\.name) }).sorted(),
            "workload": families.flatMap { $0.workloads.map(\.name) },
            "FAMILY/STRATEGY": families.flatMap { family in
                catalogue.strategies(of: family).map { "\(family.name)/\($0.name)" }
            },
        ]
        let program = Joulemark.program
        let commands = ["device": "devices", "baseline": "baselines"].mapValues { "\(program.name) completions \($0)" }
        try StandardStream.output.write(program.completion(for: shell, words: words, commands: commands))
        return .ok
    }

    /// Every device, and the backends that have one.
    private static func devices() throws(CommandFailure) -> [String] {
        let survey = try CommandFailure.mapping {
            try DeviceSurvey(executable: Joulemark.executable, settings: BackendSettings())
        }
        return Set(survey.devices.map(\.backend)).sorted() + survey.devices.map(\.id)
    }

    private static func baselines(_ invocation: Invocation) throws(CommandFailure) -> [String] {
        let path = try HistoryAccess.path(invocation)
        return try CommandFailure.mapping { () throws -> [String] in
            try History.existing(path: path)?.entries().flatMap(\.baselines).sorted() ?? []
        }
    }
}
