import Results

/// A chain made concrete: the inputs of every link in memory, and what the oracles of their families make of them in a
/// row.
public struct ChainProblem {
    public let chain: Chain
    /// A link each. Its inputs are those that are generated, and, unused, some for what earlier links give.
    public let problems: [Problem]

    /// - Throws: ``KernelError`` as ``Problem`` does, and with code `unavailable` for a link that reads what does not
    ///   fit.
    public init(_ chain: Chain, catalogue: Catalogue) throws(KernelError) {
        self.chain = chain
        problems = try chain.links.map { link throws(KernelError) in try catalogue.problem(link.workload) }
        for (index, link) in chain.links.enumerated() {
            for (name, source) in link.reads.sorted(by: { $0.key < $1.key }) {
                try check(name, of: index, source)
            }
        }
    }

    private func check(_ name: String, of index: Int, _ source: Chain.Source) throws(KernelError) {
        let (link, problem) = (chain.links[index], problems[index])
        func tensor(_ declarations: [Family.TensorDeclaration], _ problem: Problem, _ name: String) throws(KernelError)
            -> TensorPlan
        {
            guard let found = declarations.first(where: { $0.name == name }) else {
                let known = declarations.map(\.name).joined(separator: ", ")
                throw KernelError(.unavailable, "\(problem.family.name) has no '\(name)'; it has \(known)")
            }
            return try found.plan(problem.parameters, precision: problem.precision)
        }
        guard (0..<index).contains(source.link) else {
            throw KernelError(.unavailable, "'\(link.name)' reads what no earlier link has written")
        }
        let read = try tensor(problem.family.inputs, problem, name)
        let written = try tensor(problems[source.link].family.outputs, problems[source.link], source.tensor)
        guard read.byteCount <= written.byteCount, read.type == written.type else {
            throw KernelError(
                .unavailable,
                "'\(link.name)' reads '\(name)' of \(read.shape) \(read.type); '\(chain.links[source.link].name)' writes "
                    + "\(written.shape) \(written.type)")
        }
    }

    /// The links' plans as one.
    ///
    /// - Parameter plans: a link each.
    /// - Throws: ``KernelError`` with code `unavailable`: a strategy reads another form of what it is fed, which nobody
    ///   makes.
    public func plan(_ plans: [StrategyPlan]) throws(KernelError) -> StrategyPlan {
        var (inputs, outputs, intermediates): ([TensorPlan], [TensorPlan], [TensorPlan]) = ([], [], [])
        var (stages, labels, bindings): ([StagePlan], [String], [[String]]) = ([], [], [])
        for (index, (link, plan)) in zip(chain.links, plans).enumerated() {
            for name in link.reads.keys.sorted() where !plan.inputs.contains(where: { $0.name == name }) {
                let strategy = "\(link.workload.family)/\(link.strategy)"
                throw KernelError(
                    .unavailable, "'\(link.name)': \(strategy) reads '\(name)' in a form that no kernel makes of it")
            }
            inputs += plan.inputs.filter { link.reads[$0.name] == nil }.map { $0.named(link.scoped($0.name)) }
            for tensor in plan.outputs {
                let own = tensor.named(link.scoped(tensor.name))
                if !chain.isRead(tensor.name, of: index) {
                    outputs.append(own)
                } else if !plan.isUpdated(tensor.name) {
                    intermediates.append(own)
                }
            }
            intermediates += plan.intermediates.map { $0.named(link.scoped($0.name)) }
            stages += plan.stages
            labels += plan.labels.map(link.scoped)
            bindings += plan.bindings.map { names in names.map { chain.place(of: $0, in: link) } }
        }
        return StrategyPlan(
            inputs: inputs, outputs: outputs, intermediates: intermediates, stages: stages, labels: labels,
            bindings: bindings)
    }

    /// What the inputs of ``plan(_:)`` hold, by name.
    public func tensors(for plans: [StrategyPlan]) throws(KernelError) -> [String: Tensor] {
        var tensors: [String: Tensor] = [:]
        for (index, (link, plan)) in zip(chain.links, plans).enumerated() {
            for (name, tensor) in try problems[index].tensors(for: plan) where link.reads[name] == nil {
                tensors[link.scoped(name)] = tensor
            }
        }
        return tensors
    }

    /// The outputs that no link reads, by name, in float64 from the first link to the last.
    public func expectedOutputs() throws(KernelError) -> [String: [Double]] {
        var all: [String: [Double]] = [:]
        var expected: [String: [Double]] = [:]
        for (index, (link, problem)) in zip(chain.links, problems).enumerated() {
            var inputs = problem.inputs
            for name in link.reads.keys {
                guard let shape = inputs[name]?.shape, let values = all[chain.place(of: name, in: link)] else {
                    continue
                }
                let count = shape.reduce(1, *)
                inputs[name] = Tensor(shape: shape, elements: .f64(Array(values.prefix(count))))
            }
            for (name, values) in try problem.reference.outputs(problem.parameters, inputs: inputs) {
                all[link.scoped(name)] = values
                if !chain.isRead(name, of: index) { expected[link.scoped(name)] = values }
            }
        }
        return expected
    }

    public var flops: Double { problems.reduce(0) { $0 + $1.flops } }

    /// What one execution does by a plan: what is read of another link counts as each link counts it.
    public func work(_ plan: StrategyPlan) -> WorkRecord {
        var record = WorkRecord(
            flops: flops, minimumBytes: problems.reduce(0) { $0 + $1.minimumBytes }, strategyBytes: plan.bytes)
        record.writtenBytes = plan.writtenBytes
        return record
    }

    /// Length of the outputs' error over theirs, against other values of them: what rounding to fewer bits has cost in
    /// all.
    public static func relativeError(of outputs: [String: Tensor], against exact: [String: [Double]]) -> Double? {
        var (error, size) = (0.0, 0.0)
        for (name, values) in exact {
            guard let output = outputs[name], output.count == values.count else { return nil }
            output.forEachPart { first, part in
                for (value, reference) in zip(part, values[first...]) {
                    error += (value - reference) * (value - reference)
                    size += reference * reference
                }
            }
        }
        return size > 0 && error.isFinite ? (error / size).squareRoot() : nil
    }
}

extension TensorPlan {
    fileprivate func named(_ name: String) -> TensorPlan { TensorPlan(name: name, shape: shape, type: type) }
}
