extension DeviceRecord {
    /// What is the same for all devices that are the same hardware: the host's processor, or a place on PCI.
    public var processor: String { isHostProcessor ? "host" : pciAddress ?? id }
}

extension [DeviceRecord] {
    /// The devices in groups that are measured together, in the order of the first of each.
    ///
    /// A runtime's device is sampled in the same rounds as all that are the same processor, so that their times can be
    /// compared. Devices of this program's own backends alone are gone through one after the other: what differs
    /// between those is the driver.
    public var measuredTogether: [[DeviceRecord]] {
        var groups: [[DeviceRecord]] = []
        for device in self {
            let hasRuntime = contains { $0.processor == device.processor && $0.frameworks != nil }
            if hasRuntime, let place = groups.firstIndex(where: { $0[0].processor == device.processor }) {
                groups[place].append(device)
            } else {
                groups.append([device])
            }
        }
        return groups
    }
}
