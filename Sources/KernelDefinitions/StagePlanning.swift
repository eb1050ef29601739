/// The numbers that expressions see while a strategy is planned.
struct Environment {
    private(set) var variables: [String: Int]
    /// What kernels get as constants.
    private(set) var values: [NamedValue] = []

    init(parameters: [String: Int], limits: DeviceLimits, precision: Precision) {
        variables = parameters.merging(limits.variables(for: precision)) { $1 }
    }

    mutating func add(tunables: [String: Int]) {
        variables.merge(tunables) { $1 }
        values += tunables.map { NamedValue($0.key, .integer($0.value)) }
    }

    /// Computes constants, each of which may use those before it.
    mutating func add(_ constants: [Strategy.Definition]) throws(KernelError) {
        for constant in constants {
            let value = try constant.expression.value(variables)
            values.removeAll { $0.name == constant.name }
            values.append(NamedValue(constant.name, value))
            if case .integer(let integer) = value { variables[constant.name] = integer }
        }
    }
}

/// A stage in the form that was chosen for a device.
struct Rung {
    let stage: Strategy.Stage
    let variant: Strategy.Variant?
    let form: Strategy.Form
    let environment: Environment
    let interface: StageInterface
    let precision: Precision
    let parameters: [(name: String, value: Int)]
}

extension Strategy.Stage {
    /// What a repeated stage's expressions call the repetition's number.
    static let iterationName = "iteration"

    /// How the stage or its variant is laid out on a backend.
    func form(_ variant: Strategy.Variant?, backend: String) -> Strategy.Form {
        if let variant { return variant.overrides[backend] ?? variant.form }
        return overrides[backend] ?? form
    }

    /// The first rung of the ladder that the device can take, or the one that is forced.
    ///
    /// - Throws: ``KernelError`` with code `unavailable` when a forced variant cannot be taken: the message says why.
    func rung(
        of strategy: Strategy, _ family: Family, _ environment: Environment, _ limits: DeviceLimits,
        _ precision: Precision
    ) throws(KernelError) -> Rung {
        func rung(_ variant: Strategy.Variant?, _ environment: Environment) -> Rung {
            Rung(
                stage: self, variant: variant, form: form(variant, backend: limits.backend), environment: environment,
                interface: StageInterface(
                    family: family, strategy: strategy, stage: self, variant: variant, backend: limits.backend),
                precision: precision,
                parameters: family.parameters.map { ($0.name, environment.variables[$0.name] ?? $0.defaultValue) })
        }
        func complete(_ variant: Strategy.Variant?) throws(KernelError) -> Environment {
            var environment = environment
            try environment.add(form(variant, backend: limits.backend).constants)
            return environment
        }
        let forced = strategy.forcedVariant
        for variant in variants where forced == nil || forced == variant.name {
            let obstacle = try obstacle(to: variant, strategy, environment, limits.backend, precision)
            if let obstacle, forced != nil {
                throw KernelError(
                    .unavailable,
                    "\(family.name)/\(strategy.name): the variant '\(variant.name)' of '\(name)' \(obstacle)")
            }
            if obstacle == nil { return rung(variant, try complete(variant)) }
        }
        return rung(nil, try complete(nil))
    }

    /// Why a variant cannot be taken; `nil`: it can.
    private func obstacle(
        to variant: Strategy.Variant, _ strategy: Strategy, _ environment: Environment, _ backend: String,
        _ precision: Precision
    ) throws(KernelError) -> String? {
        let source = StageInterface.sourceName(stage: name, variant: variant.name)
        guard strategy.sources[backend]?.contains(source) != false else { return "has no source for \(backend)" }
        guard variant.precisions?.contains(precision) != false else { return "has no \(precision.rawValue) form" }
        if strategy.forcedVariant == nil, let reason = strategy.struckVariants[source] { return reason }
        // Conditions that use the variant's own constants come last: those may divide by what the device does not have.
        let own = form(variant, backend: backend).constants
        let names = Set(own.map(\.name))
        let conditions = variant.conditions + (strategy.forcedVariant == nil ? variant.preferences : [])
        let early = conditions.filter { $0.variables.isDisjoint(with: names) }
        for condition in early where !(try condition.holds(environment.variables)) {
            return "needs \(condition.source), \(condition.shortfall(environment.variables))"
        }
        var environment = environment
        try environment.add(own)
        for condition in conditions where !(try condition.holds(environment.variables)) {
            return "needs \(condition.source), \(condition.shortfall(environment.variables))"
        }
        return nil
    }
}

