import KernelDefinitions
import Kernels
import Results

/// A model after the changes of a ladder's rungs, in one phase at one context: what becomes the layers of a point.
struct ModelForm {
    let model: ModelDefinition
    /// The rungs up to this form, each on the one before.
    let path: [Rung]
    /// What computes families; later ones come before earlier ones.
    let rules: [KernelRule]
    let phase: ModelPhase
    let batch: Int
    let context: Int
    let precision: Precision
    let catalogue: Catalogue

    /// - Throws: ``KernelError`` naming file and key.
    func point() throws(KernelError) -> ModelPlan.Point {
        let own = try model.configuration.values().merging(asked) { $1 }
        var changes: [String: Int] = [:]
        for (name, value) in path.flatMap(\.settings) {
            do throws(KernelError) { changes[name] = try value.integer(own) } catch {
                throw KernelError(error.code, "\(error.description); the ladder is none for the model '\(model.name)'")
            }
        }
        let variables = try model.configuration.values(changing: changes).merging(asked) { $1 }

        let entries = try entries(variables)
        var layers: [ModelPlan.Layer] = []
        var leftOut: [String] = []
        var (parameters, active) = (0.0, 0.0)
        for (layer, variables) in entries {
            try layer.check(catalogue)
            if let condition = layer.condition, try condition.real(variables) == 0 { continue }
            if let what = layer.leftOut { leftOut.append(what) }
            var shape: [String: Int] = [:]
            for (name, value) in layer.shape { shape[name] = try value.integer(variables) }
            let all = variables.merging(shape) { $1 }
            let count = try layer.count?.count(variables, "a count") ?? 1
            let weights = try layer.weights?.notNegative(all, "a number of weights") ?? 0
            parameters += count * weights
            active += count * (try layer.activeWeights?.notNegative(all, "a number of weights") ?? weights)
            guard let family = layer.family else { continue }
            do throws(KernelError) {
                let kernel = try kernel(family, layer.part, shape)
                layers.append(try planned(layer, kernel, own: shape, copies: count))
            } catch {
                throw error.code == .invalidDefinition ? error : layer.failure(error.description)
            }
        }
        guard !layers.isEmpty else { throw model.withoutLayers(phase, context: context) }
        return ModelPlan.Point(
            rung: path.last, phase: phase, batch: batch, context: context, layers: layers, parameters: parameters,
            activeParameters: active, leftOut: leftOut, exit: try exit(variables, layers))
    }

    /// Early exit as kernels, where several tokens at a time are there to leave or to stay: one token alone takes as
    /// much less as it goes through fewer layers.
    private func exit(
        _ variables: [String: Int], _ layers: [ModelPlan.Layer]
    ) throws(KernelError) -> ModelPlan.Exit? {
        guard let exits = path.last(where: { $0.exits != nil })?.exits, let kernels = exits.kernels,
            variables["rows"] ?? 1 > 1, let blocks = layers.filter(\.isLeft).map(\.copies).max()
        else { return nil }
        var shape: [String: Int] = [:]
        for (name, value) in kernels.shape {
            shape[name] = try value.integer(variables.merging(["blocks": blocks]) { $1 })
        }
        do throws(KernelError) {
            let family = try catalogue.family("early-exit")
            let parameters = try family.parameters(overriding: shape)
            try catalogue.reference(of: family).validate(parameters)
            let workload = WorkloadCase(family: family.name, parameters: parameters, precision: precision)
            for name in [kernels.strategy, kernels.baseline] { _ = try catalogue.strategy(name, of: family) }
            return ModelPlan.Exit(
                kernel: ModelKernel(workload: workload, strategy: kernels.strategy),
                baseline: ModelKernel(workload: workload, strategy: kernels.baseline), meanDepth: exits.meanDepth)
        } catch {
            throw kernels.reader.failure(error.description)
        }
    }

    /// What the command line fixes.
    private var asked: [String: Int] {
        let length = phase == .prefill ? context : 1
        return [
            "batch": batch, "context": context, "prefill": phase == .prefill ? 1 : 0, "length": length,
            "rows": batch * length,
        ]
    }

