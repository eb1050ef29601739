import Foundation
import PackagePlugin

/// Writes the commit that the program is built from into a Swift source.
///
/// It runs before every build, because a commit changes without any source changing; it touches the file only when the
/// commit is another, so that a build with nothing to do stays one.
@main
struct StampVersion: BuildToolPlugin {
    private static let script = """
        commit=$(git -C "$1" describe --always --dirty --abbrev=40 --exclude='*' 2>/dev/null) || commit=
        if [ -n "$commit" ]; then literal="\\"$commit\\""; else literal=nil; fi
        text="// Made at build time from the state of the git repository.
        enum BuildStamp { static let commit: String? = $literal }"
        [ "$(cat "$2" 2>/dev/null)" = "$text" ] || { mkdir -p "$(dirname "$2")" && printf '%s\\n' "$text" > "$2"; }
        """

    func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
        let folder = context.pluginWorkDirectoryURL
        return [
            .prebuildCommand(
                displayName: "Stamping the commit", executable: URL(fileURLWithPath: "/bin/sh"),
                arguments: [
                    "-c", Self.script, "sh", context.package.directoryURL.path,
                    folder.appending(path: "BuildStamp.swift").path,
                ],
                outputFilesDirectory: folder)
        ]
    }
}
