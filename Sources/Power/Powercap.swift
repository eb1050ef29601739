import Results

/// RAPL domains as the kernel's powercap framework shows them (Intel, and AMD under the same name).
///
/// Source of the facts: Documentation/power/powercap/powercap.rst and drivers/powercap/intel_rapl_common.c of Linux.
package struct Powercap: PowerSourceFinder {
    package init() {}

    /// A processor package draws at most this; used when the zone states no limit.
    static let generousPackageWatts = 1500.0
    static let generousSystemWatts = 6000.0

    package func sources(in tree: SysfsTree) -> [PowerSource] {
        var found: [PowerSource] = []
        var seen: Set<String> = []
        for folder in Self.folders(in: tree) {
            for name in tree.list(folder) where Zone(name) != nil {
                collect(folder, name: name, parentPackage: nil, tree: tree, seen: &seen, into: &found)
            }
        }
        return found.sorted { $0.record.id < $1.record.id }
    }

    /// Where zones lie: in sysfs, or, where a host shares its counters with a guest, in a folder that is powercap's
    /// own, or that of its control types, given as the tree.
    private static func folders(in tree: SysfsTree) -> [String] {
        let usual = tree.path("class/powercap")
        if tree.list(usual).contains(where: { Zone($0) != nil }) { return [usual] }
        let inside = tree.list(tree.root).filter { Zone($0) == nil }.map { tree.path($0) }
        return ([tree.root] + inside).filter { tree.list($0).contains { Zone($0)?.parent == nil && Zone($0) != nil } }
    }

    /// The zone of this name in `folder` and the zones nested in it. The flat folder holds links to the nested ones
    /// too, so that a zone is reached twice, and every zone holds links that lead in circles: each name is visited
    /// once, links are not followed.
    private func collect(
        _ folder: String, name: String, parentPackage: String?, tree: SysfsTree, seen: inout Set<String>,
        into found: inout [PowerSource]
    ) {
        guard let zone = Zone(name), seen.insert(name).inserted else { return }
        let path = folder + "/" + name
        let title = tree.text(path + "/name")
        let parentTitle = zone.parent.flatMap { tree.text(folder + "/" + $0 + "/name") }
        let package = title.flatMap(Self.package) ?? parentPackage ?? parentTitle
        if tree.exists(path + "/energy_uj") {
            found.append(source(zone, at: path, title: title, package: package, tree: tree))
        }
        for child in tree.list(path) where child.hasPrefix(name + ":") {
            let isFlat = tree.exists(folder + "/" + child + "/energy_uj")
            collect(isFlat ? folder : path, name: child, parentPackage: package, tree: tree, seen: &seen, into: &found)
        }
    }

    private func source(_ zone: Zone, at path: String, title: String?, package: String?, tree: SysfsTree) -> PowerSource
    {
        let domain = Self.domain(title: title, isNested: zone.parent != nil)
        let file = path + "/energy_uj"
        let range = (try? tree.integer(path + "/max_energy_range_uj")) ?? 0
        let record = PowerSourceRecord(
            id: "powercap/" + zone.name, kind: .counter, domain: domain, path: file, state: .ok,
            reason: title == nil ? "the zone has no name (a guest's tree): taken for \(domain) by its place" : nil)
        var source = PowerSource(
            record: record, scope: .host, scale: 1e-6, modulus: Self.modulus(range: range),
            plausibleWatts: plausibleWatts(domain: domain, path: path, tree: tree), interface: "powercap",
            read: { Result { () throws(ReadFault) in Double(try tree.integer(file)) } })
        source.package = package ?? (domain == "package" ? zone.name : zone.parent)
        source.rank = zone.isMemoryMapped ? 1 : 0
        switch source.read() {
        // What fails for a moment only is seen while the source is watched.
        case .success: break
        case .failure(let fault) where fault.mayPass: break
        case .failure(let fault): source.mark(fault, fix: Fix.powercap(fault))
        }
        return source
    }

    /// The range is 0xFFFFFFFF units, and the counter wraps one unit after it: 2³² units.
    static func modulus(range: Int64) -> Double? {
        range > 0 ? Double(range) * (4_294_967_296.0 / 4_294_967_295.0) : nil
    }

    static func domain(title: String?, isNested: Bool) -> String {
        guard let title else { return isNested ? "part" : "package" }
        if title.hasPrefix("psys-") { return "psys" }
        return title.hasPrefix("package") ? "package" : title
    }

    /// The package that a zone's name tells. `psys` is that of package 0, those of other packages are `psys-1` and so
    /// on.
    static func package(title: String) -> String? {
        if title == "psys" { return "package-0" }
        if title.hasPrefix("psys-") { return "package-" + title.dropFirst("psys-".count) }
        return title.hasPrefix("package-") ? title : nil
    }

    /// Four times the largest limit that the zone states, be it the part's (`max_power_uw` is its thermal design power)
    /// or one that is set (`power_limit_uw`, often above the former): what it may draw for a moment is a multiple of
    /// what it may draw for long. A generous figure when none is stated.
    static func leastWatts(domain: String) -> Double {
        switch domain {
        case "package": PlausibleWatts.processor.lowerBound
        // On many notebooks psys is not wired, which is told from what it should contain.
        default: 0
        }
    }

    private func plausibleWatts(domain: String, path: String, tree: SysfsTree) -> ClosedRange<Double> {
        let least = Self.leastWatts(domain: domain)
        return least...max(largestWatts(domain: domain, path: path, tree: tree), least)
    }

    private func largestWatts(domain: String, path: String, tree: SysfsTree) -> Double {
        let stated =
            (0...2).flatMap { constraint in
                ["max_power_uw", "power_limit_uw"].compactMap {
                    try? tree.integer("\(path)/constraint_\(constraint)_\($0)")
                }
            }.max() ?? 0
        if stated > 0 { return min(4e-6 * Double(stated), Self.generousSystemWatts) }
        return domain == "psys" ? Self.generousSystemWatts : Self.generousPackageWatts
    }
}

/// The name of a zone: `intel-rapl:a:1` is the control type `intel-rapl`, package 10, part 1 (hexadecimal).
struct Zone: Equatable {
    let name: String
    let controlType: String
    let numbers: [Int]

    init?(_ name: String) {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 2, !parts[0].isEmpty else { return nil }
        let numbers = parts.dropFirst().compactMap { Int($0, radix: 16) }
        guard numbers.count == parts.count - 1, numbers.allSatisfy({ $0 >= 0 }) else { return nil }
        self.name = name
        self.controlType = String(parts[0])
        self.numbers = numbers
    }

    var parent: String? {
        numbers.count < 2 ? nil : name.lastIndex(of: ":").map { String(name[..<$0]) }
    }

    /// `intel-rapl-mmio` reads the same energy as `intel-rapl` through another register.
    var isMemoryMapped: Bool { controlType.hasSuffix("-mmio") }
}
