import FoundationEssentials
import Glibc

/// Where this user keeps what can be made again: `$XDG_CACHE_HOME/joulemark`, by default `~/.cache/joulemark`.
enum CacheFolder {
    /// A folder below it, made when it is missing; `nil` where none can be written.
    static func existing(_ name: String) -> String? {
        let folders = [variable("XDG_CACHE_HOME"), variable("HOME").map { $0 + "/.cache" }].compactMap { $0 }
        for folder in folders.map({ "\($0)/joulemark/\(name)" }) {
            try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            if unsafe access(folder, W_OK | X_OK) == 0, isPrivate(folder) { return folder }
        }
        return nil
    }

    /// Whether a folder, and no link to one, is this user's, and nobody else may write to it: what lies there is
    /// believed.
    static func isPrivate(_ folder: String) -> Bool {
        var status = stat()
        guard unsafe lstat(folder, &status) == 0 else { return false }
        return status.st_mode & S_IFMT == S_IFDIR && status.st_uid == geteuid() && status.st_mode & 0o022 == 0
    }

    /// An absolute path in the environment.
    static func variable(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }.flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
}
