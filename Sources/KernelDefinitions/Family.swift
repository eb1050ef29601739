/// A family as its family.json describes it.
public struct Family: Sendable {
    /// A named integer that fixes part of a workload.
    public struct Parameter: Sendable {
        public let name: String
        public let summary: String
        public let defaultValue: Int
        public let minimum: Int
        public let maximum: Int
    }

    /// An input or an output.
    public struct TensorDeclaration: Sendable {
        public let name: String
        public let shape: [Expression]
        /// `nil`: stored in the measurement's precision.
        public let type: ElementType?
        /// Generated integers are below this: for families without an oracle of their own.
        package let below: Expression?
    }

    /// A size that follows from the data.
    public struct Derived: Sendable {
        public let name: String
        public let summary: String
    }

    /// A preset: all parameters fixed, under a name that a person recognises.
    public struct Workload: Sendable {
        public let name: String
        public let summary: String
        public let parameters: [String: Int]
        public let suites: [String]
    }

    public let name: String
    public let summary: String
    /// True for families that serve the tool itself, such as the measurement of peaks: not profiled unless asked for.
    public let isInternal: Bool
    public let parameters: [Parameter]
    /// A workload's sizes in words; `nil` for families that have none.
    public let label: WorkloadLabel?
    public let requirements: [Expression]
    public let inputs: [TensorDeclaration]
    /// Sizes that follow from the data, such as a sparse matrix's stored elements: known once the inputs are.
    public let derived: [Derived]
    /// Other forms of the inputs, one of which a strategy may read instead: made before any clock runs.
    public let packed: [TensorDeclaration]
    public let outputs: [TensorDeclaration]
    /// Numbers that all strategies share, such as the rows of a tile that several of them include.
    package let constants: [Strategy.Definition]
    public private(set) var workloads: [Workload]
    /// The strategy that the others are compared with.
    public let baseline: String
    /// The strategies that the quick suite runs: the two ends of each fusion ladder. Empty: all of them.
    public let quickStrategies: [String]
    /// What stands in for an oracle; `nil` for the families that have one.
    package let description: FamilyDescription?

    /// Reads `<folder>/family.json`.
    package init(_ reader: DefinitionReader, folder: String) throws(KernelError) {
        try reader.checkKeys([
            "family", "summary", "internal", "parameters", "requires", "derived", "inputs", "packed", "outputs",
            "constants", "workloads", "baseline", "quick", "reference", "flops", "tokens", "label",
        ])
        name = try reader.required("family").name()
        guard name == folder else {
            throw try reader.required("family").failure("must be the folder's name, '\(folder)'")
        }
        summary = try reader.required("summary").string()
        isInternal = try reader.optional("internal")?.boolean() ?? false
        baseline = try reader.required("baseline").string()
        quickStrategies = try reader.optional("quick")?.strings() ?? []

        var parameters: [Parameter] = []
        for entry in try reader.required("parameters").array() {
            let parameter = try Parameter(entry)
            guard !parameters.contains(where: { $0.name == parameter.name }) else {
                throw entry.failure("the parameter '\(parameter.name)' stands twice")
            }
            parameters.append(parameter)
        }
        self.parameters = parameters
        label = try reader.optional("label").map { entry throws(KernelError) in
            try WorkloadLabel(entry, parameters)
        }
        requirements = try reader.optional("requires")?.expressions() ?? []
        var derived: [Derived] = []
        for entry in try reader.optional("derived")?.array() ?? [] { derived.append(try Derived(entry)) }
        self.derived = derived
        inputs = try reader.required("inputs").tensors()
        packed = try reader.optional("packed")?.tensors() ?? []
        outputs = try reader.required("outputs").tensors()
        constants = try reader.optional("constants")?.definitions() ?? []
        description = try FamilyDescription(reader)
        workloads = []
        try description?.check(parameters, file: reader.file)
        workloads = try readWorkloads(try reader.required("workloads"))
    }

    private func readWorkloads(_ reader: DefinitionReader) throws(KernelError) -> [Workload] {
        var workloads: [Workload] = []
        for entry in try reader.array() {
            let workload = try Workload(entry, known: Set(parameters.map(\.name)))
            guard !workloads.contains(where: { $0.name == workload.name }) else {
                throw entry.failure("the workload '\(workload.name)' stands twice")
            }
            do { _ = try parameters(overriding: workload.parameters) } catch {
                throw entry.failure(error.description)
            }
            workloads.append(workload)
        }
        return workloads
    }

    /// The strategy whose outputs the others are held against, in a family without an oracle.
    public var referenceStrategy: String? {
        guard case .strategy(let name) = description?.source else { return nil }
        return name
    }

