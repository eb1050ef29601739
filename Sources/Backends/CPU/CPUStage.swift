import CKernels
import Kernels

/// A compiled stage with the arguments that its plan fixes.
@safe final class CPUStage {
    let workGroups: [Int]
    let bufferCount: Int
    private let stage: UnsafePointer<joulemark_stage>
    /// What the stage's code lies in, when it is not the program itself.
    private let library: CPULibrary?
    private let arguments: UnsafeMutableBufferPointer<joulemark_value>
    private let constants: UnsafeMutableBufferPointer<joulemark_value>

    /// Finds the stage among those that are linked in; a user's own is compiled.
    ///
    /// - Throws: ``BackendError`` when there is none for this instruction set, or its definition asks for other tensors
    ///   or arguments than its source takes.
    init(_ plan: StagePlan, isa: InstructionSet, sources: KernelLibrary) throws(BackendError) {
        let source = "\(plan.sourcePath).c"
        let path = sources.location(source)
        let library = sources.isAdded(source) ? try CPULibrary(plan.interface, sources) : nil
        let stage = unsafe library?.stage(plan, isa: isa) ?? (library == nil ? Self.registered(plan, isa: isa) : nil)
        guard let stage = unsafe stage else {
            throw BackendError(
                .unsupported, "\(path): the program has no \(plan.precision.rawValue) stage of it for \(isa.rawValue)")
        }
        for (what, found, expected) in unsafe [
            ("tensors", plan.buffers.count, Int(stage.pointee.bufferCount)),
            ("arguments", plan.arguments.count, Int(stage.pointee.argumentCount)),
        ] where found != expected {
            throw BackendError(.compilation, "\(path): takes \(expected) \(what); strategy.json gives it \(found)")
        }
        guard plan.workGroups.count == 3, plan.workGroups.allSatisfy({ (0...Int(Int32.max)).contains($0) }) else {
            throw BackendError(.limit, "\(path): a grid of \(plan.workGroups) work-groups is too large")
        }
        unsafe self.stage = stage
        self.library = library
        workGroups = plan.workGroups
        bufferCount = plan.buffers.count
        unsafe arguments = Self.values(plan.arguments)
        unsafe constants = Self.values(plan.constants)
    }

    deinit {
        unsafe arguments.deallocate()
        unsafe constants.deallocate()
    }

    var groupCount: Int { workGroups.reduce(1, *) }

    /// What one dispatch passes to the stage. Valid while the stage and the buffers are.
    @unsafe func call(
        _ buffers: UnsafeMutablePointer<UnsafeMutableRawPointer?>, cacheBytes: Int
    ) -> joulemark_call {
        unsafe joulemark_call(
            buffers: UnsafePointer(buffers), arguments: UnsafePointer(arguments.baseAddress),
            constants: UnsafePointer(constants.baseAddress), bufferCount: UInt32(bufferCount),
            argumentCount: UInt32(arguments.count), constantCount: UInt32(constants.count),
            workGroups: (UInt32(workGroups[0]), UInt32(workGroups[1]), UInt32(workGroups[2])),
            cacheBytes: UInt32(clamping: cacheBytes))
    }

    @unsafe func scratchBytes(_ call: UnsafePointer<joulemark_call>) -> Int {
        unsafe stage.pointee.scratchBytes.map { unsafe $0(call) } ?? 0
    }

    @unsafe var function: StageFunction? { unsafe stage.pointee.run }

    private static func values(_ values: [NamedValue]) -> UnsafeMutableBufferPointer<joulemark_value> {
        let result = UnsafeMutableBufferPointer<joulemark_value>.allocate(capacity: values.count)
        for (index, value) in values.enumerated() {
            switch value.value {
            case .integer(let integer):
                unsafe result.initializeElement(at: index, to: joulemark_value(integer: Int32(clamping: integer)))
            case .real(let real): unsafe result.initializeElement(at: index, to: joulemark_value(real: Float(real)))
            }
        }
        return unsafe result
    }

    private static func registered(_ plan: StagePlan, isa: InstructionSet) -> UnsafePointer<joulemark_stage>? {
        unsafe StageTable.builtIn.first { stage in
            stage.name == plan.sourceName && stage.family == plan.family && stage.strategy == plan.strategy
                && stage.precision == plan.precision.rawValue && stage.instructionSet == isa.rawValue
        }
    }
}

/// `joulemark_stage.run`.
typealias StageFunction =
    @convention(c) (UnsafePointer<joulemark_call>?, UInt32, UInt32, UInt32, UnsafeMutableRawPointer?) -> Void
