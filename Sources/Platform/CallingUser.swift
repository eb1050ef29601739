import CPlatform
import Glibc

/// The person who had root start this program, by sudo. Power counters may need root; drivers, compilers and kernels do
/// not.
public struct CallingUser: Sendable, Equatable {
    public let userID: uid_t
    public let groupID: gid_t
    public let name: String
    public let home: String

    /// `nil` unless this process is root's, and sudo says that somebody else called it.
    public static let current: CallingUser? = geteuid() == 0 ? CallingUser(userID: variable("SUDO_UID")) : nil

    /// What the system knows of a user; `nil` for root, and for one whom it does not know.
    init?(userID: uid_t?) {
        guard let userID, userID != 0, let entry = unsafe getpwuid(userID) else { return nil }
        self.userID = userID
        groupID = Self.variable("SUDO_GID") ?? (unsafe entry.pointee.pw_gid)
        name = unsafe String(cString: entry.pointee.pw_name)
        home = unsafe String(cString: entry.pointee.pw_dir)
    }

    /// Does something with files as this user: what only root may touch is out of reach for as long.
    ///
    /// It holds for the calling thread.
    public func usingFiles<Result>(_ body: () -> Result) -> Result {
        joulemark_use_files_as(userID, groupID)
        defer { joulemark_use_files_as(0, getegid()) }
        return body()
    }

    private static func variable(_ name: String) -> UInt32? {
        unsafe getenv(name).map { unsafe String(cString: $0) }.flatMap { UInt32($0) }
    }
}

/// What a process gives up that runs other people's code: drivers, compilers, kernels.
public enum Privileges {
    /// Becomes the calling user where sudo started the program, and gives up every capability, for good: nothing that
    /// is executed from now on gains any.
    ///
    /// The process is also the first that a system without memory ends, and leaves no memory dump.
    /// - Parameter memoryLimit: bytes that it and each of its children may have at most.
    /// - Returns: what could not be given up; `nil` when all is.
    public static func renounce(memoryLimit: Int) -> String? {
        joulemark_yield_memory()
        joulemark_limit_memory(UInt64(max(memoryLimit, 0)))
        if let user = CallingUser.current {
            guard unsafe joulemark_become(user.userID, user.groupID, user.name) == 0 else {
                return "cannot become the user \(user.name): \(unsafe String(cString: strerror(errno)))"
            }
            for (name, value) in [("HOME", user.home), ("USER", user.name), ("LOGNAME", user.name)] {
                unsafe setenv(name, value, 1)
            }
        }
        guard joulemark_renounce() == 0 else {
            return "cannot give up capabilities: \(unsafe String(cString: strerror(errno)))"
        }
        return nil
    }
}
