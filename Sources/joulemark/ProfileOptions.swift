import Backends
import CommandLineKit
import FoundationEssentials
import Kernels
import Power
import Profiling

/// The table of `profile`, and how it becomes a request.
enum ProfileOptions {
    static let suite = Option(
        "suite", takes: .choice(["quick", "standard", "full"]),
        "a collection of workloads: quick, a first look in three minutes; standard, every strategy on shapes of real models, "
            + "without those of which an execution takes the device more than a second, in half an hour; full, all of them",
        default: "quick", group: "selection")
    static let family = Option("family", takes: .text, "only this family", repeats: true, group: "selection")
    static let strategy = Option("strategy", takes: .text, "only this strategy", repeats: true, group: "selection")
    static let variant = Option(
        "variant", takes: .text, as: "NAME",
        "this variant of every stage that has it, or 'plain' for the stage itself: what a rung of a ladder is worth",
        default: "the first that the device can", group: "selection")
    static let workload = Option("workload", takes: .text, "only this preset", repeats: true, group: "selection")
    static let device = Option(
        "device", takes: .text, as: "ID", "only this device, as 'joulemark devices' names it, or a whole backend",
        repeats: true, group: "selection")
    static let precision = Option(
        "precision", takes: .choice(Precision.allCases.map(\.rawValue)), "storage precision", default: "f32",
        repeats: true,
        group: "selection")
    static let shape = Option(
        "shape", takes: .text, as: "KEY=VALUE,...",
        "a workload of your own; parameters that are left out have the family's defaults. A parameter with several values, "
            + "Lk=1k,4k,16k, or Lk=1k..32k in doubling steps, makes a workload of each; k is 1024, M is 1024 k",
        group: "selection", conflicts: ["suite", "workload"])
    static let input = Option(
        "input", takes: .text, as: "NAME=FILE",
        "take an input from a file instead of generating it: .npy, or .mtx (Matrix Market) and .smtx for sparse matrices",
        repeats: true,
        group: "selection")

    static let base = Option(
        "base", takes: .file, as: "PROGRAM",
        "another build of joulemark, whose kernels take turns with this one's, round by round: 'compare' then sees "
            + "small differences, which between runs of their own the machine's changes would hide",
        group: "side by side", conflicts: ["verify-only", "dump"])
    static let baseKernels = Option(
        "base-kernels", takes: .folder, as: "DIR",
        "the kernels of the base, in place of those of --kernels; without --base the base is this program",
        repeats: true, group: "side by side", conflicts: ["verify-only", "dump"])
    static let baseJSON = Option(
        "base-json", takes: .file, as: "FILE", "write the base's data there, to be compared with those of --json",
        default: "reports/base.json when no output is named", group: "side by side")

    static let dump = Option(
        "dump", takes: .folder, as: "DIR",
        "write every input and output as DIR/<family>/<strategy>/<device>/<name>.npy",
        group: "outputs")

