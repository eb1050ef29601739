import Results

/// Batteries: what the whole machine draws, as long as it draws it from the battery.
///
/// Units as in Documentation/ABI/testing/sysfs-class-power: µW, µV, µA.
package struct PowerSupply: PowerSourceFinder {
    package init() {}

    package func sources(in tree: SysfsTree) -> [PowerSource] {
        let folder = tree.path("class/power_supply")
        return tree.list(folder).filter { name in
            // Mice and keyboards have batteries too, of which the machine draws nothing: their scope is "Device".
            tree.text("\(folder)/\(name)/type") == "Battery" && tree.text("\(folder)/\(name)/scope") != "Device"
        }.compactMap { source($0, at: folder + "/" + $0, tree: tree) }
    }

    private func source(_ name: String, at path: String, tree: SysfsTree) -> PowerSource? {
        let direct = tree.exists(path + "/power_now")
        guard direct || tree.exists(path + "/voltage_now") else { return nil }
        let record = PowerSourceRecord(
            id: "power_supply/\(name)", kind: .sensor, domain: "system", path: path + (direct ? "/power_now" : ""),
            state: .ok)
        var source = PowerSource(
            record: record, scope: .wholeSystem, scale: direct ? 1e-6 : 1e-12, plausibleWatts: PlausibleWatts.battery,
            interface: "power_supply",
            read: { Result { () throws(ReadFault) in try Self.power(path, direct: direct, tree: tree) } })
        source.rank = 20
        source.group = "batteries"
        if case .failure(let fault) = source.read(), !fault.mayPass || !Self.isDischarging(path, tree: tree) {
            source.mark(fault, fix: fault == .permission ? Fix.hwmon(fault, file: record.path) : nil)
        }
        return source
    }

    private static func isDischarging(_ path: String, tree: SysfsTree) -> Bool {
        tree.text(path + "/status") == "Discharging"
    }

    /// A number that is none of those by which batteries say that they do not know: all bits of 16 or 32, or all but
    /// the sign, in thousands of the file's unit (ACPI 6.5, section 10.2.2: 0xFFFFFFFF of mW, mA and mV).
    private static func known(_ file: String, tree: SysfsTree) throws(ReadFault) -> Int64 {
        let value = try tree.integer(file)
        let unknown: [UInt64] = [0xFFFF, 0xFFFF_FFFF, 0x7FFF_FFFF]
        guard !unknown.contains(where: { value.magnitude == $0 * 1000 || value.magnitude == $0 && $0 > 0xFFFF }) else {
            throw .implausible("found \(value), by which a battery says that it does not know")
        }
        return value
    }

    /// While it is charged, a battery shows what flows into it: nothing about what the machine draws.
    private static func power(_ path: String, direct: Bool, tree: SysfsTree) throws(ReadFault) -> Double {
        guard isDischarging(path, tree: tree) else {
            throw .failed("the battery is not discharging, so that it does not show what the machine draws")
        }
        // Some drivers give the current out of the battery a minus sign.
        if direct { return Double(try known(path + "/power_now", tree: tree).magnitude) }
        let voltage = try known(path + "/voltage_now", tree: tree)
        let current = try known(path + "/current_now", tree: tree)
        return Double(voltage.magnitude) * Double(current.magnitude)
    }
}
