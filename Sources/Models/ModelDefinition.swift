import KernelDefinitions
import Kernels
import Results

/// A model as its model.json describes it: layers, each a workload with a count, as functions of batch, context and
/// phase.
public struct ModelDefinition: Sendable {
    public let name: String
    public let summary: String
    /// Where the configuration was published.
    public let source: String
    let configuration: ModelConfiguration
    let layers: [ModelLayer]
    private let contextLimit: DefinitionReader?
    /// Where the layers stand, for messages.
    private let layersReader: DefinitionReader

    /// Reads `<folder>/model.json`.
    ///
    /// - Throws: ``KernelError`` naming file and key.
    init(_ reader: DefinitionReader, folder: String) throws(KernelError) {
        try reader.checkKeys(["model", "summary", "source", "contextLimit", "config", "layers"])
        name = try reader.required("model").string()
        guard name == folder else {
            throw try reader.required("model").failure("must be the folder's name, '\(folder)'")
        }
        summary = try reader.required("summary").string()
        source = try reader.required("source").string()
        contextLimit = try reader.optional("contextLimit")
        if let contextLimit, try contextLimit.integer() < 1 {
            throw contextLimit.failure("found \(try contextLimit.integer()), expected a number of tokens above 0")
        }
        configuration = try ModelConfiguration(try reader.required("config"))
        _ = try configuration.values()
        let entries = try reader.required("layers")
        var layers: [ModelLayer] = []
        for entry in try entries.array() {
            let layer = try ModelLayer(entry)
            guard !layers.contains(where: { $0.name == layer.name }) else {
                throw entry.failure("the layer '\(layer.name)' stands twice")
            }
            layers.append(layer)
        }
        guard layers.contains(where: { $0.family != nil }) else {
            throw entries.failure("found no layer with a kernel; a model has at least one")
        }
        for wire in layers.flatMap(\.reads)
        where !layers.contains(where: { $0.family != nil && [$0.name, $0.part].contains(wire.layer) }) {
            throw wire.failure("'\(wire.layer)' is no layer or part with a kernel")
        }
        self.layers = layers
        layersReader = entries
    }

    /// Tokens that it reads at most; `nil` for models that read as many as they are given.
    public var longestContext: Int? {
        guard let contextLimit, case .integer(let limit) = contextLimit.value else { return nil }
        return limit
    }

    /// The complaint about layers none of which is there in a phase.
    func withoutLayers(_ phase: ModelPhase, context: Int) -> KernelError {
        layersReader.failure("none that has a kernel is there in \(phase.rawValue) at the context \(context)")
    }

    /// - Throws: ``KernelError`` naming file and key: a context that the model was not made for.
    func check(context: Int) throws(KernelError) {
        guard let contextLimit, let limit = longestContext, context > limit else { return }
        throw contextLimit.failure("the model reads at most \(limit) tokens; found the context \(context)")
    }
}
