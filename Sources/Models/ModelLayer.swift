import KernelDefinitions
import Kernels

/// A layer as model.json describes it: a kernel with its shape, and how often it runs in one pass over the model.
///
/// ```json
/// {"name": "up", "part": "feed-forward", "family": "matmul", "count": "layers",
///  "shape": {"M": "rows", "N": "intermediate", "K": "hidden"}, "weights": "N * K"}
/// ```
/// `"reads": {"a": "attention norm", "residual": "feed-forward norm.residual_out"}` says which of its inputs others
/// have written: a layer, or the last of a part, and one of its outputs where that is not the first. What comes later
/// in the list has written it in the block before. Without a family it is what no kernel is composed for, and `leftOut`
/// says what that is.
struct ModelLayer: Sendable {
    let name: String
    /// What it belongs to, so that a ladder can replace it: `mixer`, `feed-forward`…
    let part: String
    let family: String?
    let count: PlacedExpression?
    let shape: [(name: String, value: PlacedExpression)]
    /// Inputs that other layers write.
    let reads: [Wire]
    /// Of one such layer; may use the shape's parameters.
    let weights: PlacedExpression?
    /// Of these, those that a token meets; `nil`: all.
    let activeWeights: PlacedExpression?
    let leftOut: String?
    /// When it is there at all.
    let condition: PlacedExpression?
    /// Where it stands, for messages.
    private let reader: DefinitionReader

    init(_ reader: DefinitionReader) throws(KernelError) {
        try reader.checkKeys([
            "name", "part", "family", "count", "shape", "reads", "weights", "activeWeights", "leftOut", "when",
        ])
        self.reader = reader
        name = try reader.required("name").string()
        part = try reader.optional("part")?.string() ?? ""
        family = try reader.optional("family")?.string()
        leftOut = try reader.optional("leftOut")?.string()
        count = try reader.optional("count").map { entry throws(KernelError) in try PlacedExpression(entry) }
        weights = try reader.optional("weights").map { entry throws(KernelError) in try PlacedExpression(entry) }
        activeWeights = try reader.optional("activeWeights").map { entry throws(KernelError) in
            try PlacedExpression(entry)
        }
        condition = try reader.optional("when").map { entry throws(KernelError) in try PlacedExpression(entry) }
        shape = try (reader.optional("shape")?.members() ?? []).map { key, entry throws(KernelError) in
            (key, try PlacedExpression(entry))
        }
        reads = try (reader.optional("reads")?.members() ?? []).map { key, entry throws(KernelError) in
            try Wire(input: key, entry)
        }
        guard family != nil || leftOut != nil else {
            throw reader.failure("expected 'family', or 'leftOut' to say what is not composed")
        }
        guard family != nil || shape.isEmpty else { throw try reader.required("shape").failure("belongs to a family") }
    }

    /// - Throws: ``KernelError`` naming file and key: a family or a parameter that the catalogue does not have.
    func check(_ catalogue: Catalogue) throws(KernelError) {
        guard let name = family else { return }
        do throws(KernelError) {
            let family = try catalogue.family(name)
            let known = family.parameters.map(\.name)
            if let unknown = shape.first(where: { !known.contains($0.name) }) {
                throw unknown.value.failure("\(name) has no such parameter; it has \(known.joined(separator: ", "))")
            }
            let inputs = family.inputs.map(\.name)
            guard let unknown = reads.first(where: { !inputs.contains($0.input) }) else { return }
            throw unknown.failure("\(name) has no such input; it has \(inputs.joined(separator: ", "))")
        } catch {
            guard error.code == .unknownName else { throw error }
            throw try reader.required("family").failure(error.description)
        }
    }

    /// The complaint about what stands here.
    func failure(_ what: String) -> KernelError { reader.failure(what) }
}

extension ModelLayer {
    /// An input that another layer writes.
    struct Wire: Sendable {
        let input: String
        /// A layer, or a part, of which the last layer is meant.
        let layer: String
        /// `nil`: the first that its family has.
        let output: String?
        private let reader: DefinitionReader

        /// - Parameter reader: `layer` or `layer.output`.
        init(input: String, _ reader: DefinitionReader) throws(KernelError) {
            self.input = input
            self.reader = reader
            let text = try reader.string()
            let dot = text.lastIndex(of: ".")
            layer = dot.map { String(text[..<$0]) } ?? text
            output = dot.map { String(text[text.index(after: $0)...]) }
        }

        /// The complaint about what stands here.
        func failure(_ what: String) -> KernelError { reader.failure(what) }
    }
}
