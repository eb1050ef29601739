extension Strategy {
    /// The tunables' values on a backend: the defaults, the backend's own, then those that were chosen.
    public func tunableValues(backend: String) -> [String: Int] {
        tunables.mapValues(\.defaultValue)
            .merging(overrides[backend]?.tunables ?? [:]) { $1 }
            .merging(chosenTunables.filter { tunables[$0.key] != nil }) { $1 }
    }

    /// Computes every expression for a workload on a device, with the tunables that ``choosing(_:)`` has set.
    ///
    /// - Parameter parameters: all of them, with the family's derived ones (``Problem/parameters``).
    /// - Throws: ``KernelError`` with code `unavailable` when a requirement, a constraint or a limit of the device is not
    ///   met: the message says which, with the numbers.
    public func plan(
        family: Family, parameters: [String: Int], precision: Precision, limits: DeviceLimits
    ) throws(KernelError) -> StrategyPlan {
        guard precisions.contains(precision) else {
            throw KernelError(.unavailable, "\(family.name)/\(name) has no \(precision.rawValue) form")
        }
        guard limits.precisions.contains(precision) else {
            throw KernelError(.unavailable, "the device does not store \(precision.rawValue)")
        }
        let tunables = tunableValues(backend: limits.backend)
        var variables = parameters.merging(limits.variables) { $1 }.merging(tunables) { $1 }
        variables["elementBytes"] = precision.byteCount
        for requirement in requirements + (overrides[limits.backend]?.requirements ?? []) {
            try check(requirement, variables, "requires")
        }
        var constantValues = tunables.map { NamedValue($0.key, .integer($0.value)) }
        for (constant, expression) in constants {
            let value = try expression.value(variables)
            constantValues.append(NamedValue(constant, value))
            if case .integer(let integer) = value { variables[constant] = integer }
        }
        constantValues.sort { $0.name < $1.name }
        for constraint in constraints { try check(constraint, variables, "needs") }

        var inputPlans: [TensorPlan] = []
        for tensor in family.inputs + family.packed where stages.contains(where: { $0.reads.contains(tensor.name) }) {
            inputPlans.append(try tensor.plan(variables, precision: precision))
        }
        var outputPlans: [TensorPlan] = []
        for tensor in family.outputs { outputPlans.append(try tensor.plan(variables, precision: precision)) }
        var intermediatePlans: [TensorPlan] = []
        for tensor in intermediates {
            let type = tensor.type ?? (precision == .f16 ? .f16 : .f32)
            intermediatePlans.append(
                TensorPlan(name: tensor.name, shape: try tensor.shape.sizes(variables), type: type))
        }
        try checkMemory(inputPlans + outputPlans + intermediatePlans, limits)

        let byteCounts = (inputPlans + outputPlans + intermediatePlans).map { ($0.name, $0.byteCount) }
        let sizes = Dictionary(byteCounts) { first, _ in first }
        var stagePlans: [StagePlan] = []
        for loop in loops {
            let count = try loop.first?.repetitions?.integer(variables)
            guard (0...Self.largestRepetitionCount).contains(count ?? 1) else {
                throw KernelError(
                    .unavailable,
                    "\(family.name)/\(name) repeats \(count ?? 1) times; at most \(Self.largestRepetitionCount) are possible"
                )
            }
            for turn in 0..<(count ?? 1) {
                for stage in loop {
                    stagePlans.append(
                        try stage.plan(
                            family: family, strategy: name, precision: precision, variables: variables,
                            parameters: parameters, constants: constantValues, limits: limits, tensorBytes: sizes,
                            repetition: count.map { (turn, $0) }))
                }
            }
        }
        return StrategyPlan(
            inputs: inputPlans, outputs: outputPlans, intermediates: intermediatePlans, stages: stagePlans)
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

extension Strategy.Stage {
    /// What a repeated stage's expressions call the repetition's number.
    static let turnName = "turn"

    fileprivate func plan(
        family: Family, strategy: String, precision: Precision, variables: [String: Int], parameters: [String: Int],
        constants: [NamedValue], limits: DeviceLimits, tensorBytes: [String: Int],
        repetition: (turn: Int, count: Int)?
    ) throws(KernelError) -> StagePlan {
        var variables = variables
        if let repetition { variables[Self.turnName] = repetition.turn }
        var arguments: [NamedValue] = []
        for parameter in family.parameters {
            arguments.append(NamedValue(parameter.name, .integer(parameters[parameter.name] ?? parameter.defaultValue)))
        }
        for scalar in scalars { arguments.append(NamedValue(scalar.name, try scalar.expression.value(variables))) }
        let grid = overrides[limits.backend] ?? grid
        let workGroups = try grid.workGroups.sizes(variables).paddedToThree
        let workGroupSize = try grid.workGroupSize.sizes(variables).paddedToThree
        let threads = workGroupSize.reduce(1, *)
        guard threads >= 1, threads <= limits.maxWorkGroupSize else {
            throw KernelError(
                .unavailable,
                "stage '\(name)' wants \(threads) work-items a work-group; the device takes at most \(limits.maxWorkGroupSize)"
            )
        }
        for (axis, count) in workGroups.enumerated() where count > limits.maxWorkGroups[axis] {
            throw KernelError(
                .unavailable,
                "stage '\(name)' wants \(count) work-groups along axis \(axis); the device takes at most \(limits.maxWorkGroups[axis])"
            )
        }
        return StagePlan(
            family: family.name, strategy: strategy, name: name, precision: precision, reads: reads, writes: writes,
            arguments: arguments, constants: constants, workGroups: workGroups, workGroupSize: workGroupSize,
            traffic: try traffic(of: tensorBytes, variables, repetition),
            partialTraffic: Set(repetition == nil ? Array(traffic.keys) : reads + writes))
    }

    private func traffic(
        of tensorBytes: [String: Int], _ variables: [String: Int], _ repetition: (turn: Int, count: Int)?
    ) throws(KernelError) -> [TensorTraffic] {
        // A repetition's share of the whole: the shares add up to it, whatever the rounding.
        func share(_ bytes: Int) -> Int {
            guard let (turn, count) = repetition else { return bytes }
            return bytes / count * (turn + 1) + bytes % count * (turn + 1) / count
                - (bytes / count * turn + bytes % count * turn / count)
        }
        var traffic: [TensorTraffic] = []
        for (names, isWrite) in [(reads, false), (writes, true)] {
            for name in names {
                let bytes = try self.traffic[name]?.integer(variables) ?? tensorBytes[name] ?? 0
                traffic.append(TensorTraffic(tensor: name, isWrite: isWrite, bytes: share(bytes)))
            }
        }
        return traffic
    }
}

extension [Int] {
    fileprivate var paddedToThree: [Int] { self + Array(repeating: 1, count: 3 - count) }
}
