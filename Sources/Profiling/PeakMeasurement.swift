import Kernels
import Results

/// Measures a device's peaks with the internal families, as the best of several executions.
struct PeakMeasurement {
    private static let sampleCount = 8
    /// An execution shorter than this says more about its launch than about the device.
    private static let shortestExecution = 2e-3

    private let connection: DeviceConnection
    private let catalogue: Catalogue
    private let limits: DeviceLimits

    /// - Throws: when the device cannot be opened.
    init(_ connection: DeviceConnection, _ catalogue: Catalogue) throws(DeviceConnection.Failure) {
        self.connection = connection
        self.catalogue = catalogue
        limits = try connection.open()
    }

    /// - Throws: when the worker dies. A peak that cannot be measured is `nil`.
    func measure() throws(DeviceConnection.Failure) -> PeaksRecord {
        PeaksRecord(flopsPerSecond: try flopsPerSecond(), bytesPerSecond: try bytesPerSecond())
    }

    /// A control takes about this long: short beside a round of samples.
    private static let controlSeconds = 0.5e-3

    /// The kernels whose times tell, beside every round of samples, how fast the device is at that moment: at arithmetic, and
    /// at moving memory. The second is left out for hot caches, which it would empty.
    ///
    /// - Returns: nothing when a peak is not known.
    func controls(_ peaks: PeaksRecord?, isHot: Bool) -> [Assignment] {
        guard let rate = peaks?.flopsPerSecond, rate > 0, let bandwidth = peaks?.bytesPerSecond, bandwidth > 0 else {
            return []
        }
        let count = min(max(limits.computeUnits, 1) * 4096, 1 << 24)
        let repetitions = min(max(Int(rate * Self.controlSeconds / 2 / Double(count)), 64), 1 << 20)
        let elements = max(Int(bandwidth * Self.controlSeconds / 8), 1).roundedUp(toMultipleOf: 65536)
        let arithmetic = control("peak-flops", ["N": count, "R": repetitions])
        let memory = control("peak-bandwidth", ["N": min(elements, limits.maxBufferBytes / 4 / 65536 * 65536)])
        return [arithmetic, isHot ? nil : memory].compactMap(\.self)
    }

    private func control(_ name: String, _ given: [String: Int]) -> Assignment? {
        guard let family = try? catalogue.family(name), let parameters = try? family.parameters(overriding: given)
        else { return nil }
        return Assignment(
            family: name, strategy: family.baseline, parameters: parameters, precision: .f32, seed: 1, inputs: [:],
            isHot: true)
    }

    /// More and more multiply-adds an element, until an execution is long enough.
    private func flopsPerSecond() throws(DeviceConnection.Failure) -> Double? {
        let count = max(65536, (limits.computeUnits * 8192).roundedUp(toMultipleOf: 4096))
        var repetitions = 1024
        while let (work, seconds) = try best("peak-flops", ["N": count, "R": repetitions]) {
            if seconds >= Self.shortestExecution || repetitions >= 1 << 20 { return work.flops / seconds }
            repetitions = min(1 << 20, repetitions * Int((1.5 * Self.shortestExecution / seconds).rounded(.up)))
        }
        return nil
    }

    /// Arrays of four times the last-level cache, as far as buffers and memory allow. Results are verified on smaller ones: the
    /// oracle would take longer over the large ones than all the rest.
    private func bytesPerSecond() throws(DeviceConnection.Failure) -> Double? {
        let wanted = max(4 * limits.lastLevelCacheBytes, 1 << 24)
        let count = min(wanted, limits.maxBufferBytes, limits.memoryBytes / 16) / 4 / 65536 * 65536
        guard count > 0, try best("peak-bandwidth", ["N": min(count, 1 << 20)]) != nil,
            let (work, seconds) = try best("peak-bandwidth", ["N": count], isVerified: true)
        else { return nil }
        return work.minimumBytes / seconds
    }

    /// The work and the shortest time of an internal family's baseline; `nil` when the device cannot run it.
    private func best(
        _ familyName: String, _ parameters: [String: Int], isVerified: Bool = false
    ) throws(DeviceConnection.Failure) -> (work: WorkRecord, seconds: Double)? {
        guard let family = try? catalogue.family(familyName),
            let parameters = try? family.parameters(overriding: parameters)
        else { return nil }
        let assignment = Assignment(
            family: familyName, strategy: family.baseline, parameters: parameters, precision: .f32, seed: 1,
            inputs: [:], isHot: true, isVerified: isVerified)
        do throws(DeviceConnection.Failure) {
            let preparation = try connection.ask { try $0.prepare(0, assignment, within: 120) }
            guard preparation.status == .ok, let work = preparation.work else { return nil }
            let times = try connection.ask {
                try $0.sample(SampleOrder(id: 0, repetitions: Self.sampleCount), within: 120)
            }
            try connection.ask { try $0.discard(0) }
            guard let shortest = times.seconds.min(), shortest > 0 else { return nil }
            return (work, shortest)
        } catch .refused {
            return nil
        }
    }
}

extension Int {
    fileprivate func roundedUp(toMultipleOf step: Int) -> Int { (self + step - 1) / step * step }
}