    /// All parameters: the defaults, overridden by `given`.
    ///
    /// - Throws: ``KernelError`` with code `invalidParameter` for an unknown key, a value out of range or an unmet
    ///   requirement.
    public func parameters(overriding given: [String: Int]) throws(KernelError) -> [String: Int] {
        var values = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.defaultValue) })
        for (key, value) in given.sorted(by: { $0.key < $1.key }) {
            guard let parameter = parameters.first(where: { $0.name == key }) else {
                let keys = parameters.map(\.name).joined(separator: ", ")
                throw KernelError(.invalidParameter, "\(name) has no parameter '\(key)'; its parameters are \(keys)")
            }
            guard (parameter.minimum...parameter.maximum).contains(value) else {
                throw KernelError(
                    .invalidParameter,
                    "\(name): \(key)=\(value) is out of range; \(parameter.summary) goes from \(parameter.minimum) to \(parameter.maximum)"
                )
            }
            values[key] = value
        }
        for requirement in requirements {
            guard try requirement.holds(values) else {
                throw KernelError(
                    .invalidParameter, "\(name) requires \(requirement.source), \(requirement.shortfall(values))")
            }
        }
        return values
    }
}

extension Family.Parameter {
    fileprivate init(_ reader: DefinitionReader) throws(KernelError) {
        try reader.checkKeys(["name", "summary", "default", "minimum", "maximum"])
        name = try reader.required("name").name()
        summary = try reader.required("summary").string()
        defaultValue = try reader.required("default").integer()
        minimum = try reader.optional("minimum")?.integer() ?? 1
        maximum = try reader.optional("maximum")?.integer() ?? 1 << 24
        guard minimum <= maximum, (minimum...maximum).contains(defaultValue) else {
            throw reader.failure("the default \(defaultValue) is outside \(minimum)…\(maximum)")
        }
    }
}

extension Family.Derived {
    fileprivate init(_ reader: DefinitionReader) throws(KernelError) {
        try reader.checkKeys(["name", "summary"])
        name = try reader.required("name").name()
        summary = try reader.required("summary").string()
    }
}

extension DefinitionReader {
    fileprivate func tensors() throws(KernelError) -> [Family.TensorDeclaration] {
        var tensors: [Family.TensorDeclaration] = []
        for entry in try array() {
            let tensor = try Family.TensorDeclaration(entry)
            guard !tensors.contains(where: { $0.name == tensor.name }) else {
                throw entry.failure("the tensor '\(tensor.name)' stands twice")
            }
            tensors.append(tensor)
        }
        return tensors
    }
}

extension Family.TensorDeclaration {
    fileprivate init(_ reader: DefinitionReader) throws(KernelError) {
        try reader.checkKeys(["name", "shape", "type", "below"])
        name = try reader.required("name").name()
        shape = try reader.required("shape").expressions()
        below = try reader.optional("below")?.expression()
        type = try reader.optional("type")?.choice()
    }

    /// The tensor with its shape computed.
    public func plan(_ variables: [String: Int], precision: Precision) throws(KernelError) -> TensorPlan {
        TensorPlan(name: name, shape: try shape.sizes(variables), type: type ?? precision.elementType)
    }
}

extension Family.Workload {
    fileprivate init(_ reader: DefinitionReader, known: Set<String>) throws(KernelError) {
        try reader.checkKeys(["name", "summary", "parameters", "suites"])
        name = try reader.required("name").name(hasDots: true)
        summary = try reader.optional("summary")?.string() ?? ""
        var suites: [String] = []
        for entry in try reader.required("suites").array() {
            let suite = try entry.string()
            guard ["quick", "standard", "full"].contains(suite) else {
                throw entry.failure("expected quick, standard or full, found '\(suite)'")
            }
            suites.append(suite)
        }
        self.suites = suites
        let entries = try reader.required("parameters")
        try entries.checkKeys(known)
        var parameters: [String: Int] = [:]
        for (key, entry) in try entries.members() { parameters[key] = try entry.integer() }
        self.parameters = parameters
    }
}

extension [Expression] {
    /// The values as sizes of dimensions: none negative, and their product fits 62 bits.
    package func sizes(_ variables: [String: Int]) throws(KernelError) -> [Int] {
        var sizes: [Int] = []
        var product = 1
        for expression in self {
            let size = try expression.integer(variables)
            guard size >= 0 else {
                throw KernelError(.invalidExpression, "'\(expression.source)' gives the size \(size)")
            }
            sizes.append(size)
            let (next, overflow) = product.multipliedReportingOverflow(by: Swift.max(size, 1))
            guard !overflow, next < 1 << 59 else {
                throw KernelError(
                    .invalidParameter, "a tensor of \(map(\.source).joined(separator: " × ")) elements is too large")
            }
            product = next
        }
        return sizes
    }
}
