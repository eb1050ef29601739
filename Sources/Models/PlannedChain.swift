import KernelDefinitions
import Kernels
import Results

/// Blocks of a model as kernels in a row, each of which reads what the ones before it have written; with all blocks,
/// what follows them too.
public struct PlannedChain: Sendable {
    /// A layer of one of the blocks.
    private struct Step {
        let layer: ModelPlan.Layer
        let block: Int
    }

    /// What results call it among the strategies of ``Kernels/Chain/family``: the model and its rung.
    public let strategy: String
    /// What results call its workload.
    public let name: String
    /// What results say of its size.
    public let parameters: [String: Int]
    /// `nil` where the layers cannot be chained.
    public let chain: Chain?
    /// Why they cannot.
    let reason: String?
    /// Blocks in a row.
    public let blocks: Int
    /// The layers of the links, in their order.
    let layers: [ModelPlan.Layer]

    init(_ model: String, _ point: ModelPlan.Point, blocks wanted: Int) {
        let all = point.layers
        strategy = [model, point.rung?.record.name].compactMap(\.self).joined(separator: "/")
        // What a model has most of is its blocks; what it has once follows them.
        let copies = all.map(\.copies).max() ?? 0
        let blocks = min(wanted, copies)
        self.blocks = blocks
        parameters = ["blocks": blocks, "batch": point.batch, "context": point.context]
        let sizes = parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        name = "\(point.phase.rawValue) \(sizes.joined(separator: ","))"
        let body = all.filter { $0.copies == copies && copies > 1 }
        let head = blocks == copies ? all.filter { $0.copies != copies } : []
        var steps = (0..<blocks).flatMap { block in body.map { Step(layer: $0, block: block) } }
        steps += head.map { Step(layer: $0, block: blocks) }
        layers = steps.map(\.layer)
        if body.isEmpty || all.contains(where: { $0.copies != copies && $0.copies != 1 }) {
            (chain, reason) = (nil, "its layers are not all in every block")
            return
        }
        do throws(KernelError) {
            chain = Chain(links: try Self.links(steps, after: body.count))
            reason = nil
        } catch {
            (chain, reason) = (nil, error.description)
        }
    }

    /// - Parameter size: layers of a block.
    private static func links(_ steps: [Step], after size: Int) throws(KernelError) -> [Chain.Link] {
        var links: [Chain.Link] = []
        for (index, step) in steps.enumerated() {
            let layer = step.layer
            guard let exact = layer.exact else {
                throw KernelError(
                    .unavailable,
                    "'\(layer.name)' is computed by \(layer.kernel.workload.family), whose operands lie otherwise")
            }
            var reads: [String: Chain.Source] = [:]
            for wire in layer.reads {
                guard let written = steps.map(\.layer).lastIndex(of: wire, before: index, within: size) else {
                    // What the first block reads of the one before it is generated.
                    guard steps.contains(where: { $0.layer.isMeant(by: wire) }) else {
                        throw KernelError(.unavailable, wire.failure("there is no layer '\(wire.layer)'").description)
                    }
                    continue
                }
                let outputs = steps[written].layer.outputs
                reads[wire.input] = Chain.Source(link: written, tensor: wire.output ?? outputs[0])
            }
            let name = step.block == 0 ? layer.name : "\(step.block + 1) \(layer.name)"
            links.append(
                Chain.Link(
                    name: name, workload: layer.kernel.workload, strategy: layer.kernel.strategy, reads: reads,
                    exact: exact))
        }
        guard links.contains(where: { !$0.reads.isEmpty }) else {
            throw KernelError(.unavailable, "the model does not say which layer reads what of which ('reads')")
        }
        return links
    }
}

extension ModelPlan.Layer {
    fileprivate func isMeant(by wire: ModelLayer.Wire) -> Bool { name == wire.layer || part == wire.layer }
}

extension [ModelPlan.Layer] {
    /// The last layer that a wire means, among those of the block before a place or of what comes between.
    fileprivate func lastIndex(of wire: ModelLayer.Wire, before place: Int, within size: Int) -> Int? {
        let near = Swift.max(place - size, 0)..<place
        return near.last { self[$0].name == wire.layer } ?? near.last { self[$0].part == wire.layer }
    }
}
