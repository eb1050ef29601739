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
/// Scalars are a list because a kernel receives them in this order. A stage moves all of what it reads and writes, once, unless
/// `"traffic": { "k": "bytes" }` says otherwise. It may override `workGroups` and `workGroupSize` under a backend's name; the
/// strategy may override defaults of tunables and add `requires` there.
///
/// Neighbouring stages with the same `"repeat": "activeExperts"` are the body of a loop: they are dispatched that many times,
/// and their scalars and grids may use `turn`, which counts from 0. Their traffic is that of the whole loop.
public struct Strategy: Sendable {
    /// A constant that tuning may choose.
    public struct Tunable: Sendable {
        public let values: [Int]
        public let defaultValue: Int
    }

    struct Grid: Sendable {
        let workGroups: [Expression]
        let workGroupSize: [Expression]
    }

    struct Override: Sendable {
        let tunables: [String: Int]
        let requirements: [Expression]
    }

    /// One dispatch.
    public struct Stage: Sendable {
        public let name: String
        public let reads: [String]
        public let writes: [String]
        let scalars: [(name: String, expression: Expression)]
        let grid: Grid
        let overrides: [String: Grid]
        /// How often the stage is dispatched, together with its neighbours that say the same; once where there is none.
        let repetitions: Expression?
        /// Bytes that the stage moves of tensors of which it does not touch all, or more than once, by name.
        let traffic: [String: Expression]
    }

    static let backendNames = StageForm.all.map(\.backend)

    /// The file that describes it, as messages name it.
    let file: String
    public let family: String
    public let name: String
    public let fuses: [String]
    public let summary: String
    public let source: String
    public let precisions: [Precision]
    public let requirements: [Expression]
    public let tunables: [String: Tunable]
    /// Values of tunables in place of the defaults: see ``choosing(_:)``.
    public internal(set) var chosenTunables: [String: Int] = [:]
    let constants: [(name: String, expression: Expression)]
    let constraints: [Expression]
    let intermediates: [(name: String, shape: [Expression], type: ElementType?)]
    public let stages: [Stage]
    let overrides: [String: Override]

    init(_ reader: DefinitionReader, family: String, folder: String) throws(KernelError) {
        try reader.checkKeys(
            Set(
                [
                    "strategy", "fuses", "summary", "source", "precisions", "requires", "tunables", "constants",
                    "constraints",
                    "intermediates", "stages",
                ] + Self.backendNames))
        file = reader.file
        self.family = family
        name = try reader.required("strategy").string()
        guard name == folder else {
            throw try reader.required("strategy").failure("must be the folder's name, '\(folder)'")
        }
        summary = try reader.required("summary").string()
        source = try reader.optional("source")?.string() ?? ""
        fuses = try reader.optional("fuses")?.strings() ?? []
        requirements = try reader.optional("requires")?.expressions() ?? []
        constraints = try reader.optional("constraints")?.expressions() ?? []

        var precisions: [Precision] = []
        for entry in try reader.required("precisions").array() {
            guard let precision = Precision(rawValue: try entry.string()) else {
                throw entry.failure("expected f32 or f16")
            }
            precisions.append(precision)
        }
        self.precisions = precisions

        var tunables: [String: Tunable] = [:]
        for (key, entry) in try reader.optional("tunables")?.members() ?? [] { tunables[key] = try Tunable(entry) }
        self.tunables = tunables
        var constants: [(name: String, expression: Expression)] = []
        for (key, entry) in try reader.optional("constants")?.members() ?? [] {
            constants.append((key, try entry.expression()))
        }
        self.constants = constants
        var intermediates: [(name: String, shape: [Expression], type: ElementType?)] = []
        for (key, entry) in try reader.optional("intermediates")?.members() ?? [] {
            try entry.checkKeys(["shape", "type"])
            var type: ElementType?
            if let typeEntry = try entry.optional("type") {
                type = ElementType(rawValue: try typeEntry.string())
                if type == nil { throw typeEntry.failure("expected f16, f32, f64 or i32") }
            }
            intermediates.append((key, try entry.required("shape").expressions(), type))
        }
        self.intermediates = intermediates

        var stages: [Stage] = []
        for entry in try reader.required("stages").array() { stages.append(try Stage(entry)) }
        guard !stages.isEmpty else { throw try reader.required("stages").failure("a strategy has at least one stage") }
        guard Set(stages.map(\.name)).count == stages.count else {
            throw try reader.required("stages").failure("two stages have the same name")
        }
        self.stages = stages

        var overrides: [String: Override] = [:]
        for backend in Self.backendNames {
            guard let entry = try reader.optional(backend) else { continue }
            try entry.checkKeys(["tunables", "requires"])
            var values: [String: Int] = [:]
            for (key, value) in try entry.optional("tunables")?.members() ?? [] {
                guard tunables[key] != nil else { throw value.failure("'\(key)' is not a tunable of this strategy") }
                values[key] = try value.integer()
                guard tunables[key]?.values.contains(try value.integer()) == true else {
                    throw value.failure("\(try value.integer()) is not among the values of '\(key)'")
                }
            }
            overrides[backend] = Override(
                tunables: values, requirements: try entry.optional("requires")?.expressions() ?? [])
        }
        self.overrides = overrides
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

extension Strategy.Grid {
    fileprivate init(_ reader: DefinitionReader, inheriting parent: Strategy.Grid? = nil) throws(KernelError) {
        workGroups = try reader.optional("workGroups")?.expressions() ?? parent?.workGroups ?? []
        workGroupSize = try reader.optional("workGroupSize")?.expressions() ?? parent?.workGroupSize ?? []
        for (key, list) in [("workGroups", workGroups), ("workGroupSize", workGroupSize)]
        where !(1...3).contains(list.count) {
            throw reader.failure("'\(key)' takes one to three expressions, found \(list.count)")
        }
    }
}

extension Strategy.Stage {
    fileprivate init(_ reader: DefinitionReader) throws(KernelError) {
        try reader.checkKeys(
            Set(
                ["name", "reads", "writes", "scalars", "workGroups", "workGroupSize", "traffic", "repeat"]
                    + Strategy.backendNames
            ))
        name = try reader.required("name").string()
        reads = try reader.required("reads").strings()
        writes = try reader.required("writes").strings()
        grid = try Strategy.Grid(reader)
        var scalars: [(name: String, expression: Expression)] = []
        for entry in try reader.optional("scalars")?.array() ?? [] {
            let parts = try entry.string().split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else {
                throw entry.failure("expected \"name = expression\", found '\(try entry.string())'")
            }
            let name = parts[0].filter { $0 != " " }
            do { scalars.append((name, try Expression(String(parts[1].drop { $0 == " " })))) } catch {
                throw entry.failure(error.description)
            }
        }
        self.scalars = scalars
        var overrides: [String: Strategy.Grid] = [:]
        for backend in Strategy.backendNames {
            guard let entry = try reader.optional(backend) else { continue }
            try entry.checkKeys(["workGroups", "workGroupSize"])
            overrides[backend] = try Strategy.Grid(entry, inheriting: grid)
        }
        self.overrides = overrides
        repetitions = try reader.optional("repeat")?.expression()
        var traffic: [String: Expression] = [:]
        for (key, value) in try reader.optional("traffic")?.members() ?? [] {
            guard (reads + writes).contains(key) else {
                throw value.failure("the stage neither reads nor writes '\(key)'")
            }
            traffic[key] = try value.expression()
        }
        self.traffic = traffic
    }
}
