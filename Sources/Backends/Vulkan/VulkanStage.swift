import FoundationEssentials
import Kernels
import Platform
import Results

/// A stage with its module, checked against each other before any driver sees them.
struct VulkanStage {
    /// `kernels/<family>/<strategy>/<stage>.comp`, for messages.
    let source: String
    let module: SPIRVModule
    /// Specialisation constants: id and the 32 bits of the value.
    let constants: [(id: UInt32, bits: UInt32)]
    /// Arguments as push constants, four bytes each.
    let arguments: [UInt32]
    let workGroups: [UInt32]
    /// Work-items a sub-group, where the stage is written for a size.
    let subgroupSize: UInt32?
    let bufferCount: Int
    /// Bytes of its work-group's shared variables; `nil` where they do not follow from the module.
    let sharedMemoryBytes: Int?

    init(_ stage: StagePlan, sources: KernelLibrary) throws(BackendError) {
        let base = stage.sourcePath
        source = sources.location("\(base).comp")
        guard let module = SPIRVModule(try Self.module(stage, sources)) else {
            throw BackendError(.compilation, "\(source): its module is not SPIR-V")
        }
        self.module = module
        workGroups = stage.workGroups.map { UInt32(clamping: $0) }
        subgroupSize = stage.subgroupSize.map { UInt32(clamping: $0) }
        bufferCount = stage.buffers.count
        constants = try Self.constants(of: stage, module, source)
        arguments = try Self.arguments(of: stage, module, source)
        sharedMemoryBytes = SPIRVSharedMemory.bytes(module.words, constants: constants)
        guard module.bindingCount <= bufferCount else {
            throw BackendError(
                .compilation,
                "\(source): uses binding \(module.bindingCount - 1); strategy.json gives the stage \(bufferCount) buffers"
            )
        }
    }

    /// The stage's SPIR-V: made when the program was built, given by the user, or compiled now from the user's GLSL.
    private static func module(_ stage: StagePlan, _ sources: KernelLibrary) throws(BackendError) -> [UInt8] {
        let base = stage.sourcePath, source = "\(base).comp", precision = stage.precision
        let ready = "\(base).\(precision.rawValue).spv"
        do throws(KernelError) {
            if sources.contains(ready) { return try sources.bytes(ready) }
        } catch {
            throw BackendError(.compilation, error.description)
        }
        guard sources.contains(source) else {
            throw BackendError(
                .unsupported, "kernels/\(source): no \(precision.rawValue) form of this stage exists for Vulkan")
        }
        var texts: [String] = []
        do throws(KernelError) {
            for path in try sources.closure(of: source) { texts.append(try sources.text(path)) }
        } catch {
            throw BackendError(.compilation, error.description)
        }
        var library = sources, made = source
        if !texts.contains(where: GLSLBindings.isComplete) {
            made = "\(base).bindings.comp"
            library = sources.adding(GLSLBindings(stage.interface, sources: texts).source(including: source), at: made)
        }
        let file = try product(of: made, named: source, precision, library)
        guard let data = FileManager.default.contents(atPath: file) else {
            throw BackendError(.compilation, "\(file): cannot be read")
        }
        return [UInt8](data)
    }

    /// The file that a compiler made of a source: the first that knows the extensions which it needs.
    ///
    /// - Throws: ``BackendError`` with code `unsupported` where none does.
    private static func product(
        of path: String, named source: String, _ precision: Precision, _ library: KernelLibrary
    ) throws(BackendError) -> String {
        var unknown: String?
        for compiler in GLSLCompiler.all
        where unknown == nil || ExecutableSearch.firstPath(of: [compiler.program]) != nil {
            do throws(BackendError) {
                return try SourceCompiler(tool: .glsl(compiler, precision), library: library)
                    .product(of: [path], named: source)
            } catch {
                guard error.code == .compilation, let name = GLSLCompiler.unknownExtension(in: error.description) else {
                    throw error
                }
                unknown = name
            }
        }
        throw BackendError(
            .unsupported,
            "\(library.location(source)): needs \(unknown ?? "an extension"), which no GLSL compiler here knows: install a newer glslc"
        )
    }

    /// True when the other's compiled form serves: the same code with the same constants and as many buffers and
    /// arguments.
    func compilesLike(_ other: VulkanStage) -> Bool {
        source == other.source && bufferCount == other.bufferCount && arguments.count == other.arguments.count
            && subgroupSize == other.subgroupSize && constants.elementsEqual(other.constants, by: ==)
            && module.words == other.module.words
    }

    private static func constants(
        of stage: StagePlan, _ module: SPIRVModule, _ source: String
    ) throws(BackendError) -> [(id: UInt32, bits: UInt32)] {
        var constants: [(id: UInt32, bits: UInt32)] = []
        for (axis, id) in SPIRVModule.workGroupSizeIDs.enumerated() {
            if module.specialisedWorkGroupSize.contains(id) {
                constants.append((id, UInt32(clamping: stage.workGroupSize[axis])))
            } else if stage.workGroupSize[axis] != 1 {
                throw BackendError(
                    .compilation,
                    "\(source): local_size_\(["x", "y", "z"][axis])_id = \(id) is missing; the work-group size comes from strategy.json"
                )
            }
        }
        for constant in module.specialisationConstants {
            guard let given = stage.constants.first(where: { $0.name == constant.name }) else {
                throw BackendError(
                    .compilation,
                    "\(source): the specialisation constant '\(constant.name)' is neither a tunable nor a constant of strategy.json"
                )
            }
            constants.append((constant.id, try bits(of: given, as: constant.type, source)))
        }
        return constants
    }

    /// The block's members must be the first arguments, by name and type: a kernel that reads its neighbour's argument
    /// is found here rather than by wrong results.
    private static func arguments(
        of stage: StagePlan, _ module: SPIRVModule, _ source: String
    ) throws(BackendError) -> [UInt32] {
        guard module.arguments.count <= stage.arguments.count else {
            throw BackendError(
                .compilation,
                "\(source): reads \(module.arguments.count) arguments; strategy.json gives \(stage.arguments.count)")
        }
        var words: [UInt32] = []
        for (member, given) in zip(module.arguments, stage.arguments) {
            guard member.name == given.name else {
                throw BackendError(
                    .compilation,
                    "\(source): argument \(words.count + 1) is '\(member.name)'; strategy.json gives '\(given.name)' there"
                )
            }
            guard let type = member.type else {
                throw BackendError(
                    .compilation, "\(source): the argument '\(member.name)' is neither int, uint nor float")
            }
            words.append(try bits(of: given, as: type, source))
        }
        return words
    }

    private static func bits(
        of given: NamedValue, as type: SPIRVModule.NumberType, _ source: String
    ) throws(BackendError) -> UInt32 {
        switch (type, given.value) {
        case (.float, let value): return Float(value.real).bitPattern
        case (.integer, .integer(let value)):
            guard let word = Int32(exactly: value) else {
                throw BackendError(.limit, "\(source): \(given.name) = \(value) does not fit 32 bits")
            }
            return UInt32(bitPattern: word)
        case (.integer, .real(let value)):
            throw BackendError(
                .compilation, "\(source): '\(given.name)' is an integer there; strategy.json gives \(value)")
        }
    }
}
