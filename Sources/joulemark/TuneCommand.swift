import CommandLineKit
import Kernels
import Power
import Profiling
import Reporting
import Results

/// `joulemark tune`
enum TuneCommand: Subcommand {
    private static let objective = Option(
        "objective", takes: .choice(TuningRecord.Objective.allCases.map(\.rawValue)),
        "what the best configuration has least of: time, energy, or edp, energy times delay; joules must be measured ones",
        default: "time", group: "search")
    private static let evaluations = Option(
        "evaluations", takes: .integer(1...1_000_000), as: "COUNT",
        "try so many configurations at most; where there are more, half of them are drawn at random, the rest lies around the "
            + "best so far",
        default: "200", group: "search")

    private static let start = Option(
        "start", takes: .file, as: "T4.json",
        "try the right configurations of this file first, the fastest ahead: one that --t4 or another tuner wrote",
        group: "search")
    private static let t4 = Option(
        "t4", takes: .file,
        "write what was tried as other tuners read it: results in the format T4, times in milliseconds",
        group: "outputs")

    private static let workload = Option(
        "workload", takes: .text, "the preset to tune for", default: "the family's first", group: "selection",
        conflicts: ["shape"])
    private static let shape = Option(
        "shape", takes: .text, as: "KEY=VALUE,...",
        "a workload of your own; parameters that are left out have the family's defaults", group: "selection")
    private static let device = Option(
        "device", takes: .text, as: "ID", "the device to tune for, as 'joulemark devices' names it",
        default: "the only one", group: "selection")
    private static let precision = Option(
        "precision", takes: .choice(Precision.allCases.map(\.rawValue)), "storage precision", default: "f32",
        group: "selection")
    private static let timeLimit = Option(
        "time-limit", takes: .number(0.01...86400), as: "SECONDS",
        "the longest that timing one configuration of the last round may take; a first look takes a fifth of a second",
        default: "5", group: "control")
    private static let energy = Option(
        "energy", takes: .choice(EnergySession.Mode.allCases.map(\.rawValue)),
        "auto: counters, else the model, marked ≈; measured: counters or exit code 6; off: none",
        default: "off when time is the objective, else measured", group: "control")

    private static let outputForms = RunOutput.options + [t4]
    /// What says where to look and how.
    private static let search =
        [
            workload, shape, ProfileOptions.input, device, precision, Options.kernels, objective, evaluations, start,
        ] + outputForms + [
            timeLimit, ProfileOptions.minimumWindow, ProfileOptions.seed, ProfileOptions.hot,
            ProfileOptions.isa, ProfileOptions.threads, ProfileOptions.python, ProfileOptions.runtime, energy,
            Options.sysfs, HistoryAccess.file, HistoryAccess.none,
        ]
    private static let resume = Option(
        ProfileOptions.resume.name, takes: .file, as: "RUN.json",
        "go on with the search that was to write this file and was cut off, as it was begun and where: what its journal, "
            + "RUN.json.journal, holds is not measured again",
        group: "control", conflicts: search.map(\.name))
    private static let options = search + [resume, ProfileOptions.quiet, Options.noColor]

    static let command = Command(
        "tune", "find the tunables and the variant of a strategy that are best for a workload on a device",
        discussion: [
            "A configuration is a value for each tunable and a variant of the stages that have some. Every one is checked against "
                + "the float64 oracle; those that make the same program on the device are tried once. Few samples of each, next to the default configuration's, single out the five most promising, which are "
                + "then profiled beside the default with samples taken anew. The best is named only if it is better than the "
                + "default beyond doubt.",
            "With --json FILE, FILE.journal holds all that is measured as long as the search is not at its end: 'joulemark tune "
                + "--resume FILE' goes on where it was cut off.",
            "A configuration that gives wrong results makes exit code 3, one that fails exit code 1, whatever the best is.",
            "A configuration is best for one workload on one device at one precision. There 'joulemark profile' uses it from "
                + "then on, until the driver or the kernel changes, unless --untuned is given. Without an output option the "
                + "result is shown as a table.",
        ],
        options: options,
        operands: [Operand("FAMILY/STRATEGY", "the strategy, as 'joulemark kernels' lists it", count: 0...1)],
        examples: [
            Example(
                "the fastest tiles for decoding on one GPU",
                "joulemark tune attention/flash-split-kv --workload llama3-8b-decode-4k --device vulkan:0"),
            Example(
                "the configuration of your own kernel that needs the fewest joules, with a report",
                "joulemark tune swiglu/mine --kernels ~/kernels --device opencl:0 --objective energy --html tuned.html"),
        ])

    static func run(_ invocation: Invocation, arguments: [String]) throws(CommandFailure) -> ExitCode {
        guard let file = invocation.text(resume) else {
            return try tune(invocation, arguments: arguments, resuming: nil)
        }
        guard invocation.operands.isEmpty else {
            throw CommandFailure(.usage, "--resume: the search that is gone on with has its strategy already")
        }
        let begun = try Resumption.begun(file, by: command, invocation)
        return try tune(begun.invocation, arguments: begun.arguments, resuming: begun.journal)
    }

