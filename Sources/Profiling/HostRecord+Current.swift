import Backends
import FoundationEssentials
import Glibc
import Results

extension HostRecord {
    /// This machine, as the operating system describes it.
    ///
    /// - Parameter sysfs: replaces `/sys`.
    public static func current(sysfs: String = "/sys") -> HostRecord {
        let processors = ProcessorInformation()
        let isa = Backends.all.first { $0.name == "cpu" }.flatMap { try? $0.devices().get().first?.features } ?? []
        let cpu = CPURecord(
            model: processors.model, physicalCores: processors.physicalCores, logicalCores: processors.logicalCores,
            isa: isa)
        return HostRecord(
            operatingSystem: operatingSystem(), kernel: line("/proc/sys/kernel/osrelease") ?? "unknown", cpu: cpu,
            memoryBytes: sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)),
            governor: line("\(sysfs)/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
            virtualization: virtualization(sysfs, processors))
    }

    private static func operatingSystem() -> String {
        let lines = (text("/etc/os-release") ?? "").split(separator: "\n")
        let name = lines.first { $0.hasPrefix("PRETTY_NAME=") }?.dropFirst("PRETTY_NAME=".count)
        return name?.filter { $0 != "\"" } ?? "Linux"
    }

    /// The hypervisor, or `nil` on bare metal.
    private static func virtualization(_ sysfs: String, _ processors: ProcessorInformation) -> String? {
        guard processors.hasHypervisorFlag else { return nil }
        let vendor = line("\(sysfs)/class/dmi/id/sys_vendor"), product = line("\(sysfs)/class/dmi/id/product_name")
        let name = [vendor, product].compactMap { $0 }.joined(separator: " ")
        return name.isEmpty ? "virtual machine" : "virtual machine (\(name))"
    }

    private static func line(_ path: String) -> String? {
        text(path)?.split(separator: "\n").first.map(String.init)
    }

    fileprivate static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// What /proc/cpuinfo says.
private struct ProcessorInformation {
    var model = "unknown"
    var logicalCores = 0
    var hasHypervisorFlag = false
    private var cores: Set<String> = []

    /// Cores with their own execution units; the logical count where the kernel does not tell.
    var physicalCores: Int { cores.isEmpty ? logicalCores : cores.count }

    init() {
        var package = "0"
        for line in (HostRecord.text("/proc/cpuinfo") ?? "").split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingSpaces() }
            guard let key = parts.first else { continue }
            let value = parts.count > 1 ? parts[1] : ""
            switch key {
            case "processor": logicalCores += 1
            case "model name": model = value
            case "physical id": package = value
            case "core id": cores.insert("\(package).\(value)")
            case "flags": hasHypervisorFlag = value.split(separator: " ").contains("hypervisor")
            default: break
            }
        }
    }
}

extension Substring {
    fileprivate func trimmingSpaces() -> String {
        let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        return String(drop(while: blank).reversed().drop(while: blank).reversed())
    }
}
