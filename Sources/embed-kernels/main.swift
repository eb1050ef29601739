import Foundation

// embed-kernels KERNELS OUTPUT: writes a Swift source that holds every file under KERNELS which the program reads at run
// time (definitions, OpenCL C, C for the user's own kernels, headers), and SPIR-V of every GLSL stage, one module a
// precision. Modules are kept beside OUTPUT under a digest of all that they are made from, so that a change costs the
// stages which it touches and no others.

/// A message that ends the build.
struct BuildFailure: Error, CustomStringConvertible {
    let description: String
}

/// Relative paths of the files under `root` that are embedded, sorted. The endings are those of `StageForm` in the target Kernels,
/// which cannot be asked: it is compiled from what this program writes.
func embeddedPaths(under root: URL) -> [String] {
    let paths = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
    return paths.filter { ["json", "cl", "c", "h", "comp", "glsl"].contains(($0 as NSString).pathExtension) }.sorted()
}

/// The precisions that the stage's strategy.json declares.
func precisions(beside source: URL) throws -> [String] {
    let file = source.deletingLastPathComponent().appendingPathComponent("strategy.json")
    guard let data = FileManager.default.contents(atPath: file.path) else {
        throw BuildFailure(description: "\(file.path): missing; it declares the stage \(source.lastPathComponent)")
    }
    guard let definition = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
        throw BuildFailure(description: "\(file.path): not a JSON object")
    }
    return definition["precisions"] as? [String] ?? ["f32"]
}

/// A raw string literal of Swift that holds `text` whatever its content.
func swiftLiteral(_ text: String) -> String {
    var pounds = "#"
    while text.contains("\"\"\"" + pounds) || text.contains("\\" + pounds) { pounds += "#" }
    return "\(pounds)\"\"\"\n\(text)\n\"\"\"\(pounds)"
}

/// One line of the generated table a file, in the order of their paths; a stage's modules follow it.
func entries(of root: URL, modulesIn folder: URL) throws -> [String] {
    let paths = embeddedPaths(under: root)
    var jobs: [ShaderCompiler.Job] = []
    for path in paths where path.hasSuffix(".comp") {
        let source = root.appendingPathComponent(path)
        for precision in try precisions(beside: source) {
            let module = (path as NSString).deletingPathExtension + ".\(precision).spv"
            jobs.append(ShaderCompiler.Job(source: source, path: path, precision: precision, modulePath: module))
        }
    }
    let modules = try ShaderCompiler(cache: folder).compile(jobs)
    var entries: [String] = []
    for path in paths {
        let text = try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
        entries.append("(\"\(path)\", .text(\(swiftLiteral(text)))),")
        for job in jobs where job.path == path {
            let module = modules[job.modulePath] ?? Data()
            entries.append("(\"\(job.modulePath)\", .base64(\"\(module.base64EncodedString())\")),")
        }
    }
    return entries
}

do {
    guard CommandLine.arguments.count == 3 else {
        throw BuildFailure(description: "usage: embed-kernels KERNELS OUTPUT")
    }
    let output = URL(fileURLWithPath: CommandLine.arguments[2])
    let entries = try entries(
        of: URL(fileURLWithPath: CommandLine.arguments[1]),
        modulesIn: output.deletingLastPathComponent().appendingPathComponent("spirv"))
    let source = """
        // Made from kernels/ by embed-kernels at build time.
        enum EmbeddedKernels {
            static let files: [(path: String, content: KernelLibrary.Content)] = [
        \(entries.joined(separator: "\n"))
            ]
        }
        """
    // An unchanged source keeps its date, and with it all that was compiled from it.
    if (try? String(contentsOf: output, encoding: .utf8)) != source {
        try source.write(to: output, atomically: true, encoding: .utf8)
    }
} catch {
    FileHandle.standardError.write(Data("error: \(error)\n".utf8))
    exit(1)
}
