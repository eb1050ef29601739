/// All families, strategies and workloads that can be profiled.
public struct Catalogue: Sendable {
    public let library: KernelLibrary
    /// Sorted by name.
    public let families: [Family]
    private let strategiesByFamily: [String: [Strategy]]

    /// The oracles. Adding a family = a folder under kernels/ and one line here.
    public static let references: [any FamilyReference] = [
        AttentionReference(), PeakFlopsReference(), PeakBandwidthReference(),
    ]

    /// Reads every family.json and strategy.json of the library.
    ///
    /// - Throws: ``KernelError`` naming file and key.
    public init(_ library: KernelLibrary = .builtIn) throws(KernelError) {
        self.library = library
        var families: [Family] = []
        var strategies: [String: [Strategy]] = [:]
        for path in library.paths {
            let parts = path.split(separator: "/").map(String.init)
            if parts.count == 2, parts[1] == "family.json" {
                let reader = try DefinitionReader(file: "kernels/\(path)", bytes: try library.bytes(path))
                families.append(try Family(reader, folder: parts[0]))
            } else if parts.count == 3, parts[2] == "strategy.json" {
                let reader = try DefinitionReader(file: "kernels/\(path)", bytes: try library.bytes(path))
                strategies[parts[0], default: []].append(try Strategy(reader, family: parts[0], folder: parts[1]))
            }
        }
        self.families = families
        strategiesByFamily = strategies
    }

    public func family(_ name: String) throws(KernelError) -> Family {
        if let family = families.first(where: { $0.name == name }) { return family }
        let names = families.filter { !$0.isInternal }.map(\.name).joined(separator: ", ")
        throw KernelError(.unknownName, "unknown family '\(name)'; the families are \(names)")
    }

    /// The family's strategies, the baseline first, then by name.
    public func strategies(of family: Family) -> [Strategy] {
        (strategiesByFamily[family.name] ?? []).sorted {
            ($0.name != family.baseline ? 1 : 0, $0.name) < ($1.name != family.baseline ? 1 : 0, $1.name)
        }
    }

    public func strategy(_ name: String, of family: Family) throws(KernelError) -> Strategy {
        let all = strategies(of: family)
        if let strategy = all.first(where: { $0.name == name }) { return strategy }
        let names = all.map(\.name).joined(separator: ", ")
        throw KernelError(.unknownName, "\(family.name) has no strategy '\(name)'; its strategies are \(names)")
    }

    /// The oracle of a family.
    public func reference(of family: Family) throws(KernelError) -> any FamilyReference {
        if let reference = Self.references.first(where: { $0.family == family.name }) { return reference }
        throw KernelError(.invalidDefinition, "kernels/\(family.name)/family.json: no oracle is known for this family")
    }
}
