import Results

/// Batteries: what the whole machine draws, as long as it draws it from the battery.
///
/// Units as in Documentation/ABI/testing/sysfs-class-power: µW, µV, µA.
package struct PowerSupply: PowerSourceFinder {
    package init() {}

    /// More than any battery gives.
    private static let generousWatts = 500.0

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
            record: record, scope: .wholeSystem, scale: direct ? 1e-6 : 1e-12, maximumWatts: Self.generousWatts,
            interface: "power_supply",
            read: { Result { () throws(ReadFault) in try Self.power(path, direct: direct, tree: tree) } })
        source.rank = 20
        if case .failure(let fault) = source.read() {
            source.mark(fault, fix: fault == .permission ? Fix.hwmon(fault, file: record.path) : nil)
        }
        return source
    }

    /// While it is charged, a battery shows what flows into it: nothing about what the machine draws.
    private static func power(_ path: String, direct: Bool, tree: SysfsTree) throws(ReadFault) -> Double {
        guard tree.text(path + "/status") == "Discharging" else {
            throw .failed("the battery is not discharging, so that it does not show what the machine draws")
        }
        // Some drivers give the current out of the battery a minus sign.
        if direct { return Double(try tree.integer(path + "/power_now").magnitude) }
        let (voltage, current) = (try tree.integer(path + "/voltage_now"), try tree.integer(path + "/current_now"))
        return Double(voltage.magnitude) * Double(current.magnitude)
    }
}
