import Glibc

/// A workload made concrete: parameters checked, inputs in memory.
///
/// ```swift
/// let problem = try catalogue.problem(WorkloadCase(family: "attention", parameters: ["Lq": 1]))
/// let plan = try strategy.plan(
///     family: problem.family, parameters: problem.parameters, precision: problem.precision, limits: device.limits)
/// let uploads = try problem.tensors(for: plan)
/// ```
public struct Problem: Sendable {
    public let workload: WorkloadCase
    public let family: Family
    public let reference: any FamilyReference
    /// All parameters, those that follow from the data among them.
    public let parameters: [String: Int]
    /// The family's inputs by name, generated or read from files.
    public let inputs: [String: Tensor]

    public var precision: Precision { workload.precision }

    /// Generates the inputs, replaces those that the user gives as files, and derives what follows from them.
    ///
    /// - Parameters:
    ///   - workload: keys that are no parameters are refused, but for a hard case's, which `allowingHardCase` lets
    ///     through to the reference.
    /// - Throws: ``KernelError`` with code `invalidParameter` or `invalidInput`.
    public init(
        _ workload: WorkloadCase, family: Family, reference: any FamilyReference, allowingHardCase: Bool = false
    ) throws(KernelError) {
        self.workload = workload
        self.family = family
        self.reference = reference
        var (parameters, given) = try Self.parameters(workload, family, reference, allowingHardCase: allowingHardCase)
        var inputs = try reference.inputs(
            parameters, precision: workload.precision, seed: workload.seed, without: Set(given.keys))
        inputs.merge(given) { $1 }
        for (name, path) in workload.inputs.sorted(by: { $0.key < $1.key }) where path.hasSuffix(".npy") {
            inputs[name] = try Self.dense(name, path, family, inputs)
        }
        parameters.merge(try reference.derivedParameters(parameters, inputs: inputs)) { $1 }
        for declaration in family.inputs {
            let plan = try declaration.plan(parameters, precision: workload.precision)
            guard let tensor = inputs[plan.name], tensor.shape == plan.shape, tensor.type == plan.type else {
                let found = inputs[plan.name].map { "\($0.shape) of \($0.type)" } ?? "nothing"
                throw KernelError(
                    .invalidInput, "\(family.name): '\(plan.name)' is \(found), expected \(plan.shape) of \(plan.type)")
            }
        }
        self.parameters = parameters
        self.inputs = inputs
    }

    /// The parameters, checked, as far as they do not follow from inputs; and the inputs that sparse matrices in files
    /// give.
    static func parameters(
        _ workload: WorkloadCase, _ family: Family, _ reference: any FamilyReference, allowingHardCase: Bool = false
    ) throws(KernelError) -> (values: [String: Int], inputs: [String: Tensor]) {
        let known = Set(family.parameters.map(\.name))
        let given = workload.parameters
        var own = allowingHardCase ? given.filter { known.contains($0.key) } : given
        var inputs: [String: Tensor] = [:]
        for (name, path) in workload.inputs.sorted(by: { $0.key < $1.key }) where !path.hasSuffix(".npy") {
            let found = try sparse(name, path, family, reference, workload.precision)
            for (key, value) in found.parameters {
                if let asked = own[key], asked != value {
                    throw InputFile.failure(path, "has \(key)=\(value), but \(key)=\(asked) is asked for")
                }
                own[key] = value
            }
            inputs.merge(found.inputs) { $1 }
        }
        var values = try family.parameters(overriding: own)
        if allowingHardCase { values.merge(given) { $1 } }
        try reference.validate(values)
        try checkMemory(family, reference, values, workload.precision)
        return (values, inputs)
    }

    /// What a plan's inputs hold, by name: the inputs, and the packed forms of them that the strategy reads.
    public func tensors(for plan: StrategyPlan) throws(KernelError) -> [String: Tensor] {
        let names = Set(plan.inputs.map(\.name))
        let packed = names.subtracting(inputs.keys)
        var tensors = inputs.filter { names.contains($0.key) }
        if !packed.isEmpty { tensors.merge(try reference.packed(packed, parameters, inputs: inputs)) { $1 } }
        for tensor in plan.inputs {
            guard let found = tensors[tensor.name], found.shape == tensor.shape, found.type == tensor.type else {
                throw KernelError(
                    .invalidDefinition, "\(family.name): nothing gives '\(tensor.name)' of \(tensor.shape)")
            }
        }
        return tensors
    }

    /// The outputs by the float64 oracle.
    public func expectedOutputs() throws(KernelError) -> [String: [Double]] {
        try reference.outputs(parameters, inputs: inputs)
    }