    /// The model's layers, those of replaced parts by their replacements, which find in `blocks` how many there were.
    private func entries(
        _ variables: [String: Int]
    ) throws(KernelError) -> [(layer: ModelLayer, variables: [String: Int])] {
        var entries = model.layers.map { (layer: $0, variables: variables) }
        for replacement in path.flatMap(\.replacements) {
            guard let place = entries.firstIndex(where: { $0.layer.part == replacement.part }) else {
                throw replacement.reader.failure("the model '\(model.name)' has no part '\(replacement.part)'")
            }
            var scope = variables
            scope["blocks"] = try entries[place].layer.count?.integer(entries[place].variables) ?? 1
            entries.removeAll { $0.layer.part == replacement.part }
            entries.insert(contentsOf: replacement.layers.map { ($0, scope) }, at: place)
        }
        return entries
    }

    /// The share of the blocks that a token goes through on average.
    private func depth(of layer: ModelLayer) -> Double {
        guard let exits = path.last(where: { $0.exits != nil })?.exits, exits.parts.contains(layer.part) else {
            return 1
        }
        return exits.meanDepth
    }

    /// What computes a layer of `family`: the last rule that speaks of it decides.
    private func kernel(
        _ family: String, _ part: String, _ own: [String: Int]
    ) throws(KernelError) -> (family: String, shape: [String: Int], preferences: [String]) {
        var (name, shape) = (family, own)
        var preferences: [String] = []
        for rule in rules where rule.family == family && !rule.exceptions.contains(part) {
            if name != family || rule.newFamily != nil { (name, shape) = (rule.newFamily ?? family, [:]) }
            if name == family { shape.merge(own) { current, _ in current } }
            for (key, value) in rule.shape { shape[key] = try value.integer(own) }
            preferences = rule.preferences(phase) ?? (rule.newFamily == nil ? preferences : [])
        }
        if preferences.isEmpty { preferences = rules.last { $0.family == name }?.preferences(phase) ?? [] }
        return (name, shape, preferences)
    }

    /// - Parameters:
    ///   - own: the shape that the layer itself says.
    ///   - copies: how many the model has.
    private func planned(
        _ layer: ModelLayer, _ kernel: (family: String, shape: [String: Int], preferences: [String]),
        own: [String: Int], copies: Double
    ) throws(KernelError) -> ModelPlan.Layer {
        let family = try catalogue.family(kernel.family)
        let reference = try catalogue.reference(of: family)
        let parameters = try family.parameters(overriding: kernel.shape)
        try reference.validate(parameters)
        let names = kernel.preferences.isEmpty ? catalogue.strategies(of: family).map(\.name) : kernel.preferences
        var chosen: Strategy?
        for name in names where chosen == nil {
            let strategy = try catalogue.strategy(name, of: family)
            if strategy.precisions.contains(precision) { chosen = strategy }
        }
        guard let chosen else {
            throw layer.failure(
                "no strategy of \(family.name) that is asked for stores in \(precision.rawValue): \(names.joined(separator: ", "))"
            )
        }
        let known = parameters.merging(Self.expected(family.name, parameters)) { $1 }
        let exact =
            family.name == layer.family
            ? WorkloadCase(family: family.name, parameters: try family.parameters(overriding: own)) : nil
        return ModelPlan.Layer(
            name: layer.name, part: layer.part,
            kernel: ModelKernel(
                workload: WorkloadCase(family: family.name, parameters: parameters, precision: precision),
                strategy: chosen.name),
            exact: exact, reads: layer.reads, outputs: family.outputs.map(\.name), copies: Int(copies.rounded()),
            label: family.label?.text(parameters), isLeft: depth(of: layer) < 1,
            count: copies * depth(of: layer), flops: reference.flops(known),
            minimumBytes: reference.minimumBytes(known, precision: precision))
    }

    /// Sizes that follow from data, before there are any: the most experts that so many tokens can meet.
    private static func expected(_ family: String, _ parameters: [String: Int]) -> [String: Int] {
        guard family == "moe", let experts = parameters["E"], let tokens = parameters["T"],
            let chosen = parameters["topk"]
        else { return [:] }
        return ["activeExperts": min(experts, tokens * chosen)]
    }
}
