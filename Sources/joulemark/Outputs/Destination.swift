import Glibc

/// Where an output goes: a file, or standard output, written `-`.
enum Destination: Equatable {
    case standardOutput
    case file(String)

    init(_ text: String) { self = text == "-" ? .standardOutput : .file(text) }

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

    /// Writes the whole content. A file appears complete or not at all: whoever reads it meanwhile sees the old one.
    func write(_ text: String) throws(CommandFailure) {
        switch self {
        case .standardOutput: try StandardStream.output.write(text)
        case .file(let path):
            var information = stat()
            let isSpecial = unsafe stat(path, &information) == 0 && information.st_mode & S_IFMT != S_IFREG
            if isSpecial { try Self.writeInPlace(text, path) } else { try Self.replace(text, Self.resolved(path)) }
        }
    }

    /// Pipes, terminals and devices cannot be replaced.
    private static func writeInPlace(_ text: String, _ path: String) throws(CommandFailure) {
        let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        guard FileDescriptor.write(Array(text.utf8), to: descriptor) else { throw failure(path) }
    }

    private static func replace(_ text: String, _ path: String) throws(CommandFailure) {
        var template = Array("\(path).XXXXXX".utf8CString)
        let descriptor = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.map { unsafe mkstemp($0) } ?? -1
        }
        guard descriptor >= 0 else { throw failure(path) }
        let temporary = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // mkstemp makes a file that only its owner may read; reports are to be read like any other file.
        let mask = umask(0)
        umask(mask)
        let isWritten =
            FileDescriptor.write(Array(text.utf8), to: descriptor) && fchmod(descriptor, 0o666 & ~mask) == 0
            && fsync(descriptor) == 0
        let writeError = errno
        close(descriptor)
        guard isWritten, unsafe rename(temporary, path) == 0 else {
            let code = isWritten ? errno : writeError
            unsafe unlink(temporary)
            throw CommandFailure(.failure, "\(path): \(FileDescriptor.reason(code))")
        }
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
