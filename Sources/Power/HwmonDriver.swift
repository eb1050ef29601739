import Results

/// What a channel of a hardware-monitoring chip speaks for.
struct HwmonMeaning {
    var scope: PowerScope
    var domain: String
    var watts: ClosedRange<Double>
    var group: String?
    var isPart = false
    var package: String?

    static func machine() -> HwmonMeaning {
        HwmonMeaning(scope: .wholeSystem, domain: "system", watts: PlausibleWatts.machine)
    }

    /// One of several that together are the host's processors.
    static func processor(_ domain: String, group: String, package: String? = nil) -> HwmonMeaning {
        HwmonMeaning(
            scope: .host, domain: domain, watts: PlausibleWatts.part, group: group, package: package)
    }

    /// Something of the host that lies within what others show.
    static func processorPart(_ domain: String) -> HwmonMeaning {
        HwmonMeaning(scope: .host, domain: domain, watts: PlausibleWatts.part, isPart: true)
    }

    /// Something that feeds nobody knows what.
    static func unknown(_ label: String?) -> HwmonMeaning {
        HwmonMeaning(scope: .unknown, domain: label ?? "board", watts: PlausibleWatts.part)
    }
}

/// What is known of a chip before its channels are looked at.
struct HwmonChip {
    var name: String
    /// The last PCI device on the way to it.
    var pciAddress: String?
    /// The class of the PCI device that it belongs to itself; `nil` when that is none: a device on USB or I2C lies
    /// behind a PCI device too, which feeds it no watt.
    var pciClass: Int64?
    var deviceName: String?
    /// True where amdgpu speaks for a chip with processor and graphics.
    var hasProcessor: Bool
    /// Labels of all its channels of power and energy.
    var labels: Set<String>

    // MARK: Drivers

    /// Drivers of graphics cards: what they show, the card draws.
    private static let cards = ["amdgpu", "radeon", "nouveau", "i915", "xe", "nvidia"]
    /// Drivers of the processor's own sensors, wherever on PCI the processor shows them: core and SoC rails by the
    /// voltage regulator's telemetry (zenpower), an estimate of the package (fam15h_power), sockets (amd_energy, hsmp),
    /// rails of server processors of the Arm architecture (xgene, smpro).
    private static let processors = [
        "amd_energy", "zenergy", "amd_hsmp_hwmon", "zenpower", "fam15h_power", "k10temp", "xgene_hwmon", "smpro_hwmon",
    ]
    /// Drivers of which every channel is the whole machine.
    private static let meters = ["power_meter", "ibmaem"]
    /// Drivers of which the channel with this label is the whole machine, and the others are parts of it.
    private static let totals = [
        "corsairpsu": "power total", "ibmpowernv": "System", "macsmc_hwmon": "Total System Power",
    ]

    private var isCard: Bool {
        guard pciAddress != nil else { return false }
        // Classes 03 (display) and 12 (processing accelerators) of the PCI code and ID assignment.
        let isOfClass = pciClass.map { [0x03, 0x12].contains($0 >> 16) } ?? false
        return isOfClass || Self.cards.contains(name) || name.hasPrefix("i915_gt")
    }

    func meaning(label: String?) -> HwmonMeaning {
        if isCard, let pciAddress {
            return HwmonMeaning(
                scope: .device(pciAddress: pciAddress), domain: hasProcessor ? "apu" : label ?? "gpu",
                watts: hasProcessor ? PlausibleWatts.processorWithGraphics : PlausibleWatts.card)
        }
        if Self.processors.contains(name) { return processor(label) }
        if Self.meters.contains(name) { return .machine() }
        if let total = Self.totals[name] { return label == total ? .machine() : .unknown(label) }
        if name.hasPrefix("ina") {
            return label.map(Self.inputRails.contains) == true ? .machine() : .unknown(label)
        }
        return name == "scmi_sensors" ? byWords(label) : .unknown(label)
    }

    private func processor(_ label: String?) -> HwmonMeaning {
        let label = label ?? ""
        if label.hasPrefix("Ecore") { return .processorPart("core") }
        if label.hasPrefix("Esocket") {
            return .processor("package", group: name, package: package(label.dropFirst(7)))
        }
        if label.hasPrefix("SVI2_P_") { return .processor(label.dropFirst(7).lowercased(), group: name) }
        let socket = deviceName.flatMap { name in name.lastIndex(of: ":").map { name[name.index(after: $0)...] } }
        return .processor(
            label.isEmpty ? "package" : label, group: name,
            package: label.isEmpty ? socket.flatMap { package($0, radix: 16) } : nil)
    }

    private func package(_ number: Substring, radix: Int = 10) -> String? {
        Int(number, radix: radix).map { "package-\($0)" }
    }

    /// Firmware that speaks SCMI gives its sensors names of its own, in which the usual words are looked for.
    private func byWords(_ label: String?) -> HwmonMeaning {
        guard let label else { return .unknown(nil) }
        let words = Self.words(label)
        if !words.isDisjoint(with: ["system", "sys", "total", "board", "vin"]) { return .machine() }
        let all = labels.map(Self.words)
        // What contains the others, where firmware tells it.
        for names in [["socket", "package", "pkg", "soc"], ["cpu", "cluster", "big", "little"]] as [Set<String>]
        where all.contains(where: { !$0.isDisjoint(with: names) }) {
            return words.isDisjoint(with: names) ? .processorOrUnknown(words, label) : .processor(label, group: name)
        }
        return .unknown(label)
    }

    /// The words of a label in small letters, without the numbers at their ends.
    private static func words(_ label: String) -> Set<String> {
        Set(
            label.lowercased().split { !$0.isLetter && !$0.isNumber }.map { word in
                String(word.prefix { !$0.isNumber })
            })
    }

    // MARK: Boards

    /// The rails that feed a whole board, by the labels that its makers give them.
    private static let inputRails = ["VDD_IN", "POM_5V_IN", "VDD_TOTAL", "VIN"]
    /// Boards without such a rail, and the rails that all others are fed from. Jetson AGX Orin: VDDQ_VDD2_1V8AO lies
    /// behind VIN_SYS_5V0. Jetson AGX Xavier: SYS5V feeds all but the other five.
    private static let boards: [[String]] = [
        ["VDD_GPU_SOC", "VDD_CPU_CV", "VIN_SYS_5V0"],
        ["GPU", "CPU", "SOC", "CV", "VDDRQ", "SYS5V"],
    ]

    /// Makes a group of the rails that feed a board, where all of them are there.
    static func groupRails(_ sources: inout [PowerSource]) {
        let rails = sources.indices.filter { sources[$0].scope == .unknown }
        for board in boards {
            let fed = rails.filter { board.contains(sources[$0].record.domain) }
            guard Set(fed.map { sources[$0].record.domain }) == Set(board) else { continue }
            for index in fed {
                sources[index].scope = .wholeSystem
                sources[index].group = "input rails"
                // A rail that feeds the whole board alone is better known than a sum.
                sources[index].rank += 1000
            }
        }
    }
}

extension HwmonMeaning {
    fileprivate static func processorOrUnknown(_ words: Set<String>, _ label: String) -> HwmonMeaning {
        words.isDisjoint(with: ["cpu", "cluster", "big", "little"]) ? .unknown(label) : .processorPart(label)
    }
}
