import FoundationEssentials

extension KernelLibrary {
    /// Sources of every backend, definitions, and golden outputs.
    private static let extensions = StageForm.fileExtensions.union(["json", "npy"])

    /// This library and the files of a folder in the same layout: `<family>/<strategy>/strategy.json` and its sources.
    ///
    /// A stage's GLSL may come compiled, as `<stage>.<precision>.spv`. Nothing is ever replaced: a file that is already
    /// in the library is a clash of names.
    ///
    /// - Throws: ``KernelError`` with code `invalidDefinition`: the folder cannot be read, holds no kernels, or names
    ///   clash.
    public func adding(directory: String) throws(KernelError) -> KernelLibrary {
        let names: [String]
        do { names = try FileManager.default.subpathsOfDirectory(atPath: directory) } catch {
            throw KernelError(.invalidDefinition, "\(directory): is not a folder that can be read")
        }
        var result = self
        var definitions = 0
        for path in names.sorted() {
            let parts = path.split(separator: "/")
            guard !parts.contains(where: { $0.hasPrefix(".") }), let name = parts.last,
                let fileExtension = name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last,
                Self.extensions.contains(String(fileExtension))
            else { continue }
            let file = directory.hasSuffix("/") ? directory + path : "\(directory)/\(path)"
            if contains(path) {
                let owner = parts.count > 2 ? "the strategy '\(parts[0])/\(parts[1])'" : "'\(path)'"
                throw KernelError(
                    .invalidDefinition,
                    "\(file): \(owner) is already there (\(location(path))); choose another name, nothing is replaced")
            }
            if fileExtension == "spv" { try Self.checkModule(file) }
            if name == "strategy.json" || name == "family.json" { definitions += 1 }
            result.files[path] = .onDisk(file)
        }
        guard definitions > 0 else {
            throw KernelError(
                .invalidDefinition,
                "\(directory): holds no kernels; expected <family>/<strategy>/strategy.json below it")
        }
        return result
    }

    /// SPIR-V is whole 32-bit words, of which the first is 0x07230203 (SPIR-V specification, section 2.3).
    private static func checkModule(_ file: String) throws(KernelError) {
        guard let bytes = FileManager.default.contents(atPath: file) else {
            throw KernelError(.invalidDefinition, "\(file): cannot be read")
        }
        let magic: [UInt8] = [0x03, 0x02, 0x23, 0x07]
        guard bytes.count >= 20, bytes.count % 4 == 0, bytes.starts(with: magic) else {
            throw KernelError(.invalidDefinition, "\(file): is not a SPIR-V module")
        }
    }
}
