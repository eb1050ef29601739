import Backends
import Kernels
import Results

/// Asks the compilers of devices what they made of stages: `joulemark inspect`.
public struct Inspector {
    /// Longer than any compiler takes for the stages of a strategy, inputs that shapes depend on included.
    private static let secondsAllowed = 300.0

    private let request: ProfileRequest
    private let catalogue: Catalogue
    private let executable: String
    private let tool: ToolRecord

    /// - Parameters:
    ///   - request: what is looked at, as ``Profiler`` takes it; the rest of it does not matter.
    ///   - executable: this program, to start workers from.
    public init(_ request: ProfileRequest, catalogue: Catalogue, executable: String, tool: ToolRecord) {
        self.request = request
        self.catalogue = catalogue
        self.executable = executable
        self.tool = tool
    }

    /// One record a device. A strategy that a compiler dies of is a program with a message.
    ///
    /// - Parameters:
    ///   - everyRung: whether each rung of the stages' ladders is looked at, not only the one that would run.
    ///   - disassembles: whether the compilers' texts are wanted too.
    /// - Throws: ``ProfilingError`` when the selection names what does not exist.
    public func run(
        everyRung: Bool, disassembles: Bool, onProgram: (ProgramRecord) -> Void = { _ in }
    ) throws(ProfilingError) -> [InspectionRecord] {
        let workloads = try WorkloadPlanner(request: request, catalogue: catalogue).workloads()
        let survey = try DeviceSurvey(executable: executable, settings: request.backends)
        var records: [InspectionRecord] = []
        for device in try survey.select(request.selection.devices) {
            var record = InspectionRecord(tool: tool, device: device)
            let build = Build(executable: executable, kernelDirectories: request.builds.kernelDirectories)
            let connection = DeviceConnection(
                device: device, build: build, settings: request.backends, scratch: "")
            defer { connection.close() }
            for planned in workloads {
                for strategy in planned.strategies.flatMap({ everyRung ? $0.rungs : [$0] }) {
                    for program in try inspect(planned, strategy, connection, disassembles: disassembles)
                    where !record.programs.contains(where: { $0.isSameProgram(as: program) }) {
                        record.programs.append(program)
                        onProgram(program)
                    }
                }
            }
            records.append(record)
        }
        return records
    }

    private func inspect(
        _ planned: PlannedWorkload, _ strategy: Strategy, _ connection: DeviceConnection, disassembles: Bool
    ) throws(ProfilingError) -> [ProgramRecord] {
        let assignment = Assignment(workload: planned.workload, strategy: strategy, isHot: true)
        do throws(ProfilingError) {
            let programs = try connection.ask { worker throws(ProfilingError) in
                try worker.inspect(assignment, disassembles: disassembles, within: Self.secondsAllowed)
            }
            return programs.map { program in
                var program = program
                program.workload = planned.name
                return program
            }
        } catch {
            guard error.code == .refused || error.code == .worker else { throw error }
            var program = ProgramRecord(
                family: planned.workload.family, strategy: strategy.name, stage: nil,
                precision: planned.workload.precision.rawValue, workload: planned.name)
            program.message = error.description
            return [program]
        }
    }
}

extension Strategy {
    /// The strategy with each rung of its ladders forced, the stages themselves last.
    fileprivate var rungs: [Strategy] {
        let names = offeredVariants()
        return names.isEmpty ? [self] : names.map(forcing)
    }
}

extension ProgramRecord {
    /// A stage as a worker looks at it, with the constants that its source names; the workload's name is the parent's
    /// to say.
    init(_ stage: StagePlan, _ uses: ConstantUse) {
        self.init(
            family: stage.family, strategy: stage.strategy, stage: stage.name, precision: stage.precision.rawValue,
            workload: "")
        variant = stage.variant
        workGroupSize = stage.workGroupSize
        workGroups = stage.workGroups
        let used = stage.constants.filter { uses.contains($0.name, inSource: stage.sourceName) }
        constants = Dictionary(used.map { ($0.name, $0.value.real) }) { first, _ in first }
    }

    /// Whether a compiler sees the same twice: two messages are one as well.
    func isSameProgram(as other: ProgramRecord) -> Bool {
        family == other.family && strategy == other.strategy && stage == other.stage && variant == other.variant
            && precision == other.precision && workGroupSize == other.workGroupSize && constants == other.constants
            && message == other.message
    }
}
