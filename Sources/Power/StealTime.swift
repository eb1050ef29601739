import Glibc

/// Processor time that a hypervisor withheld from this machine while it had work: the eighth figure of `/proc/stat`.
package struct StealTime: Sendable {
    private let system: any SystemAccess

    package init(system: any SystemAccess = OperatingSystem()) { self.system = system }

    /// Seconds since the machine started, all processors together; `nil` when the kernel does not say.
    package func seconds() -> Double? {
        guard let bytes = try? system.contents(of: "/proc/stat", limit: 512) else { return nil }
        let line = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        let figures = line.split(separator: " ")
        guard figures.count > 8, figures[0] == "cpu", let ticks = Double(figures[8]) else { return nil }
        return ticks / Double(max(sysconf(Int32(_SC_CLK_TCK)), 1))
    }
}
