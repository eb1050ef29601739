import FoundationEssentials
import Glibc
import Kernels
import Platform

/// Compiles a user's own sources with the tools of the machine, once for each content.
///
/// What was made lies in `$XDG_CACHE_HOME/joulemark/kernels` (by default `~/.cache/joulemark/kernels`), in a folder
/// named after a digest of the compiler, its options and every file that the source includes. Sources are laid out
/// there as in kernels/, so that `#include "../attention.h"` finds the built-in header from a user's folder.
struct SourceCompiler {
    /// A program that turns sources into one file.
    struct Tool: Sendable {
        /// Names to look for, in order of preference.
        let programs: [String]
        /// What to install when there is none.
        let remedy: String
        /// Arguments for sources below a folder (the last component of their paths is relative to it) and an output.
        let arguments: @Sendable (_ folder: String, _ sources: [String], _ output: String) -> [String]
        /// Searched for includes, relative to kernels/.
        let includeFolders: [String]
        /// Whether sources may include `<headers>` of the machine.
        let hasSystemHeaders: Bool
        /// The output's name.
        let product: String
    }

    /// A minute would be a hundred times what our own kernels take.
    private static let secondsAllowed = 120.0
    /// Ten times what our own kernels take: a few lines of macros can ask for all that a machine has.
    private static let bytesAllowed = 4 << 30

    let tool: Tool
    let library: KernelLibrary

    /// The file made from `paths` of the library: from the cache, or compiled now.
    ///
    /// - Parameter source: the file that messages speak of; the first of `paths` where it is `nil`.
    /// - Throws: ``BackendError`` with code `unsupported` when no compiler is here, `compilation` with the compiler's
    ///   log.
    func product(of paths: [String], named source: String? = nil) throws(BackendError) -> String {
        let source = source ?? paths[0]
        guard let program = ExecutableSearch.firstPath(of: tool.programs) else {
            throw BackendError(
                .unsupported,
                "\(library.location(source)): needs a compiler to run (\(tool.programs.joined(separator: ", "))): \(tool.remedy)"
            )
        }
        let texts = try texts(of: paths)
        var digest = ContentDigest()
        digest.add(program)
        tool.arguments("", paths, tool.product).forEach { digest.add($0) }
        for (path, text) in texts {
            digest.add(path)
            digest.add(text)
        }
        let cache = try Self.cacheFolder()
        let entry = CompiledEntry(folder: "\(cache)/\(digest.hexadecimal)", product: tool.product)
        if entry.isWhole { return entry.path }
        CompiledEntry.removeAbandonedDrafts(in: cache)

        // Made aside and moved when complete: another process sees all of it or nothing.
        let draft = "\(entry.folder).\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: draft) }
        do { try Self.write(texts, below: draft) } catch {
            throw BackendError(.compilation, "\(library.location(source)): \(draft) cannot be written: \(error)")
        }
        try run(program, draft, paths, source)
        if let reason = entry.take(draft) {
            throw BackendError(.compilation, "\(library.location(source)): \(entry.folder) cannot be made: \(reason)")
        }
        return entry.path
    }

    private func texts(of paths: [String]) throws(BackendError) -> [(path: String, text: String)] {
        do throws(KernelError) {
            var files: Set<String> = []
            for path in paths { files.formUnion(try library.closure(of: path, searching: tool.includeFolders)) }
            var texts: [(path: String, text: String)] = []
            for file in files.sorted() {
                try library.checkIncludes(
                    of: file, searching: tool.includeFolders, allowsSystem: tool.hasSystemHeaders)
                texts.append((file, try library.text(file)))
            }
            return texts
        } catch {
            throw BackendError(.compilation, error.description)
        }
    }

    private static func write(_ texts: [(path: String, text: String)], below folder: String) throws {
        for (path, text) in texts {
            let file = "\(folder)/\(path)"
            let parent = String(file[..<(file.lastIndex(of: "/") ?? file.endIndex)])
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(filePath: file))
        }
    }

    private func run(
        _ program: String, _ folder: String, _ paths: [String], _ source: String
    ) throws(BackendError) {
        let source = library.location(source)
        var compiler: ChildProcess
        do {
            compiler = try ChildProcess(
                executable: program, arguments: tool.arguments(folder, paths, "\(folder)/\(tool.product)"),
                memoryLimit: Self.bytesAllowed)
        } catch {
            throw BackendError(.compilation, "\(source): \(error)")
        }
        let end = compiler.waitForEnd(seconds: Self.secondsAllowed)
        guard compiler.exitStatus != 0 else { return }
        // The compiler speaks of files in the cache; the user knows them where they were given.
        var log = compiler.errorText
        for path in library.paths where log.contains("\(folder)/\(path)") {
            log = log.replacing("\(folder)/\(path)", with: library.location(path))
        }
        // The first line says what is wrong; all of it follows.
        let lines = log.split(whereSeparator: \.isNewline)
        let cause = lines.first { $0.lowercased().contains("error") }.map(String.init) ?? "\(program) \(end)"
        throw BackendError(.compilation, "\(source): does not compile: \(cause)\n\(program) \(end)\n\(log)")
    }

    /// The folder for what is compiled, made when it is missing; without a home, one that lasts as long as the
    /// machine's temporary files and belongs to this user alone: what lies in it is executed.
    private static func cacheFolder() throws(BackendError) -> String {
        if let folder = CacheFolder.existing("kernels") { return folder }
        let temporary = CacheFolder.variable("TMPDIR") ?? "/tmp"
        let folder = "\(temporary)/joulemark-kernels-\(geteuid())"
        let isMade = unsafe mkdir(folder, 0o700) == 0
        let reason = unsafe isMade || errno == EEXIST ? "it is not this user's alone" : String(cString: strerror(errno))
        guard CacheFolder.isPrivate(folder) else {
            throw BackendError(
                .compilation,
                "no folder for compiled kernels: set XDG_CACHE_HOME to one that can be written (\(folder): \(reason))")
        }
        return folder
    }
}

extension SourceCompiler.Tool {
    /// A shared library of CPU stages, by the compiler that `CC` names, which may have options: `CC="gcc -O3"`.
    static let c = c(compiler: unsafe getenv("CC").map { unsafe String(cString: $0) } ?? "")

    static func c(compiler: String) -> SourceCompiler.Tool {
        let words = compiler.split(separator: " ").map(String.init)
        return SourceCompiler.Tool(
            programs: words.isEmpty ? ["clang", "cc", "gcc"] : [words[0]],
            remedy: words.isEmpty ? "apt-get install gcc, or set CC" : "CC names one that is not here",
            arguments: { folder, sources, output in
                ["-std=gnu17", "-O2", "-fPIC", "-shared"] + words.dropFirst()
                    + ["-I\(folder)/cpu/include", "-I\(folder)", "-o", output]
                    + sources.map { "\(folder)/\($0)" } + ["-lm"]
            },
            includeFolders: ["cpu/include", "."], hasSystemHeaders: true, product: "stages.so")
    }

    /// A SPIR-V module.
    static func glsl(_ compiler: GLSLCompiler, _ precision: Precision) -> SourceCompiler.Tool {
        SourceCompiler.Tool(
            programs: [compiler.program], remedy: "apt-get install glslc, or give the stage compiled as .spv",
            arguments: { folder, sources, output in
                compiler.arguments(
                    precision, folder: folder, source: "\(folder)/\(sources.first ?? "")", output: output)
            },
            includeFolders: ["."], hasSystemHeaders: false, product: "stage.spv")
    }
}
