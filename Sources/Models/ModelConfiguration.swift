import KernelDefinitions

/// The named integers of a model, some of which follow from others: `"headSize": "hidden / heads"`.
struct ModelConfiguration: Sendable {
    /// Names that a layer's expressions have besides: what is asked for.
    static let given: Set<String> = ["batch", "context", "prefill", "length", "rows", "blocks"]

    private let entries: [String: PlacedExpression]

    init(_ reader: DefinitionReader) throws(KernelError) {
        var entries: [String: PlacedExpression] = [:]
        for (key, entry) in try reader.members() {
            guard !Self.given.contains(key) else {
                throw entry.failure("'\(key)' is given by the command line, and no model can fix it")
            }
            entries[key] = try PlacedExpression(entry)
        }
        self.entries = entries
    }

    /// Every value, with `changes` in place of the model's own.
    ///
    /// - Throws: ``KernelError`` naming file and key: an expression that uses itself, or what is not known.
    func values(changing changes: [String: Int] = [:]) throws(KernelError) -> [String: Int] {
        var values = changes
        for name in entries.keys.sorted() { try resolve(name, path: [], &values) }
        return values
    }

    private func resolve(_ name: String, path: [String], _ values: inout [String: Int]) throws(KernelError) {
        guard values[name] == nil, let entry = entries[name] else { return }
        if let start = path.firstIndex(of: name) {
            let cycle = (path[start...] + [name]).joined(separator: " → ")
            throw entry.failure("is computed from itself: \(cycle)")
        }
        for other in entry.expression.variables.sorted() { try resolve(other, path: path + [name], &values) }
        values[name] = try entry.integer(values)
    }
}
