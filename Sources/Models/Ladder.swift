import KernelDefinitions
import Kernels
import Results

/// Changes to a model, each on top of one before it.
public struct Ladder: Sendable {
    public let name: String
    public let summary: String
    let rungs: [Rung]

    /// Reads `ladders/<file>.json`.
    ///
    /// - Throws: ``KernelError`` naming file and key.
    init(_ reader: DefinitionReader, file: String) throws(KernelError) {
        try reader.checkKeys(["ladder", "summary", "rungs"])
        name = try reader.required("ladder").string()
        guard name == file else { throw try reader.required("ladder").failure("must be the file's name, '\(file)'") }
        summary = try reader.required("summary").string()
        let entries = try reader.required("rungs")
        var rungs: [Rung] = []
        for entry in try entries.array() { rungs.append(try Rung(entry, before: rungs)) }
        guard !rungs.isEmpty else { throw entries.failure("a ladder has at least one rung") }
        self.rungs = rungs
    }

    /// For the result file.
    public var record: LadderRecord {
        LadderRecord(name: name, summary: summary, rungs: rungs.map(\.record))
    }

    /// The rungs from the first to one of them, each on the one before.
    func path(to rung: Rung) -> [Rung] {
        guard let below = rungs.first(where: { $0.record.name == rung.record.on }) else { return [rung] }
        return path(to: below) + [rung]
    }
}

/// One change to a model.
struct Rung: Sendable {
    /// Layers in place of those of a part.
    struct Replacement: Sendable {
        let part: String
        let layers: [ModelLayer]
        let reader: DefinitionReader
    }

    /// How much of the model a token goes through on average, and which parts of it.
    struct Exits: Sendable {
        let parts: Set<String>
        let meanDepth: Double
        let kernels: ExitKernels?
    }

    /// Kernels of early exit that say what it is worth.
    struct ExitKernels: Sendable {
        let strategy: String
        let baseline: String
        let shape: [(name: String, value: PlacedExpression)]
        let reader: DefinitionReader
    }

    let record: RungRecord
    /// Configuration values, from the model's own.
    let settings: [(name: String, value: PlacedExpression)]
    let precision: Precision?
    let rules: [KernelRule]
    let replacements: [Replacement]
    let exits: Exits?

    init(_ reader: DefinitionReader, before: [Rung]) throws(KernelError) {
        try reader.checkKeys([
            "rung", "title", "kind", "on", "note", "claim", "otherClaims", "set", "precision", "kernels", "replace",
            "exits",
        ])
        let name = try reader.required("rung").string()
        guard !before.contains(where: { $0.record.name == name }) else {
            throw try reader.required("rung").failure("the rung '\(name)' stands twice")
        }
        let on = try reader.optional("on")
        if let on, !before.contains(where: { (try? on.string()) == $0.record.name }) {
            throw on.failure("'\(try on.string())' is none of the rungs before it")
        }
        let kind: RungRecord.Kind = try reader.required("kind").choice()
        guard (kind == .start) == before.isEmpty else {
            throw try reader.required("kind").failure("the first rung, and no other, is the start")
        }
        record = RungRecord(
            name: name, title: try reader.required("title").string(), kind: kind,
            on: try on?.string() ?? before.last?.record.name, note: try reader.optional("note")?.string(),
            claim: try reader.optional("claim").map { entry throws(KernelError) in try Self.claim(entry) },
            otherClaims: try reader.optional("otherClaims")?.array().map { entry throws(KernelError) in
                try Self.claim(entry)
            })
        settings = try (reader.optional("set")?.members() ?? []).map { key, entry throws(KernelError) in
            (key, try PlacedExpression(entry))
        }
        precision = try reader.optional("precision")?.choice()
        rules = try reader.optional("kernels").map { entry throws(KernelError) in try KernelRule.all(entry) } ?? []
        replacements = try (reader.optional("replace")?.members() ?? []).map { part, entry throws(KernelError) in
            var layers: [ModelLayer] = []
            for layer in try entry.array() { layers.append(try ModelLayer(layer)) }
            return Replacement(part: part, layers: layers, reader: entry)
        }
        exits = try reader.optional("exits").map { entry throws(KernelError) in try Self.exits(entry) }
    }

    private static func claim(_ reader: DefinitionReader) throws(KernelError) -> RungRecord.Claim {
        try reader.checkKeys(["factor", "text", "source", "read", "unconfirmed"])
        let read = try reader.optional("read")?.string()
        let unconfirmed = try reader.optional("unconfirmed")?.string()
        guard (read == nil) != (unconfirmed == nil) else {
            throw reader.failure(
                "expected either 'read', where in the source the figure was read, or 'unconfirmed', why it was not")
        }
        return RungRecord.Claim(
            factor: try reader.optional("factor").map { entry throws(KernelError) in
                try PlacedExpression(entry).positive([:], "a factor")
            }, text: try reader.required("text").string(), source: try reader.required("source").string(),
            read: read, unconfirmed: unconfirmed)
    }

    /// `{"parts": ["mixer"], "after": [{"depth": 0.5, "tokens": 0.25}, {"depth": 1, "tokens": 0.75}]}`, and in
    /// `measured` the kernels of the family early-exit, whose own depths should be like these.
    private static func exits(_ reader: DefinitionReader) throws(KernelError) -> Exits {
        try reader.checkKeys(["parts", "after", "measured"])
        let after = try reader.required("after")
        var (tokens, depth) = (0.0, 0.0)
        for entry in try after.array() {
            try entry.checkKeys(["depth", "tokens"])
            let share = try PlacedExpression(try entry.required("tokens")).positive([:], "a share of the tokens")
            let reached = try PlacedExpression(try entry.required("depth")).positive([:], "a share of the blocks")
            guard reached <= 1 else { throw entry.failure("found the depth \(reached); 1 is all blocks") }
            tokens += share
            depth += share * reached
        }
        guard abs(tokens - 1) < 1e-9 else { throw after.failure("the tokens' shares add up to \(tokens), expected 1") }
        return Exits(
            parts: Set(try reader.required("parts").strings()), meanDepth: depth,
            kernels: try reader.optional("measured").map { entry throws(KernelError) in
                try entry.checkKeys(["strategy", "baseline", "shape"])
                return ExitKernels(
                    strategy: try entry.required("strategy").string(),
                    baseline: try entry.required("baseline").string(),
                    shape: try entry.required("shape").members().map { key, value throws(KernelError) in
                        (key, try PlacedExpression(value))
                    }, reader: entry)
            })
    }
}
