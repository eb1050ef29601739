import KernelDefinitions
import Kernels
import Results

/// What computes the layers of a family: a strategy, and where a ladder asks for it another shape or another family.
///
/// ```json
/// "attention": {"strategy": {"prefill": "flash", "decode": "flash-split-kv"}},
/// "matmul": {"family": "spmm", "shape": {"M": "N", "K": "K", "N": "M", "twoFour": 1}, "strategy": "two-four",
///            "except": ["logits"]}
/// ```
/// A shape's expressions see the layer's own parameters. Of several strategies the first that stores in the precision
/// is taken.
struct KernelRule: Sendable {
    let family: String
    let newFamily: String?
    let shape: [(name: String, value: PlacedExpression)]
    private let strategies: [ModelPhase: [String]]
    /// Parts of the model that it leaves alone.
    let exceptions: Set<String>
    /// Where it stands; `nil` for what the command line says.
    private let reader: DefinitionReader?

    /// What the command line says of a family's strategy, in both phases.
    init(family: String, strategy: String) {
        self.family = family
        newFamily = nil
        shape = []
        exceptions = []
        strategies = Dictionary(uniqueKeysWithValues: ModelPhase.allCases.map { ($0, [strategy]) })
        reader = nil
    }

    /// One a member of an object.
    static func all(_ reader: DefinitionReader) throws(KernelError) -> [KernelRule] {
        var rules: [KernelRule] = []
        for (family, entry) in try reader.members() { rules.append(try KernelRule(family, entry)) }
        return rules
    }

    private init(_ family: String, _ reader: DefinitionReader) throws(KernelError) {
        try reader.checkKeys(["family", "shape", "strategy", "except"])
        self.family = family
        self.reader = reader
        newFamily = try reader.optional("family")?.string()
        shape = try (reader.optional("shape")?.members() ?? []).map { key, entry throws(KernelError) in
            (key, try PlacedExpression(entry))
        }
        exceptions = Set(try reader.optional("except")?.strings() ?? [])
        strategies = try reader.optional("strategy").map { entry throws(KernelError) in try Self.names(entry) } ?? [:]
    }

    private static func names(_ reader: DefinitionReader) throws(KernelError) -> [ModelPhase: [String]] {
        if case .object = reader.value {
            try reader.checkKeys(Set(ModelPhase.allCases.map(\.rawValue)))
            var names: [ModelPhase: [String]] = [:]
            for phase in ModelPhase.allCases { names[phase] = try list(try reader.required(phase.rawValue)) }
            return names
        }
        let all = try list(reader)
        return Dictionary(uniqueKeysWithValues: ModelPhase.allCases.map { ($0, all) })
    }

    private static func list(_ reader: DefinitionReader) throws(KernelError) -> [String] {
        if case .array = reader.value { return try reader.strings() }
        return [try reader.string()]
    }

    /// The strategies that it prefers in a phase, the best first; `nil` where it says nothing of them.
    func preferences(_ phase: ModelPhase) -> [String]? { strategies[phase] }

    /// - Throws: ``KernelError`` naming file and key: a family, strategy or parameter that the catalogue does not have.
    func check(_ catalogue: Catalogue) throws(KernelError) {
        do throws(KernelError) {
            _ = try catalogue.family(family)
            let family = try catalogue.family(newFamily ?? family)
            for name in Set(strategies.values.joined()).sorted() { _ = try catalogue.strategy(name, of: family) }
            let known = family.parameters.map(\.name)
            guard let unknown = shape.first(where: { !known.contains($0.name) }) else { return }
            throw unknown.value.failure(
                "\(family.name) has no '\(unknown.name)'; it has \(known.joined(separator: ", "))")
        } catch {
            guard error.code != .invalidDefinition else { throw error }
            throw reader?.failure(error.description) ?? error
        }
    }
}