    static let timeLimit = Option(
        "time-limit", takes: .number(0.01...86400), as: "SECONDS",
        "the longest that timing one measurement may take; metering it may take as long again",
        default:
            "0.5 for the quick suite, 1 for standard, else 5; for metering half as much again, and 8 windows at least",
        group: "control")
    static let minimumWindow = Option(
        "min-window", takes: .number(0.05...3600), as: "SECONDS", "the shortest window of the energy meter",
        default: "0.25",
        group: "control")
    static let seed = Option(
        "seed", takes: .integer(0...Int.max), "seed of inputs, intervals and the order of samples", default: "1",
        group: "control")
    static let hot = Option(
        "hot",
        "repeat one set of inputs, which may stay in the caches, instead of rotating through more than they hold",
        group: "control")
    static let energy = Option(
        "energy", takes: .choice(EnergySession.Mode.allCases.map(\.rawValue)),
        "auto: counters, else the model, marked ≈; measured: counters or exit code 6; off: none", default: "auto",
        group: "control")
    static let untuned = Option(
        "untuned",
        "run every strategy with its own tunables, also where 'joulemark tune' has found better ones for the workload on the "
            + "device; so does --base, and a history that is not used",
        group: "control")
    static let isa = Option(
        "isa", takes: .choice(InstructionSet.allCases.map(\.rawValue)),
        "the code path of cpu:0, which must be one that the processor has", default: "the widest that it has",
        group: "control")
    static let threads = Option(
        "threads", takes: .integer(1...4096), as: "COUNT", "threads of cpu:0, each on a core of its own",
        default: "one a core", group: "control")
    static let python = Option(
        "python", takes: .file, as: "PATH",
        "the interpreter whose frameworks are devices of the backend python",
        default: "that of an active virtual environment, then python3", group: "control")
    static let runtime = Option(
        "runtime", takes: .text, as: "NAME=COMMAND",
        "a program that runs kernels of its own and speaks docs/worker-protocol.md: its devices are those of a backend NAME, "
            + "for strategies with \"runtimes\": {\"NAME\": {}}",
        repeats: true, group: "control")
    static let energyModel = Option(
        "energy-model", takes: .file,
        "coefficients for what cannot be measured, as 'joulemark doctor --fit' writes them",
        default: "those of Choi and others 2013", group: "control")
    static let meterSamples = Option(
        "meter-samples",
        "keep the raw readings of the power sources in the result file, so that anyone can integrate them again",
        group: "outputs")
    static let verifyOnly = Option(
        "verify-only",
        "check every result against its oracle and stop there: no times, no energy; seconds instead of minutes",
        group: "control", conflicts: ["time-limit", "min-window", "hot", "energy", "energy-model", "meter-samples"])
    static let resume = Option(
        "resume", takes: .file, as: "RUN.json",
        "go on with the run that was to write this file and was cut off, as it was begun and where: what its journal, "
            + "RUN.json.journal, holds is not measured again",
        group: "control", conflicts: everyOther)
    /// What says how to measure: a run that is gone on with has said so.
    private static let everyOther =
        ([
            suite, family, strategy, variant, workload, device, precision, shape, input, Options.kernels, base,
            baseKernels, baseJSON, dump, meterSamples, verifyOnly, timeLimit, minimumWindow, seed, hot, untuned, isa,
            threads, python, runtime, energy, energyModel, Options.sysfs, RunOutput.label, HistoryAccess.file,
            HistoryAccess.none,
        ] + RunOutput.options).map(\.name)
    static let quiet = Option("quiet", "no progress, only the results and what went wrong", group: "control")

    static let all =
        [suite, family, strategy, variant, workload, device, precision, shape, input, Options.kernels]
        + RunOutput.options + [
            RunOutput.label, base, baseKernels, baseJSON,
            dump, meterSamples, verifyOnly, timeLimit, minimumWindow, seed, hot, untuned, isa, threads, python, runtime,
            energy,
            energyModel, resume,
            Options.sysfs, quiet, Options.noColor,
            HistoryAccess.file,
            HistoryAccess.none,
        ]

    /// What the command line asks for.
    ///
    /// - Throws: ``CommandFailure`` with exit code 64, naming the option.
    static func request(_ invocation: Invocation) throws(CommandFailure) -> ProfileRequest {
        var request = ProfileRequest()
        request.selection.suite = invocation.text(suite)
        request.selection.families = invocation.texts(family)
        request.selection.strategies = invocation.texts(strategy)
        request.selection.variant = invocation.text(variant)
        request.selection.workloads = invocation.texts(workload)
        request.selection.devices = invocation.texts(device)
        request.selection.precisions = invocation.texts(precision).compactMap(Precision.init)
        request.processor.isa = invocation.text(isa).flatMap(InstructionSet.init)
        request.processor.threadCount = invocation.integer(threads)
        request.backends = try backends(invocation, request.backends)
        if let text = invocation.text(shape) { request.selection.shapes = try ShapeRange.shapes(text) }
        for entry in invocation.texts(input) {
            let (name, file) = try pair(entry, of: input)
            guard request.selection.inputs.updateValue(absolute(file), forKey: name) == nil else {
                throw CommandFailure(.usage, "--input: '\(name)' is given twice")
            }
        }
        request.builds.kernelDirectories = try kernelFolders(invocation, request.backends.python)
        request.builds.baseProgram = invocation.text(base).map(absolute)
        let baseFolders = invocation.texts(baseKernels).map(absolute)
        request.builds.baseKernelDirectories = baseFolders.isEmpty ? nil : baseFolders
        request.dumpDirectory = invocation.text(dump).map(absolute)
        if let folder = invocation.text(dump) { try Destination.check(folder: folder) }
        request.sampling.timeLimitSeconds = invocation.number(timeLimit)
        request.energy.minimumWindowSeconds = invocation.number(minimumWindow) ?? request.energy.minimumWindowSeconds
        request.seed = UInt64(invocation.integer(seed) ?? 1)
        request.sampling.isHot = invocation.has(hot)
        request.sampling.verifiesOnly = invocation.has(verifyOnly)
        let mode = invocation.text(energy).flatMap(EnergySession.Mode.init) ?? .auto
        request.energy.mode = request.sampling.verifiesOnly ? .off : mode
        if let file = invocation.text(energyModel) {
            request.energy.model = try CommandFailure.mapping { try EnergyModel.read(file) }
        }
        request.energy.keepsReadings = invocation.has(meterSamples)
        request.sysfs = try existingFolder(invocation, Options.sysfs) ?? "/sys"
        return request
    }

