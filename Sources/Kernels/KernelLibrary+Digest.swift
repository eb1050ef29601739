import KernelDefinitions
import Platform

extension KernelLibrary {
    /// Where sources look for what lies beside no other.
    private static let sharedFolders = [".", "cpu/include", "opencl"]
    /// What every C source includes through its bindings, which are made when it is built.
    private static let headerOfBindings = "cpu/include/joulemark_kernel.h"

    /// A digest of all files with their names: the same for the same kernels, wherever they lie.
    ///
    /// - Throws: ``KernelError`` naming a file that cannot be read.
    package func digest() throws(KernelError) -> String { try digest(of: paths) }

    /// A digest of all that a strategy's programs on a backend are made from: its definition and its family's, and its
    /// sources with what they include.
    ///
    /// - Throws: ``KernelError`` when a file cannot be read.
    package func digest(of strategy: Strategy, backend: String) throws(KernelError) -> String {
        let folder = "\(strategy.family)/\(strategy.name)"
        var origins: Set<String> = ["\(strategy.family)/family.json", "\(folder)/strategy.json"]
        for name in strategy.sourceNames {
            origins.formUnion(try files(of: name, in: folder, backend: backend))
        }
        return try digest(of: origins.sorted())
    }

    /// The files that people wrote for stages of a strategy on a backend: the stages' own, then what lies in the
    /// family's folder and is included by them. Paths, in that order.
    ///
    /// - Parameter names: of sources, without their endings.
    /// - Throws: ``KernelError`` when a file cannot be read.
    package func sources(
        of strategy: Strategy, named names: [String], backend: String
    ) throws(KernelError) -> [String] {
        let folder = "\(strategy.family)/\(strategy.name)"
        var found: [String] = []
        for name in names { found += try files(of: name, in: folder, backend: backend) }
        let written = found.filter { !$0.hasSuffix(".spv") && $0.hasPrefix("\(strategy.family)/") }
        let isOwn = { (path: String) in path.hasPrefix("\(folder)/") }
        var seen: Set<String> = []
        return (written.filter(isOwn) + written.filter { !isOwn($0) }).filter { seen.insert($0).inserted }
    }

    /// A source and all that is compiled with it; where only what was made of it is there, that.
    private func files(of name: String, in folder: String, backend: String) throws(KernelError) -> [String] {
        let endings = StageForm.all.first { $0.backend == backend }?.endings ?? []
        let sources = endings.map { "\(folder)/\(name).\($0)" }.filter(contains)
        guard let source = sources.first else { return [] }
        if source.hasSuffix(".spv") { return sources }
        if source.hasSuffix(".py") { return [source] + modules(beside: folder) }
        var files = try closure(of: source, searching: Self.sharedFolders)
        if source.hasSuffix(".c"), contains(Self.headerOfBindings) {
            files += try closure(of: Self.headerOfBindings, searching: Self.sharedFolders)
        }
        return files
    }

    /// Python's imports are known only when they run: any module of the family may be one.
    private func modules(beside folder: String) -> [String] {
        let family = folder.prefix { $0 != "/" }
        return paths.filter { $0.hasSuffix(".py") && $0.split(separator: "/").dropLast() == [family] }
    }

    private func digest(of paths: [String]) throws(KernelError) -> String {
        var digest = ContentDigest()
        for path in paths {
            digest.add(path)
            digest.add(try bytes(path))
        }
        return digest.hexadecimal
    }
}
