import CommandLineKit

/// `joulemark manual`
enum ManualCommand: Subcommand {
    static let command = Command(
        "manual", "the manual page, for man", options: [Options.noColor],
        examples: [
            Example("read it", "joulemark manual | man -l -"),
            Example("install it", "joulemark manual > /usr/local/share/man/man1/joulemark.1"),
        ])

    static func run(_ invocation: Invocation, arguments: [String]) throws(CommandFailure) -> ExitCode {
        try StandardStream.output.write(Joulemark.program.manualPage())
        return .ok
    }
}