    private static func request(_ invocation: Invocation) throws(CommandFailure) -> TuningRequest {
        var profile = try ProfileOptions.request(invocation)
        try ShapeRange.checkSingle(profile.selection.shapes)
        let expected = "expected FAMILY/STRATEGY, such as attention/flash"
        guard let operand = invocation.operands.first else { throw CommandFailure(.usage, expected) }
        let names = operand.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard names.count == 2, names.allSatisfy({ !$0.isEmpty }) else {
            throw CommandFailure(.usage, "found '\(operand)', \(expected)")
        }
        profile.selection.families = [names[0]]
        profile.selection.strategies = [names[1]]
        var request = TuningRequest(profile)
        request.objective = invocation.text(objective).flatMap(TuningRecord.Objective.init) ?? .time
        request.evaluationLimit = invocation.integer(evaluations) ?? request.evaluationLimit
        request.startFile = invocation.text(start)
        let mode = invocation.text(energy)
        if mode == nil { request.profile.energy.mode = .off }
        guard request.objective == .time || mode != EnergySession.Mode.off.rawValue else {
            throw CommandFailure(
                .usage, "--objective \(request.objective.rawValue) needs joules: leave out --energy off")
        }
        return request
    }

    private static func tune(
        _ invocation: Invocation, arguments: [String], resuming journal: RunJournal?
    ) throws(CommandFailure) -> ExitCode {
        let request = try request(invocation)
        let catalogue = try ProfileOptions.catalogue(request.profile)
        let outputs = try Outputs(invocation, outputForms)
        let isQuiet = invocation.has(ProfileOptions.quiet)
        let tuner = try CommandFailure.mapping {
            try Tuner(
                request, catalogue: catalogue, executable: Joulemark.executable,
                tool: Joulemark.toolRecord(arguments: arguments), resuming: journal)
        }
        try Resumption.check(journal, outputs, command)
        let progress = ProfileProgress(isQuiet: isQuiet, isColorless: invocation.has(Options.noColor))
        let run = try CommandFailure.mapping {
            try tuner.run(
                journalPath: Resumption.journalPath(outputs),
                onStage: { stage in
                    progress.end()
                    if !isQuiet { StandardStream.error.writeLine(stage) }
                },
                onEvent: { progress.show($0) })
        }
        progress.end()
        if run.interrupted, tuner.isResumable, let path = outputs.path(Options.json), !isQuiet {
            StandardStream.error.writeLine("to go on with it: joulemark tune --resume \(path)")
        }
        keep(run, for: tuner.key, invocation)
        try write(run, to: outputs, isQuiet: isQuiet, kernels: request.profile.builds.kernelDirectories)
        if !run.interrupted || !tuner.isResumable { tuner.removeJournal() }
        if !outputs.takesStandardOutput {
            let style = TerminalStyle.standardOutput(allowsColor: !invocation.has(Options.noColor))
            try StandardStream.output.write(
                TerminalTable().render(run: run, width: style.width, color: style.usesColor))
        }
        let code = try exitCode(run)
        if code == .ok { try RequiredEnergy.check(run, mode: request.profile.energy.mode) }
        return code
    }

    private static func write(
        _ run: RunRecord, to outputs: Outputs, isQuiet: Bool, kernels: [String]
    ) throws(CommandFailure) {
        try RunOutput.write([run], to: outputs, isQuiet: isQuiet, settings: .init(kernels: kernels))
        try outputs.write(t4) { () throws(CommandFailure) in
            try CommandFailure.mapping { try T4File.text(of: run) }
        }
        if !isQuiet, case .file(let path)? = outputs.destination(t4) { StandardStream.error.writeLine("wrote \(path)") }
    }

    /// Keeps what was found for later runs of 'joulemark profile'.
    private static func keep(_ run: RunRecord, for key: TunedConfiguration.Key?, _ invocation: Invocation) {
        guard let key, !run.interrupted, let tuning = run.tuning else { return }
        let tuned = tuning.chosen.map {
            TunedConfiguration(
                key: key, $0, objective: tuning.objective, foundAt: run.finishedAt ?? run.startedAt)
        }
        if HistoryAccess.keep(tuned, for: key, invocation), tuned != nil, !invocation.has(ProfileOptions.quiet) {
            StandardStream.error.writeLine("'joulemark profile' uses this from now on; --untuned leaves it out")
        }
    }

    /// As of a profile of all configurations: those that cannot run here are a finding, those that are wrong or fail a
    /// fault.
    private static func exitCode(_ run: RunRecord) throws(CommandFailure) -> ExitCode {
        if run.interrupted { return .interrupted }
        let statuses = run.measurements.map(\.status) + (run.tuning?.configurations.map(\.status) ?? [])
        if statuses.contains(.incorrect) { return .incorrect }
        guard run.measurements.contains(where: { $0.status == .ok }) else {
            let reason = run.measurements.compactMap(\.message).first ?? "there was nothing to measure"
            throw CommandFailure(.failure, "no configuration could be measured: \(reason)")
        }
        return statuses.contains(.failed) ? .failure : .ok
    }
}