    /// What plain float32 arithmetic makes of the inputs; `nil` where that is not known.
    public func roundedOutputs() throws(KernelError) -> [String: [Float]]? {
        try reference.roundedOutputs(parameters, inputs: inputs)
    }

    /// What ``expectedOutputs()`` are: the oracle's, or those of a user's golden files.
    public var referenceName: String { family.description == nil ? "float64" : "golden files" }

    /// Floating-point operations of one execution.
    public var flops: Double { reference.flops(parameters) }
    /// Bytes when each input is read once and each output written once.
    public var minimumBytes: Double { reference.minimumBytes(parameters, precision: precision) }
    /// Tokens that one execution processes, or `nil` where the word means nothing.
    public var tokens: Double? { reference.tokens(parameters) }

    private static func sparse(
        _ name: String, _ path: String, _ family: Family, _ reference: any FamilyReference, _ precision: Precision
    ) throws(KernelError) -> (inputs: [String: Tensor], parameters: [String: Int]) {
        guard path.hasSuffix(".mtx") || path.hasSuffix(".smtx") else {
            throw InputFile.failure(path, "is of no known kind; expected .npy, .mtx or .smtx")
        }
        let matrix = try SparseMatrix(path: path)
        guard let found = try reference.inputs(named: name, from: matrix, precision: precision) else {
            throw InputFile.failure(path, "\(family.name) takes no sparse matrix as '\(name)'")
        }
        // A mask is a pattern, whatever values the file has.
        if found.inputs.values.contains(where: { $0.precision != nil }) {
            try matrix.checkRange(precision.elementType, file: path)
        }
        return found
    }

    private static func dense(
        _ name: String, _ path: String, _ family: Family, _ inputs: [String: Tensor]
    ) throws(KernelError) -> Tensor {
        guard let declared = inputs[name], family.inputs.contains(where: { $0.name == name }) else {
            let names = family.inputs.map(\.name).joined(separator: ", ")
            throw InputFile.failure(path, "\(family.name) has no input '\(name)'; its inputs are \(names)")
        }
        return try NumpyFile(path: path).tensor(shape: declared.shape, type: declared.type)
    }

    /// Bytes that verifying takes on a device that shares the host's memory, as far as known before there are inputs.
    /// What a strategy keeps between its stages, and the input sets that timing rotates through, are bounded by the
    /// device's own memory.
    package static func workingBytes(
        _ family: Family, _ reference: any FamilyReference, _ parameters: [String: Int], _ precision: Precision
    ) throws(KernelError) -> Double {
        let derived = Set(family.derived.map(\.name))
        func sizes(_ tensors: [Family.TensorDeclaration]) throws(KernelError) -> [(count: Double, bytes: Double)] {
            var sizes: [(count: Double, bytes: Double)] = []
            for tensor in tensors where tensor.shape.allSatisfy({ $0.variables.isDisjoint(with: derived) }) {
                let plan = try tensor.plan(parameters, precision: precision)
                sizes.append((plan.shape.reduce(1) { $0 * Double($1) }, Double(plan.byteCount)))
            }
            return sizes
        }
        let (inputs, outputs) = (try sizes(family.inputs), try sizes(family.outputs))
        let stored = (inputs.reduce(0) { $0 + $1.bytes }, outputs.reduce(0) { $0 + $1.bytes })
        let expected = outputs.reduce(0) { $0 + 8 * $1.count }
        // On the host and on the device; and the numbers that one tensor is made of.
        let making = stored.0 + inputs.reduce(0) { max($0, 8 * $1.count) }
        let computing =
            2 * stored.0 + stored.1 + expected
            + 8 * reference.workingCount(parameters, inputs: inputs.reduce(0) { $0 + $1.count })
        // The device's outputs, as it gives them, and as a tensor.
        let comparing = 2 * stored.0 + 3 * stored.1 + expected
        return max(making, computing, comparing)
    }

    /// Refuses a workload that would not leave room to work in half of the machine's memory.
    private static func checkMemory(
        _ family: Family, _ reference: any FamilyReference, _ parameters: [String: Int], _ precision: Precision
    ) throws(KernelError) {
        let total = try workingBytes(family, reference, parameters, precision)
        let limit = Double(sysconf(Int32(_SC_PHYS_PAGES))) / 2 * Double(sysconf(Int32(_SC_PAGESIZE)))
        guard total <= limit else {
            throw KernelError(
                .invalidParameter,
                "\(family.name): the tensors and their verification take \(total) bytes; this machine has room for \(limit) of them"
            )
        }
    }
}
