import FoundationEssentials
import Glibc
import Platform
import Results

/// Where an output goes: a file, or standard output, written `-`.
enum Destination: Equatable {
    case standardOutput
    case file(String)

    init(_ text: String) { self = text == "-" ? .standardOutput : .file(text) }

    /// A path that stays the same when the current folder changes.
    static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
    }

    /// Makes sure, before hours of measuring, that the output can be written. Nothing on the disk changes.
    ///
    /// - Throws: ``CommandFailure`` naming the file and what is wrong with it.
    func check() throws(CommandFailure) {
        guard case .file(let path) = self else { return }
        var information = stat()
        if unsafe stat(path, &information) == 0 {
            guard information.st_mode & S_IFMT != S_IFDIR else {
                throw CommandFailure(.failure, "\(path): is a folder, expected a file to write")
            }
            guard unsafe access(path, W_OK) == 0 else { throw Self.failure(path) }
            guard information.st_mode & S_IFMT == S_IFREG else { return }
        } else if errno != ENOENT {
            throw Self.failure(path)
        }
        let folder = Self.folder(of: Self.resolved(path))
        guard unsafe access(folder, W_OK | X_OK) == 0 else {
            if errno == ENOENT { throw CommandFailure(.failure, "\(path): the folder '\(folder)' does not exist") }
            throw CommandFailure(.failure, "\(path): the folder '\(folder)': \(FileDescriptor.reason())")
        }
    }

    /// Makes sure that a folder can be filled; it may not exist yet. Nothing on the disk changes.
    ///
    /// - Throws: ``CommandFailure`` naming the folder and what is wrong with it.
    static func check(folder: String) throws(CommandFailure) {
        var information = stat()
        guard unsafe stat(folder, &information) != 0 else {
            guard information.st_mode & S_IFMT == S_IFDIR else {
                throw CommandFailure(.failure, "\(folder): is a file, expected a folder")
            }
            guard unsafe access(folder, W_OK | X_OK) == 0 else { throw failure(folder) }
            return
        }
        guard errno == ENOENT else { throw failure(folder) }
        var path = folder
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        let parent = self.folder(of: path)
        if parent == "." || parent == "/" {
            guard unsafe access(parent, W_OK | X_OK) == 0 else { throw failure(folder) }
        } else {
            try check(folder: parent)
        }
    }

    /// Writes the whole content. A file appears complete or not at all: whoever reads it meanwhile sees the old one.
    func write(_ text: String) throws(CommandFailure) {
        switch self {
        case .standardOutput: try StandardStream.output.write(text)
        case .file(let path):
            guard isReplaceable else { return try Self.writeInPlace(text, path) }
            do { try AtomicFile.write(text, to: Self.resolved(path)) } catch {
                throw CommandFailure(.failure, error.description)
            }
        }
    }

    /// True for a file, or what can become one: it can be written again and again. Not so pipes, terminals and devices.
    var isReplaceable: Bool {
        guard case .file(let path) = self else { return false }
        var information = stat()
        return unsafe stat(path, &information) != 0 || information.st_mode & S_IFMT == S_IFREG
    }

    /// Pipes, terminals and devices cannot be replaced.
    private static func writeInPlace(_ text: String, _ path: String) throws(CommandFailure) {
        let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        guard FileDescriptor.write(Array(text.utf8), to: descriptor) else { throw failure(path) }
    }

    /// The file that `path` leads to through links, so that a link stays a link.
    private static func resolved(_ path: String) -> String {
        guard let real = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func failure(_ path: String) -> CommandFailure {
        CommandFailure(.failure, "\(path): \(FileDescriptor.reason())")
    }
}
