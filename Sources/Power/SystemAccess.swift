import CPlatform
import Glibc

/// A system call that failed: the error number and its name in words.
package struct SystemFault: Error, Sendable, Equatable, CustomStringConvertible {
    package var errorNumber: Int32

    package init(_ errorNumber: Int32) { self.errorNumber = errorNumber }

    package var description: String { unsafe String(cString: strerror(errorNumber)) }
}

/// The one seam between this module and the operating system: a function per system call.
///
/// Everything that discovers, reads or characterises power sources goes through it, so that tests can serve any content
/// and any fault, also those that a test running as root never meets.
package protocol SystemAccess: Sendable {
    /// The first `limit` bytes of a file, from a single `read`: what sysfs guarantees to be one consistent value.
    func contents(of path: String, limit: Int) throws(SystemFault) -> [UInt8]
    /// The names in a folder, without `.` and `..`, in no particular order.
    func entries(of path: String) throws(SystemFault) -> [String]
    /// The path with every symbolic link resolved.
    func canonicalPath(of path: String) throws(SystemFault) -> String
    /// True when the folder lies on the kernel's own sysfs, as opposed to a copy or a simulation.
    func isKernelSysfs(_ path: String) -> Bool
    /// Opens a counter of a performance monitoring unit for one processor and all processes.
    func openPerfCounter(type: UInt32, config: UInt64, processor: Int32) throws(SystemFault) -> Int32
    /// The value of an opened counter.
    func readPerfCounter(_ descriptor: Int32) throws(SystemFault) -> UInt64
    func closePerfCounter(_ descriptor: Int32)
}

/// The operating system itself.
package struct OperatingSystem: SystemAccess {
    package init() {}

    package func contents(of path: String, limit: Int) throws(SystemFault) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw SystemFault(errno) }
        defer { close(descriptor) }
        var fault: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            var received = 0
            repeat {
                unsafe received = read(descriptor, buffer.baseAddress, limit)
            } while received < 0 && errno == EINTR
            if received < 0 { fault = errno }
            count = max(received, 0)
        }
        guard fault == 0 else { throw SystemFault(fault) }
        return bytes
    }

    package func entries(of path: String) throws(SystemFault) -> [String] {
        guard let folder = unsafe opendir(path) else { throw SystemFault(errno) }
        defer { unsafe _ = closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    package func canonicalPath(of path: String) throws(SystemFault) -> String {
        guard let resolved = unsafe realpath(path, nil) else { throw SystemFault(errno) }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    package func isKernelSysfs(_ path: String) -> Bool { unsafe joulemark_is_sysfs(path) != 0 }

    package func openPerfCounter(type: UInt32, config: UInt64, processor: Int32) throws(SystemFault) -> Int32 {
        let descriptor = joulemark_open_perf_counter(type, config, processor)
        guard descriptor >= 0 else { throw SystemFault(-descriptor) }
        return descriptor
    }

    package func readPerfCounter(_ descriptor: Int32) throws(SystemFault) -> UInt64 {
        var value: UInt64 = 0
        let received = unsafe read(descriptor, &value, 8)
        guard received == 8 else { throw SystemFault(received < 0 ? errno : EIO) }
        return value
    }

    package func closePerfCounter(_ descriptor: Int32) { close(descriptor) }
}
