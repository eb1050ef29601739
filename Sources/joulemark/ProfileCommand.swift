import CommandLineKit
import FoundationEssentials
import Kernels
import Profiling
import Reporting
import Results

/// `joulemark profile`
enum ProfileCommand: Subcommand {
    private static let defaultFolder = "reports"

    static let command = Command(
        "profile", "measure speed and energy of strategies on devices, and write the report",
        discussion: [
            "Every result is checked against a float64 oracle before anything is timed. Strategies that are compared are sampled "
                + "in turn; time comes from the device's own clock where it has one. Joules come from the machine's counters, "
                + "or from a model, marked ≈.",
            "With --json FILE the file holds what is known so far, marked interrupted, from the first pass over a device on; so a "
                + "machine that goes down leaves that much. Ctrl-C ends a run in order.",
            "Without an output option the results go to reports/latest.json and reports/latest.html below the current folder.",
        ],
        options: ProfileOptions.all,
        examples: [
            Example("everything quick, on every device", "joulemark profile"),
            Example(
                "fused against unfused attention on one GPU, as a page",
                "joulemark profile --family attention --suite standard --device vulkan:0 --html attention.html"),
            Example(
                "a shape of your own, checked by NumPy afterwards",
                "joulemark profile --family attention --shape Hq=6,Hkv=2,Lq=77,Lk=131,D=72,causal=1 --dump tensors --json -"
            ),
        ])

    static func run(_ invocation: Invocation, arguments: [String]) throws(CommandFailure) -> ExitCode {
        let request = try ProfileOptions.request(invocation)
        // Somebody who names kernels of their own wants them measured, not left out.
        let catalogue = try CommandFailure.mapping { try Profiler.catalogue(request.kernelDirectories) }
        if let problem = catalogue.problems.first { throw CommandFailure(problem) }
        var outputs = try Outputs(invocation, RunOutput.options)
        let isQuiet = invocation.has(ProfileOptions.quiet)
        let profiler = try CommandFailure.mapping {
            try Profiler(request, executable: Joulemark.executable, tool: Joulemark.toolRecord(arguments: arguments))
        }
        if outputs.isEmpty { outputs = try Outputs.defaults(inFolder: defaultFolder) }

        let progress = ProfileProgress(isQuiet: isQuiet, isColorless: invocation.has(Options.noColor))
        let journal = outputs.destination(Options.json).flatMap { $0.isReplaceable ? $0 : nil }
        let run = profiler.run(
            onEvent: { progress.show($0) },
            journal: { run in
                // A journal that cannot be written is no reason to stop: what comes of the run is written at its end.
                guard let journal, let text = try? RunFile.text(of: run) else { return }
                try? journal.write(text)
            })
        progress.end()
        try RunOutput.write([run], to: outputs, isQuiet: isQuiet)
        if !outputs.takesStandardOutput {
            let style = TerminalStyle.standardOutput(allowsColor: !invocation.has(Options.noColor))
            try StandardStream.output.write(
                TerminalTable().render(run: run, width: style.width, color: style.usesColor))
        }
        HistoryAccess.record(run, file: outputs.path(Options.json), invocation)
        let code = exitCode(run)
        if code == .ok, !run.measurements.contains(where: { $0.status == .ok }) {
            let count = run.measurements.count
            let what = count == 1 ? "the one measurement was skipped" : "all \(count) measurements were skipped"
            throw CommandFailure(.failure, "nothing was measured: \(what), for the reasons that the results give")
        }
        return code
    }

    private static func exitCode(_ run: RunRecord) -> ExitCode {
        if run.interrupted { return .interrupted }
        if run.measurements.contains(where: { $0.status == .incorrect }) { return .incorrect }
        return run.measurements.contains { $0.status == .failed } || run.measurements.isEmpty ? .failure : .ok
    }
}
