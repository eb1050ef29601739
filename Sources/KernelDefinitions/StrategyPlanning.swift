extension Strategy {
    /// The tunables' values on a backend: the defaults, the backend's own, then the chosen ones.
    public func tunableValues(backend: String) -> [String: Int] {
        tunables.mapValues(\.defaultValue)
            .merging(overrides[backend]?.tunables ?? [:]) { $1 }
            .merging(chosenTunables.filter { tunables[$0.key] != nil }) { $1 }
    }

    /// The constants of every stage on a backend: the family's, the strategy's and the backend's own.
    func constants(_ family: Family, backend: String) -> [Definition] {
        family.constants.overridden(by: constants).overridden(by: overrides[backend]?.constants ?? [])
    }

    /// Computes every expression for a workload on a device.
    ///
    /// - Parameter parameters: all of them, with the family's derived ones (``Problem/parameters``).
    /// - Throws: ``KernelError`` with code `unavailable` when a requirement, a constraint or a limit of the device is
    ///   not met: the message says which, with the numbers.
    public func plan(
        family: Family, parameters: [String: Int], precision: Precision, limits: DeviceLimits
    ) throws(KernelError) -> StrategyPlan {
        guard precisions.contains(precision) else {
            throw KernelError(.unavailable, "\(family.name)/\(name) has no \(precision.rawValue) form")
        }
        guard limits.precisions.contains(precision) else {
            throw KernelError(.unavailable, "the device does not store \(precision.rawValue)")
        }
        if let framework = framework(on: limits.backend), !limits.frameworks.contains(framework) {
            throw KernelError(
                .unavailable,
                "\(family.name)/\(name) needs '\(framework)'\(limits.backend == Self.runtimeBackend ? " in Python" : ""); the device has "
                    + limits.frameworks.joined(separator: ", "))
        }
        var environment = Environment(parameters: parameters, limits: limits, precision: precision)
        environment.add(tunables: tunableValues(backend: limits.backend))
        for requirement in requirements + (overrides[limits.backend]?.requirements ?? []) {
            try check(requirement, environment.variables, "requires")
        }
        try environment.add(constants(family, backend: limits.backend))
        for constraint in constraints { try check(constraint, environment.variables, "needs") }
        if let forcedVariant, forcedVariant != Self.plainVariant, !variantNames.contains(forcedVariant) {
            let known = variantNames + [Self.plainVariant]
            throw KernelError(
                .unavailable,
                "\(family.name)/\(name) has no variant '\(forcedVariant)'; it has \(known.joined(separator: ", "))")
        }

        let tensors = try tensorPlans(family, environment.variables, precision)
        try checkMemory(tensors.inputs + tensors.outputs + tensors.intermediates, limits)
        let tensorsByName = Dictionary(
            (tensors.inputs + tensors.outputs + tensors.intermediates).map { ($0.name, $0) }
        ) { first, _ in first }
        var stagePlans: [StagePlan] = []
        for loop in loops {
            let count = try loop.first?.repetitions?.integer(environment.variables)
            guard (0...Self.largestRepetitionCount).contains(count ?? 1) else {
                throw KernelError(
                    .unavailable,
                    "\(family.name)/\(name) repeats \(count ?? 1) times; at most \(Self.largestRepetitionCount) are possible"
                )
            }
            let rungs = try loop.map { stage throws(KernelError) in
                try stage.rung(of: self, family, environment, limits, precision)
            }
            for iteration in 0..<(count ?? 1) {
                for rung in rungs {
                    stagePlans.append(
                        try rung.plan(
                            limits: limits, tensors: tensorsByName, repetition: count.map { (iteration, $0) }))
                }
            }
        }
        return StrategyPlan(
            inputs: tensors.inputs, outputs: tensors.outputs, intermediates: tensors.intermediates, stages: stagePlans)
    }

    private func tensorPlans(
        _ family: Family, _ variables: [String: Int], _ precision: Precision
    ) throws(KernelError) -> (inputs: [TensorPlan], outputs: [TensorPlan], intermediates: [TensorPlan]) {
        // What is updated in place is an input even where no stage reads it: the rest of it stays.
        let read = (family.inputs + family.packed).filter { tensor in
            stages.contains { $0.reads.contains(tensor.name) } || family.outputs.contains { $0.name == tensor.name }
        }
        return (
            try read.map { tensor throws(KernelError) in try tensor.plan(variables, precision: precision) },
            try family.outputs.map { tensor throws(KernelError) in try tensor.plan(variables, precision: precision) },
            try intermediates.map { tensor throws(KernelError) in
                TensorPlan(
                    name: tensor.name, shape: try tensor.shape.sizes(variables),
                    type: tensor.type ?? precision.elementType)
            }
        )
    }

    /// Dispatches of one stage within an execution: each is prepared on its own.
    private static let largestRepetitionCount = 4096

    /// The stages in order, neighbours that repeat together as one.
    private var loops: [[Stage]] {
        var loops: [[Stage]] = []
        for stage in stages {
            if let repetitions = stage.repetitions, loops.last?.first?.repetitions == repetitions {
                loops[loops.count - 1].append(stage)
            } else {
                loops.append([stage])
            }
        }
        return loops
    }

    private func check(_ condition: Expression, _ variables: [String: Int], _ verb: String) throws(KernelError) {
        guard try !condition.holds(variables) else { return }
        throw KernelError(
            .unavailable, "\(family)/\(name) \(verb) \(condition.source), \(condition.shortfall(variables))")
    }

    private func checkMemory(_ tensors: [TensorPlan], _ limits: DeviceLimits) throws(KernelError) {
        for tensor in tensors where tensor.byteCount > limits.maxBufferBytes {
            throw KernelError(
                .unavailable,
                "'\(tensor.name)' takes \(tensor.byteCount) bytes; the device binds at most \(limits.maxBufferBytes) in one buffer"
            )
        }
        let total = tensors.reduce(0.0) { $0 + Double($1.byteCount) }
        guard total <= Double(limits.memoryBytes) else {
            throw KernelError(
                .unavailable, "the tensors take \(total.rounded()) bytes; the device has \(limits.memoryBytes)")
        }
    }
}
