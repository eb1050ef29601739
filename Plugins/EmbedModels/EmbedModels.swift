import Foundation
import PackagePlugin

/// Turns the JSON files under models/ into one Swift source of the target that uses the plugin.
@main
struct EmbedModels: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
        let models = context.package.directoryURL.appending(path: "models")
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedModels.swift")
        let paths = FileManager.default.enumerator(atPath: models.path)?.compactMap { $0 as? String } ?? []
        let inputs = paths.filter { $0.hasSuffix(".json") }.sorted().map { models.appending(path: $0) }
        return [
            .buildCommand(
                displayName: "Embedding models/", executable: try context.tool(named: "embed-kernels").url,
                arguments: ["models", models.path, output.path], inputFiles: inputs, outputFiles: [output])
        ]
    }
}
