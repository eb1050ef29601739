extension Strategy {
    /// Checks what only the family can tell: that tensors and variables exist, and that every output is written.
    ///
    /// - Throws: ``KernelError`` with code `invalidDefinition` that names file and key.
    package func check(against family: Family) throws(KernelError) {
        let readable = (family.inputs + family.packed).map(\.name)
        let writable = family.outputs.map(\.name) + intermediates.map(\.name)
        for intermediate in intermediates where (readable + family.outputs.map(\.name)).contains(intermediate.name) {
            throw failure("intermediates.\(intermediate.name)", "is already an input or output of the family")
        }
        for (index, stage) in stages.enumerated() {
            for name in stage.reads where !(readable + writable).contains(name) {
                let known = (readable + writable).joined(separator: ", ")
                throw failure("stages[\(index)].reads", "'\(name)' is no tensor; the tensors are \(known)")
            }
            for name in stage.writes where !writable.contains(name) {
                let known = writable.joined(separator: ", ")
                throw failure("stages[\(index)].writes", "'\(name)' cannot be written; expected one of \(known)")
            }
        }
        for output in family.outputs where !stages.contains(where: { $0.writes.contains(output.name) }) {
            throw failure("stages", "no stage writes the output '\(output.name)'")
        }
        try checkVariables(family)
    }

    /// Checks what follows from the languages that there are sources in: a grid for kernels, a framework for functions.
    ///
    /// - Throws: as ``check(against:)``.
    func checkSources() throws(KernelError) {
        for (index, stage) in stages.enumerated() {
            let isKernel = StageForm.all.contains {
                $0.backend != Self.runtimeBackend && sources[$0.backend]?.contains(stage.name) == true
            }
            let isWithoutSource = runtimeNames.isEmpty && sources.values.allSatisfy { !$0.contains(stage.name) }
            for (key, list) in [("workGroups", stage.form.workGroups), ("workGroupSize", stage.form.workGroupSize)]
            where list.isEmpty && (isKernel || isWithoutSource) {
                throw failure("stages[\(index)]", "'\(key)' takes one to three expressions, found 0")
            }
        }
        guard sources[Self.runtimeBackend]?.isEmpty == false, overrides[Self.runtimeBackend] == nil else { return }
        throw failure(
            Self.runtimeBackend,
            "is missing: it names the module that the sources in Python import, such as {\"framework\": \"torch\"}")
    }

    private func checkVariables(_ family: Family) throws(KernelError) {
        var scope = Scope(file: file)
        scope.known = Set(family.parameters.map(\.name) + family.derived.map(\.name) + tunables.keys)
        scope.known.formUnion(DeviceLimits.variableNames)
        try scope.check(requirements, "requires")
        for (backend, override) in overrides { try scope.check(override.requirements, "\(backend).requires") }
        try scope.add(family.constants, "family.json's constants")
        try scope.add(constants, "constants")
        for (backend, override) in overrides {
            for constant in override.constants where !scope.known.contains(constant.name) {
                throw failure("\(backend).constants.\(constant.name)", "is no constant of the strategy")
            }
            var scope = scope
            try scope.add(override.constants, "\(backend).constants")
        }
        try scope.check(constraints, "constraints")
        for tensor in intermediates { try scope.check(tensor.shape, "intermediates.\(tensor.name).shape") }
        for (index, stage) in stages.enumerated() { try stage.check(scope, "stages[\(index)]") }
    }

    private func failure(_ key: String, _ what: String) -> KernelError {
        KernelError(.invalidDefinition, "\(file): \(key): \(what)")
    }
}

/// The names that expressions may use at some place of a definition.
private struct Scope {
    let file: String
    var known: Set<String> = []

    func check(_ expressions: [Expression], _ key: String) throws(KernelError) {
        for expression in expressions {
            guard let name = expression.variables.sorted().first(where: { !known.contains($0) }) else { continue }
            let names = known.sorted().joined(separator: ", ")
            throw KernelError(
                .invalidDefinition,
                "\(file): \(key): '\(expression.source)' uses '\(name)', which is not known; known are \(names)")
        }
    }

    /// Constants: each may use those before it.
    mutating func add(_ constants: [Strategy.Definition], _ key: String) throws(KernelError) {
        for constant in constants {
            try check([constant.expression], "\(key).\(constant.name)")
            known.insert(constant.name)
        }
    }

    func check(_ form: Strategy.Form, _ key: String) throws(KernelError) {
        var scope = self
        try scope.add(form.constants, "\(key).constants")
        try scope.check(form.workGroups, "\(key).workGroups")
        try scope.check(form.workGroupSize, "\(key).workGroupSize")
        if let size = form.subgroupSize { try scope.check([size], "\(key).subgroupSize") }
    }
}

extension Strategy.Stage {
    fileprivate func check(_ outer: Scope, _ key: String) throws(KernelError) {
        var scope = outer
        if let repetitions {
            try scope.check([repetitions], "\(key).repeat")
            scope.known.insert(Self.iterationName)
        }
        try scope.check(scalars.map(\.expression), "\(key).scalars")
        try scope.check(Array(traffic.values), "\(key).traffic")
        try scope.check(form, key)
        for (backend, form) in overrides { try scope.check(form, "\(key).\(backend)") }
        for (index, variant) in variants.enumerated() {
            let key = "\(key).variants[\(index)]"
            try scope.check(variant.form, key)
            for (backend, form) in variant.overrides { try scope.check(form, "\(key).\(backend)") }
            var own = scope
            own.known.formUnion(variant.form.constants.map(\.name))
            try own.check(variant.conditions, "\(key).when")
            try own.check(variant.preferences, "\(key).prefer")
            try own.check(Array(variant.traffic.values), "\(key).traffic")
        }
    }
}
