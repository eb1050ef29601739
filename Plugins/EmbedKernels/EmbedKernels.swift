import Foundation
import PackagePlugin

/// Turns everything under kernels/ into one Swift source of the target that uses the plugin.
@main
struct EmbedKernels: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
        let kernels = context.package.directoryURL.appending(path: "kernels")
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedKernels.swift")
        let paths = FileManager.default.enumerator(atPath: kernels.path)?.compactMap { $0 as? String } ?? []
        // Every file is an input: a stage depends on what it includes, wherever that lies.
        let inputs = paths.filter { !($0 as NSString).pathExtension.isEmpty }.sorted()
            .map { kernels.appending(path: $0) }
        return [
            .buildCommand(
                displayName: "Embedding kernels/", executable: try context.tool(named: "embed-kernels").url,
                arguments: ["embed", kernels.path, output.path], inputFiles: inputs, outputFiles: [output])
        ]
    }
}
