import KernelDefinitions

extension KernelLibrary {
    /// The files that were embedded when the program was built.
    public static let builtIn = KernelLibrary(
        files: Dictionary(uniqueKeysWithValues: EmbeddedKernels.files.map { ($0.path, $0.content) }))

    /// The built-in files and those of `directories`, in turn.
    ///
    /// - Throws: as ``adding(directory:)``.
    public static func builtIn(adding directories: [String]) throws(KernelError) -> KernelLibrary {
        var library = builtIn
        for directory in directories { library = try library.adding(directory: directory) }
        return library
    }
}
