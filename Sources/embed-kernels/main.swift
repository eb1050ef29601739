import Foundation

// embed-kernels KERNELS OUTPUT: writes a Swift source that holds every file under KERNELS which the program reads at run
// time (definitions, OpenCL C, C for the user's own kernels, headers), and SPIR-V of every GLSL stage, one module a precision.

/// A message that ends the build.
struct BuildFailure: Error, CustomStringConvertible {
    let description: String
}

/// SPIR-V of a GLSL stage; `-DSTORAGE_F16` selects the f16 form.
func compile(_ source: URL, precision: String) throws -> Data {
    let output = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).spv")
    defer { try? FileManager.default.removeItem(at: output) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
        "glslc", "--target-env=vulkan1.1", "-Werror", "-DSTORAGE_\(precision.uppercased())=1", source.path, "-o",
        output.path,
    ]
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        let hint = process.terminationStatus == 127 ? "glslc is missing: apt-get install glslc" : "glslc failed"
        throw BuildFailure(description: "\(source.path): \(hint)")
    }
    return try Data(contentsOf: output)
}

/// The precisions that the stage's strategy.json declares.
func precisions(beside source: URL) throws -> [String] {
    let file = source.deletingLastPathComponent().appendingPathComponent("strategy.json")
    let definition = try JSONSerialization.jsonObject(with: try Data(contentsOf: file)) as? [String: Any]
    return definition?["precisions"] as? [String] ?? ["f32"]
}

func swiftLiteral(_ text: String) -> String {
    var pounds = "#"
    while text.contains("\"\"\"" + pounds) || text.contains("\\" + pounds) { pounds += "#" }
    return "\(pounds)\"\"\"\n\(text)\n\"\"\"\(pounds)"
}

do {
    let root = URL(fileURLWithPath: CommandLine.arguments[1])
    var entries: [String] = []
    for path in (FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []).sorted() {
        let file = root.appendingPathComponent(path)
        switch file.pathExtension {
        case "json", "cl", "c", "h", "comp", "glsl":
            let text = try String(contentsOf: file, encoding: .utf8)
            entries.append("(\"\(path)\", .text(\(swiftLiteral(text)))),")
            guard file.pathExtension == "comp" else { continue }
            for precision in try precisions(beside: file) {
                let module = try compile(file, precision: precision).base64EncodedString()
                let modulePath = (path as NSString).deletingPathExtension + ".\(precision).spv"
                entries.append("(\"\(modulePath)\", .base64(\"\(module)\")),")
            }
        default: continue
        }
    }
    let source = """
        // Made from kernels/ by embed-kernels at build time.
        enum EmbeddedKernels {
            static let files: [(path: String, content: KernelLibrary.Content)] = [
        \(entries.joined(separator: "\n"))
            ]
        }
        """
    try source.write(toFile: CommandLine.arguments[2], atomically: true, encoding: .utf8)
} catch {
    FileHandle.standardError.write(Data("error: \(error)\n".utf8))
    exit(1)
}
