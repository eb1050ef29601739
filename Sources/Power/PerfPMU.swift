import Results

/// The `power` unit of the kernel's perf events: the same RAPL energy as powercap, under another permission.
///
/// Source of the facts: Documentation/ABI/testing/sysfs-bus-event_source-devices-events and
/// arch/x86/events/rapl.c of Linux.
package struct PerfPMU: PowerSourceFinder {
    package init() {}

    private static let domains = [
        "energy-pkg": "package", "energy-ram": "dram", "energy-cores": "core", "energy-gpu": "uncore",
        "energy-psys": "psys",
    ]

    /// Joules a unit. The kernel's is 2⁻³² J; any unit that a counter could have lies within.
    private static let plausibleScales = 1e-15...1e3

    package func sources(in tree: SysfsTree) -> [PowerSource] {
        let unit = tree.path("bus/event_source/devices/power")
        guard let type = try? tree.integer(unit + "/type"), type > 0, type <= Int64(UInt32.max) else { return [] }
        // On some virtual machines the unit is there and has no events: then it has nothing to offer.
        let events = tree.list(unit + "/events").filter { Self.domains[$0] != nil }
        let processors = Self.processors(tree.text(unit + "/cpumask") ?? "0")
        return events.flatMap { event in
            processors.map { source(event, of: unit, type: UInt32(type), processor: $0, tree: tree) }
        }
    }

    private func source(_ event: String, of unit: String, type: UInt32, processor: Int32, tree: SysfsTree)
        -> PowerSource
    {
        let file = unit + "/events/" + event
        let domain = Self.domains[event] ?? event
        let record = PowerSourceRecord(
            id: "perf/\(event)@cpu\(processor)", kind: .counter, domain: domain, path: file, state: .ok)
        let counter = Self.open(file, type: type, processor: processor, tree: tree)
        let scale = tree.text(file + ".scale").flatMap(Double.init) ?? 0
        var source = PowerSource(
            record: record, scope: .host, scale: scale,
            plausibleWatts: Powercap.leastWatts(
                domain: domain)...(domain == "psys"
                ? Powercap.generousSystemWatts : Powercap.generousPackageWatts),
            interface: "perf",
            read: {
                counter.flatMap { counter in Result { () throws(ReadFault) in try counter.value() } }
            })
        source.rank = 2
        source.package = Self.package(of: processor, tree: tree)
        if tree.text(file + ".unit") != "Joules" || !Self.plausibleScales.contains(scale) {
            source.mark(.nonsense("\(event) has no scale in joules"))
        } else if case .failure(let fault) = source.read() {
            source.mark(fault, fix: fault == .permission ? Fix.perfParanoid : nil)
        }
        return source
    }

    private static func open(
        _ file: String, type: UInt32, processor: Int32, tree: SysfsTree
    ) -> Result<PerfCounter, ReadFault> {
        Result { () throws(ReadFault) in
            // The numbers in another machine's tree mean something else to this kernel.
            guard tree.isKernel else {
                throw .failed("perf events can be opened only for the running kernel's own sysfs")
            }
            guard let config = tree.text(file).flatMap(configuration) else {
                throw .nonsense("the event's description has no event=0x… number")
            }
            do throws(SystemFault) {
                let descriptor = try tree.system.openPerfCounter(type: type, config: config, processor: processor)
                return PerfCounter(descriptor, system: tree.system)
            } catch {
                throw ReadFault(error)
            }
        }
    }

    /// `event=0x02` and nothing else is known to the RAPL unit.
    private static func configuration(_ text: String) -> UInt64? {
        guard text.hasPrefix("event=0x") else { return nil }
        return UInt64(text.dropFirst("event=0x".count), radix: 16)
    }

    /// `0,18` or `0-1`: one processor for each package.
    static func processors(_ mask: String) -> [Int32] {
        mask.split(separator: ",").flatMap { part -> [Int32] in
            let ends = part.split(separator: "-").compactMap { Int32($0) }
            guard let first = ends.first, let last = ends.last, first >= 0, first <= last, last - first < 1024 else {
                return []
            }
            return Array(first...last)
        }
    }

    private static func package(of processor: Int32, tree: SysfsTree) -> String {
        let file = tree.path("devices/system/cpu/cpu\(processor)/topology/physical_package_id")
        return "package-\((try? tree.integer(file)) ?? Int64(processor))"
    }
}

/// An opened perf counter, closed when the last source that reads it goes away.
private final class PerfCounter: Sendable {
    private let descriptor: Int32
    private let system: any SystemAccess

    init(_ descriptor: Int32, system: any SystemAccess) {
        self.descriptor = descriptor
        self.system = system
    }

    deinit { system.closePerfCounter(descriptor) }

    func value() throws(ReadFault) -> Double {
        do throws(SystemFault) { return Double(try system.readPerfCounter(descriptor)) } catch {
            throw ReadFault(error)
        }
    }
}
