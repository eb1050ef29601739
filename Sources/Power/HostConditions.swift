import Results

/// What besides power sources decides how far figures can be trusted: clocks, governor, turbo, virtualisation,
/// permissions.
struct HostConditions {
    let tree: SysfsTree

    func findings() -> [Finding] {
        [
            governor(), turbo(), clockLimit(), clockSource(), throttling(), supply(), virtualization(), paranoia(),
        ].compactMap(\.self)
    }

    /// The name of the hypervisor or the virtual machine's vendor; `nil` on bare metal.
    var hypervisor: String? {
        if let type = tree.text(tree.path("hypervisor/type")) { return type }
        let vendor = tree.text(tree.path("class/dmi/id/sys_vendor")) ?? ""
        let product = tree.text(tree.path("class/dmi/id/product_name")) ?? ""
        let known = [
            "QEMU", "KVM", "VMware", "VirtualBox", "innotek", "Xen", "Amazon EC2", "Google Compute", "Virtual Machine",
        ]
        if let name = known.first(where: { vendor.contains($0) || product.contains($0) }) { return name }
        guard let bytes = try? tree.system.contents(of: "/proc/cpuinfo", limit: 65536) else { return nil }
        let flags = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("flags") }
        return flags?.split(separator: " ").contains("hypervisor") == true ? "a hypervisor" : nil
    }

    private var processors: [String] {
        tree.list(tree.path("devices/system/cpu")).filter {
            $0.hasPrefix("cpu") && $0.count > 3 && $0.dropFirst(3).allSatisfy(\.isNumber)
        }.map { tree.path("devices/system/cpu/" + $0) }
    }

    private func governor() -> Finding {
        let governors = Set(processors.compactMap { tree.text($0 + "/cpufreq/scaling_governor") }).sorted()
        guard !governors.isEmpty else {
            return Finding(
                id: "governor", area: .clocks, state: .missing, found: "none",
                why: "the kernel does not steer this machine's clocks (usual in virtual machines)")
        }
        let isSteady = governors == ["performance"]
        return Finding(
            id: "governor", area: .clocks, state: isSteady ? .ok : .notice, found: governors.joined(separator: ", "),
            why: isSteady ? nil : "clocks follow the load, which adds noise to times and joules",
            fix: isSteady
                ? nil
                : "echo performance | sudo tee \(tree.root)/devices/system/cpu/cpu*/cpufreq/scaling_governor")
    }

    private func turbo() -> Finding? {
        let intel = tree.path("devices/system/cpu/intel_pstate/no_turbo")
        // One switch for all processors, or (amd_pstate since Linux 6.11) one for each.
        let other =
            ([tree.path("devices/system/cpu/cpufreq/boost")] + processors.map { $0 + "/cpufreq/boost" })
            .first(where: tree.exists) ?? ""
        let (file, off): (String, Int64)
        if tree.exists(intel) {
            (file, off) = (intel, 1)
        } else if !other.isEmpty {
            (file, off) = (other, 0)
        } else {
            return nil
        }
        guard let value = try? tree.integer(file) else { return nil }
        let isOff = value == off
        return Finding(
            id: "turbo", area: .clocks, state: isOff ? .ok : .notice, found: isOff ? "off" : "on",
            why: isOff ? nil : "clocks depend on temperature and on the other cores",
            fix: isOff
                ? nil : "echo \(off) | sudo tee \(file.replacing("/cpu0/cpufreq", with: "/cpu*/cpufreq"))")
    }

    /// Where the processors' clocks are, and whether somebody holds them below what they can do.
    private func clockLimit() -> Finding? {
        func kilohertz(_ name: String) -> [Int64] {
            processors.compactMap { try? tree.integer("\($0)/cpufreq/\(name)") }.filter { $0 > 0 }
        }
        let (now, limits, bests) = (
            kilohertz("scaling_cur_freq"), kilohertz("scaling_max_freq"), kilohertz("cpuinfo_max_freq")
        )
        guard let limit = limits.min(), let best = bests.max() else { return nil }
        let isFree = Double(limit) >= 0.95 * Double(bests.min() ?? best)
        let current = now.min().flatMap { low in
            now.max().map { "now \(Self.gigahertz(low)) to \(Self.gigahertz($0)), " }
        }
        return Finding(
            id: "clocks", area: .clocks, state: isFree ? .ok : .notice,
            found: "\(current ?? "")limit \(Self.gigahertz(limit)) of \(Self.gigahertz(best))",
            why: isFree ? nil : "scaling_max_freq holds the clocks below what the processor can do",
            fix: isFree
                ? nil
                : "echo \(best) | sudo tee \(tree.root)/devices/system/cpu/cpu*/cpufreq/scaling_max_freq")
    }

    private static func gigahertz(_ kilohertz: Int64) -> String {
        NumberFormat.quantity(Double(kilohertz) * 1e3, .hertz)
    }

    private func clockSource() -> Finding? {
        let folder = tree.path("devices/system/clocksource/clocksource0")
        guard let source = tree.text(folder + "/current_clocksource") else { return nil }
        let isFast = ["tsc", "arch_sys_counter", "kvm-clock", "hyperv_clocksource_tsc_page"].contains(source)
        return Finding(
            id: "clock source", area: .clocks, state: isFast ? .ok : .notice, found: source,
            why: isFast ? nil : "reading this clock takes a microsecond or more",
            fix: isFast ? nil : "echo tsc | sudo tee \(folder)/current_clocksource")
    }

    private func throttling() -> Finding? {
        let counts = processors.compactMap { try? tree.integer($0 + "/thermal_throttle/package_throttle_count") }
        guard let most = counts.max(), most >= 0 else { return nil }
        return Finding(
            id: "thermal throttling", area: .clocks, state: most == 0 ? .ok : .notice,
            found: "\(most) events since boot",
            why: most == 0 ? nil : "the processor has had to slow down because of heat",
            fix: most == 0
                ? nil : "clean or raise the cooling; watch \(tree.root)/devices/system/cpu/cpu0/thermal_throttle")
    }

    private func supply() -> Finding? {
        let folder = tree.path("class/power_supply")
        let names = tree.list(folder)
        func isType(_ name: String, _ types: [String]) -> Bool {
            types.contains(tree.text("\(folder)/\(name)/type") ?? "")
        }
        // Notebooks that are charged through USB-C have no supply of the type Mains; a desktop's USB ports feed
        // nothing.
        let hasBattery = names.contains { isType($0, ["Battery"]) && tree.text("\(folder)/\($0)/scope") != "Device" }
        let supplies = names.filter { isType($0, hasBattery ? ["Mains", "USB"] : ["Mains"]) }
        guard !supplies.isEmpty else { return nil }
        let isOnline = supplies.contains { (try? tree.integer("\(folder)/\($0)/online")) ?? 0 > 0 }
        return Finding(
            id: "supply", area: .host, state: isOnline ? .ok : .notice, found: isOnline ? "mains" : "battery",
            why: isOnline ? nil : "on battery, firmware lowers clocks and power limits",
            fix: isOnline ? nil : "plug the machine in, unless the battery is what you measure with")
    }

    private func virtualization() -> Finding {
        let name = hypervisor
        return Finding(
            id: "virtualisation", area: .host, state: name == nil ? .ok : .notice, found: name ?? "none",
            why: name == nil ? nil : "other machines share the processor, and its counters are usually hidden",
            fix: name == nil ? nil : "run on bare metal for figures that others can reproduce")
    }

    private func paranoia() -> Finding {
        let file = "/proc/sys/kernel/perf_event_paranoid"
        guard let level = try? tree.integer(file) else {
            return Finding(
                id: "perf_event_paranoid", area: .permissions, state: .missing, found: "none",
                why: "the kernel is built without perf events")
        }
        let isOpen = level <= 0
        return Finding(
            id: "perf_event_paranoid", area: .permissions, state: isOpen ? .ok : .permission, found: "\(level)",
            why: isOpen ? nil : "above 0, only CAP_PERFMON may open the power counters of perf",
            fix: isOpen ? nil : Fix.perfParanoid)
    }
}
