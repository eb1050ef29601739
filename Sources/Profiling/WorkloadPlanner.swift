import Kernels

/// Turns what the user asked for into workloads and strategies. Inputs are none of its business.
struct WorkloadPlanner {
    private static let suites = ["quick", "standard", "full"]

    let request: ProfileRequest
    let catalogue: Catalogue

    private var selection: ProfileRequest.Selection { request.selection }

    /// - Throws: ``ProfilingError`` with code `usage`, naming what does not exist or contradicts itself.
    func workloads() throws(ProfilingError) -> [PlannedWorkload] {
        guard selection.kernels.isEmpty else {
            return try ProfilingError.mapping { try selection.kernels.map(planned) }
        }
        if let suite = selection.suite, !Self.suites.contains(suite) {
            throw ProfilingError(
                .usage, "unknown suite '\(suite)'; the suites are \(Self.suites.joined(separator: ", "))")
        }
        let families = try families()
        try checkStrategies(families)
        let isCustom = !selection.shape.isEmpty || !selection.inputs.isEmpty && selection.workloads.isEmpty
        let chosen = isCustom ? try customWorkloads(families) : try presets(families)
        guard !chosen.isEmpty else { throw ProfilingError(.usage, "the selection holds no workload") }
        guard selection.inputs.isEmpty || Set(chosen.map { "\($0.name) \($0.workload.precision)" }).count == 1 else {
            throw ProfilingError(.usage, "--input needs exactly one workload and precision: give --shape or --workload")
        }
        try checkDump(chosen)
        return chosen
    }

    private func families() throws(ProfilingError) -> [Family] {
        guard selection.families.isEmpty else {
            return try ProfilingError.mapping { try selection.families.map { try catalogue.family($0) } }
        }
        return catalogue.families.filter { !$0.isInternal }
    }

    private func checkStrategies(_ families: [Family]) throws(ProfilingError) {
        let strategies = families.flatMap(catalogue.strategies(of:))
        if let variant = selection.variant, variant != Strategy.plainVariant,
            !strategies.contains(where: { $0.variantNames.contains(variant) })
        {
            let known = Set(strategies.flatMap(\.variantNames)).sorted() + [Strategy.plainVariant]
            throw ProfilingError(
                .usage, "no stage has the variant '\(variant)'; there are \(known.joined(separator: ", "))")
        }
        for name in selection.strategies
        where !families.contains(where: { catalogue.strategies(of: $0).contains { $0.name == name } }) {
            if families.count == 1 { _ = try ProfilingError.mapping { try catalogue.strategy(name, of: families[0]) } }
            throw ProfilingError(.usage, "no selected family has a strategy '\(name)'")
        }
    }

    private func planned(_ kernel: ProfileRequest.Kernel) throws(KernelError) -> PlannedWorkload {
        if let chain = kernel.chain { return try planned(kernel, chain) }
        let family = try catalogue.family(kernel.workload.family)
        var workload = kernel.workload
        workload.seed = request.seed
        let strategies = try kernel.strategies.map { name throws(KernelError) in
            try catalogue.strategy(name, of: family)
        }
        return PlannedWorkload(
            name: kernel.name, workload: workload, strategies: strategies,
            flops: try catalogue.reference(of: family).flops(workload.parameters), group: kernel.group)
    }

    /// The verification goes through all oracles twice.
    private func planned(
        _ kernel: ProfileRequest.Kernel, _ chain: Chain
    ) throws(KernelError) -> PlannedWorkload {
        var workload = kernel.workload
        workload.seed = request.seed
        var flops = 0.0
        for link in chain.links {
            let reference = try catalogue.reference(of: try catalogue.family(link.workload.family))
            flops += 2 * reference.flops(link.workload.parameters)
        }
        let strategies = kernel.strategies.map { name in
            Strategy(naming: name, of: Chain.family, summary: kernel.name, precisions: [workload.precision])
        }
        return PlannedWorkload(
            name: kernel.name, workload: workload, strategies: strategies, flops: flops,
            chain: chain.seeded(request.seed), group: kernel.group)
    }