    /// The settings with what the command line says of runtimes.
    static func backends(
        _ invocation: Invocation, _ settings: BackendSettings = BackendSettings()
    ) throws(CommandFailure) -> BackendSettings {
        var settings = settings
        settings.python.interpreter = invocation.text(python).map(program)
        for entry in invocation.texts(runtime) {
            let (name, command) = try pair(entry, of: runtime)
            let isName = name.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") }
            guard isName, !Backends.all(settings).contains(where: { $0.name == name }) else {
                throw CommandFailure(
                    .usage,
                    "--runtime: '\(name)' cannot be its name: expected lower-case letters, digits and hyphens, and none of "
                        + Backends.all(settings).map(\.name).joined(separator: ", "))
            }
            settings.runtimes.append(RuntimeSettings(name: name, command: command))
        }
        return settings
    }

    /// What `--kernels` names: folders, and for scripts the folders of what they declare.
    static func kernelFolders(
        _ invocation: Invocation, _ python: PythonSettings
    ) throws(CommandFailure) -> [String] {
        try invocation.texts(Options.kernels).map(absolute).map { path throws(CommandFailure) in
            guard path.hasSuffix(".py") else { return path }
            return try CommandFailure.mapping { try PythonScript.folder(of: path, python) }
        }
    }

    /// The built-in kernels and the user's own. A file that is wrong costs its own strategy, and is said on standard
    /// error.
    ///
    /// - Throws: ``CommandFailure`` when nothing is left of what the user added, or what is wrong was asked for by its
    ///   name.
    static func catalogue(_ request: ProfileRequest) throws(CommandFailure) -> Catalogue {
        let folders = request.builds.kernelDirectories
        let catalogue = try CommandFailure.mapping { try Catalogue(try .builtIn(adding: folders)) }
        let named = catalogue.problems.first { problem in
            request.selection.strategies.contains { problem.description.contains("/\($0)/strategy.json: ") }
        }
        if let problem = named ?? (catalogue.hasAdded ? nil : catalogue.problems.first) {
            throw CommandFailure(problem)
        }
        for problem in catalogue.problems {
            StandardStream.error.writeLine("warning: left out: \(CommandFailure(problem).text)")
        }
        return catalogue
    }

    /// The folder that an option names, which must be there.
    static func existingFolder(_ invocation: Invocation, _ option: Option) throws(CommandFailure) -> String? {
        guard let folder = invocation.text(option) else { return nil }
        var isFolder = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder else {
            throw CommandFailure(.usage, "--\(option.name): '\(folder)' is not a folder")
        }
        return folder
    }

    private static func pair(_ text: String, of option: Option) throws(CommandFailure) -> (String, String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw CommandFailure(.usage, "--\(option.name): found '\(text)', expected \(option.placeholder)")
        }
        return (parts[0], parts[1])
    }

    /// A program in a folder, or by its name as a shell finds it.
    static func program(_ name: String) -> String { name.contains("/") ? absolute(name) : name }

    /// Workers open the same files; a path must mean the same to them.
    private static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
    }
}
