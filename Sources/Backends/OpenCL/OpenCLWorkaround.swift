import Glibc

/// What a driver needs in its environment to compute correctly, by ``DriverFault``'s table.
///
/// PoCL from 7.1 on is the one: by its default method, loops over work-items around the regions between barriers,
/// stores behind a barrier that a work-item's row guards (`if (row < Lq)`) are done by all of them, and beyond the
/// buffers: heap corruption in attention/unfused with few queries, wrong scans. Oclgrind, Intel's OpenCL and rusticl
/// see no fault in the same kernels.
package struct OpenCLWorkaround: Sendable {
    private let environment: [String: String]
    /// For the device's record: what is done, and why.
    let note: String

    /// The one for a driver; `nil` where there is none.
    ///
    /// - Parameter driver: the platform's name and the driver's version, as a device's record has them.
    package static func needed(_ driver: String) -> OpenCLWorkaround? {
        DriverFault.all.lazy.filter { $0.concerns(driver: driver, of: OpenCLBackend.backendName) }
            .compactMap { fault in
                fault.environment.map { OpenCLWorkaround(environment: $0, note: fault.reason) }
            }.first
    }

    /// Sets the variables, which the driver reads when it compiles, unless the user has set them.
    func apply() {
        for (variable, value) in environment { _ = unsafe setenv(variable, value, 0) }
    }
}
