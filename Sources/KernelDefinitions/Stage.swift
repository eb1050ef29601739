extension Strategy {
    /// One dispatch.
    public struct Stage: Sendable {
        public let name: String
        public let reads: [String]
        public let writes: [String]
        package let scalars: [Definition]
        package let form: Form
        package let overrides: [String: Form]
        /// How often the stage is dispatched, together with its neighbours that say the same; once where there is none.
        package let repetitions: Expression?
        /// Bytes that the stage moves of tensors of which it does not touch all, or more than once, by name.
        package let traffic: [String: Expression]
        /// Other forms of the stage, in the order in which they are tried; the stage itself comes last.
        public let variants: [Variant]

        /// The tensors in the order in which they are bound: those that it reads, then those that it writes and does
        /// not read.
        public var tensors: [String] { reads + writes.filter { !reads.contains($0) } }
    }

    /// How a stage or one of its variants is laid out over work-items.
    package struct Form: Sendable {
        package let workGroups: [Expression]
        package let workGroupSize: [Expression]
        /// Constants of this form alone, or other values of the strategy's.
        package let constants: [Definition]
        /// The arithmetic whose peak bounds it.
        package let rate: ArithmeticRate
        /// Work-items a sub-group that it is written for; `nil`: any number.
        package let subgroupSize: Expression?
    }

    /// A rung of a stage's ladder: the same mathematics and the same accumulation by other means. It can be taken where
    /// all of `when` holds and there is a source for the backend, `<stage>.<variant>.<ending>`; it is, where all of
    /// `prefer` holds too.
    ///
    /// ```json
    /// {"name": "subgroup", "when": ["device.has.subgroupArithmetic"], "prefer": ["device.subgroupSize >= 16"],
    ///  "why": "row maxima without two barriers",
    ///  "constants": {"LANES": "device.subgroupSize"}, "workGroups": ["T"], "workGroupSize": ["LANES"]}
    /// ```
    /// `precisions` names those that it has a form for, where these are not all of the strategy's. `workGroups`,
    /// `workGroupSize`, `subgroupSize`, `constants`, `rate` and `traffic` take the place of the stage's own, also under
    /// a backend's name.
    public struct Variant: Sendable {
        public let name: String
        public let conditions: [Expression]
        /// Where it pays; a variant that is forced need not.
        public let preferences: [Expression]
        public let reason: String
        /// Storage precisions that it has a form for; `nil`: all of the strategy's.
        public let precisions: [Precision]?
        package let form: Form
        package let overrides: [String: Form]
        package let traffic: [String: Expression]

        /// Never chosen, whatever the device: it is there for the tests, in the place of one that their devices cannot
        /// run.
        public var servesTestsAlone: Bool {
            preferences.contains { $0.variables.isEmpty && (try? $0.holds([:])) == false }
        }
    }
}

extension Strategy.Form {
    fileprivate static let keys = ["workGroups", "workGroupSize", "constants", "rate", "subgroupSize"]

    fileprivate init(_ reader: DefinitionReader, inheriting parent: Strategy.Form? = nil) throws(KernelError) {
        workGroups = try reader.optional("workGroups")?.expressions() ?? parent?.workGroups ?? []
        workGroupSize = try reader.optional("workGroupSize")?.expressions() ?? parent?.workGroupSize ?? []
        constants = (parent?.constants ?? []).overridden(by: try reader.optional("constants")?.definitions() ?? [])
        rate = try reader.optional("rate")?.choice() ?? parent?.rate ?? .f32
        subgroupSize = try reader.optional("subgroupSize")?.expression() ?? parent?.subgroupSize
        // Functions of other frameworks have no grid: whether one is missing tells who knows the sources.
        for (key, list) in [("workGroups", workGroups), ("workGroupSize", workGroupSize)] {
            let isStated = try reader.optional(key) != nil
            guard !(1...3).contains(list.count), isStated || !list.isEmpty else { continue }
            throw reader.failure("'\(key)' takes one to three expressions, found \(list.count)")
        }
    }

