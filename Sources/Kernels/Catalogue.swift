/// All families, strategies and workloads that can be profiled.
public struct Catalogue: Sendable {
    public let library: KernelLibrary
    /// The families that have a strategy, sorted by name.
    public let families: [Family]
    /// What is wrong with files that a user added, a message each; the rest of the catalogue stands without them.
    public let problems: [KernelError]
    /// True when a strategy that a user added is right.
    public var hasAdded: Bool {
        strategiesByFamily.values.joined().contains { library.isAdded("\($0.family)/\($0.name)/strategy.json") }
    }
    /// Every family.json, whether there are strategies for it or not, sorted by name.
    package let describedFamilies: [Family]
    private let strategiesByFamily: [String: [Strategy]]

    /// The oracles. Adding a family = a folder under kernels/ and one line here.
    public static let references: [any FamilyReference] = [
        AttentionReference(), SparseAttentionReference(), SparseProductReference(), MixtureOfExpertsReference(),
        SelectiveScanReference(), StateSpaceDualReference(), CausalConvolutionReference(), RMSNormResidualReference(),
        SwigluReference(), GeluReference(), StridedCopyReference(), RotaryAppendReference(), EarlyExitReference(),
        MatrixProductReference(), PeakFlopsReference(), PeakIntegerDotReference(),
        PeakMatrixReference(operands: .floats), PeakMatrixReference(operands: .bytes), PeakBandwidthReference(),
        EmptyDispatchReference(),
    ]

    /// Reads every family.json and strategy.json of the library.
    ///
    /// - Throws: ``KernelError`` naming file and key, when a built-in file is wrong. Files that a user added go to
    ///   ``problems`` instead.
    public init(_ library: KernelLibrary = .builtIn) throws(KernelError) {
        self.library = library
        var problems: [KernelError] = []
        func attempt<Value>(_ path: String, _ body: () throws(KernelError) -> Value) throws(KernelError) -> Value? {
            do { return try body() } catch {
                guard library.isAdded(path) else { throw error }
                problems.append(error)
                return nil
            }
        }
        var families: [Family] = []
        for path in library.familyPaths {
            let family = try attempt(path) { () throws(KernelError) in
                let family = try library.family(at: path)
                try Self.checkOracle(family, path, library)
                return family
            }
            if let family { families.append(family) }
        }
        var strategies: [String: [Strategy]] = [:]
        for path in library.strategyPaths {
            let strategy = try attempt(path) { () throws(KernelError) in
                try library.strategy(at: path, families: families)
            }
            if let strategy { strategies[strategy.family, default: []].append(strategy) }
        }
        for family in families {
            guard let own = strategies[family.name]?.map(\.name) else { continue }
            let keys = [
                ("baseline", [family.baseline]), ("quick", family.quickStrategies),
                ("reference.strategy", family.referenceStrategy.map { [$0] } ?? []),
            ]
            let unknown = keys.compactMap { key, names in names.first { !own.contains($0) }.map { (key, $0) } }
            guard let (key, name) = unknown.first else { continue }
            let path = "\(family.name)/family.json"
            _ = try attempt(path) { () throws(KernelError) in
                throw KernelError(
                    .invalidDefinition,
                    "\(library.location(path)): \(key): '\(name)' is none of the family's strategies")
            }
            strategies[family.name] = nil
        }
        describedFamilies = families
        self.families = families.filter { strategies[$0.name] != nil }
        self.problems = problems
        strategiesByFamily = strategies
    }

    /// A family has an oracle here, or says what stands in for one, and not both.
    private static func checkOracle(_ family: Family, _ path: String, _ library: KernelLibrary) throws(KernelError) {
        let isKnown = references.contains { $0.family == family.name }
        guard isKnown == (family.description != nil) else { return }
        let complaint =
            isKnown
            ? "reference: the program has an oracle for this family already"
            : "the key 'reference' is missing: the program has no oracle for this family"
        throw KernelError(.invalidDefinition, "\(library.location(path)): \(complaint)")
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

    /// What a suite runs of a family: everything, but for the quick one, which keeps to the family's
    /// ``Family/quickStrategies`` and what a user has added.
    public func strategies(of family: Family, suite: String?) -> [Strategy] {
        let all = strategies(of: family)
        guard suite == "quick", !family.quickStrategies.isEmpty else { return all }
        return all.filter {
            family.quickStrategies.contains($0.name) || library.isAdded("\(family.name)/\($0.name)/strategy.json")
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
        if let description = family.description {
            return DescribedReference(description: description, definition: family, library: library)
        }
        if let reference = Self.references.first(where: { $0.family == family.name }) { return reference }
        throw KernelError(
            .invalidDefinition,
            "\(library.location("\(family.name)/family.json")): no oracle is known for this family: say 'reference' and 'flops'"
        )
    }
}
