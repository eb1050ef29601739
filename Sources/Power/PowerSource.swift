import Results

/// What a power source speaks for.
package enum PowerScope: Sendable, Equatable {
    /// The host's processors and memory.
    case host
    /// The whole machine, whatever is plugged into it.
    case wholeSystem
    /// The device at this PCI address.
    case device(pciAddress: String)
    /// Something that no device can be matched to.
    case unknown
}

/// A thing that tells joules or watts: a counter of powercap, a sensor of hwmon, a field of NVML.
///
/// Found by a ``PowerSourceFinder``, characterised by ``Characterization``, read by the ``Sampler``.
package struct PowerSource: Sendable {
    /// What it is, and after characterisation how it behaves.
    package var record: PowerSourceRecord
    package var scope: PowerScope
    /// Joules (counter) or watts (sensor) in one unit of the raw value.
    package var scale: Double
    /// A counter starts again at 0 after this many raw units; `nil` when a decrease cannot be corrected.
    package var modulus: Double?
    /// More power than this the domain cannot draw: a step that implies more is a reset, not a reading.
    package var maximumWatts: Double
    /// Seconds over which a sensor averages; 0 for an instantaneous one.
    package var averagingSeconds = 0.0
    /// The package that a RAPL domain belongs to, such as `package-0` or `package-0-die-1`.
    package var package: String?
    /// Which reader found it; of two that read the same thing, the one with the lower rank is used.
    package var interface: String
    package var rank = 0
    /// True for a source that tells of a part of its device only, such as one tile of a card: never a total by itself.
    package var isPart = false
    /// What is wrong, without the fix.
    package var fault: String?
    /// The exact command or rule that mends it.
    package var fix: String?
    package var read: @Sendable () -> Result<Double, ReadFault>

    package init(
        record: PowerSourceRecord, scope: PowerScope, scale: Double, modulus: Double? = nil, maximumWatts: Double,
        interface: String, read: @escaping @Sendable () -> Result<Double, ReadFault>
    ) {
        self.record = record
        self.scope = scope
        self.scale = scale
        self.modulus = modulus
        self.maximumWatts = maximumWatts
        self.interface = interface
        self.read = read
    }

    /// The socket of the package: `package-0` for `package-0-die-1`.
    var socket: String? {
        guard let package, let die = package.firstRange(of: "-die-") else { return package }
        return String(package[..<die.lowerBound])
    }

    /// Seconds between updates for the arithmetic of edges: as measured, else as declared, else cautiously long.
    var updateSeconds: Double { record.updateIntervalSeconds ?? (record.kind == .counter ? 0.1 : 0.25) }

    /// The part of the machine whose clocks decide what this source shows.
    var conditionScope: PowerScope { scope == .wholeSystem ? .host : scope }

    /// Sets the state that follows from a fault, with the words and the fix.
    mutating func mark(_ fault: ReadFault, fix: String? = nil) {
        switch fault {
        case .permission: record.state = .permission
        case .absent, .disabled, .failed: record.state = .missing
        case .nonsense: record.state = .nonsense
        }
        self.fault = fault.words
        self.fix = fix
        record.reason = [fault.words, fix].compactMap(\.self).joined(separator: "; ")
    }
}

/// A way to find power sources. Adding one = one file and one line in ``PowerSourceFinders/all``.
package protocol PowerSourceFinder: Sendable {
    /// Every source of this kind, readable or not: what cannot be read says why in its record.
    func sources(in tree: SysfsTree) -> [PowerSource]
    /// What can tell that clocks are held back.
    func throttlingProbes(in tree: SysfsTree) -> [ThrottlingProbe]
}

extension PowerSourceFinder {
    package func throttlingProbes(in tree: SysfsTree) -> [ThrottlingProbe] { [] }
}
