import FoundationEssentials
import Glibc
import Kernels
import Platform

/// A runtime's process, with the folder of what it reads: one file through which tensors pass and, for Python, its
/// modules and the sources of strategies.
final class RuntimeProcess {
    /// Where the runtime's own modules lie in the library.
    private static let modules = "python/"
    /// The package that strategies' sources are in.
    static let package = "joulemark_kernels"

    private var process: ChildProcess
    private let launch: RuntimeLaunch
    private let folder: String
    private let encoder = JSONEncoder()
    private let decoder = JSONDecoder()
    private var hasSources = false

    var processID: pid_t { process.processID }

    var isPython: Bool { if case .python = launch { true } else { false } }

    /// The file through which tensors pass.
    var transferFile: String { "\(folder)/transfer" }

    /// - Throws: ``BackendError`` with code `missing` when there is no interpreter, or its modules cannot be written.
    init(_ launch: RuntimeLaunch) throws(BackendError) {
        self.launch = launch
        let parent = launch.folder ?? FileManager.default.temporaryDirectory.path
        folder = "\(parent)/joulemark-\(launch.backend)-\(getpid())-\(UInt32.random(in: .min ... .max))"
        // A run's folder goes with the run.
        if launch.folder == nil { Self.removeAbandoned(in: parent, "joulemark-\(launch.backend)-") }
        let program = try launch.commandLine(folder: folder)
        try Self.prepare(folder, for: launch)
        do { process = try ChildProcess(executable: program.executable, arguments: program.arguments) } catch {
            try? FileManager.default.removeItem(atPath: folder)
            throw BackendError(.missing, error.description)
        }
    }

    deinit {
        process.terminate()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Folders of processes that were killed before they could remove them, by the numbers in their names: one that
    /// another process has by now stays until that has ended.
    private static func removeAbandoned(in parent: String, _ prefix: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] where name.hasPrefix(prefix) {
            var status = stat()
            guard let owner = name.dropFirst(prefix.count).split(separator: "-").first.flatMap({ pid_t($0) }),
                !isAlive(owner), unsafe lstat("\(parent)/\(name)", &status) == 0,
                status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid()
            else { continue }
            try? FileManager.default.removeItem(atPath: "\(parent)/\(name)")
        }
    }

    /// False too for one that has ended and that nobody has asked how.
    private static func isAlive(_ process: pid_t) -> Bool {
        guard kill(process, 0) == 0 || errno != ESRCH else { return false }
        let line = FileManager.default.contents(atPath: "/proc/\(process)/stat") ?? Data()
        // The state follows the name, which stands in parentheses and may hold some.
        let state = String(decoding: line, as: UTF8.self).split(separator: ")").last?.first { $0 != " " }
        return state != "Z" && state != "X"
    }

    /// Lets strategies' sources be imported, with all that lies beside them.
    func addSources(of library: KernelLibrary) throws(BackendError) {
        guard !hasSources else { return }
        try Self.write(library, to: "\(folder)/\(Self.package)") { $0.hasPrefix(Self.modules) ? nil : $0 }
        hasSources = true
    }

    /// Sends a request and waits for the answer.
    ///
    /// - Parameter seconds: after which the runtime counts as lost; whoever has the worker started has a limit of its
    ///   own.
    /// - Throws: ``BackendError``: what the runtime refused; with code `lost` when it has ended or speaks nonsense.
    @discardableResult
    func ask<Content: Decodable>(
        _ request: String, _ order: some Encodable, within seconds: Double = .infinity,
        _ type: Content.Type = RuntimeMessages.Nothing.self
    ) throws(BackendError) -> Content {
        guard let line = try? encoder.encode([request: order]) else {
            throw BackendError(.driver, "the request '\(request)' holds a number that JSON does not have")
        }
        process.send(line: String(decoding: line, as: UTF8.self))
        let text: String
        do throws(ChildProcess.Failure) {
            text = try process.readLine(deadline: MonotonicClock.now() + seconds) { false }
        } catch {
            throw lost(error, seconds)
        }
        let answer = try? decoder.decode(RuntimeMessages.Answer<Content>.self, from: Data(text.utf8))
        if let failure = answer?.failed { throw failure.error }
        guard let content = answer?.ok else {
            throw BackendError(.lost, "\(launch.title) answered '\(request)' with nonsense: \(text.prefix(200))")
        }
        return content
    }

    /// Ends the runtime in order.
    func close() {
        _ = try? ask("close", RuntimeMessages.Nothing(), within: 5)
        process.endInput()
        _ = process.waitForEnd(seconds: 5)
    }

    private func lost(_ failure: ChildProcess.Failure, _ seconds: Double) -> BackendError {
        if case .deadline = failure {
            process.terminate()
            return BackendError(.lost, "\(launch.title) gave no answer within \(Int(seconds)) s")
        }
        let end = process.waitForEnd(seconds: 5)
        let lastWords = process.lastErrorLine.map { "; it last said: \($0)" } ?? ""
        return BackendError(.lost, "\(launch.title) \(end)\(lastWords)")
    }

    private static func prepare(_ folder: String, for launch: RuntimeLaunch) throws(BackendError) {
        guard case .python = launch else {
            do {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            } catch {
                throw BackendError(.missing, "\(folder): cannot be made: \(error)")
            }
            return
        }
        try writeModules(to: folder)
    }

    /// Writes the modules for Python, so that the folder is a program for it.
    static func writeModules(to folder: String) throws(BackendError) {
        try write(.builtIn, to: folder) { path in
            path.hasPrefix(modules) ? String(path.dropFirst(modules.count)) : nil
        }
    }

    /// Writes every Python source of a library.
    ///
    /// - Parameter place: where below the folder a path goes; `nil` for what is not wanted.
    private static func write(
        _ library: KernelLibrary, to folder: String, _ place: (String) -> String?
    ) throws(BackendError) {
        do {
            for path in library.paths where path.hasSuffix(".py") {
                guard let place = place(path) else { continue }
                let parts = "\(folder)/\(place)".split(separator: "/", omittingEmptySubsequences: false)
                try FileManager.default.createDirectory(
                    atPath: parts.dropLast().joined(separator: "/"), withIntermediateDirectories: true)
                try Data(try library.bytes(path)).write(to: URL(filePath: "\(folder)/\(place)"))
            }
        } catch {
            throw BackendError(.missing, "\(folder): Python's sources cannot be written there: \(error)")
        }
    }
}
