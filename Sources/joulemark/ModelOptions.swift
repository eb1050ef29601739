import CommandLineKit
import Kernels
import Models
import Results

/// The table of `model`, and how it becomes a request.
enum ModelOptions {
    static let list = Option("list", "show the models and ladders that there are, and stop", group: "selection")
    static let count = Option(
        "count", "count parameters, FLOPs and bytes, and measure nothing", group: "control",
        conflicts: ["time-limit", "min-window", "energy", "energy-model", "hot"])
    static let phase = Option(
        "phase", takes: .choice(ModelPhase.allCases.map(\.rawValue)),
        "prefill: all tokens of a prompt at once; decode: one token after it", default: "prefill", repeats: true,
        group: "selection")
    static let batch = Option(
        "batch", takes: .integer(1...65536), "sequences at a time", default: "1", group: "selection")
    static let context = Option(
        "context", takes: .integer(1...(1 << 24)), as: "TOKENS",
        "length of the prompt; several give curves, and where they cross", default: "512", repeats: true,
        group: "selection")
    static let ladder = Option(
        "ladder", takes: .text, as: "NAME", "take the model through these changes, rung by rung", group: "selection")
    static let strategy = Option(
        "strategy", takes: .text, as: "FAMILY/STRATEGY", "compute a family's layers in this way", repeats: true,
        group: "selection", conflicts: ["ladder"])
    static let precision = Option(
        "precision", takes: .choice(Precision.allCases.map(\.rawValue)), "storage precision", default: "f32",
        group: "selection", conflicts: ["ladder"])
    static let models = Option(
        "models", takes: .folder,
        "add the user's own models and ladders: a folder laid out like models/ in the sources",
        repeats: true, group: "selection")
    static let chain = Option(
        "chain", takes: .integer(1...1024), as: "BLOCKS",
        "run so many blocks as one chain of dispatches too, and hold time, joules and results against the sum of parts; a number of at "
            + "least the model's blocks adds what follows them", group: "control", conflicts: ["count"])
    private static let timeLimit = Option(
        "time-limit", takes: .number(0.01...86400), as: "SECONDS",
        "the longest that timing one kernel may take; metering it may take as long again",
        default: "0.5; for metering 8 windows at least", group: "control")

    static let all =
        [list, phase, batch, context, ladder, strategy, precision, models, ProfileOptions.device, Options.kernels]
        + RunOutput.options + FootprintOptions.all + [
            ProfileOptions.meterSamples, count, chain, timeLimit, ProfileOptions.minimumWindow, ProfileOptions.seed,
            ProfileOptions.hot, ProfileOptions.isa, ProfileOptions.threads, ProfileOptions.energy,
            ProfileOptions.energyModel, Options.sysfs, ProfileOptions.quiet, Options.noColor, HistoryAccess.file,
            HistoryAccess.none,
        ]

    /// The built-in models and the user's own.
    static func library(_ invocation: Invocation) throws(CommandFailure) -> ModelLibrary {
        try CommandFailure.mapping {
            try invocation.texts(models).reduce(ModelLibrary.builtIn) { try $0.adding(directory: $1) }
        }
    }

    /// What the command line asks for.
    ///
    /// - Throws: ``CommandFailure`` with exit code 64, naming the option.
    static func request(_ invocation: Invocation, _ catalogue: Catalogue) throws(CommandFailure) -> ModelRequest {
        var request = ModelRequest()
        let phases = invocation.texts(phase).compactMap(ModelPhase.init)
        if !phases.isEmpty { request.phases = ModelPhase.allCases.filter(phases.contains) }
        request.batch = invocation.integer(batch) ?? request.batch
        let contexts = Set(invocation.texts(context).compactMap { Int($0) })
        if !contexts.isEmpty { request.contexts = contexts.sorted() }
        request.precision = invocation.text(precision).flatMap(Precision.init) ?? request.precision
        request.chainedBlocks = invocation.integer(chain)
        for text in invocation.texts(strategy) {
            let names = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard names.count == 2, names.allSatisfy({ !$0.isEmpty }) else {
                throw CommandFailure(
                    .usage, "--strategy: found '\(text)', expected FAMILY/STRATEGY, such as attention/flash")
            }
            try CommandFailure.mapping { _ = try catalogue.strategy(names[1], of: try catalogue.family(names[0])) }
            request.strategies.append((names[0], names[1]))
        }
        return request
    }
}
