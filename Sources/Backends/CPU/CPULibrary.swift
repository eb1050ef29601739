import CKernels
import Kernels
import Platform

/// A user's CPU stage, compiled into a shared library of its own. It stays open as long as this value lives.
final class CPULibrary {
    private let library: DynamicLibrary
    private let table: StageTable

    /// Compiles the stage's source and opens what was made.
    ///
    /// - Throws: ``BackendError`` with the compiler's or the loader's message.
    init(_ interface: StageInterface, _ sources: KernelLibrary) throws(BackendError) {
        let source = "\(interface.sourcePath).c"
        // A copied source still includes the bindings of the one that it was copied from: they are this stage's under
        // either name.
        let included = (try? sources.text(source)).map(KernelLibrary.includedNames) ?? []
        var library = sources
        for path in [CBindings.path(of: interface.sourcePath)] + included.filter(CBindings.isPath) {
            library = library.adding(CBindings(interface).text, at: path)
        }
        let file = try SourceCompiler(tool: .c, library: library).product(of: [source, "cpu/registry.c"])
        do throws(DynamicLibrary.LoadError) {
            self.library = try DynamicLibrary([file])
            let lookup = unsafe try self.library.function("joulemark_stages", as: StageTable.Lookup.self)
            table = unsafe StageTable(lookup)
        } catch {
            throw BackendError(.compilation, "\(sources.location(source)): \(error)")
        }
    }

    /// The stage of this name. The family and the strategy are those of the folder, whatever the source says: a copied
    /// source works under its new name.
    func stage(_ plan: StagePlan, isa: InstructionSet) -> UnsafePointer<joulemark_stage>? {
        unsafe table.first { stage in
            stage.name == plan.sourceName && stage.precision == plan.precision.rawValue
                && stage.instructionSet == isa.rawValue
        }
    }
}
