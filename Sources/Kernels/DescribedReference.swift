/// The stand-in for an oracle of a family that a user brings: seeded normal inputs, and outputs from golden files or
/// from one of the strategies.
struct DescribedReference: FamilyReference {
    let description: FamilyDescription
    let definition: Family
    let library: KernelLibrary

    var family: String { definition.name }
    let hardCases: [(name: String, parameters: [String: Int])] = []

    func inputs(_ parameters: [String: Int], precision: Precision, seed: UInt64) throws(KernelError) -> [String: Tensor]
    {
        var tensors: [String: Tensor] = [:]
        for declaration in definition.inputs {
            let plan = try declaration.plan(parameters, precision: precision)
            if case .golden(let folder) = description.source {
                tensors[plan.name] = try golden(plan.name, folder, parameters)
                    .tensor(shape: plan.shape, type: plan.type)
            } else {
                tensors[plan.name] = try generated(declaration, plan, parameters, seed: seed)
            }
        }
        return tensors
    }

    func outputs(_ parameters: [String: Int], inputs: [String: Tensor]) throws(KernelError) -> [String: [Double]] {
        guard case .golden(let folder) = description.source else {
            throw KernelError(.unavailable, "\(family): its outputs come from a strategy, which needs a device")
        }
        var outputs: [String: [Double]] = [:]
        for declaration in definition.outputs {
            let plan = try declaration.plan(parameters, precision: inputs.precision)
            let file = try golden(plan.name, folder, parameters)
            guard file.shape == plan.shape else {
                throw InputFile.failure(file.name, "has the shape \(file.shape), expected \(plan.shape)")
            }
            try file.checkRange(plan.type)
            outputs[plan.name] = file.values
        }
        return outputs
    }

    /// What cannot be counted is told before anything runs: 0 FLOPs would be a figure.
    func validate(_ parameters: [String: Int]) throws(KernelError) {
        for (key, expression) in [("flops", description.flops)] + (description.tokens.map { [("tokens", $0)] } ?? []) {
            let value: Double
            do throws(KernelError) { value = try expression.value(parameters).real } catch {
                throw KernelError(.invalidParameter, "\(family): \(key): \(error.description)")
            }
            guard value.isFinite, value >= 0, key == "flops" || value > 0 else {
                let expected = key == "flops" ? "0 or more" : "more than 0"
                throw KernelError(
                    .invalidParameter, "\(family): \(key): '\(expression.source)' is \(value), expected \(expected)")
            }
        }
        for declaration in definition.inputs {
            if case .golden(let folder) = description.source {
                _ = try goldenPath(declaration.name, folder, parameters)
            } else if declaration.type == .i32 {
                let limit = try declaration.below?.integer(parameters) ?? 0
                guard limit > 0, limit <= Int(Int32.max) else {
                    throw KernelError(
                        .invalidParameter,
                        "\(family): the integers of '\(declaration.name)' have no room below \(limit)")
                }
            }
        }
    }

    func flops(_ parameters: [String: Int]) -> Double { (try? description.flops.value(parameters).real) ?? 0 }

    func minimumBytes(_ parameters: [String: Int], precision: Precision) -> Double {
        (definition.inputs + definition.outputs).reduce(0) { total, tensor in
            total + Double((try? tensor.plan(parameters, precision: precision).byteCount) ?? 0)
        }
    }

    func tokens(_ parameters: [String: Int]) -> Double? {
        description.tokens.flatMap { try? $0.value(parameters).real }
    }

    /// Normal values; integers spread evenly below the tensor's `below`.
    private func generated(
        _ declaration: Family.TensorDeclaration, _ plan: TensorPlan, _ parameters: [String: Int], seed: UInt64
    ) throws(KernelError) -> Tensor {
        let purpose = "\(family).\(plan.name)"
        guard let precision = Precision.allCases.first(where: { $0.elementType == plan.type }) else {
            let limit = try declaration.below?.integer(parameters) ?? 0
            return .integers(shape: plan.shape, below: limit, seed: seed, purpose: purpose)
        }
        return .normal(shape: plan.shape, precision: precision, seed: seed, purpose: purpose)
    }

    private func golden(_ name: String, _ folder: String, _ parameters: [String: Int]) throws(KernelError) -> NumpyFile
    {
        let path = try goldenPath(name, folder, parameters)
        return try NumpyFile(name: library.location(path), bytes: try library.bytes(path))
    }

    /// The file of a tensor for the workload with these parameters.
    private func goldenPath(
        _ name: String, _ folder: String, _ parameters: [String: Int]
    ) throws(KernelError) -> String {
        let known = definition.workloads.filter { library.contains(path($0, name, folder)) }
        for workload in known where try definition.parameters(overriding: workload.parameters) == parameters {
            return path(workload, name, folder)
        }
        let names = known.isEmpty ? "none" : known.map(\.name).joined(separator: ", ")
        throw KernelError(
            .invalidParameter,
            "\(family) can be verified only where golden files are: '\(name).npy' is there for the workloads: \(names)")
    }

    private func path(_ workload: Family.Workload, _ name: String, _ folder: String) -> String {
        "\(family)/\(folder)/\(workload.name)/\(name).npy"
    }
}
