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
                + "machine that goes down leaves that much. Ctrl-C ends a run in order. FILE.journal holds all that is measured "
                + "as long as the run is not at its end: 'joulemark profile --resume FILE' goes on where it was cut off.",
            "With --base or --base-kernels two builds of the same kernels are measured side by side; 'joulemark compare' then "
                + "judges their results by pairs of rounds that stood next to each other.",
            "A strategy runs with the tunables that 'joulemark tune' found for the same workload, device, driver and kernels; the "
                + "results say so. --untuned leaves them out.",
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
            Example(
                "from which length on is it worth being fused? Doubling steps, with the point where the two cross",
                "joulemark profile --family attention --strategy unfused --strategy flash --shape Lq=1,Lk=1k..32k --device cpu:0"
            ),
            Example(
                "is this build faster than that one? Both take turns, so that the machine's moods meet both",
                "joulemark profile --base ../main/joulemark --base-json base.json --json new.json\n"
                    + "joulemark compare base.json new.json --fail-on slower,costlier"),
        ])

    static func run(_ invocation: Invocation, arguments: [String]) throws(CommandFailure) -> ExitCode {
        guard let file = invocation.text(ProfileOptions.resume) else {
            return try profile(invocation, arguments: arguments, resuming: nil)
        }
        let begun = try Resumption.begun(file, by: command, invocation)
        return try profile(begun.invocation, arguments: begun.arguments, resuming: begun.journal)
    }

    private static func profile(
        _ invocation: Invocation, arguments: [String], resuming journal: RunJournal?
    ) throws(CommandFailure) -> ExitCode {
        var request = try ProfileOptions.request(invocation)
        if !invocation.has(ProfileOptions.untuned) { request.tuned = HistoryAccess.tuned(invocation) }
        let catalogue = try ProfileOptions.catalogue(request)
        var outputs = try Outputs(invocation, RunOutput.options + [ProfileOptions.baseJSON])
        let defaults = try defaultFiles(invocation, hasBase: request.builds.hasBase)
        let isQuiet = invocation.has(ProfileOptions.quiet)
        let profiler = try CommandFailure.mapping {
            try Profiler(
                request, catalogue: catalogue, executable: Joulemark.executable,
                tool: Joulemark.toolRecord(arguments: arguments), resuming: journal)
        }
        if !defaults.isEmpty { try outputs.addDefaults(defaults, inFolder: defaultFolder) }
        try Resumption.check(journal, outputs, command)
        let progress = ProfileProgress(isQuiet: isQuiet, isColorless: invocation.has(Options.noColor))
        let measured = profiler.run(
            onEvent: { progress.show($0) },
            journalPath: Resumption.journalPath(outputs),
            onInterim: { outcome in
                for (option, run) in Self.files(of: Self.named(outcome, invocation)) {
                    Self.note(run, in: outputs.destination(option))
                }
            })
        progress.end()
        let outcome = Self.named(measured, invocation)
        let run = outcome.run
        // Before anything is written that may fail, such as into a pipe that nobody reads any more.
        for (option, run) in files(of: outcome).reversed() {
            HistoryAccess.record(run, file: outputs.path(option), invocation)
        }
        if run.interrupted, profiler.isResumable, let path = outputs.path(Options.json), !isQuiet {
            StandardStream.error.writeLine("to go on with it: joulemark profile --resume \(path)")
        }
        if run.interrupted, !hasResults(run) {
            for file in outputs.leaveExistingFiles() {
                StandardStream.error.writeLine("joulemark: nothing was measured: \(file) is left as it was")
            }
        }
        do throws(CommandFailure) { try write(outcome, to: outputs, isQuiet: isQuiet, request) } catch {
            guard profiler.isResumable, let path = outputs.path(Options.json) else { throw error }
            throw error.adding("what was measured is kept: joulemark profile --resume \(path) writes it")
        }
        if !run.interrupted || !profiler.isResumable { profiler.removeJournal() }
        if !outputs.takesStandardOutput { try show(outcome, invocation) }
        let code = exitCode(run)
        if code == .ok, !run.measurements.contains(where: { $0.status == .ok }) {
            let count = run.measurements.count
            let what = count == 1 ? "the one measurement was skipped" : "all \(count) measurements were skipped"
            throw CommandFailure(.failure, "nothing was measured: \(what), for the reasons that the results give")
        }
        if code == .ok { try RequiredEnergy.check(run, mode: request.energy.mode) }
        return code
    }

    private static func write(
        _ outcome: ProfileOutcome, to outputs: Outputs, isQuiet: Bool, _ request: ProfileRequest
    ) throws(CommandFailure) {
        try RunOutput.write(
            [outcome.run], to: outputs, isQuiet: isQuiet, settings: .init(kernels: request.builds.kernelDirectories))
        guard let base = outcome.base else { return }
        try outputs.write(ProfileOptions.baseJSON) { () throws(CommandFailure) in
            try CommandFailure.mapping { try RunFile.text(of: base) }
        }
        if !isQuiet, case .file(let path)? = outputs.destination(ProfileOptions.baseJSON) {
            StandardStream.error.writeLine("wrote \(path)")
        }
    }

    /// Where the results go of which no output option speaks, by the options that would.
    private static func defaultFiles(
        _ invocation: Invocation, hasBase: Bool
    ) throws(CommandFailure) -> [String: String] {
        let hasOutput = RunOutput.options.contains { invocation.text($0) != nil }
        let hasBaseOutput = invocation.text(ProfileOptions.baseJSON) != nil
        guard hasBase || !hasBaseOutput else {
            throw CommandFailure(.usage, "--base-json is for a base: name it with --base or --base-kernels")
        }
        guard !hasBase || hasOutput == hasBaseOutput else {
            throw CommandFailure(
                .usage,
                hasOutput
                    ? "--base: give --base-json FILE too, or what is measured of the base is lost"
                    : "--base-json: name an output for this build too, such as --json FILE")
        }
        guard !hasOutput else { return [:] }
        let files = [Options.json.name: "latest.json", RunOutput.html.name: "latest.html"]
        return hasBase ? files.merging([ProfileOptions.baseJSON.name: "base.json"]) { $1 } : files
    }

    /// The runs under the name that the user gave.
    private static func named(_ outcome: ProfileOutcome, _ invocation: Invocation) -> ProfileOutcome {
        guard let label = invocation.text(RunOutput.label) else { return outcome }
        var copy = outcome
        copy.run.label = label
        copy.base?.label = "\(label) (base)"
        return copy
    }

    private static func files(of outcome: ProfileOutcome) -> [(Option, RunRecord)] {
        [(Options.json, outcome.run)] + (outcome.base.map { [(ProfileOptions.baseJSON, $0)] } ?? [])
    }

    /// A journal that cannot be written is no reason to stop: what comes of the run is written at its end.
    private static func note(_ run: RunRecord, in journal: Destination?) {
        guard hasResults(run), let journal, journal.isReplaceable, let text = try? RunFile.text(of: run) else { return }
        try? journal.write(text)
    }

    private static func hasResults(_ run: RunRecord) -> Bool {
        run.measurements.contains { $0.status == .ok || $0.status == .incorrect }
    }

    private static func show(_ outcome: ProfileOutcome, _ invocation: Invocation) throws(CommandFailure) {
        let style = TerminalStyle.standardOutput(allowsColor: !invocation.has(Options.noColor))
        try StandardStream.output.write(
            TerminalTable().render(run: outcome.run, width: style.width, color: style.usesColor))
        guard let base = outcome.base else { return }
        let comparison = RunComparison(base: (base, "base"), candidate: (outcome.run, "new"))
        try StandardStream.output.write(
            "\n" + ComparisonTable().render(comparison, width: style.width, color: style.usesColor))
    }

    private static func exitCode(_ run: RunRecord) -> ExitCode {
        if run.interrupted { return .interrupted }
        if run.measurements.contains(where: { $0.status == .incorrect }) { return .incorrect }
        return run.measurements.contains { $0.status == .failed } || run.measurements.isEmpty ? .failure : .ok
    }
}
