import Glibc

/// What memory there is for this process.
package enum HostMemory {
    /// The machine's memory in bytes, or the control group's share of it.
    package static var byteCount: Int {
        let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        return min(machine, ControlGroup(root: "/sys/fs/cgroup").memoryLimit() ?? machine)
    }
}
