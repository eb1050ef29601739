import Foundation
import PackagePlugin

/// Writes what each C stage binds, from the definitions in kernels/, as headers into .build/bindings.
///
/// C targets cannot use plugins: the target KernelBindings does, on which they depend, and the folder is one whose path
/// they know.
@main
struct GenerateBindings: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
        let root = context.package.directoryURL
        let kernels = root.appending(path: "kernels")
        let mark = context.pluginWorkDirectoryURL.appending(path: "Bindings.swift")
        let paths = FileManager.default.enumerator(atPath: kernels.path)?.compactMap { $0 as? String } ?? []
        // The C sources too: a stage that gets one gets its bindings.
        let inputs = paths.filter { ["json", "c"].contains(($0 as NSString).pathExtension) }.sorted()
            .map { kernels.appending(path: $0) }
        return [
            .buildCommand(
                displayName: "Generating the bindings of kernels/",
                executable: try context.tool(named: "embed-kernels").url,
                arguments: ["bindings", kernels.path, root.appending(path: ".build/bindings").path, mark.path],
                inputFiles: inputs, outputFiles: [mark])
        ]
    }
}