extension Rung {
    /// One dispatch of it.
    ///
    /// - Parameter repetition: which one of how many, where the stage is repeated.
    func plan(
        limits: DeviceLimits, tensors: [String: TensorPlan], repetition: (iteration: Int, count: Int)?
    ) throws(KernelError) -> StagePlan {
        var variables = environment.variables
        if let repetition { variables[Strategy.Stage.iterationName] = repetition.iteration }
        var arguments = parameters.map { NamedValue($0.name, .integer($0.value)) }
        for scalar in stage.scalars {
            arguments.append(NamedValue(scalar.name, try scalar.expression.value(variables)))
        }
        let workGroups = try form.workGroups.sizes(variables).paddedToThree
        let workGroupSize = try form.workGroupSize.sizes(variables).paddedToThree
        let threads = workGroupSize.reduce(1, *)
        guard threads >= 1, threads <= limits.maxWorkGroupSize else {
            throw KernelError(
                .unavailable,
                "stage '\(stage.name)' wants \(threads) work-items a work-group; the device takes at most \(limits.maxWorkGroupSize)"
            )
        }
        for (axis, count) in workGroups.enumerated() where count > limits.maxWorkGroups[axis] {
            throw KernelError(
                .unavailable,
                "stage '\(stage.name)' wants \(count) work-groups along axis \(axis); the device takes at most \(limits.maxWorkGroups[axis])"
            )
        }
        let stated = variant?.traffic ?? stage.traffic
        var plan = StagePlan(
            family: interface.family, strategy: interface.strategy, name: stage.name, variant: variant?.name,
            precision: precision, reads: stage.reads, writes: stage.writes, arguments: arguments,
            constants: environment.values.sorted { $0.name < $1.name }, workGroups: workGroups,
            workGroupSize: workGroupSize, subgroupSize: try form.subgroupSize?.integer(variables),
            traffic: try traffic(stated, tensors, variables, repetition),
            rate: form.rate.operands(precision),
            partialTraffic: Set(repetition == nil ? Array(stated.keys) : stage.reads + stage.writes),
            interface: interface)
        plan.tensors = plan.buffers.compactMap { tensors[$0] }
        return plan
    }

    private func traffic(
        _ stated: [String: Expression], _ tensors: [String: TensorPlan], _ variables: [String: Int],
        _ repetition: (iteration: Int, count: Int)?
    ) throws(KernelError) -> [TensorTraffic] {
        // A repetition's share of the whole: the shares add up to it, whatever the rounding.
        func share(_ bytes: Int) -> Int {
            guard let (iteration, count) = repetition else { return bytes }
            return bytes / count * (iteration + 1) + bytes % count * (iteration + 1) / count
                - (bytes / count * iteration + bytes % count * iteration / count)
        }
        var traffic: [TensorTraffic] = []
        for (names, isWrite) in [(stage.reads, false), (stage.writes, true)] {
            for name in names {
                let bytes = try stated[name]?.integer(variables) ?? tensors[name]?.byteCount ?? 0
                traffic.append(TensorTraffic(tensor: name, isWrite: isWrite, bytes: share(bytes)))
            }
        }
        return traffic
    }
}

extension [Int] {
    fileprivate var paddedToThree: [Int] { self + Array(repeating: 1, count: 3 - count) }
}
