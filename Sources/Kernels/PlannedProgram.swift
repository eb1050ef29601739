/// What tells the programs of two configurations apart: equal ones do the same on a device, whatever their tunables
/// say.
package struct PlannedProgram: Hashable, Sendable {
    private struct Stage: Hashable {
        let name: String
        let arguments: [NamedValue]
        let constants: [NamedValue]
        let workGroups: [Int]
        let workGroupSize: [Int]
    }

    private let stages: [Stage]
    private let intermediates: [TensorPlan]

    package init(_ plan: StrategyPlan, uses: ConstantUse) {
        stages = plan.stages.map { stage in
            Stage(
                name: stage.sourceName, arguments: stage.arguments,
                constants: stage.constants.filter { uses.contains($0.name, inSource: stage.sourceName) },
                workGroups: stage.workGroups, workGroupSize: stage.workGroupSize)
        }
        intermediates = plan.intermediates
    }
}

/// Which tunables and constants a strategy's sources for one backend name at all.
package struct ConstantUse: Sendable {
    /// By the source's name without its ending; one that is not there may use all.
    private var identifiers: [String: Set<Substring>] = [:]

    package init(_ strategy: Strategy, backend: String, library: KernelLibrary) {
        guard let form = StageForm.all.first(where: { $0.backend == backend }), let ending = form.endings.first else {
            return
        }
        for name in strategy.sourceNames {
            // A module that came without its source is known by nothing but its bytes.
            let source = "\(strategy.family)/\(strategy.name)/\(name).\(ending)"
            guard let paths = try? library.closure(of: source) else { continue }
            identifiers[name] = GLSLBindings.words(of: paths.compactMap { try? library.text($0) })
        }
    }

    package func contains(_ name: String, inSource source: String) -> Bool {
        identifiers[source].map { $0.contains(Substring(name)) } ?? true
    }
}