    /// What each backend has differently.
    fileprivate static func overrides(
        _ reader: DefinitionReader, of form: Strategy.Form
    ) throws(KernelError) -> [String: Strategy.Form] {
        var overrides: [String: Strategy.Form] = [:]
        for backend in Strategy.backendNames {
            guard let entry = try reader.optional(backend) else { continue }
            try entry.checkKeys(Set(keys))
            overrides[backend] = try Strategy.Form(entry, inheriting: form)
        }
        return overrides
    }
}

extension Strategy.Stage {
    fileprivate static func traffic(
        _ reader: DefinitionReader, tensors: [String]
    ) throws(KernelError) -> [String: Expression] {
        var traffic: [String: Expression] = [:]
        for (key, value) in try reader.optional("traffic")?.members() ?? [] {
            guard tensors.contains(key) else { throw value.failure("the stage neither reads nor writes '\(key)'") }
            traffic[key] = try value.expression()
        }
        return traffic
    }

    init(_ reader: DefinitionReader) throws(KernelError) {
        try reader.checkKeys(
            Set(
                ["name", "reads", "writes", "scalars", "traffic", "repeat", "variants"] + Strategy.Form.keys
                    + Strategy.backendNames))
        name = try reader.required("name").name()
        reads = try reader.required("reads").strings()
        writes = try reader.required("writes").strings()
        form = try Strategy.Form(reader)
        overrides = try Strategy.Form.overrides(reader, of: form)
        scalars = try (reader.optional("scalars")?.array() ?? []).map { entry throws(KernelError) in
            try entry.definition()
        }
        repetitions = try reader.optional("repeat")?.expression()
        traffic = try Self.traffic(reader, tensors: reads + writes)
        var variants: [Strategy.Variant] = []
        for entry in try reader.optional("variants")?.array() ?? [] {
            let variant = try Strategy.Variant(entry, of: self.form, traffic, tensors: reads + writes)
            guard variant.name != Strategy.plainVariant, !variants.contains(where: { $0.name == variant.name }) else {
                throw entry.failure("the name '\(variant.name)' is taken")
            }
            variants.append(variant)
        }
        self.variants = variants
    }
}

extension Strategy.Variant {
    fileprivate init(
        _ reader: DefinitionReader, of form: Strategy.Form, _ traffic: [String: Expression], tensors: [String]
    ) throws(KernelError) {
        try reader.checkKeys(
            Set(
                ["name", "when", "prefer", "why", "precisions", "traffic"] + Strategy.Form.keys
                    + Strategy.backendNames))
        name = try reader.required("name").name()
        conditions = try reader.required("when").expressions()
        preferences = try reader.optional("prefer")?.expressions() ?? []
        reason = try reader.required("why").string()
        precisions = try reader.optional("precisions")?.array().map { entry throws(KernelError) in
            try entry.choice()
        }
        self.form = try Strategy.Form(reader, inheriting: form)
        overrides = try Strategy.Form.overrides(reader, of: self.form)
        self.traffic = traffic.merging(try Strategy.Stage.traffic(reader, tensors: tensors)) { $1 }
    }
}

extension Strategy {
    /// What the last rung of every ladder is called: the stage itself.
    public static let plainVariant = "plain"

    /// Names of the variants that somebody's device takes, the last rung among them; none without a ladder.
    ///
    /// - Parameter backend: on which a stage has a source for them; `nil`: any.
    public func offeredVariants(on backend: String? = nil) -> [String] {
        let known = backend.flatMap { sources[$0] }
        let names = variantNames.filter { name in
            stages.contains { stage in
                stage.variants.contains { $0.name == name && !$0.servesTestsAlone }
                    && known?.contains(StageInterface.sourceName(stage: stage.name, variant: name)) != false
            }
        }
        return names.isEmpty ? [] : names + [Self.plainVariant]
    }

    /// Names of the variants of all stages, in the order of the ladders; without ``plainVariant``.
    public var variantNames: [String] {
        var names: [String] = []
        for variant in stages.flatMap(\.variants) where !names.contains(variant.name) { names.append(variant.name) }
        return names
    }

    /// The kinds of arithmetic that its stages or their variants may compute in on a backend.
    public func rates(backend: String) -> Set<ArithmeticRate> {
        Set(stages.flatMap { stage in ([nil] + stage.variants).map { stage.form($0, backend: backend).rate } })
    }
}
