import FoundationEssentials
import Glibc

/// Files that are complete or absent, whatever kills the process meanwhile.
package enum AtomicFile {
    /// Writes beside the file, makes sure that it is on the disk, and only then gives it its name.
    package static func write(_ text: String, to path: String) throws(ResultsError) {
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { String(path[...$0]) } ?? ""
        let prefix = ".\(slash.map { path[path.index(after: $0)...] } ?? path[...]).joulemark-"
        removeAbandoned(in: folder.isEmpty ? "." : folder, prefix: prefix)
        var template = Array("\(folder)\(prefix)XXXXXX".utf8CString)
        let descriptor = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.map { unsafe mkstemp($0) } ?? -1
        }
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        // As long as the process lives that writes it.
        _ = flock(descriptor, LOCK_EX | LOCK_NB)
        let temporary = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // mkstemp makes a file that only its owner may read; a result is to be read like any other file.
        let mask = umask(0)
        umask(mask)
        let isWritten =
            writeAll(Array(text.utf8), to: descriptor) && fchmod(descriptor, 0o666 & ~mask) == 0
            && fsync(descriptor) == 0
        guard isWritten, unsafe rename(temporary, path) == 0 else {
            let code = errno
            unsafe unlink(temporary)
            throw failure(path, code)
        }
        synchronizeFolder(of: path)
    }

    /// What processes left that were killed while they wrote the same file.
    private static func removeAbandoned(in folder: String, prefix: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where name.hasPrefix(prefix) {
            let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
            guard descriptor >= 0 else { continue }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unsafe _ = unlink(path) }
            close(descriptor)
        }
    }

    static func read(_ path: String) throws(ResultsError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes += chunk[..<count]
            } else if count == 0 {
                return bytes
            } else if errno != EINTR {
                throw failure(path)
            }
        }
    }

    static func failure(_ path: String, _ code: CInt = errno) -> ResultsError {
        ResultsError(.system, "\(path): \(unsafe String(cString: strerror(code)))")
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: CInt) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress.map { unsafe $0 + offset }, buffer.count - offset)
            }
            if count > 0 {
                offset += count
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    /// The new name outlives a power cut only once the folder is on the disk too. Some file systems refuse this, and
    /// the file is no less complete for that.
    private static func synchronizeFolder(of path: String) {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = fsync(descriptor)
        close(descriptor)
    }
}
