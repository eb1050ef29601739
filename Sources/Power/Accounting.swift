import Results

/// Decides which sources speak for which device, so that no joule is counted twice.
///
/// package ⊇ core + uncore; dram is a child folder of package but not part of its energy; psys ⊇ package + dram. The
/// host's total is psys alone, or Σ package + Σ dram. A GPU's total is its own best counter; what the host draws
/// meanwhile is shown beside it and not added.
struct Accounting {
    /// Ids of the sources whose sum is the device's total.
    private(set) var included: [String: [String]] = [:]
    /// Ids of further sources that are shown with the device's energy.
    private(set) var shown: [String: [String]] = [:]
    /// Why a device has no measurable energy.
    private(set) var uncovered: [String: String] = [:]
    private(set) var rules: [String] = []
    /// Ids of the sources whose sum is the host's total, whatever devices there are.
    private(set) var hostTotal: [String]

    /// Of the parts of a total no more are read beside it: a processor with many cores has a counter for each.
    private static let mostShown = 16

    var rule: String { rules.joined(separator: " ") }

    init(sources: [PowerSource], devices: [DeviceRecord]) {
        let host = HostTotal(sources: sources)
        hostTotal = host.ids
        let usable = sources.filter { $0.record.state == .ok }
        var groups: [(words: String, devices: [String])] = []
        for device in devices {
            let own = Self.deviceSources(device, usable: usable, devices: devices)
            let isHost = device.isHostProcessor || Self.isIntegrated(device, sources: sources)
            let words: String
            if isHost, !host.ids.isEmpty {
                included[device.id] = host.ids
                shown[device.id] = Array(host.parts.prefix(Self.mostShown)) + own.map(\.record.id)
                words = host.words
            } else if let total = Self.total(own, sources: sources) {
                let others = own.filter { source in !total.contains { $0.record.id == source.record.id } }
                included[device.id] = total.map(\.record.id)
                shown[device.id] = others.map(\.record.id) + host.ids
                words = Self.words(total, others: others.map(\.record.id), host: host.ids)
            } else {
                uncovered[device.id] = isHost ? host.missing : Self.missing(device, sources: sources)
                words = "no total, because \(uncovered[device.id] ?? "")."
            }
            if let index = groups.firstIndex(where: { $0.words == words }) {
                groups[index].devices.append(device.id)
            } else {
                groups.append((words, [device.id]))
            }
        }
        rules = groups.map { "\($0.devices.joined(separator: ", ")): \($0.words)" }
        if devices.isEmpty { rules = [host.ids.isEmpty ? "no total, because \(host.missing)." : host.words] }
    }

    /// The device's own sources, best first: counters before sensors, then the reader's own order.
    private static func deviceSources(
        _ device: DeviceRecord, usable: [PowerSource], devices: [DeviceRecord]
    ) -> [PowerSource] {
        guard let address = device.pciAddress ?? onlyAddress(device, usable: usable, devices: devices) else {
            return []
        }
        return usable.filter { $0.scope == .device(pciAddress: address) }.sorted { first, second in
            let (firstIsSensor, secondIsSensor) = (first.record.kind == .sensor, second.record.kind == .sensor)
            if firstIsSensor != secondIsSensor { return secondIsSensor }
            return (first.rank, first.record.id) < (second.rank, second.record.id)
        }
    }

    /// The level of a card's sources that is its total: the best source of the whole card, or, on a card that has none,
    /// all its parts together. Parts of a card whose own source cannot be read are no total, since nobody knows what
    /// they leave out.
    private static func total(_ own: [PowerSource], sources: [PowerSource]) -> [PowerSource]? {
        if let whole = own.first(where: { !$0.isPart }) { return [whole] }
        guard let scope = own.first?.scope else { return nil }
        let all = sources.filter { $0.scope == scope && $0.record.state != .duplicate }
        return all.allSatisfy { $0.isPart && $0.record.state == .ok } ? own : nil
    }

    /// A driver that tells no PCI address can be meant only by the one card that has sources, if it is the only one.
    private static func onlyAddress(_ device: DeviceRecord, usable: [PowerSource], devices: [DeviceRecord]) -> String? {
        let rivals = devices.filter { $0.backend == device.backend && !$0.isHostProcessor }
        let addresses = Set(
            usable.compactMap { source -> String? in
                if case .device(let address) = source.scope { return address }
                return nil
            })
        return !device.isHostProcessor && rivals.count == 1 && addresses.count == 1 ? addresses.first : nil
    }

    /// A GPU on the processor's die draws its power through the package: Intel's sits at 00:02, AMD's APUs show a
    /// voltage of the north bridge.
    private static func isIntegrated(_ device: DeviceRecord, sources: [PowerSource]) -> Bool {
        guard let address = device.pciAddress else { return false }
        return address.hasPrefix("0000:00:02.")
            || sources.contains { $0.scope == .device(pciAddress: address) && $0.record.domain == "apu" }
    }

    private static func words(_ total: [PowerSource], others: [String], host: [String]) -> String {
        let beside = others + host
        let tail =
            beside.isEmpty
            ? ""
            : " Shown beside it and not added: \(HostTotal.listed(beside).replacing(" + ", with: ", "))."
        let list = total.map(\.record.id).joined(separator: " + ")
        return total.count == 1 ? "\(list) alone.\(tail)" : "\(list), the parts of one card.\(tail)"
    }

    private static func missing(_ device: DeviceRecord, sources: [PowerSource]) -> String {
        guard let address = device.pciAddress else {
            return "its driver tells no PCI address, so that no power source can be matched to it"
        }
        let own = sources.filter { $0.scope == .device(pciAddress: address) }
        let unreadable = own.filter { $0.record.state != .ok }
        guard let first = unreadable.first(where: { !$0.isPart }) ?? unreadable.first else {
            return "no power source belongs to the device at \(address)"
        }
        return "\(first.record.id) cannot be used: \(first.record.reason ?? first.record.state.rawValue)"
    }
}
