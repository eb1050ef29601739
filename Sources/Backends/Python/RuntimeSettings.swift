import Platform

/// A runtime of the user's: a program that speaks docs/worker-protocol.md, whose devices are those of a backend of its
/// name.
public struct RuntimeSettings: Codable, Sendable, Equatable {
    /// As devices and `"runtimes"` in strategy.json have it.
    public var name: String
    /// A shell's command line.
    public var command: String
    /// Where the user's strategies lie, for the runtime to find its sources; known when a device is opened.
    public var kernelDirectories: [String] = []
    /// The folder for the file through which tensors pass; `nil`: one of its own.
    public var folder: String?

    public init(name: String, command: String) {
        self.name = name
        self.command = command
    }
}

/// How a runtime is started, and what it is called in messages.
enum RuntimeLaunch {
    case python(PythonSettings)
    case command(RuntimeSettings)

    var backend: String {
        switch self {
        case .python: "python"
        case .command(let settings): settings.name
        }
    }

    var title: String {
        switch self {
        case .python: "the Python process"
        case .command(let settings): "the runtime '\(settings.name)'"
        }
    }

    var folder: String? {
        switch self {
        case .python(let settings): settings.folder
        case .command(let settings): settings.folder
        }
    }

    var kernelDirectories: [String] {
        switch self {
        case .python: []
        case .command(let settings): settings.kernelDirectories
        }
    }

    /// The program with its arguments.
    ///
    /// - Parameter folder: that Python's modules are in.
    func commandLine(folder: String) throws(BackendError) -> (executable: String, arguments: [String]) {
        switch self {
        case .python(let settings): (try settings.path(), [folder])
        // In the shell's place, so that its end is the runtime's.
        case .command(let settings): ("/bin/sh", ["-c", "exec \(settings.command)"])
        }
    }
}
