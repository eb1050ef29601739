import Foundation
import KernelDefinitions

// embed-kernels embed KERNELS OUTPUT: writes a Swift source that holds every file under KERNELS which the program reads
// at run time (definitions, OpenCL C, C for the user's own kernels, headers), and SPIR-V of every GLSL stage, one
// module a precision. Modules are kept beside OUTPUT under a digest of all that they are made from, so that a change
// costs the stages which it touches and no others.
//
// embed-kernels bindings KERNELS FOLDER [MARK]: writes into FOLDER, for each C stage, the header that says what it
// binds; then MARK, an empty Swift source. embed-kernels glsl KERNELS FOLDER: each GLSL stage, as it is compiled.
//
// embed-kernels models MODELS OUTPUT: writes a Swift source that holds every JSON file under MODELS.

/// A message that ends the build.
struct BuildFailure: Error, CustomStringConvertible {
    let description: String
}

/// kernels/ with all that its definitions say.
struct Definitions {
    let root: URL
    let library: KernelLibrary
    private let families: [Family]
    private let strategies: [Strategy]

    init(_ root: URL) throws {
        self.root = root
        let library = try KernelLibrary().adding(directory: root.path)
        self.library = library
        families = try library.familyPaths.map { try library.family(at: $0) }
        let families = families
        strategies = try library.strategyPaths.map { try library.strategy(at: $0, families: families) }
    }

    /// What each stage and variant that has a source for a backend binds there.
    func interfaces(backend: String) -> [StageInterface] {
        strategies.flatMap { strategy in
            families.filter { $0.name == strategy.family }.flatMap { strategy.interfaces($0, backend: backend) }
        }
    }

    /// A GLSL stage with its bindings before it.
    func glsl(_ interface: StageInterface) throws -> (path: String, text: String) {
        let path = "\(interface.sourcePath).comp"
        let sources = try library.closure(of: path).map { try library.text($0) }
        return (path, GLSLBindings(interface, sources: sources).source(including: path))
    }
}

/// A raw string literal of Swift that holds `text` whatever its content.
func swiftLiteral(_ text: String) -> String {
    var pounds = "#"
    while text.contains("\"\"\"" + pounds) || text.contains("\\" + pounds) { pounds += "#" }
    return "\(pounds)\"\"\"\n\(text)\n\"\"\"\(pounds)"
}

/// Writes `text`, unless it is there already: an unchanged file keeps its date, and with it all that was compiled from
/// it.
func write(_ text: String, to file: URL) throws {
    if (try? String(contentsOf: file, encoding: .utf8)) == text { return }
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: true, encoding: .utf8)
}

/// One line of the generated table a file, in the order of their paths, then one a module.
func embed(_ definitions: Definitions, output: URL) throws {
    let library = definitions.library
    var jobs: [ShaderCompiler.Job] = []
    for interface in definitions.interfaces(backend: "vulkan") {
        let stage = try definitions.glsl(interface)
        let included = try library.closure(of: stage.path).map { try library.text($0) }
        for precision in interface.precisions {
            jobs.append(
                ShaderCompiler.Job(
                    path: stage.path, text: stage.text, included: included, precision: precision,
                    modulePath: "\(interface.sourcePath).\(precision.rawValue).spv"))
        }
    }
    let folder = output.deletingLastPathComponent().appendingPathComponent("spirv")
    let modules = try ShaderCompiler(root: definitions.root, cache: folder).compile(jobs)
    var entries = try library.paths.map { path in "(\"\(path)\", .text(\(swiftLiteral(try library.text(path)))))," }
    entries += modules.sorted { $0.key < $1.key }.map { path, module in
        "(\"\(path)\", .base64(\"\(module.base64EncodedString())\")),"
    }
    let source = """
        // Made from kernels/ by embed-kernels at build time.
        import KernelDefinitions

        enum EmbeddedKernels {
            static let files: [(path: String, content: KernelLibrary.Content)] = [
        \(entries.joined(separator: "\n"))
            ]
        }
        """
    try write(source, to: output)
}

/// One line of the generated table a file, in the order of their paths.
func embedModels(_ root: URL, output: URL) throws {
    let paths = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
    let entries = try paths.filter { $0.hasSuffix(".json") }.sorted().map { path in
        let text = try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
        return "(\"\(path)\", \(swiftLiteral(text))),"
    }
    let source = """
        // Made from models/ by embed-kernels at build time.
        enum EmbeddedModels {
            static let files: [(path: String, text: StaticString)] = [
        \(entries.joined(separator: "\n"))
            ]
        }
        """
    try write(source, to: output)
}

do {
    let arguments = CommandLine.arguments.dropFirst().map { $0 }
    guard arguments.count >= 3, ["embed", "bindings", "glsl", "models"].contains(arguments[0]) else {
        throw BuildFailure(description: "usage: embed-kernels embed|bindings|glsl|models FOLDER OUTPUT [MARK]")
    }
    guard arguments[0] != "models" else {
        try embedModels(URL(fileURLWithPath: arguments[1]), output: URL(fileURLWithPath: arguments[2]))
        exit(0)
    }
    let definitions = try Definitions(URL(fileURLWithPath: arguments[1]))
    let output = URL(fileURLWithPath: arguments[2])
    switch arguments[0] {
    case "embed": try embed(definitions, output: output)
    case "bindings":
        for interface in definitions.interfaces(backend: "cpu") {
            let path = CBindings.path(of: interface.sourcePath)
            try write(CBindings(interface).text, to: output.appendingPathComponent(path))
        }
        if arguments.count > 3 { try write("", to: URL(fileURLWithPath: arguments[3])) }
    default:
        for interface in definitions.interfaces(backend: "vulkan") {
            let stage = try definitions.glsl(interface)
            try write(stage.text, to: output.appendingPathComponent(stage.path))
        }
    }
} catch {
    FileHandle.standardError.write(Data("error: \(error)\n".utf8))
    exit(1)
}
