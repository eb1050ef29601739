import Backends
import CommandLineKit
import Kernels
import Results

/// `joulemark kernels`
enum KernelsCommand: Subcommand {
    static let command = Command(
        "kernels", "families, their strategies, and the workloads that come with them",
        discussion: [
            "A family is a mathematical function; a strategy is one way to compute it; a workload fixes every parameter. "
                + "The first strategy of a family is the one that the others are compared with."
        ],
        options: [Options.kernels, ProfileOptions.python, Options.json, Options.noColor],
        examples: [
            Example("what can be profiled", "joulemark kernels"),
            Example("the names of all workloads", "joulemark kernels --json - | jq -r '.families[].workloads[].name'"),
        ])

    static func run(_ invocation: Invocation, arguments: [String]) throws(CommandFailure) -> ExitCode {
        let outputs = try Outputs(invocation, [Options.json])
        let settings = try ProfileOptions.backends(invocation)
        let folders = try ProfileOptions.kernelFolders(invocation, settings.python)
        let catalogue = try CommandFailure.mapping { try Catalogue(.builtIn(adding: folders)) }
        for problem in catalogue.problems { StandardStream.error.writeLine("warning: \(problem.description)") }
        let listing = KernelsListing(catalogue)
        try outputs.write(Options.json) { () throws(CommandFailure) in try Outputs.json(listing) }
        if !outputs.takesStandardOutput { try StandardStream.output.write(listing.text.harmless) }
        return .ok
    }
}

/// The catalogue as `kernels` shows it.
struct KernelsListing: Encodable {
    struct Family: Encodable {
        struct Parameter: Encodable {
            let name: String
            let summary: String
            let `default`: Int
            let minimum: Int
            let maximum: Int
        }
        struct Tensor: Encodable {
            let name: String
            let shape: [String]
        }
        struct Variant: Encodable {
            let stage: String
            let name: String
            let when: [String]
            let why: String
        }

        struct Strategy: Encodable {
            let name: String
            let summary: String
            let source: String
            let fuses: [String]
            let precisions: [Precision]
            let requires: [String]
            let tunables: [String: [Int]]
            let stages: [String]
            let variants: [Variant]
            let backends: [BackendSupport]
        }
        struct Workload: Encodable {
            let name: String
            let summary: String
            let parameters: [String: Int]
            let suites: [String]
        }

        let name: String
        let summary: String
        let baseline: String
        let parameters: [Parameter]
        let requires: [String]
        let inputs: [Tensor]
        let outputs: [Tensor]
        let strategies: [Strategy]
        let workloads: [Workload]
    }

    let schemaVersion = 1
    let families: [Family]

    init(_ catalogue: Catalogue) {
        families = catalogue.families.filter { !$0.isInternal }.map { Family($0, catalogue) }
    }

    private enum CodingKeys: CodingKey { case schemaVersion, families }
}

extension KernelsListing.Family {
    fileprivate init(_ family: Kernels.Family, _ catalogue: Catalogue) {
        name = family.name
        summary = family.summary
        baseline = family.baseline
        parameters = family.parameters.map {
            Parameter(
                name: $0.name, summary: $0.summary, default: $0.defaultValue, minimum: $0.minimum, maximum: $0.maximum)
        }
        requires = family.requirements.map(\.source)
        inputs = family.inputs.map { Tensor(name: $0.name, shape: $0.shape.map(\.source)) }
        outputs = family.outputs.map { Tensor(name: $0.name, shape: $0.shape.map(\.source)) }
        strategies = catalogue.strategies(of: family).map {
            Strategy(
                name: $0.name, summary: $0.summary, source: $0.source, fuses: $0.fuses, precisions: $0.precisions,
                requires: $0.requirements.map(\.source), tunables: $0.tunables.mapValues(\.values),
                stages: $0.stages.map(\.name),
                variants: $0.stages.flatMap { stage in
                    stage.variants.map {
                        Variant(stage: stage.name, name: $0.name, when: $0.conditions.map(\.source), why: $0.reason)
                    }
                }, backends: catalogue.support(of: $0))
        }
        workloads = family.workloads.map { workload in
            let values = family.parameters.map { ($0.name, workload.parameters[$0.name] ?? $0.defaultValue) }
            return Workload(
                name: workload.name, summary: workload.summary, parameters: Dictionary(uniqueKeysWithValues: values),
                suites: workload.suites)
        }
    }
}

extension KernelsListing {
    /// For people.
    var text: String { families.map(\.text).joined(separator: "\n") }
}

extension KernelsListing.Family {
    fileprivate var text: String {
        let ranges = parameters.map { parameter in
            (
                parameter.name,
                "\(parameter.summary) (default: \(parameter.default); \(parameter.minimum) to \(parameter.maximum))"
            )
        }
        let ways = strategies.map { strategy in
            let precisions = strategy.precisions.map(\.rawValue).joined(separator: ", ")
            let stages = strategy.stages.count == 1 ? "1 dispatch" : "\(strategy.stages.count) dispatches"
            let fused = strategy.fuses.isEmpty ? "" : " Fuses \(strategy.fuses.joined(separator: ", "))."
            let requires = strategy.requires.isEmpty ? "" : " Requires \(strategy.requires.joined(separator: ", "))."
            let tunables = strategy.tunables.sorted { $0.key < $1.key }.map { name, values in
                "\(name) of \(values.map(String.init).joined(separator: ", "))"
            }
            let tuned = tunables.isEmpty ? "" : " Tunables: \(tunables.joined(separator: "; "))."
            let variants = strategy.variants.map { " Variant \($0.name) of \($0.stage): \($0.why)." }.joined()
            return (
                strategy.name,
                "\(strategy.summary)\(fused) \(stages), \(precisions), on \(strategy.places).\(requires)\(tuned)\(variants) \(strategy.source)"
            )
        }
        let presets = workloads.map { workload in
            let values = parameters.map { "\($0.name)=\(workload.parameters[$0.name] ?? $0.default)" }
            return (
                workload.name,
                "\(workload.summary): \(values.joined(separator: ",")); suites \(workload.suites.joined(separator: ", "))"
            )
        }
        var text = "\(name)\n" + TextLayout.wrap(summary, indent: 2)
        text += "\n  parameters\n" + TextLayout.definitions(ranges, indent: 4)
        text += "\n  strategies\n" + TextLayout.definitions(ways, indent: 4)
        return text + "\n  workloads\n" + TextLayout.definitions(presets, indent: 4, limit: 28)
    }
}

extension KernelsListing.Family.Strategy {
    /// `cpu, opencl (N <= 64), not vulkan (no scan.comp in its folder)`
    fileprivate var places: String {
        backends.map { support in
            if let reason = support.reason { return "not \(support.backend) (\(reason))" }
            return support.backend
                + (support.requires.isEmpty ? "" : " (where \(support.requires.joined(separator: ", ")))")
        }.joined(separator: ", ")
    }
}
