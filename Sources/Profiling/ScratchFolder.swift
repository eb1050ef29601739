import FoundationEssentials
import Glibc
import Platform

/// A folder for what the workers of one run share, that no other run and no other user has.
///
/// A run that is killed leaves its folder; the next one removes it. Whether a run still lives its lock tells: the
/// kernel takes that off with the process, and a number of a process may be another's by then. Where sudo started the
/// program, the folder belongs to the calling user, as whom workers run.
struct ScratchFolder {
    private static let prefix = "joulemark-run-"
    private static let lockName = "lock"

    /// Not there when none could be made: then nothing is shared.
    let path: String
    private let lock: CInt

    init() { self = Self.asWorkers { ScratchFolder(in: FileManager.default.temporaryDirectory.path) } }

    private init(in parent: String) {
        Self.removeAbandoned(in: parent)
        var template = Array("\(parent)/\(Self.prefix)XXXXXX".utf8CString)
        // Made for this process alone, with mode 0700, where nothing was.
        guard unsafe mkdtemp(&template) != nil else {
            path = "\(parent)/\(Self.prefix)none"
            lock = -1
            return
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        lock = unsafe open("\(path)/\(Self.lockName)", O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if lock >= 0 { _ = flock(lock, LOCK_EX | LOCK_NB) }
    }

    /// The path of a folder in it, which is made.
    func folder(_ name: String) -> String {
        let folder = "\(path)/\(name)"
        Self.asWorkers { try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
        return folder
    }

    func remove() {
        guard lock >= 0 else { return }
        Self.asWorkers { try? FileManager.default.removeItem(atPath: path) }
        close(lock)
    }

    private static func asWorkers<Result>(_ body: () -> Result) -> Result {
        CallingUser.current.map { $0.usingFiles(body) } ?? body()
    }

    private static func removeAbandoned(in parent: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] where name.hasPrefix(prefix) {
            let path = "\(parent)/\(name)"
            guard isOwnFolder(path) else { continue }
            // Without a lock yet it may be one that is just being made.
            let lock = unsafe open("\(path)/\(lockName)", O_RDWR | O_CLOEXEC | O_NOFOLLOW)
            guard lock >= 0 else { continue }
            if flock(lock, LOCK_EX | LOCK_NB) == 0 { try? FileManager.default.removeItem(atPath: path) }
            close(lock)
        }
    }

    private static func isOwnFolder(_ path: String) -> Bool {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return false }
        return status.st_mode & S_IFMT == S_IFDIR && status.st_uid == (CallingUser.current?.userID ?? geteuid())
    }
}
