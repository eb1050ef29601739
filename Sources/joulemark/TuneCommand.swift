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

    private static let options =
        [
            workload, shape, ProfileOptions.input, device, precision, Options.kernels, objective, evaluations,
        ] + RunOutput.options + [
            timeLimit, ProfileOptions.minimumWindow, ProfileOptions.seed, ProfileOptions.hot,
            ProfileOptions.isa, ProfileOptions.threads, ProfileOptions.python, ProfileOptions.runtime, energy,
            Options.sysfs,
            ProfileOptions.quiet,
            Options.noColor,
            HistoryAccess.file,
            HistoryAccess.none,
        ]

    static let command = Command(
        "tune", "find the values of a strategy's tunables that are best for a workload on a device",
        discussion: [
            "Every configuration is checked against the float64 oracle; those that make the same program on the device are tried "
                + "once. Few samples of each, next to the default configuration's, single out the five most promising, which are "
                + "then profiled beside the default with samples taken anew. The best is named only if it is better than the "
                + "default beyond doubt.",
            "A configuration that gives wrong results makes exit code 3, one that fails exit code 1, whatever the best is.",
            "A configuration is best for one workload on one device at one precision. There 'joulemark profile' uses it from "
                + "then on, until the driver or the kernel changes, unless --untuned is given. Without an output option the "
                + "result is shown as a table.",
        ],
        options: options,
        operands: [Operand("FAMILY/STRATEGY", "the strategy, as 'joulemark kernels' lists it", count: 1...1)],
        examples: [
            Example(
                "the fastest tiles for decoding on one GPU",
                "joulemark tune attention/flash-split-kv --workload llama3-8b-decode-4k --device vulkan:0"),
            Example(
                "the configuration of your own kernel that needs the fewest joules, with a report",
                "joulemark tune swiglu/mine --kernels ~/kernels --device opencl:0 --objective energy --html tuned.html"),
        ])

    static func run(_ invocation: Invocation, arguments: [String]) throws(CommandFailure) -> ExitCode {
        var profile = try ProfileOptions.request(invocation)
        try ShapeRange.checkSingle(profile.selection.shapes)
        let names = invocation.operands[0].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard names.count == 2, names.allSatisfy({ !$0.isEmpty }) else {
            throw CommandFailure(
                .usage, "found '\(invocation.operands[0])', expected FAMILY/STRATEGY, such as attention/flash")
        }
        let catalogue = try ProfileOptions.catalogue(profile)
        profile.selection.families = [names[0]]
        profile.selection.strategies = [names[1]]
        var request = TuningRequest(profile)
        request.objective = invocation.text(objective).flatMap(TuningRecord.Objective.init) ?? .time
        request.evaluationLimit = invocation.integer(evaluations) ?? request.evaluationLimit
        let mode = invocation.text(energy)
        if mode == nil { request.profile.energy.mode = .off }
        guard request.objective == .time || mode != EnergySession.Mode.off.rawValue else {
            throw CommandFailure(
                .usage, "--objective \(request.objective.rawValue) needs joules: leave out --energy off")
        }
        let outputs = try Outputs(invocation, RunOutput.options)
        let isQuiet = invocation.has(ProfileOptions.quiet)
        let tuner = try CommandFailure.mapping {
            try Tuner(
                request, catalogue: catalogue, executable: Joulemark.executable,
                tool: Joulemark.toolRecord(arguments: arguments))
        }
        let progress = ProfileProgress(isQuiet: isQuiet, isColorless: invocation.has(Options.noColor))
        let run = try CommandFailure.mapping {
            try tuner.run(
                onStage: { stage in
                    progress.end()
                    if !isQuiet { StandardStream.error.writeLine(stage) }
                },
                onEvent: { progress.show($0) })
        }
        progress.end()
        if let key = tuner.key, !run.interrupted, let tuning = run.tuning {
            let tuned = tuning.best.map {
                TunedConfiguration(
                    key: key, tunables: $0, objective: tuning.objective, foundAt: run.finishedAt ?? run.startedAt)
            }
            if HistoryAccess.keep(tuned, for: key, invocation), tuned != nil, !isQuiet {
                StandardStream.error.writeLine("'joulemark profile' uses this from now on; --untuned leaves it out")
            }
        }
        try RunOutput.write(
            [run], to: outputs, isQuiet: isQuiet, settings: .init(kernels: profile.builds.kernelDirectories))
        if !outputs.takesStandardOutput {
            let style = TerminalStyle.standardOutput(allowsColor: !invocation.has(Options.noColor))
            try StandardStream.output.write(
                TerminalTable().render(run: run, width: style.width, color: style.usesColor))
        }
        let code = try exitCode(run)
        if code == .ok { try RequiredEnergy.check(run, mode: request.profile.energy.mode) }
        return code
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
