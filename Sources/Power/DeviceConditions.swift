import Results

/// Clock, temperature and throttling of a device at a moment. An unknown is `nil`.
package struct DeviceCondition: Codable, Sendable, Equatable {
    package var clockHertz: Double?
    package var celsius: Double?
    /// Events since the machine started.
    package var throttleEvents: Int64?
    /// The device is throttled at this moment.
    package var isThrottled: Bool?

    package init(
        clockHertz: Double? = nil, celsius: Double? = nil, throttleEvents: Int64? = nil, isThrottled: Bool? = nil
    ) {
        self.clockHertz = clockHertz
        self.celsius = celsius
        self.throttleEvents = throttleEvents
        self.isThrottled = isThrottled
    }
}

/// Reads a device's condition from sysfs, and from the vendor's library where that is the only one that knows.
///
/// The files are looked up once; a reading opens those that were there. What they are, by the kernel's documentation:
/// `cpufreq/scaling_cur_freq` (kHz) and `thermal_throttle/*_throttle_count` of each processor; `thermal_zone*/temp` and
/// hwmon's `temp*_input` (m°C); for graphics devices hwmon's `freq1_input` (Hz), i915's and xe's
/// `throttle_reason_status`.
package struct DeviceConditions: Sendable {
    /// Processors whose clocks are read: enough to see a machine's clocks, few enough to cost little.
    private static let mostProcessors = 16
    /// Counts of events outside are no counts. Sums of those inside stay far from the largest integer.
    private static let plausibleCounts = 0...Int64(UInt32.max)

    private let tree: SysfsTree
    /// Kilohertz of processors.
    private let processorClocks: [String]
    /// Hertz of a graphics device.
    private let graphicsClocks: [String]
    private let temperatures: [String]
    private let throttleCounts: [String]
    private let throttleFlags: [String]
    private let condition: (@Sendable () -> GPUCondition?)?

    /// - Parameter conditions: of the GPUs that the vendor's library knows; asked for once, when sysfs shows no clock.
    package init(
        _ device: DeviceRecord, tree: SysfsTree,
        conditions: () -> (@Sendable () -> [GPUCondition])? = { NVML().conditionReader() }
    ) {
        self.tree = tree
        guard device.isHostProcessor else {
            let folder = device.pciAddress.map { tree.path("bus/pci/devices/\($0)") }
            let monitors = folder.map { Self.children($0 + "/hwmon", tree) } ?? []
            processorClocks = []
            graphicsClocks = Self.present(monitors.map { $0 + "/freq1_input" }, tree)
            temperatures = Self.present(monitors.map { $0 + "/temp1_input" }, tree)
            throttleCounts = []
            throttleFlags = folder.map { Self.throttleFlags($0, tree) } ?? []
            let address = device.pciAddress
            guard graphicsClocks.isEmpty, address != nil, let read = conditions(),
                read().contains(where: { $0.pciAddress == address })
            else {
                condition = nil
                return
            }
            condition = { read().first { $0.pciAddress == address } }
            return
        }
        let processors = Self.processors(tree)
        let step = max(1, processors.count / Self.mostProcessors)
        let some = stride(from: 0, to: processors.count, by: step).map { processors[$0] }
        processorClocks = Self.present(some.map { $0 + "/cpufreq/scaling_cur_freq" }, tree)
        graphicsClocks = []
        temperatures = Self.processorTemperatures(tree)
        throttleCounts = Self.present(
            some.map { $0 + "/thermal_throttle/core_throttle_count" }
                + some.map { $0 + "/thermal_throttle/package_throttle_count" }, tree)
        throttleFlags = []
        condition = nil
    }

    /// What this machine does not show, each with its reason.
    package var unknown: [String] {
        guard condition == nil else { return [] }
        var words: [String] = []
        if processorClocks.isEmpty, graphicsClocks.isEmpty { words.append("clock: the kernel shows none") }
        if temperatures.isEmpty { words.append("temperature: no sensor of this device") }
        if throttleCounts.isEmpty, throttleFlags.isEmpty { words.append("throttling: no count or status of it") }
        return words
    }

    package func read() -> DeviceCondition {
        if let condition = condition?() {
            return DeviceCondition(
                clockHertz: condition.coreMegahertz.map { $0 * 1e6 }, celsius: condition.celsius,
                isThrottled: condition.throttling.map { !$0.isEmpty })
        }
        let clocks = integers(processorClocks).map { Double($0) * 1e3 } + integers(graphicsClocks).map { Double($0) }
        let counts = integers(throttleCounts)
        let flags = integers(throttleFlags)
        return DeviceCondition(
            clockHertz: clocks.isEmpty ? nil : clocks.reduce(0, +) / Double(clocks.count),
            celsius: integers(temperatures).max().map { Double($0) * 1e-3 },
            throttleEvents: counts.isEmpty || !counts.allSatisfy(Self.plausibleCounts.contains)
                ? nil : counts.reduce(0, +),
            isThrottled: flags.isEmpty ? nil : flags.contains { $0 != 0 })
    }

    private func integers(_ paths: [String]) -> [Int64] { paths.compactMap { try? tree.integer($0) } }

    private static func present(_ paths: [String], _ tree: SysfsTree) -> [String] {
        paths.filter { (try? tree.integer($0)) != nil }
    }

    private static func children(_ folder: String, _ tree: SysfsTree) -> [String] {
        tree.list(folder).map { "\(folder)/\($0)" }
    }

    private static func processors(_ tree: SysfsTree) -> [String] {
        tree.list(tree.path("devices/system/cpu")).filter {
            $0.hasPrefix("cpu") && $0.count > 3 && $0.dropFirst(3).allSatisfy(\.isNumber)
        }.map { tree.path("devices/system/cpu/" + $0) }
    }

    /// Of the package where a sensor says so, by the names that the drivers give.
    private static func processorTemperatures(_ tree: SysfsTree) -> [String] {
        let zones = children(tree.path("class/thermal"), tree).filter {
            ["x86_pkg_temp", "cpu-thermal", "cpu_thermal"].contains(tree.text($0 + "/type"))
        }
        let monitors = children(tree.path("class/hwmon"), tree).filter {
            ["coretemp", "k10temp", "zenpower"].contains(tree.text($0 + "/name"))
        }
        let files = present(zones.map { $0 + "/temp" }, tree)
        return files.isEmpty ? present(monitors.map { $0 + "/temp1_input" }, tree) : files
    }

    /// i915: `drm/card0/gt/gt0/throttle_reason_status`; xe: `tile0/gt0/freq0/throttle/status`.
    private static func throttleFlags(_ folder: String, _ tree: SysfsTree) -> [String] {
        let cards = children(folder + "/drm", tree)
        let i915 = cards.flatMap { children($0 + "/gt", tree) }.map { $0 + "/throttle_reason_status" }
        let tiles = children(folder, tree).filter { $0.split(separator: "/").last?.hasPrefix("tile") == true }
        let xe = tiles.flatMap { children($0, tree) }.map { $0 + "/freq0/throttle/status" }
        return present(i915 + xe, tree)
    }
}
