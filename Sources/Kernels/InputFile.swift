import Glibc

/// A file that the user named, read as a whole.
enum InputFile {
    /// The bytes of a regular file.
    ///
    /// - Throws: ``KernelError`` with code `invalidInput`, naming the file and the system's reason. A pipe, a device or
    ///   a folder is refused, and so is a file that would not leave room to work in half of the machine's memory.
    static func bytes(_ path: String) throws(KernelError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(path, "cannot be read: \(systemReason())") }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw failure(path, "cannot be read: \(systemReason())")
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw failure(path, "is not a regular file") }
        let limit = sysconf(Int32(_SC_PHYS_PAGES)) / 2 * sysconf(Int32(_SC_PAGESIZE))
        let size = Int(status.st_size)
        guard size <= limit else {
            throw failure(path, "holds \(size) bytes; this machine takes files of up to \(limit) bytes")
        }
        var readError: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let step = unsafe read(descriptor, buffer.baseAddress.map { unsafe $0 + count }, size - count)
                if step < 0, errno == EINTR { continue }
                if step < 0 { readError = errno }
                if step <= 0 { break }
                count += step
            }
        }
        errno = readError
        guard readError == 0 else { throw failure(path, "cannot be read: \(systemReason())") }
        return bytes
    }

    static func failure(_ path: String, _ what: String) -> KernelError {
        KernelError(.invalidInput, "\(path): \(what)")
    }

    private static func systemReason() -> String {
        guard let text = unsafe strerror(errno) else { return "error \(errno)" }
        return unsafe String(cString: text)
    }
}
