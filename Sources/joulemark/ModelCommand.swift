import CommandLineKit
import FoundationEssentials
import Kernels
import Models
import Power
import Profiling
import Reporting
import Results

/// `joulemark model`
enum ModelCommand: Subcommand {
    static let command = Command(
        "model", "what whole models cost a token, composed from measured kernels",
        discussion: [
            "A model is a list of layers, each a kernel with a count. Every distinct kernel is checked against the float64 oracle and "
                + "measured once, in turn with those of its workload; seconds, joules, bytes and FLOPs a token are the sums over the layers, "
                + "with intervals that follow from those of the kernels. What no kernel stands for is named, never guessed.",
            "With --ladder a model is taken through changes, rung by rung: the factor of each against the rung that it changes, and from the "
                + "first on, beside the claim that others have published. Rungs that lose are shown as losses.",
            "Joules come from the machine's counters. Without any they are modelled, marked ≈, and time, bytes and FLOPs lead.",
            "models/ in the sources holds the models and ladders as data; --models adds your own in the same layout.",
        ],
        options: ModelOptions.all,
        operands: [Operand("NAME", "a model, as 'joulemark model --list' names it", count: 0...16)],
        examples: [
            Example("the models and ladders that there are", "joulemark model --list"),
            Example(
                "generating a token with GPT-2 after 512 others, on the processor",
                "joulemark model gpt2-small --phase decode --device cpu:0"),
            Example(
                "is it really a hundred times less?",
                "joulemark model gpt2-small --ladder hundredfold --device cpu:0 --html ladder.html"),
            Example(
                "at which prompt does a state-space mixer overtake attention?",
                "joulemark model gpt2-small --ladder hundredfold --context 128 --context 512 --context 1024 --device vulkan:0"
            ),
            Example(
                "is a block what its kernels add up to?", "joulemark model gpt2-small --chain 1 --device cpu:0"),
            Example(
                "what a million tokens emit and cost, in two countries",
                "joulemark model llama-3.2-1b --phase decode --region FR --region PL --price 0.25 --device vulkan:0"),
            Example(
                "parameters, FLOPs and bytes, without measuring", "joulemark model llama-3-8b mixtral-8x7b --count"),
        ])

    static func run(_ invocation: Invocation, arguments: [String]) throws(CommandFailure) -> ExitCode {
        var profile = try ProfileOptions.request(invocation)
        let catalogue = try ProfileOptions.catalogue(profile)
        let library = try ModelOptions.library(invocation)
        guard !invocation.has(ModelOptions.list) else { return try list(library, catalogue, invocation) }
        guard !invocation.operands.isEmpty else {
            throw CommandFailure(.usage, "expected the NAME of a model; 'joulemark model --list' shows them")
        }
        let request = try ModelOptions.request(invocation, catalogue)
        let plans = try CommandFailure.mapping {
            let ladder = try invocation.text(ModelOptions.ladder).map { try library.ladder($0) }
            return try invocation.operands.uniqued().map { name in
                try ModelPlan(try library.model(name), ladder, request, library: library, catalogue: catalogue)
            }
        }
        guard !invocation.has(ModelOptions.count) else { return try count(plans, invocation) }
        profile.selection.kernels = kernels(of: plans)
        let footprint = try FootprintOptions.footprint(invocation, library)
        return try measure(profile, plans, footprint, catalogue, invocation, arguments)
    }

    /// The kernels of all plans, each once, those of a workload together so that they are sampled in turn; then the
    /// chains, in turn with their kernels.
    private static func kernels(of plans: [ModelPlan]) -> [ProfileRequest.Kernel] {
        var kernels: [ProfileRequest.Kernel] = []
        for kernel in plans.flatMap(\.kernels).uniqued() {
            if let place = kernels.firstIndex(where: { $0.workload == kernel.workload }) {
                kernels[place].strategies.append(kernel.strategy)
            } else {
                kernels.append(
                    ProfileRequest.Kernel(
                        name: kernel.name, workload: kernel.workload, strategies: [kernel.strategy]))
            }
        }
        for (group, planned) in plans.flatMap(\.chains).enumerated() {
            guard let chain = planned.chain else { continue }
            // A kernel of several chains takes turns with the first of them.
            for link in chain.links {
                guard let place = kernels.firstIndex(where: { $0.workload == link.workload }) else { continue }
                kernels[place].group = kernels[place].group ?? group
            }
            kernels.append(
                ProfileRequest.Kernel(
                    name: planned.name, chain: chain, parameters: planned.parameters, strategy: planned.strategy))
            kernels[kernels.count - 1].group = group
        }
        return kernels
    }

