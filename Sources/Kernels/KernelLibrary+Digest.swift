import KernelDefinitions
import Platform

extension KernelLibrary {
    /// Where sources look for what lies beside no other.
    private static let sharedFolders = [".", "cpu/include", "opencl"]

    /// A digest of all that a strategy's programs on a backend are made from: its definition and its family's, and its
    /// sources with what they include.
    ///
    /// - Throws: ``KernelError`` when a file cannot be read.
    package func digest(of strategy: Strategy, backend: String) throws(KernelError) -> String {
        let folder = "\(strategy.family)/\(strategy.name)"
        var paths: Set<String> = ["\(strategy.family)/family.json", "\(folder)/strategy.json"]
        let endings = StageForm.all.first { $0.backend == backend }?.endings ?? []
        for name in strategy.sourceNames {
            // The first ending is the source; where that is not there, what was made of it is.
            let sources = endings.map { "\(folder)/\(name).\($0)" }.filter(contains)
            guard let source = sources.first else { continue }
            if source.hasSuffix(".spv") {
                paths.formUnion(sources)
            } else {
                paths.formUnion(try closure(of: source, searching: Self.sharedFolders))
            }
        }
        var digest = ContentDigest()
        for path in paths.sorted() {
            digest.add(path)
            digest.add(try bytes(path))
        }
        return digest.hexadecimal
    }
}
