/// One way to compute a family, as its strategy.json describes it.
///
/// ```json
/// { "strategy": "flash", "fuses": ["scores", "softmax", "values"],
///   "summary": "One pass over the keys with an online softmax.", "source": "Dao et al. 2022, algorithm 1",
///   "precisions": ["f32"], "requires": ["D % 8 == 0"],
///   "tunables": { "BLOCK_M": {"values": [16, 32, 64], "default": 32} },
///   "constants": { "HEAD_DIM": "D" },
///   "constraints": ["BLOCK_M * D * 4 <= device.sharedMemoryBytes"],
///   "intermediates": { "scores": {"shape": ["B", "Hq", "Lq", "Lk"], "type": "f32"} },
///   "stages": [ { "name": "flash", "reads": ["q", "k", "v"], "writes": ["o"],
///                 "scalars": ["scale = 1 / sqrt(D)", "groupSize = Hq / Hkv"],
///                 "workGroups": ["ceilDiv(Lq, BLOCK_M)", "B * Hq"], "workGroupSize": ["BLOCK_M"],
///                 "cpu": { "workGroups": ["ceilDiv(Lq, 64)", "B * Hq"], "workGroupSize": [1] } } ],
///   "vulkan": { "tunables": { "BLOCK_M": 16 }, "requires": ["D <= 128"] } }
/// ```
/// Scalars are a list because a kernel receives them in this order. A stage moves all of what it reads and writes,
/// once, unless `"traffic": { "k": "bytes" }` says otherwise. It may override `workGroups` and `workGroupSize` under a
/// backend's name; the strategy may override defaults of tunables and constants and add `requires` there.
///
/// Neighbouring stages with the same `"repeat": "activeExperts"` are the body of a loop: they are dispatched that many
/// times, and their scalars and grids may use `iteration`, which counts from 0. Their traffic is that of the whole
/// loop.
///
/// `"variants"` of a stage are a ladder: see ``Variant``.
///
/// Sources in Python, `<stage>.py`, are functions of a framework, which `"python": {"framework": "torch"}` names; what
/// computes with tensors of any says `"python": {}`. A strategy that has no other sources needs no grid.
///
/// `"runtimes": {"mine": {}}` names runtimes, as `--runtime mine=COMMAND` starts them, which know the strategy by its
/// name and keep its sources themselves. What stands under the name is as under a backend's, with a `framework` where
/// it needs one.
public struct Strategy: Sendable {
    /// A constant that tuning may choose.
    public struct Tunable: Sendable {
        public let values: [Int]
        public let defaultValue: Int
    }

    /// What a backend has differently.
    package struct Override: Sendable {
        /// The runtime's module without which its functions do not run; `nil`: tensors of any framework will do.
        package let framework: String?
        package let tunables: [String: Int]
        package let requirements: [Expression]
        package let constants: [Definition]
    }

    /// A number with its name: a constant or a scalar.
    package struct Definition: Sendable {
        package let name: String
        package let expression: Expression
    }

    /// The backends' names.
    package static let backendNames = StageForm.all.map(\.backend)

    /// The file that describes it, as messages name it.
    package let file: String
    public let family: String
    public let name: String
    public let fuses: [String]
    public let summary: String
    public let source: String
    public let precisions: [Precision]
    public let requirements: [Expression]
    public let tunables: [String: Tunable]
    /// Values of tunables in place of the defaults: see ``choosing(_:variant:)``.
    public package(set) var chosenTunables: [String: Int] = [:]
    /// The values were found by a search and stand for the default ones: see ``tuned(_:variant:)``.
    public package(set) var isTuned = false
    /// The variant that stages take, by name: see ``forcing(variant:)``.
    public package(set) var forcedVariant: String?
    /// The variant was chosen to be held against the default one: see ``choosing(_:variant:)``.
    public package(set) var isVariantChosen = false
    /// Variants that are passed over, `<stage>.<variant>`, with the reason: see ``striking(_:of:because:)``.
    public package(set) var struckVariants: [String: String] = [:]
    /// Sources that there are, `<stage>` or `<stage>.<variant>` by backend; a backend that is not there has them all.
    package var sources: [String: Set<String>] = [:]
    package let constants: [Definition]
    package let constraints: [Expression]
    package let intermediates: [(name: String, shape: [Expression], type: ElementType?)]
    public let stages: [Stage]
    package let overrides: [String: Override]
    /// Runtimes of the user's that have the strategy.
    public let runtimeNames: Set<String>

    /// What no file describes: its stages are those of other strategies.
    package init(naming name: String, of family: String, summary: String, precisions: [Precision]) {
        self.name = name
        self.family = family
        self.summary = summary
        self.precisions = precisions
        (file, source) = ("", "")
        (fuses, requirements, constants, constraints, intermediates, stages) = ([], [], [], [], [], [])
        (tunables, overrides, runtimeNames) = ([:], [:], [])
    }