    private func customWorkloads(_ families: [Family]) throws(ProfilingError) -> [PlannedWorkload] {
        let option = selection.shape.isEmpty ? "--input" : "--shape"
        guard selection.families.count == 1, let family = families.first else {
            throw ProfilingError(.usage, "\(option) needs exactly one --family")
        }
        guard selection.workloads.isEmpty else {
            throw ProfilingError(.usage, "--shape and --workload both fix the parameters: give one of them")
        }
        guard selection.suite == nil else {
            throw ProfilingError(.usage, "\(option) and --suite exclude each other")
        }
        let shapes = selection.shapes.isEmpty ? [[:]] : selection.shapes
        var workloads: [PlannedWorkload] = []
        for shape in shapes {
            // A sparse matrix in a file fixes parameters itself.
            let given = workload(family, shape, selection.precisions.first ?? .f32)
            let parameters = try ProfilingError.mapping { try catalogue.completed(given).parameters }
            let name = family.parameters.map { "\($0.name)=\(parameters[$0.name] ?? 0)" }.joined(separator: ",")
            workloads += planned(family, name, parameters)
        }
        guard !workloads.isEmpty else {
            throw ProfilingError(.usage, "no selected strategy belongs to \(family.name)")
        }
        return workloads
    }

    private func presets(_ families: [Family]) throws(ProfilingError) -> [PlannedWorkload] {
        let suite = selection.suite ?? (selection.workloads.isEmpty ? "quick" : nil)
        for name in selection.workloads
        where !families.contains(where: { $0.workloads.contains { $0.name == name } }) {
            throw ProfilingError(.usage, "unknown workload '\(name)'; 'joulemark kernels' lists them")
        }
        var chosen: [PlannedWorkload] = []
        for family in families {
            for preset in family.workloads {
                let isNamed = selection.workloads.isEmpty || selection.workloads.contains(preset.name)
                guard isNamed, suite.map(preset.suites.contains) ?? true else { continue }
                let parameters = try ProfilingError.mapping { try family.parameters(overriding: preset.parameters) }
                chosen += planned(family, preset.name, parameters, suite: suite)
            }
        }
        return chosen
    }

    private func planned(
        _ family: Family, _ name: String, _ parameters: [String: Int], suite: String? = nil
    ) -> [PlannedWorkload] {
        let strategies =
            selection.strategies.isEmpty
            ? catalogue.strategies(of: family, suite: suite)
            : catalogue.strategies(of: family).filter { selection.strategies.contains($0.name) }
        let chosen = strategies.map { $0.forcing(variant: selection.variant) }
        guard !strategies.isEmpty else { return [] }
        let flops = (try? catalogue.reference(of: family))?.flops(parameters) ?? 0
        let groups =
            selection.configurations?.groups.map { configurations in
                chosen.flatMap { strategy in [strategy] + configurations.map { strategy.choosing($0) } }
            } ?? [chosen]
        return (selection.precisions.isEmpty ? [.f32] : selection.precisions).flatMap { precision in
            groups.map {
                PlannedWorkload(
                    name: name, workload: workload(family, parameters, precision), strategies: $0, flops: flops)
            }
        }
    }

    private func workload(_ family: Family, _ parameters: [String: Int], _ precision: Precision) -> WorkloadCase {
        WorkloadCase(
            family: family.name, parameters: parameters, precision: precision, seed: request.seed,
            inputs: selection.inputs)
    }

    private func checkDump(_ chosen: [PlannedWorkload]) throws(ProfilingError) {
        guard request.dumpDirectory != nil else { return }
        for (index, planned) in chosen.enumerated()
        where chosen[..<index].contains(where: { $0.workload.family == planned.workload.family }) {
            throw ProfilingError(
                .usage, "--dump keeps one workload a family: choose one with --workload or --shape and one --precision")
        }
    }
}
