import CKernels
import Kernels
import Platform

/// A user's CPU stage, compiled into a shared library of its own. It stays open as long as this value lives.
final class CPULibrary {
    private let library: DynamicLibrary
    private let table: StageTable

    /// Compiles `source` and opens what was made.
    ///
    /// - Throws: ``BackendError`` with the compiler's or the loader's message.
    init(_ source: String, _ sources: KernelLibrary) throws(BackendError) {
        let file = try SourceCompiler(tool: .c, library: sources).product(of: [source, "cpu/registry.c"])
        do throws(DynamicLibrary.LoadError) {
            library = try DynamicLibrary([file])
            let lookup = unsafe try library.function("joulemark_stages", as: StageTable.Lookup.self)
            table = unsafe StageTable(lookup)
        } catch {
            throw BackendError(.compilation, "\(sources.location(source)): \(error)")
        }
    }

    /// The stage of this name. The family and the strategy are those of the folder, whatever the source says: a copied
    /// source works under its new name.
    func stage(_ plan: StagePlan, isa: InstructionSet) -> UnsafePointer<joulemark_stage>? {
        unsafe table.first { stage in
            stage.name == plan.name && stage.precision == plan.precision.rawValue
                && stage.instructionSet == isa.rawValue
        }
    }
}
