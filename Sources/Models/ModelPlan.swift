import KernelDefinitions
import Kernels
import Results

/// A kernel that a model runs: what has to be measured once, however many layers and rungs use it.
public struct ModelKernel: Hashable, Sendable {
    public let workload: WorkloadCase
    public let strategy: String
}

/// A model in every form that is asked for, as kernels with counts.
///
/// ```swift
/// let plan = try ModelPlan(try library.model("gpt2-small"), nil, request, library: library, catalogue: catalogue)
/// let kernels = plan.kernels     // to be measured
/// let record = plan.composed(from: run)
/// ```
public struct ModelPlan: Sendable {
    /// A layer with its kernel, in one form of the model.
    struct Layer: Sendable {
        let name: String
        let part: String
        let kernel: ModelKernel
        /// What the layer is before a ladder stores it in fewer bits; `nil` where another family computes it.
        let exact: WorkloadCase?
        /// Inputs that other layers write.
        let reads: [ModelLayer.Wire]
        /// The outputs of its family.
        let outputs: [String]
        /// How many of it the model has, one after the other.
        let copies: Int
        /// The kernel's sizes in words.
        let label: String?
        /// Tokens leave it early: ``count`` is smaller than ``copies``.
        let isLeft: Bool
        /// Executions in one pass over the model: fewer than ``copies`` where tokens leave early.
        let count: Double
        /// Of one execution.
        let flops: Double
        let minimumBytes: Double

        /// How its operands are stored; `nil` for what is no product.
        var product: ProductApproximation? { ProductApproximation(kernel.workload) }
    }

    /// Early exit as kernels of its own.
    struct Exit: Sendable {
        let kernel: ModelKernel
        let baseline: ModelKernel
        let meanDepth: Double
    }

    /// One form of the model in one phase at one context.
    struct Point: Sendable {
        let rung: Rung?
        let phase: ModelPhase
        let batch: Int
        let context: Int
        let layers: [Layer]
        let parameters: Double
        let activeParameters: Double
        /// What is not composed, in words.
        let leftOut: [String]
        /// What says how much less the layers that tokens leave take; `nil`: as much less as they are left.
        let exit: Exit?
        /// The layers in a row, where that is asked for.
        var chain: PlannedChain?

        /// That one pass over the model processes.
        var tokens: Double { Double(phase == .prefill ? batch * context : batch) }
    }

    let model: ModelDefinition
    let ladder: Ladder?
    let points: [Point]

    /// Checks everything that the files say; nothing is measured.
    ///
    /// - Throws: ``KernelError`` naming file and key.
    public init(
        _ model: ModelDefinition, _ ladder: Ladder?, _ request: ModelRequest, library: ModelLibrary,
        catalogue: Catalogue
    ) throws(KernelError) {
        self.model = model
        self.ladder = ladder
        let defaults = try library.defaultRules()
        for rule in defaults { try rule.check(catalogue) }
        for rung in ladder?.rungs ?? [] {
            for rule in rung.rules { try rule.check(catalogue) }
        }
        let asked = request.strategies.map { KernelRule(family: $0.family, strategy: $0.strategy) }
        var points: [Point] = []
        for phase in request.phases {
            for context in request.contexts {
                try model.check(context: context)
                for rung in ladder?.rungs.map(Optional.some) ?? [nil] {
                    let path = rung.flatMap { rung in ladder?.path(to: rung) } ?? []
                    let form = ModelForm(
                        model: model, path: path, rules: defaults + path.flatMap(\.rules) + asked, phase: phase,
                        batch: request.batch, context: context,
                        precision: path.last { $0.precision != nil }?.precision ?? request.precision,
                        catalogue: catalogue)
                    var point = try form.point()
                    point.chain = request.chainedBlocks.map { PlannedChain(model.name, point, blocks: $0) }
                    points.append(point)
                }
            }
        }
        self.points = points
    }

    /// Every kernel once, in the order in which layers need them.
    public var kernels: [ModelKernel] {
        var seen: Set<ModelKernel> = []
        let all = points.flatMap { point in
            point.layers.map(\.kernel) + (point.exit.map { [$0.baseline, $0.kernel] } ?? [])
        }
        return all.filter { seen.insert($0).inserted }
    }

    /// What has to be measured beside the ``kernels``.
    public var chains: [PlannedChain] { points.compactMap(\.chain).filter { $0.chain != nil } }

    /// What is not composed in any of the forms, each once.
    var leftOut: [String] {
        var seen: Set<String> = []
        return points.flatMap(\.leftOut).filter { seen.insert($0).inserted }
    }
}
