import Glibc

/// A user without rights, whom every system has.
public struct OrdinaryUser: Sendable {
    public let userID: uid_t
    public let groupID: gid_t

    /// - Returns: `nil` where the system does not know `nobody`.
    public static func nobody() -> OrdinaryUser? {
        guard let entry = unsafe getpwnam("nobody") else { return nil }
        return unsafe OrdinaryUser(userID: entry.pointee.pw_uid, groupID: entry.pointee.pw_gid)
    }
}