    package init(_ reader: DefinitionReader, family: String, folder: String) throws(KernelError) {
        try reader.checkKeys(
            Set(
                [
                    "strategy", "fuses", "summary", "source", "precisions", "requires", "tunables", "constants",
                    "constraints", "intermediates", "stages", "runtimes",
                ] + Self.backendNames))
        file = reader.file
        self.family = family
        name = try reader.required("strategy").name()
        guard name == folder else {
            throw try reader.required("strategy").failure("must be the folder's name, '\(folder)'")
        }
        summary = try reader.required("summary").string()
        source = try reader.optional("source")?.string() ?? ""
        fuses = try reader.optional("fuses")?.strings() ?? []
        requirements = try reader.optional("requires")?.expressions() ?? []
        constraints = try reader.optional("constraints")?.expressions() ?? []
        precisions = try reader.required("precisions").array().map { entry throws(KernelError) in
            try entry.choice(of: Precision.self)
        }
        var tunables: [String: Tunable] = [:]
        for (key, entry) in try reader.optional("tunables")?.members(areNamed: true) ?? [] {
            tunables[key] = try Tunable(entry)
        }
        self.tunables = tunables
        constants = try reader.optional("constants")?.definitions() ?? []
        intermediates = try (reader.optional("intermediates")?.members(areNamed: true) ?? []).map {
            key, entry throws(KernelError) in
            try entry.checkKeys(["shape", "type"])
            return (key, try entry.required("shape").expressions(), try entry.optional("type")?.choice())
        }

        stages = try reader.required("stages").array().map { entry throws(KernelError) in try Stage(entry) }
        guard !stages.isEmpty else { throw try reader.required("stages").failure("a strategy has at least one stage") }
        guard Set(stages.map(\.name)).count == stages.count else {
            throw try reader.required("stages").failure("two stages have the same name")
        }
        var overrides: [String: Override] = [:]
        for backend in Self.backendNames {
            overrides[backend] = try reader.optional(backend).map { entry throws(KernelError) in
                try Override(entry, isRuntime: backend == Self.runtimeBackend, tunables: tunables)
            }
        }
        let runtimes = try reader.optional("runtimes")?.members() ?? []
        for (runtime, entry) in runtimes {
            guard !Self.backendNames.contains(runtime) else { throw entry.failure("'\(runtime)' is a backend") }
            overrides[runtime] = try Override(entry, isRuntime: true, tunables: tunables)
        }
        runtimeNames = Set(runtimes.map(\.0))
        self.overrides = overrides
    }

    /// The same strategy without a rung of a stage's ladder, unless it is forced.
    public func striking(_ variant: String, of stage: String, because reason: String) -> Strategy {
        var copy = self
        copy.struckVariants[StageInterface.sourceName(stage: stage, variant: variant)] = reason
        return copy
    }

    /// The same strategy with these values of its tunables instead of a backend's own, and with this variant of its
    /// stages, if any, instead of the first that the device can take.
    public func choosing(_ values: [String: Int], variant: String? = nil) -> Strategy {
        var copy = self
        copy.chosenTunables = values
        guard let variant else { return copy }
        copy.isVariantChosen = true
        return copy.forcing(variant: variant)
    }

    /// The same strategy with what serves a workload best on a device, under its own name.
    public func tuned(_ values: [String: Int], variant: String?) -> Strategy {
        var copy = choosing(values, variant: variant)
        copy.isTuned = true
        return copy
    }

    /// The same strategy with this variant of every stage that has it, whatever comes before it on the ladder; `plain`
    /// is the last rung, the stage itself.
    public func forcing(variant: String?) -> Strategy {
        var copy = self
        copy.forcedVariant = variant
        return copy
    }
}

extension Strategy.Tunable {
    fileprivate init(_ reader: DefinitionReader) throws(KernelError) {
        try reader.checkKeys(["values", "default"])
        var values: [Int] = []
        for entry in try reader.required("values").array() { values.append(try entry.integer()) }
        guard Set(values).count == values.count else { throw reader.failure("a value stands twice among the values") }
        self.values = values
        defaultValue = try reader.required("default").integer()
        guard values.contains(defaultValue) else {
            throw reader.failure("the default \(defaultValue) is not among the values")
        }
    }
}

extension Strategy.Override {
    fileprivate init(
        _ reader: DefinitionReader, isRuntime: Bool, tunables: [String: Strategy.Tunable]
    ) throws(KernelError) {
        try reader.checkKeys(Set(["tunables", "requires", "constants"] + (isRuntime ? ["framework"] : [])))
        framework = isRuntime ? try reader.optional("framework")?.string() : nil
        var values: [String: Int] = [:]
        for (key, value) in try reader.optional("tunables")?.members() ?? [] {
            guard let tunable = tunables[key] else {
                throw value.failure("'\(key)' is not a tunable of this strategy")
            }
            values[key] = try value.integer()
            guard tunable.values.contains(try value.integer()) else {
                throw value.failure("\(try value.integer()) is not among the values of '\(key)'")
            }
        }
        self.tunables = values
        requirements = try reader.optional("requires")?.expressions() ?? []
        constants = try reader.optional("constants")?.definitions() ?? []
    }
}

extension [Strategy.Definition] {
    /// These, with those of `others` in place of the ones that have their names, or after them.
    package func overridden(by others: [Strategy.Definition]) -> [Strategy.Definition] {
        map { own in others.first { $0.name == own.name } ?? own }
            + others.filter { other in !contains { $0.name == other.name } }
    }
}
