import Backends
import CommandLineKit
import Kernels
import Platform
import Power
import Results

/// `joulemark doctor`
enum DoctorCommand: Subcommand {
    static let fit = Option(
        "fit", "fit the energy model to what these runs measured, and show what it misses", group: "model")
    static let model = Option(
        "model", takes: .file, "with --fit: the file for the coefficients; what it holds of other devices stays",
        group: "model")

    static let command = Command(
        "doctor", "what can be measured here: power sources, permissions, clocks, virtualisation, and how to mend them",
        discussion: [
            "Each finding has a state, and where something is wrong the exact command or rule that mends it. Nothing is changed. "
                + "Each power source is watched for a second, so that its update interval and its steps are known.",
            "With --fit the files are runs of a machine whose counters could be read. Joules a FLOP, joules a byte and constant "
                + "watts follow by least squares, with the difference at every measurement; 'joulemark profile --energy-model' "
                + "uses them where nothing can be measured. Too few measurements are refused, and so are modelled ones.",
        ],
        options: [fit, model, ProfileOptions.python, Options.json, Options.sysfs, Options.noColor],
        operands: [Operand("RUN.json", "with --fit: result files with measured energy", count: 0...Int.max)],
        examples: [
            Example("what stands between you and measured joules", "joulemark doctor"),
            Example("the same for a script", "joulemark doctor --json -"),
            Example(
                "a model of this machine from two runs, for later",
                "joulemark doctor --fit monday.json tuesday.json --model machine.json"),
        ])

    static func run(_ invocation: Invocation, arguments: [String]) throws(CommandFailure) -> ExitCode {
        let outputs = try Outputs(invocation, [model, Options.json])
        guard invocation.has(fit) else {
            if let file = invocation.operands.first {
                throw CommandFailure(.usage, "'\(file)': result files go with --fit")
            }
            if invocation.has(model) { throw CommandFailure(.usage, "--model goes with --fit and result files") }
            return try examine(invocation, outputs)
        }
        guard !invocation.operands.isEmpty else {
            throw CommandFailure(.usage, "--fit needs result files: joulemark doctor --fit RUN.json...")
        }
        return try fitModel(invocation, outputs)
    }

    private static func examine(_ invocation: Invocation, _ outputs: Outputs) throws(CommandFailure) -> ExitCode {
        let sysfs = try ProfileOptions.existingFolder(invocation, Options.sysfs) ?? "/sys"
        let settings = try ProfileOptions.backends(invocation)
        let catalogue = try CommandFailure.mapping { try Catalogue(.builtIn) }
        let listing = DoctorListing(
            Diagnosis(sysfs: sysfs).examine(), runtimes: RuntimeFindings.all(settings.python, catalogue: catalogue))
        try outputs.write(Options.json) { () throws(CommandFailure) in try Outputs.json(listing) }
        if !outputs.takesStandardOutput { try StandardStream.output.write(listing.text.harmless) }
        return .ok
    }

    private static func fitModel(_ invocation: Invocation, _ outputs: Outputs) throws(CommandFailure) -> ExitCode {
        var runs: [RunRecord] = []
        for path in invocation.operands { runs.append(try CommandFailure.mapping { try RunFile.read(path) }) }
        let fits = try CommandFailure.mapping { try EnergyModel.fit(runs) }
        if outputs.destination(model) != nil {
            let known = try existingModel(outputs.path(model)) ?? .default
            try outputs.write(model) { () throws(CommandFailure) in
                try CommandFailure.mapping { try known.adding(fits.fits).text() }
            }
        }
        try outputs.write(Options.json) { () throws(CommandFailure) in try Outputs.json(fits) }
        if !outputs.takesStandardOutput { try StandardStream.output.write(FitListing(fits: fits).text.harmless) }
        if let path = outputs.path(model) { StandardStream.error.writeLine("wrote \(path)") }
        return .ok
    }

    /// The model in a file that is there already.
    private static func existingModel(_ path: String?) throws(CommandFailure) -> EnergyModel? {
        guard let path, FileDescriptor.exists(path) else { return nil }
        return try CommandFailure.mapping { try EnergyModel.read(path) }
    }
}
