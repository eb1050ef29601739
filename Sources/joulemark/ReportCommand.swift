import CommandLineKit
import Reporting
import Results

/// `joulemark report`
enum ReportCommand: Subcommand {
    static let command = Command(
        "report", "render the results of earlier runs again; several stand side by side",
        discussion: [
            "Without an output the results are shown as a table. The files are those that 'joulemark profile --json' wrote; "
                + "a file of a newer schema is refused."
        ],
        options: RunOutput.options + [Options.noColor],
        operands: [Operand("RUN.json", "result files", count: 1...Int.max)],
        examples: [
            Example("read a run in the terminal", "joulemark report run.json"),
            Example("two machines on one page", "joulemark report laptop.json server.json --html machines.html"),
        ])

    static func run(_ invocation: Invocation, arguments: [String]) throws(CommandFailure) -> ExitCode {
        for form in RunOutput.all
        where invocation.operands.count > 1 && !form.takesSeveral && invocation.has(form.option) {
            throw CommandFailure(
                .usage,
                "--\(form.option.name) holds one run, found \(invocation.operands.count) files; --html takes several")
        }
        let outputs = try Outputs(invocation, RunOutput.options)
        var runs: [RunRecord] = []
        for path in invocation.operands { runs.append(try CommandFailure.mapping { try RunFile.read(path) }) }
        try RunOutput.write(runs, to: outputs, isQuiet: false)
        if outputs.isEmpty { try show(runs, allowsColor: !invocation.has(Options.noColor)) }
        return .ok
    }

    private static func show(_ runs: [RunRecord], allowsColor: Bool) throws(CommandFailure) {
        let style = TerminalStyle.standardOutput(allowsColor: allowsColor)
        for run in runs {
            guard run.models == nil else {
                let table = ModelTable(run).render(width: style.width, color: style.usesColor)
                try StandardStream.output.write(table)
                continue
            }
            try StandardStream.output.write(
                TerminalTable().render(run: run, width: style.width, color: style.usesColor))
        }
    }
}
