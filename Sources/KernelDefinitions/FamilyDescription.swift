/// What family.json says in place of an oracle, for a family that a user brings.
///
/// ```json
/// "flops": "2 * N", "tokens": "1",
/// "reference": {"strategy": "plain"}
/// ```
/// or `{"golden": "golden"}`, a folder beside family.json with `<workload>/<tensor>.npy` for every input and output.
package struct FamilyDescription: Sendable {
    package enum Source: Sendable {
        /// The outputs of this strategy.
        case strategy(String)
        /// Files in this folder, relative to the family's.
        case golden(String)
    }

    package let source: Source
    package let flops: Expression
    package let tokens: Expression?

    /// `nil` when the family says nothing of the kind.
    init?(_ reader: DefinitionReader) throws(KernelError) {
        guard let entry = try reader.optional("reference") else {
            for key in ["flops", "tokens"] {
                if let alone = try reader.optional(key) {
                    throw alone.failure("belongs to a family with a 'reference' of its own")
                }
            }
            return nil
        }
        try entry.checkKeys(["strategy", "golden"])
        switch (try entry.optional("strategy")?.string(), try entry.optional("golden")?.string()) {
        case (let strategy?, nil): source = .strategy(strategy)
        case (nil, let folder?): source = .golden(folder)
        default:
            throw entry.failure("expected either {\"strategy\": NAME} or {\"golden\": FOLDER}")
        }
        flops = try reader.required("flops").expression()
        tokens = try reader.optional("tokens")?.expression()
    }

    /// - Throws: ``KernelError`` with code `invalidDefinition` when an expression uses what is no parameter.
    func check(_ parameters: [Family.Parameter], file: String) throws(KernelError) {
        let known = Set(parameters.map(\.name))
        for (key, expression) in [("flops", flops)] + (tokens.map { [("tokens", $0)] } ?? []) {
            guard let name = expression.variables.sorted().first(where: { !known.contains($0) }) else { continue }
            let names = known.sorted().joined(separator: ", ")
            throw KernelError(
                .invalidDefinition,
                "\(file): \(key): '\(expression.source)' uses '\(name)'; the parameters are \(names)")
        }
    }
}
