import Glibc

/// What a driver needs in its environment to compute correctly, by its name and version.
package struct OpenCLWorkaround: Sendable {
    /// What the platform's name begins with.
    let platform: String
    /// The first version that has the fault, as far as it was seen.
    let firstVersion: [Int]
    let variable: String
    let value: String
    /// For the device's record: what is done, and why.
    let note: String

    static let all = [
        // By its default method, loops over work-items around the regions between barriers, stores behind a barrier that a work-item's
        // row guards (`if (row < Lq)`) are done by all of them, and beyond the buffers: heap corruption in attention/unfused with
        // few queries, wrong scans. Oclgrind, Intel's OpenCL and rusticl see no fault in the same kernels.
        OpenCLWorkaround(
            platform: "Portable Computing Language", firstVersion: [7, 1], variable: "POCL_WORK_GROUP_METHOD",
            value: "cbs", note: "work-groups by continuations, because PoCL's loops store beyond guards")
    ]

    /// The one for a driver; `nil` where there is none, or the user has chosen for himself.
    ///
    /// - Parameter driver: the platform's name and the driver's version, as a device's record has them.
    package static func needed(_ driver: String) -> OpenCLWorkaround? {
        all.first { workaround in
            guard driver.hasPrefix(workaround.platform) else { return false }
            let version = driver.dropFirst(workaround.platform.count).drop { !$0.isNumber }
                .prefix { $0.isNumber || $0 == "." }.split(separator: ".").compactMap { Int($0) }
            return !version.isEmpty && !version.lexicographicallyPrecedes(workaround.firstVersion)
        }
    }

    /// Sets the variable, which the driver reads when it compiles, unless the user has set it.
    func apply() { _ = unsafe setenv(variable, value, 0) }
}
