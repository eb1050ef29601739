import FoundationEssentials
import Glibc
import Platform

/// A folder of the cache with what a compiler made, and beside it a digest of that.
package struct CompiledEntry {
    private static let digestSuffix = ".digest"

    package let folder: String
    /// The name of what the compiler made.
    package let product: String

    package init(folder: String, product: String) {
        self.folder = folder
        self.product = product
    }

    package var path: String { "\(folder)/\(product)" }

    /// Whether what the compiler made is there as it made it. A file that lost its end, as where the machine went down,
    /// would end the process that maps it.
    package var isWhole: Bool {
        guard CacheFolder.isPrivate(folder), let digest = Self.digest(of: path) else { return false }
        return FileManager.default.contents(atPath: path + Self.digestSuffix) == Data(digest.utf8)
    }

    /// Moves a finished folder here, in place of one that is damaged.
    ///
    /// - Returns: why that cannot be; `nil` when it is done, by this process or by another.
    package func take(_ draft: String) -> String? {
        let made = "\(draft)/\(product)"
        guard let digest = Self.digest(of: made) else { return "the compiler left no \(product)" }
        do { try Data(digest.utf8).write(to: URL(filePath: made + Self.digestSuffix)) } catch { return "\(error)" }
        for file in [made, made + Self.digestSuffix, draft] {
            if let reason = Self.flush(file) { return reason }
        }
        if unsafe rename(draft, folder) == 0 { return nil }
        let reason = unsafe String(cString: strerror(errno))
        // Another process was earlier, or an older one left it damaged.
        if isWhole { return nil }
        try? FileManager.default.removeItem(atPath: folder)
        return unsafe rename(draft, folder) == 0 || isWhole ? nil : reason
    }

    /// Removes what processes that are gone left unfinished: `<digest>.<process>`.
    package static func removeAbandonedDrafts(in cache: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: cache)) ?? [] {
            guard let dot = name.lastIndex(of: "."), let process = pid_t(name[name.index(after: dot)...]), process > 0,
                kill(process, 0) != 0, errno == ESRCH
            else { continue }
            try? FileManager.default.removeItem(atPath: "\(cache)/\(name)")
        }
    }

    private static func digest(of file: String) -> String? {
        guard let content = FileManager.default.contents(atPath: file) else { return nil }
        var digest = ContentDigest()
        digest.add(content)
        return digest.hexadecimal
    }

    /// Has the system write a file, or the names in a folder, to the disk before anything else depends on it.
    private static func flush(_ path: String) -> String? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return unsafe String(cString: strerror(errno)) }
        defer { close(file) }
        // A file system that cannot do this is no reason to have no kernel.
        return fsync(file) == 0 || errno == EINVAL || errno == EROFS ? nil : unsafe String(cString: strerror(errno))
    }
}
