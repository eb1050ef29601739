/// A number with its name, in the order that a kernel receives it.
public struct NamedValue: Sendable, Hashable {
    public let name: String
    public let value: ScalarValue

    public init(_ name: String, _ value: ScalarValue) {
        self.name = name
        self.value = value
    }
}

/// One stage with every expression computed: all that a device needs to build and dispatch it.
public struct StagePlan: Sendable, Hashable {
    public let family: String
    public let strategy: String
    /// Name of the stage.
    public let name: String
    /// The variant of it that runs; `nil` for the stage itself.
    public let variant: String?
    public let precision: Precision
    public let reads: [String]
    public let writes: [String]
    /// Passed as 32-bit integers, then 32-bit integers or floats: the family's parameters in its order, then the
    /// scalars.
    public let arguments: [NamedValue]
    /// Tunables and constants, sorted by name: specialisation constants, `-D` options.
    public let constants: [NamedValue]
    /// The grid, three dimensions.
    public package(set) var workGroups: [Int]
    /// Three dimensions.
    public let workGroupSize: [Int]
    /// Work-items a sub-group that the stage is written for; `nil`: any number.
    public let subgroupSize: Int?
    /// Bytes that one dispatch moves between memory and the device, by tensor.
    public let traffic: [TensorTraffic]
    /// The arithmetic whose peak bounds it.
    public let rate: ArithmeticRate
    /// Names of the tensors whose traffic strategy.json states.
    package let partialTraffic: Set<String>
    /// Names, types and order of all that is bound.
    package let interface: StageInterface
    /// What is bound with its shape, in the order of ``buffers``; empty where the plan was made without shapes.
    public package(set) var tensors: [TensorPlan] = []

    /// A plan of which all tensors are stored in its precision.
    public init(
        family: String, strategy: String, name: String, precision: Precision, reads: [String], writes: [String],
        arguments: [NamedValue], constants: [NamedValue], workGroups: [Int], workGroupSize: [Int],
        traffic: [TensorTraffic] = []
    ) {
        self.init(
            family: family, strategy: strategy, name: name, variant: nil, precision: precision, reads: reads,
            writes: writes, arguments: arguments, constants: constants, workGroups: workGroups,
            workGroupSize: workGroupSize, subgroupSize: nil, traffic: traffic, rate: .f32, partialTraffic: [],
            interface: StageInterface(
                family: family, strategy: strategy, stage: name, variant: nil,
                tensors: StageInterface.tensors(reads: reads, writes: writes) { _ in nil },
                arguments: arguments.map { StageInterface.Number(name: $0.name, isReal: $0.value.isReal) },
                constants: constants.map { StageInterface.Number(name: $0.name, isReal: $0.value.isReal) }))
    }

    init(
        family: String, strategy: String, name: String, variant: String?, precision: Precision, reads: [String],
        writes: [String], arguments: [NamedValue], constants: [NamedValue], workGroups: [Int], workGroupSize: [Int],
        subgroupSize: Int?, traffic: [TensorTraffic], rate: ArithmeticRate, partialTraffic: Set<String>,
        interface: StageInterface
    ) {
        self.family = family
        self.strategy = strategy
        self.name = name
        self.variant = variant
        self.precision = precision
        self.reads = reads
        self.writes = writes
        self.arguments = arguments
        self.constants = constants
        self.workGroups = workGroups
        self.workGroupSize = workGroupSize
        self.subgroupSize = subgroupSize
        self.traffic = traffic
        self.rate = rate
        self.partialTraffic = partialTraffic
        self.interface = interface
    }

    /// The same stage on another grid.
    package func dispatched(over workGroups: [Int]) -> StagePlan {
        var plan = self
        plan.workGroups = workGroups
        return plan
    }

    /// The part of its sources' names before the ending: `flash`, or `flash.matrix` for a variant.
    public var sourceName: String { interface.sourceName }
    /// The path of its sources below kernels/, without an ending.
    public var sourcePath: String { interface.sourcePath }

    /// Whether strategy.json says how much of a tensor the stage moves, instead of all of it once.
    package func statesTraffic(of tensor: String) -> Bool { partialTraffic.contains(tensor) }

    /// Tensors in binding order: those read, then those written. A tensor that is both stands once, where it is read.
    public var buffers: [String] { reads + writes.filter { !reads.contains($0) } }
}

/// Bytes of a tensor that one dispatch reads, or writes. A tensor that is both read and written has one of each.
public struct TensorTraffic: Sendable, Hashable {
    public let tensor: String
    public let isWrite: Bool
    public let bytes: Int

    public init(tensor: String, isWrite: Bool, bytes: Int) {
        self.tensor = tensor
        self.isWrite = isWrite
        self.bytes = bytes
    }
}

/// A tensor with its shape computed.
public struct TensorPlan: Sendable, Hashable {
    public let name: String
    public let shape: [Int]
    public let type: ElementType

    public init(name: String, shape: [Int], type: ElementType) {
        self.name = name
        self.shape = shape
        self.type = type
    }

    public var byteCount: Int { shape.reduce(1, *) * type.byteCount }
}

/// A strategy with every expression computed for one workload on one device.
public struct StrategyPlan: Sendable {
    public let inputs: [TensorPlan]
    public let outputs: [TensorPlan]
    public let intermediates: [TensorPlan]
    public let stages: [StagePlan]
    /// What results call each stage: its name, where stages of several strategies do not follow each other.
    package let labels: [String]
    /// The names, among the plan's own, of the tensors that each stage binds, in its order.
    package let bindings: [[String]]

    public init(inputs: [TensorPlan], outputs: [TensorPlan], intermediates: [TensorPlan], stages: [StagePlan]) {
        self.init(
            inputs: inputs, outputs: outputs, intermediates: intermediates, stages: stages,
            labels: stages.map(\.name), bindings: stages.map(\.buffers))
    }

    package init(
        inputs: [TensorPlan], outputs: [TensorPlan], intermediates: [TensorPlan], stages: [StagePlan],
        labels: [String], bindings: [[String]]
    ) {
        self.inputs = inputs
        self.outputs = outputs
        self.intermediates = intermediates
        self.stages = stages
        self.labels = labels
        self.bindings = bindings
    }

    /// What results call the stages, in the order in which they first run: a stage that is repeated stands once.
    public var stageNames: [String] {
        var names: [String] = []
        for label in labels where !names.contains(label) { names.append(label) }
        return names
    }

    /// Inputs and outputs, each tensor once: what a strategy updates in place is both.
    public var ends: [TensorPlan] { inputs + outputs.filter { output in !isUpdated(output.name) } }

    /// Whether a tensor is an input that is written over.
    public func isUpdated(_ name: String) -> Bool {
        outputs.contains { $0.name == name } && inputs.contains { $0.name == name }
    }

    /// Bytes that one execution moves: what each stage reads, read once, and what it writes, written once.
    public var bytes: Double {
        stages.reduce(0) { total, stage in stage.traffic.reduce(total) { $0 + Double($1.bytes) } }
    }

    /// Of ``bytes``, those that are written.
    public var writtenBytes: Double {
        stages.reduce(0) { total, stage in
            stage.traffic.reduce(total) { $0 + ($1.isWrite ? Double($1.bytes) : 0) }
        }
    }

    /// The kinds of arithmetic that its stages compute in, each once.
    public var rates: Set<ArithmeticRate> { Set(stages.map(\.rate)) }

    /// The variants that stages take, by name of the stage; without those that are the stage itself.
    public var variants: [String: String] {
        Dictionary(zip(labels, stages).compactMap { label, stage in stage.variant.map { (label, $0) } }) { first, _ in
            first
        }
    }
}
