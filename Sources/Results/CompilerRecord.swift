/// What the compilers of a device made of a catalogue's stages: the content of what `joulemark inspect --json` writes,
/// schema 1.
public struct InspectionRecord: Codable, Sendable {
    public static let currentSchemaVersion = 1

    public var schemaVersion = InspectionRecord.currentSchemaVersion
    public var tool: ToolRecord
    public var device: DeviceRecord
    /// Each program once, under the first workload that asks for it.
    public var programs: [ProgramRecord] = []

    public init(tool: ToolRecord, device: DeviceRecord) {
        self.tool = tool
        self.device = device
    }
}

/// One compiled stage: a source with its constants, work-group size and precision.
public struct ProgramRecord: Codable, Sendable, Equatable {
    public var family: String
    public var strategy: String
    /// `nil` where the whole strategy could not be looked at.
    @ExplicitNull public var stage: String?
    /// The rung of the stage's ladder; `nil` for the stage itself.
    @ExplicitNull public var variant: String?
    public var precision: String
    /// The workload whose sizes it was compiled for.
    public var workload: String
    public var workGroupSize: [Int] = []
    public var workGroups: [Int] = []
    public var constants: [String: Double] = [:]
    /// Why there is nothing to tell; `nil` where there is.
    @ExplicitNull public var message: String?
    @ExplicitNull public var compiled: CompiledStageRecord?

    public init(family: String, strategy: String, stage: String?, precision: String, workload: String) {
        self.family = family
        self.strategy = strategy
        self.stage = stage
        self.precision = precision
        self.workload = workload
    }
}

/// What a compiler tells of a stage that it compiled.
public struct CompiledStageRecord: Codable, Sendable, Equatable {
    /// A text of the compiler's: the instructions, or an intermediate form.
    public struct Listing: Codable, Sendable, Equatable {
        public var name: String
        public var text: String

        public init(name: String, text: String) {
            self.name = name
            self.text = text
        }
    }

    public var figures: CompilerFigures
    /// The driver's own statistics, by its own names.
    public var statistics: [String: Double] = [:]
    /// Only where they were asked for, and as far as the driver has them.
    public var listings: [Listing] = []

    public init(figures: CompilerFigures) { self.figures = figures }
}

/// The figures that decide how fast a compiled stage can be, under one name for all drivers.
public struct CompilerFigures: Codable, Sendable, Equatable {
    /// Registers of a work-item.
    public var registers: CompilerFigure
    /// Registers that had no place and went to memory.
    public var spills: CompilerFigure
    /// Memory that stands in for registers: spilled ones, and arrays that a variable indexes.
    public var scratchBytes: CompilerFigure
    /// Of a work-group.
    public var sharedMemoryBytes: CompilerFigure
    /// Sub-groups that a unit of the device holds at a time.
    public var occupancy: CompilerFigure
    public var subgroupSize: CompilerFigure
    public var instructions: CompilerFigure
    /// The compiler's estimate, each instruction counted once.
    public var cycles: CompilerFigure
    public var codeBytes: CompilerFigure

    /// All of them unavailable, for one reason.
    public init(unavailable reason: String) {
        let figure = CompilerFigure.unavailable(reason)
        registers = figure
        spills = figure
        scratchBytes = figure
        sharedMemoryBytes = figure
        occupancy = figure
        subgroupSize = figure
        instructions = figure
        cycles = figure
        codeBytes = figure
    }

    /// The figures in the order in which they are shown, with the names that they have in JSON.
    public static let all:
        [(name: String, title: String, path: any WritableKeyPath<CompilerFigures, CompilerFigure> & Sendable)] = [
            ("registers", "registers", \.registers), ("spills", "spills", \.spills),
            ("scratchBytes", "scratch B", \.scratchBytes), ("sharedMemoryBytes", "shared B", \.sharedMemoryBytes),
            ("occupancy", "occupancy", \.occupancy), ("subgroupSize", "sub-group", \.subgroupSize),
            ("instructions", "instructions", \.instructions), ("cycles", "cycles", \.cycles),
            ("codeBytes", "code B", \.codeBytes),
        ]
}

/// A number that a compiler told, one that follows from others, or why there is none.
public struct CompilerFigure: Codable, Sendable, Equatable {
    public enum Provenance: String, Codable, Sendable {
        /// The driver told it.
        case driver
        /// It follows from what the driver told and from what is known of the device.
        case computed
        /// Nobody tells; ``CompilerFigure/reason`` says why.
        case unavailable
    }

    @ExplicitNull public var value: Double?
    public var provenance: Provenance
    /// What it counts, where drivers differ: `vec4 registers`, `sub-groups a SIMD unit`.
    @ExplicitNull public var unit: String?
    /// Why it is unavailable, or how it was computed.
    @ExplicitNull public var reason: String?

    public static func told(_ value: Double, unit: String? = nil) -> CompilerFigure {
        CompilerFigure(value: value, provenance: .driver, unit: unit)
    }

    public static func computed(_ value: Double, from reason: String, unit: String? = nil) -> CompilerFigure {
        CompilerFigure(value: value, provenance: .computed, unit: unit, reason: reason)
    }

    public static func unavailable(_ reason: String) -> CompilerFigure {
        CompilerFigure(value: nil, provenance: .unavailable, reason: reason)
    }

    private init(value: Double?, provenance: Provenance, unit: String? = nil, reason: String? = nil) {
        self.value = value
        self.provenance = provenance
        self.unit = unit
        self.reason = reason
    }
}