    private static func measure(
        _ profile: ProfileRequest, _ plans: [ModelPlan], _ footprint: FootprintRecord?, _ catalogue: Catalogue,
        _ invocation: Invocation, _ arguments: [String]
    ) throws(CommandFailure) -> ExitCode {
        let outputs = try Outputs(invocation, RunOutput.options)
        let isQuiet = invocation.has(ProfileOptions.quiet)
        let profiler = try CommandFailure.mapping {
            try Profiler(
                profile, catalogue: catalogue, executable: Joulemark.executable,
                tool: Joulemark.toolRecord(arguments: arguments))
        }
        let progress = ProfileProgress(isQuiet: isQuiet, isColorless: invocation.has(Options.noColor))
        var run = profiler.run(onEvent: { progress.show($0) }).run
        progress.end()
        run.models = plans.map { $0.composed(from: run) }
        run.footprint = footprint
        // Before anything is written where it may find no reader, or no room.
        HistoryAccess.record(run, file: outputs.path(Options.json), invocation)
        try RunOutput.write(
            [run], to: outputs, isQuiet: isQuiet, settings: .init(kernels: profile.builds.kernelDirectories))
        if !outputs.takesStandardOutput {
            let style = TerminalStyle.standardOutput(allowsColor: !invocation.has(Options.noColor))
            try StandardStream.output.write(ModelTable(run).render(width: style.width, color: style.usesColor))
        }
        if run.interrupted { return .interrupted }
        if run.measurements.contains(where: { $0.status == .incorrect }) { return .incorrect }
        let points = run.models?.flatMap(\.points) ?? []
        guard points.contains(where: { $0.seconds != nil }) else {
            let reason = points.lazy.compactMap(\.problem).first ?? "nothing was measured"
            throw CommandFailure(.failure, "no model could be composed: \(reason)")
        }
        try RequiredEnergy.check(run, mode: profile.energy.mode)
        return run.measurements.contains { $0.status == .failed } ? .failure : .ok
    }

    /// What is known without measuring.
    private static func count(_ plans: [ModelPlan], _ invocation: Invocation) throws(CommandFailure) -> ExitCode {
        let outputs = try Outputs(invocation, [Options.json])
        let listing = CountedModels(models: plans.map { $0.composed(from: nil) })
        try outputs.write(Options.json) { () throws(CommandFailure) in try Outputs.json(listing) }
        if !outputs.takesStandardOutput {
            let style = TerminalStyle.standardOutput(allowsColor: !invocation.has(Options.noColor))
            try StandardStream.output.write(
                ModelTable(listing.models).render(width: style.width, color: style.usesColor))
        }
        return .ok
    }

    private static func list(
        _ library: ModelLibrary, _ catalogue: Catalogue, _ invocation: Invocation
    ) throws(CommandFailure) -> ExitCode {
        let outputs = try Outputs(invocation, [Options.json])
        let listing = try CommandFailure.mapping { try ModelsListing(library, catalogue) }
        try outputs.write(Options.json) { () throws(CommandFailure) in try Outputs.json(listing) }
        if !outputs.takesStandardOutput { try StandardStream.output.write(listing.text.harmless) }
        return .ok
    }
}

/// What `model --count --json` writes.
private struct CountedModels: Encodable {
    let schemaVersion = RunRecord.currentSchemaVersion
    let models: [ModelRecord]

    private enum CodingKeys: CodingKey { case schemaVersion, models }
}

extension Sequence where Element: Hashable {
    /// Each element once, in order.
    fileprivate func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
