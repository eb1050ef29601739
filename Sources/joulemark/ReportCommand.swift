import Backends
import CommandLineKit
import Reporting
import Results

/// `joulemark report`
enum ReportCommand: Subcommand {
    private static let label = Option(
        "label", takes: .text, as: "NAME",
        "what a run is called, in the order of the files; those without one keep the label that they were made with",
        repeats: true, group: "outputs")

    private static let embed = Option(
        "embed", takes: .choice(PageData.allCases.map(\.rawValue)),
        "what a page holds of the data: 'summary' leaves out the single samples; without it, as much as can be sent around",
        group: "outputs")

    static let command = Command(
        "report", "render the results of earlier runs again; several stand side by side",
        discussion: [
            "Without an output the results are shown as a table. The files are those that 'joulemark profile --json' wrote; "
                + "a file of a newer schema is refused.",
            "A page shows the sources of a measurement where they are what ran: those of this build, and with --kernels the user's own.",
        ],
        options: RunOutput.options + [embed, label, Options.kernels, ProfileOptions.python, Options.noColor],
        operands: [Operand("RUN.json", "result files", count: 1...Int.max)],
        examples: [
            Example("read a run in the terminal", "joulemark report run.json"),
            Example(
                "two machines on one page",
                "joulemark report laptop.json server.json --label laptop --label server --html machines.html"),
            Example(
                "both as one data frame: pandas.read_json('flat.json')",
                "joulemark report laptop.json server.json --flat flat.json"),
        ])

    static func run(_ invocation: Invocation, arguments: [String]) throws(CommandFailure) -> ExitCode {
        for form in RunOutput.all
        where invocation.operands.count > 1 && !form.takesSeveral && invocation.has(form.option) {
            throw CommandFailure(
                .usage,
                "--\(form.option.name) holds one run, found \(invocation.operands.count) files; --html, --csv and --flat take several"
            )
        }
        let outputs = try Outputs(invocation, RunOutput.options)
        let labels = invocation.texts(label)
        guard labels.count <= invocation.operands.count else {
            throw CommandFailure(
                .usage, "--label: found \(labels.count) names for \(invocation.operands.count) files, expected one each"
            )
        }
        let (say, end) = ProfileProgress.activity(isColorless: invocation.has(Options.noColor))
        defer { end() }
        var runs: [RunRecord] = []
        for (index, path) in invocation.operands.enumerated() {
            say("reading \(index + 1) of \(invocation.operands.count): \(path)")
            var run = try CommandFailure.mapping { try RunFile.read(path) }
            if index < labels.count { run.label = labels[index] }
            runs.append(run)
        }
        let settings = RunOutput.Settings(
            pageData: invocation.text(embed).flatMap(PageData.init),
            kernels: try ProfileOptions.kernelFolders(invocation, ProfileOptions.backends(invocation).python))
        try RunOutput.write(runs, to: outputs, isQuiet: false, settings: settings) { form in
            if let form { say("writing \(form) of \(runs.count == 1 ? "a run" : "\(runs.count) runs")") } else { end() }
        }
        end()
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
