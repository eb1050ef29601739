import Results

/// Power and energy sensors of the hardware-monitoring class: GPUs, ACPI power meters, INA sensors of boards.
///
/// Units as in Documentation/hwmon/sysfs-interface.rst: power µW, energy µJ, voltage mV, current mA, intervals ms.
/// `hwmonN` is a number of the day; a sensor is known by its `name` and its device's PCI address.
package struct Hwmon: PowerSourceFinder {
    package init() {}

    package func sources(in tree: SysfsTree) -> [PowerSource] {
        let folder = tree.path("class/hwmon")
        let chips = tree.list(folder).filter { $0.hasPrefix("hwmon") }.compactMap { number -> Chip? in
            let place = folder + "/" + number
            return tree.text(place + "/name").map { Chip(tree: tree, path: place, number: number, name: $0) }
        }
        var sources = Self.toldApart(chips).flatMap { $0.sources() }
        HwmonChip.groupRails(&sources)
        return sources
    }

    /// The chips, each with a title of its own. Where name and place do not tell two apart (INA sensors on one bus
    /// behind one PCI address) the device's name is added, and where there is no device, the number of the day.
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
        /// What the ids of its sources begin with: the name, and the place, which does not depend on the order in which
        /// drivers start: the PCI address, or the device's name on another bus.
        var title: String
        private let files: Set<String>
        private var chip: HwmonChip

        init(tree: SysfsTree, path: String, number: String, name: String) {
            (self.tree, self.path, self.number, self.name) = (tree, path, number, name)
            title = name
            files = Set(tree.list(path))
            chip = HwmonChip(name: name, hasProcessor: false, labels: [])
            title += (pciAddress ?? deviceName).map { "@" + $0 } ?? ""
            chip = facts(files)
        }

        func sources() -> [PowerSource] {
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

        /// What the chip as such says of its channels.
        private func facts(_ files: Set<String>) -> HwmonChip {
            let device = path + "/device"
            let isOnPCI = tree.canonical(device).split(separator: "/").last.map(SysfsTree.isPCIAddress) ?? false
            let labels = files.filter { $0.hasSuffix("_label") }.compactMap { label(of: String($0.dropLast(6))) }
            return HwmonChip(
                name: name, pciAddress: pciAddress, pciClass: isOnPCI ? pciClass(device) : nil,
                deviceName: deviceName, hasProcessor: isProcessorWithGraphics, labels: Set(labels))
        }

        private func pciClass(_ device: String) -> Int64? {
            tree.text(device + "/class").flatMap { $0.hasPrefix("0x") ? Int64($0.dropFirst(2), radix: 16) : nil }
        }

        /// The label of a channel. An INA chip with one channel gives it to the voltage, and a board's maker to the
        /// whole chip.
        private func label(of channel: String) -> String? {
            var places = ["\(channel)_label"]
            if name.hasPrefix("ina"), channel == "power1" || channel == "in1" { places += ["in1_label", "label"] }
            return places.lazy.compactMap { tree.text(path + "/" + $0) }.first.map(Self.trimmed)
        }

        private static func trimmed(_ label: String) -> String {
            String(label.reversed().drop { $0 == " " }.reversed())
        }

        private func source(
            _ channel: String, kind: PowerSourceKind, file: String, rank: Int,
            read: @escaping @Sendable () -> Result<Double, ReadFault>
        ) -> PowerSource {
            let meaning = chip.meaning(label: label(of: channel))
            var source = PowerSource(
                record: PowerSourceRecord(
                    id: "hwmon/\(title)/\(channel)", kind: kind, domain: meaning.domain, path: file, state: .ok),
                scope: meaning.scope, scale: 1e-6, plausibleWatts: meaning.watts, interface: "hwmon", read: read)
            (source.group, source.isPart, source.package) = (meaning.group, meaning.isPart, meaning.package)
            // Where RAPL tells the same energy, that is used.
            source.rank = rank + (meaning.scope == .host ? 100 : 0)
            return source
        }

        /// Of AMD's chips only those with a processor on them show the voltage of the north bridge; their power
        /// includes it.
        private var isProcessorWithGraphics: Bool {
            name == "amdgpu" && (0...2).contains { tree.text(path + "/in\($0)_label") == "vddnb" }
        }

        private func energyCounter(_ channel: Int) -> PowerSource {
            let file = path + "/energy\(channel)_input"
            var source = source("energy\(channel)", kind: .counter, file: file, rank: 1 + channel, read: reader(file))
            // i915_gt0, i915_gt1… are tiles of the card that i915 counts (i915_hwmon.c); xe counts the card first, and
            // its package, which is part of it, second (xe_hwmon.c).
            source.isPart =
                source.isPart || name.contains("_gt") || (name == "xe" && channel > 1 && hasCardCounter)
            return checked(source, file: file)
        }

        private var hasCardCounter: Bool { tree.exists(path + "/energy1_input") }

        private func powerSensor(_ channel: Int, files: Set<String>) -> PowerSource {
            let averaged = files.contains("power\(channel)_average")
            // amdgpu offers one or the other; where both are there and the average is off, the other may do.
            let names = averaged ? ["average", "input"] : ["input"]
            let candidates = names.filter { files.contains("power\(channel)_\($0)") }.map { kind in
                let file = path + "/power\(channel)_\(kind)"
                var source = source(
                    "power\(channel)", kind: .sensor, file: file, rank: 10 + channel, read: reader(file))
                if kind == "average" { source.averagingSeconds = averagingSeconds(channel) }
                return checked(source, file: file)
            }
            return candidates.first { $0.record.state == .ok } ?? candidates[0]
        }

        private func averagingSeconds(_ channel: Int) -> Double {
            let declared = (try? tree.integer(path + "/power\(channel)_average_interval")) ?? 0
            // Without one the kernel's document names no default; a second is what firmware commonly averages over.
            return declared > 0 ? Double(declared) / 1000 : 1
        }

        /// Rails are channels 1 to 3: an INA3221's fourth current is the sum of theirs, and its voltages from 4 on are
        /// those of its shunts, in microvolts.
        private func railProducts(_ files: Set<String>) -> [PowerSource] {
            channels(files, prefix: "curr", suffix: "_input").filter {
                // A channel that is not connected has the label NC.
                $0 <= 3 && files.contains("in\($0)_input") && label(of: "in\($0)") != "NC"
            }.map { channel in
                let (voltage, current) = (path + "/in\(channel)_input", path + "/curr\(channel)_input")
                let tree = tree
                let source = source(
                    "in\(channel)", kind: .sensor, file: current, rank: 10 + channel,
                    read: {
                        Result { () throws(ReadFault) in
                            let (volts, amperes) = (try tree.integer(voltage), try tree.integer(current))
                            guard volts >= 0, amperes >= 0 else {
                                throw .implausible(
                                    "found \(volts) mV and \(amperes) mA, expected none that is negative")
                            }
                            return Double(volts) * Double(amperes)
                        }
                    })
                return checked(source, file: current)
            }
        }

        private func reader(_ file: String) -> @Sendable () -> Result<Double, ReadFault> {
            let tree = tree
            return { Result { () throws(ReadFault) in Double(try tree.integer(file)) } }
        }

        private func checked(_ source: PowerSource, file: String) -> PowerSource {
            var source = source
            switch source.read() {
            // A device in reset answers errors for a moment: whether this one stays is seen while the source is
            // watched.
            case .success: break
            case .failure(let fault) where fault.mayPass: break
            case .failure(let fault): source.mark(fault, fix: Fix.hwmon(fault, file: file))
            }
            return source
        }
    }
}
