import Results

/// Power and energy sensors of the hardware-monitoring class: GPUs, ACPI power meters, INA sensors of boards.
///
/// Units as in Documentation/hwmon/sysfs-interface.rst: power µW, energy µJ, voltage mV, current mA, intervals ms.
/// `hwmonN` is a number of the day; a sensor is known by its `name` and its device's PCI address.
package struct Hwmon: PowerSourceFinder {
    package init() {}

    /// More than any one board draws.
    static let generousWatts = 3000.0

    package func sources(in tree: SysfsTree) -> [PowerSource] {
        let folder = tree.path("class/hwmon")
        let chips = tree.list(folder).filter { $0.hasPrefix("hwmon") }.compactMap { number -> Chip? in
            let place = folder + "/" + number
            return tree.text(place + "/name").map { Chip(tree: tree, path: place, number: number, name: $0) }
        }
        return Self.toldApart(chips).flatMap { $0.sources() }
    }

    /// The chips, each with a title of its own. Where name and place do not tell two apart (INA sensors on one bus behind one PCI
    /// address) the device's name is added, and where there is no device, the number of the day.
    private static func toldApart(_ chips: [Chip]) -> [Chip] {
        let additions: [(Chip) -> String?] = [{ $0.deviceName }, { $0.number }]
        return additions.reduce(into: chips) { chips, addition in
            let alike = Dictionary(grouping: chips.indices) { chips[$0].title }.values.filter { $0.count > 1 }
            for index in alike.joined() {
                guard let words = addition(chips[index]), !chips[index].title.hasSuffix("@" + words) else { continue }
                chips[index].title += "@" + words
            }
        }
    }

    private struct Chip {
        let tree: SysfsTree
        let path: String
        let number: String
        let name: String
        /// What the ids of its sources begin with: the name, and the place, which does not depend on the order in which drivers
        /// start: the PCI address, or the device's name on another bus.
        var title: String

        init(tree: SysfsTree, path: String, number: String, name: String) {
            (self.tree, self.path, self.number, self.name) = (tree, path, number, name)
            title = name
            title += (pciAddress ?? deviceName).map { "@" + $0 } ?? ""
        }

        func sources() -> [PowerSource] {
            let files = Set(tree.list(path))
            let energy = channels(files, prefix: "energy", suffix: "_input").map { energyCounter($0) }
            let power = Set(
                channels(files, prefix: "power", suffix: "_average")
                    + channels(files, prefix: "power", suffix: "_input"))
            let sensors = power.sorted().map { powerSensor($0, files: files) }
            // INA3221 and its like measure voltage and current of a rail and leave the product to the reader.
            let products = power.isEmpty && name.hasPrefix("ina") ? railProducts(files) : []
            return energy + sensors + products
        }

        private func channels(_ files: Set<String>, prefix: String, suffix: String) -> [Int] {
            files.compactMap { file in
                guard file.hasPrefix(prefix), file.hasSuffix(suffix) else { return nil }
                let text = file.dropFirst(prefix.count).dropLast(suffix.count)
                // Files are looked up by the number again: what is written in another way is no channel.
                guard let channel = Int(text), (0...999).contains(channel), "\(channel)" == text else { return nil }
                return channel
            }.sorted()
        }

        private var pciAddress: String? { tree.pciAddress(ofDeviceAt: path + "/device") }

        /// `ACPI000D:00`, `1-0040`; `nil` for a chip without a device.
        var deviceName: String? {
            let name = tree.canonical(path + "/device").split(separator: "/").last
            return name == "device" ? nil : name.map(String.init)
        }

        private var scope: PowerScope {
            if let pciAddress { return .device(pciAddress: pciAddress) }
            return name == "power_meter" ? .wholeSystem : .unknown
        }

        /// The rails that feed a whole board, by the labels that its makers give them.
        private static let inputRails = ["VDD_IN", "POM_5V_IN", "VDD_TOTAL"]

        private func scope(of channel: String) -> PowerScope {
            guard case .unknown = scope, let label = tree.text(path + "/\(channel)_label") else { return scope }
            return Self.inputRails.contains(label) ? .wholeSystem : .unknown
        }

        private func record(_ channel: String, kind: PowerSourceKind, file: String) -> PowerSourceRecord {
            let label = tree.text(path + "/\(channel)_label")
            let domain =
                switch scope {
                case .wholeSystem: "system"
                case .device: isProcessorWithGraphics ? "apu" : label ?? "gpu"
                default: label ?? "board"
                }
            return PowerSourceRecord(
                id: "hwmon/\(title)/\(channel)", kind: kind, domain: domain, path: file, state: .ok)
        }

        /// Of AMD's chips only those with a processor on them show the voltage of the north bridge; their power includes it.
        private var isProcessorWithGraphics: Bool {
            name == "amdgpu" && (0...2).contains { tree.text(path + "/in\($0)_label") == "vddnb" }
        }

        private func energyCounter(_ channel: Int) -> PowerSource {
            let file = path + "/energy\(channel)_input"
            var source = PowerSource(
                record: record("energy\(channel)", kind: .counter, file: file), scope: scope, scale: 1e-6,
                maximumWatts: Hwmon.generousWatts, interface: "hwmon", read: reader(file))
            source.rank = 1 + channel
            // i915_gt0, i915_gt1… are tiles of the card that i915 counts (i915_hwmon.c); xe counts the card first, and its
            // package, which is part of it, second (xe_hwmon.c).
            source.isPart = name.contains("_gt") || (name == "xe" && channel > 1 && hasCardCounter)
            return checked(source, file: file)
        }

        private var hasCardCounter: Bool { tree.exists(path + "/energy1_input") }

        private func powerSensor(_ channel: Int, files: Set<String>) -> PowerSource {
            let averaged = files.contains("power\(channel)_average")
            // amdgpu offers one or the other; where both are there and the average is off, the other may do.
            let names = averaged ? ["average", "input"] : ["input"]
            let candidates = names.filter { files.contains("power\(channel)_\($0)") }.map { kind in
                let file = path + "/power\(channel)_\(kind)"
                var source = PowerSource(
                    record: record("power\(channel)", kind: .sensor, file: file), scope: scope(of: "power\(channel)"),
                    scale: 1e-6,
                    maximumWatts: Hwmon.generousWatts, interface: "hwmon", read: reader(file))
                if kind == "average" { source.averagingSeconds = averagingSeconds(channel) }
                source.rank = 10 + channel
                return checked(source, file: file)
            }
            return candidates.first { $0.record.state == .ok } ?? candidates[0]
        }

        private func averagingSeconds(_ channel: Int) -> Double {
            let declared = (try? tree.integer(path + "/power\(channel)_average_interval")) ?? 0
            // The kernel's document names no default; a second is what firmware commonly averages over. Nothing averages over more
            // than a minute.
            return (1...60_000).contains(declared) ? Double(declared) / 1000 : 1
        }

        /// Rails are channels 1 to 3: an INA3221's fourth current is the sum of theirs, and its voltages from 4 on are those of
        /// its shunts, in microvolts.
        private func railProducts(_ files: Set<String>) -> [PowerSource] {
            channels(files, prefix: "curr", suffix: "_input").filter { $0 <= 3 && files.contains("in\($0)_input") }.map
            {
                channel in
                let (voltage, current) = (path + "/in\(channel)_input", path + "/curr\(channel)_input")
                let tree = tree
                let source = PowerSource(
                    record: record("in\(channel)", kind: .sensor, file: current), scope: scope(of: "in\(channel)"),
                    scale: 1e-6,
                    maximumWatts: Hwmon.generousWatts, interface: "hwmon",
                    read: {
                        Result { () throws(ReadFault) in
                            let (volts, amperes) = (try tree.integer(voltage), try tree.integer(current))
                            guard volts >= 0, amperes >= 0 else {
                                throw .nonsense("found \(volts) mV and \(amperes) mA, expected none that is negative")
                            }
                            return Double(volts) * Double(amperes)
                        }
                    })
                return checked(source, file: current)
            }
        }

        private func reader(_ file: String) -> @Sendable () -> Result<Double, ReadFault> {
            let tree = tree
            return {
                Result { () throws(ReadFault) in
                    let value = try tree.integer(file)
                    guard value >= 0 else { throw .nonsense("found \(value), expected a number that is not negative") }
                    return Double(value)
                }
            }
        }

        private func checked(_ source: PowerSource, file: String) -> PowerSource {
            var source = source
            switch source.read() {
            // A device in reset answers errors for a moment: whether this one stays is seen while the source is watched.
            case .success, .failure(.failed): break
            case .failure(let fault): source.mark(fault, fix: Fix.hwmon(fault, file: file))
            }
            return source
        }
    }
}
