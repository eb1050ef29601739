extension Strategy {
    /// Checks what only the family can tell: that tensors and variables exist, and that every output is written.
    ///
    /// - Throws: ``KernelError`` with code `invalidDefinition` that names file and key.
    func check(against family: Family) throws(KernelError) {
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

    private func checkVariables(_ family: Family) throws(KernelError) {
        var known = Set(family.parameters.map(\.name) + family.derived.map(\.name) + tunables.keys)
        known.formUnion(DeviceLimits.variableNames)
        known.insert("elementBytes")
        func check(_ expressions: [Expression], _ key: String) throws(KernelError) {
            for expression in expressions {
                guard let name = expression.variables.sorted().first(where: { !known.contains($0) }) else { continue }
                let names = known.sorted().joined(separator: ", ")
                throw failure(key, "'\(expression.source)' uses '\(name)', which is not known; known are \(names)")
            }
        }
        try check(requirements, "requires")
        for (backend, override) in overrides { try check(override.requirements, "\(backend).requires") }
        for (name, expression) in constants {
            try check([expression], "constants.\(name)")
            known.insert(name)
        }
        try check(constraints, "constraints")
        for tensor in intermediates { try check(tensor.shape, "intermediates.\(tensor.name).shape") }
        for (index, stage) in stages.enumerated() {
            let key = "stages[\(index)]"
            if let repetitions = stage.repetitions {
                try check([repetitions], "\(key).repeat")
                known.insert(Strategy.Stage.turnName)
            } else {
                known.remove(Strategy.Stage.turnName)
            }
            try check(stage.scalars.map(\.expression), "\(key).scalars")
            try check(Array(stage.traffic.values), "\(key).traffic")
            for (suffix, grid) in [("", stage.grid)] + stage.overrides.map({ (".\($0.key)", $0.value) }) {
                try check(grid.workGroups, "\(key)\(suffix).workGroups")
                try check(grid.workGroupSize, "\(key)\(suffix).workGroupSize")
            }
        }
    }

    private func failure(_ key: String, _ what: String) -> KernelError {
        KernelError(.invalidDefinition, "\(file): \(key): \(what)")
    }
}
