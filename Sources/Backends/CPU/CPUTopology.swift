import CPlatform
import FoundationEssentials
import Glibc

/// The processors that this process may use, and their caches.
struct CPUTopology: Sendable {
    /// A logical processor of each physical core, the ones to run threads on: two threads of one core share the units
    /// that multiply, and would take turns.
    var cores: [Int]
    /// Bytes of a core's second-level cache.
    var secondLevelCacheBytes: Int
    /// Bytes of the largest cache.
    var lastLevelCacheBytes: Int
    /// `hwloc` or `sysfs`.
    var source: String

    /// By hwloc if its library is here, else by sysfs. Affinity masks and the processor quota of control groups reduce
    /// `cores`.
    static func current(sysfs: String = "/sys") -> CPUTopology {
        let allowed = allowedProcessors()
        var topology =
            HardwareLocality.topology(allowed: Set(allowed))
            ?? SysfsTopology(root: sysfs).topology(allowed: allowed)
        if let quota = ControlGroup(root: "\(sysfs)/fs/cgroup").processorQuota() {
            topology.cores = Array(topology.cores.prefix(max(1, Int(quota.rounded(.up)))))
        }
        return topology
    }

    /// Logical processors in the affinity mask of the calling thread.
    private static func allowedProcessors() -> [Int] {
        var numbers = [Int32](repeating: 0, count: 8192)
        let count = unsafe joulemark_allowed_processors(&numbers, Int32(numbers.count))
        return count > 0 ? numbers.prefix(Int(count)).map(Int.init) : [0]
    }
}

/// The topology as the kernel writes it under /sys/devices/system/cpu.
struct SysfsTopology {
    let root: String

    func topology(allowed: [Int]) -> CPUTopology {
        var cores: [Int] = []
        var seen: Set<String> = []
        for processor in allowed {
            let siblings =
                text("cpu\(processor)/topology/core_cpus_list") ?? text("cpu\(processor)/topology/thread_siblings_list")
            if seen.insert(siblings ?? "\(processor)").inserted { cores.append(processor) }
        }
        let caches = (0..<8).compactMap { cache(processor: cores.first ?? 0, index: $0) }
        let second = caches.first { $0.level == 2 }?.bytes ?? 256 << 10
        return CPUTopology(
            cores: cores, secondLevelCacheBytes: second, lastLevelCacheBytes: caches.map(\.bytes).max() ?? second,
            source: "sysfs")
    }

    private func cache(processor: Int, index: Int) -> (level: Int, bytes: Int)? {
        let folder = "cpu\(processor)/cache/index\(index)"
        guard text("\(folder)/type") != "Instruction", let level = text("\(folder)/level").flatMap({ Int($0) }),
            let size = text("\(folder)/size"), let kibibytes = Int(size.filter(\.isNumber))
        else { return nil }
        return (level, kibibytes << (size.hasSuffix("M") ? 20 : 10))
    }

    private func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: "\(root)/devices/system/cpu/\(path)").flatMap {
            String(validating: $0, as: UTF8.self)
        }.map { String($0.filter { !$0.isWhitespace }) }
    }
}

/// Limits that a control group (version 2) sets on its processes.
struct ControlGroup {
    let root: String

    /// Processors' worth of time that the group may use, or `nil` without a limit.
    func processorQuota() -> Double? {
        let fields = text("cpu.max")?.split(whereSeparator: \.isWhitespace) ?? []
        guard fields.count == 2, let quota = Double(fields[0]), let period = Double(fields[1]), period > 0 else {
            return nil
        }
        return quota / period
    }

    /// Bytes that the group may use, or `nil` without a limit.
    func memoryLimit() -> Int? { text("memory.max").flatMap { Int($0.filter(\.isNumber)) } }

    private func text(_ file: String) -> String? {
        FileManager.default.contents(atPath: "\(root)/\(file)").flatMap { String(validating: $0, as: UTF8.self) }
    }
}
