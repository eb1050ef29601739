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
    package let scale: Double
    /// A counter starts again at 0 after this many raw units; `nil` when a decrease cannot be corrected.
    package var modulus: Double?
    /// What the domain draws while the machine runs: a counter's step that implies more is a reset, not a reading; a
    /// sensor's value above is a fault, and so is a mean below.
    package let plausibleWatts: ClosedRange<Double>
    let plausibility: Plausibility
    /// Seconds over which a sensor averages; 0 for an instantaneous one.
    package var averagingSeconds = 0.0
    /// The package that a RAPL domain belongs to, such as `package-0` or `package-0-die-1`.
    package var package: String?
    /// Which reader found it; of two that read the same thing, the one with the lower rank is used.
    package var interface: String
    package var rank = 0
    /// True for a source that tells of a part of its device only, such as one tile of a card: never a total by itself.
    package var isPart = false
    /// Sources of one group add up to what their scope draws: the sockets of a machine, the rails that feed a board.
    package var group: String?
    /// What is wrong, without the fix.
    package var fault: String?
    /// The exact command or rule that mends it.
    package var fix: String?
    package let read: @Sendable () -> Result<Double, ReadFault>

    /// - Parameters:
    ///   - plausibleWatts: What the domain draws while the machine runs; see ``PlausibleWatts``.
    ///   - read: Reads the raw value. What is no plausible value of the source is a fault, whoever reads.
    package init(
        record: PowerSourceRecord, scope: PowerScope, scale: Double, modulus: Double? = nil,
        plausibleWatts: ClosedRange<Double>, interface: String,
        read: @escaping @Sendable () -> Result<Double, ReadFault>
    ) {
        self.record = record
        self.scope = scope
        self.scale = scale
        self.modulus = modulus
        self.plausibleWatts = plausibleWatts
        self.interface = interface
        let plausibility = Plausibility(kind: record.kind, scale: scale, watts: plausibleWatts)
        self.plausibility = plausibility
        self.read = { read().flatMap { plausibility.checked($0) } }
    }

    /// Seconds until a sensor shows what is: what it averages over, and until it is updated.
    var settlingSeconds: Double { record.kind == .sensor ? averagingSeconds + updateSeconds : 0 }

    /// Seconds of the shortest phase that has joules: a sensor has to settle and to be read some times, a counter to be
    /// updated.
    var shortestPhase: Double {
        record.kind == .counter
            ? 1.5 * updateSeconds
            : settlingSeconds + Double(SensorIntegration.fewestReadings + 2) * Sampler.period(self, dense: nil)
    }

    /// Idle power, a window and idle power again, each long enough to settle, and little left for rests.
    static let phasesOfMeasurement = 2.5

    /// Why a sensor tells nothing in measurements that take so long; `nil` when it does.
    func slowness(timeLimit: Double) -> String? {
        guard settlingSeconds * Self.phasesOfMeasurement > timeLimit else { return nil }
        func seconds(_ value: Double) -> String { NumberFormat.quantity(value, .seconds) }
        return "it averages over \(seconds(averagingSeconds)), so that it cannot tell a load from idle within the "
            + "\(seconds(timeLimit)) that a measurement may take"
    }

    /// The socket of the package: `package-0` for `package-0-die-1`.
    var socket: String? {
        guard let package, let die = package.firstRange(of: "-die-") else { return package }
        return String(package[..<die.lowerBound])
    }

    /// Seconds between updates for the arithmetic of edges: as measured, else as declared, else cautiously long.
    var updateSeconds: Double { record.updateIntervalSeconds ?? (record.kind == .counter ? 0.1 : 0.25) }

    /// More power than this the domain cannot draw.
    var maximumWatts: Double { plausibleWatts.upperBound }

    /// The part of the machine whose clocks decide what this source shows.
    var conditionScope: PowerScope { scope == .wholeSystem ? .host : scope }

    /// Readable, and of no use: what it shows does not follow what is drawn.
    mutating func markStale(_ reason: String) {
        record.state = .stale
        fault = reason
        record.reason = reason
    }

    /// Sets the state that follows from a fault, with the words and the fix.
    mutating func mark(_ fault: ReadFault, fix: String? = nil) {
        switch fault {
        case .permission: record.state = .permission
        case .absent, .disabled, .failed: record.state = .missing
        case .nonsense, .implausible: record.state = .nonsense
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
