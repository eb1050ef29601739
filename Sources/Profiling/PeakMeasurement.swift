import Kernels
import Platform
import Results

/// Measures a device's peaks with the internal families, as the best of several executions, and now and then again: at
/// any one moment others may use the machine, and a peak found then is lower than rates that kernels reach later.
struct PeakMeasurement {
    private static let mostSamples = 8
    /// Samples are taken for about this long, the first two anyway.
    private static let samplingSeconds = 0.1
    /// The share of a run that looking again may take.
    private static let largestShare = 0.1
    /// More elements are tried for as long as they make a device this much faster.
    private static let leastRise = 1.02
    /// An execution shorter than this says more about its launch than about the device.
    private static let shortestExecution = 2e-3

    private let connection: DeviceConnection
    private let catalogue: Catalogue
    private let limits: DeviceLimits
    /// The kinds of arithmetic whose peaks are asked for.
    private let rates: Set<ArithmeticRate>
    /// What the first measurement settled on; what could not be measured is not there.
    private var arithmeticParameters: [ArithmeticRate: [String: Int]] = [:]
    private var bandwidthParameters: [String: Int]?
    private var lastLook = 0.0
    private var lookSeconds = 0.0

    /// - Parameter workloads: those whose kinds of arithmetic, besides f32, are to be measured.
    /// - Throws: when the device cannot be opened.
    init(
        _ connection: DeviceConnection, _ catalogue: Catalogue, of workloads: [PlannedWorkload]
    ) throws(ProfilingError) {
        self.connection = connection
        self.catalogue = catalogue
        let limits = try connection.open()
        self.limits = limits
        let found = workloads.flatMap { planned in
            planned.strategies.flatMap { catalogue.rates(of: $0, planned.workload, limits: limits) }
        }
        rates = Set(found).subtracting([.f32])
    }

    /// - Throws: when the worker dies. A peak that cannot be measured is `nil`.
    mutating func measure() throws(ProfilingError) -> PeaksRecord {
        let begin = MonotonicClock.now()
        var peaks = PeaksRecord(flopsPerSecond: try operationsPerSecond(.f32), bytesPerSecond: try bytesPerSecond())
        for rate in rates {
            if let found = try operationsPerSecond(rate) {
                peaks.rates = (peaks.rates ?? [:]).merging([rate.rawValue: found]) { $1 }
            }
        }
        lastLook = MonotonicClock.now()
        lookSeconds = lastLook - begin
        return peaks
    }

    /// The same again.
    ///
    /// - Parameter onlyWhenDue: whether to look only when enough time has gone by since the last look.
    /// - Returns: `nil` when it is too early.
    /// - Throws: as ``measure()``.
    mutating func lookAgain(onlyWhenDue: Bool = true) throws(ProfilingError) -> PeaksRecord? {
        let begin = MonotonicClock.now()
        guard !onlyWhenDue || begin - lastLook > lookSeconds / Self.largestShare else { return nil }
        var peaks = PeaksRecord(flopsPerSecond: nil, bytesPerSecond: nil)
        for (rate, parameters) in arithmeticParameters {
            guard let found = try best(rate, parameters, isVerified: true) else { continue }
            let reached = found.work.flops / found.seconds
            if rate == .f32 {
                peaks.flopsPerSecond = reached
            } else {
                peaks.rates = (peaks.rates ?? [:]).merging([rate.rawValue: reached]) { $1 }
            }
        }
        if let bandwidthParameters, let found = try best("peak-bandwidth", bandwidthParameters, isVerified: true) {
            peaks.bytesPerSecond = found.work.minimumBytes / found.seconds
        }
        lastLook = MonotonicClock.now()
        lookSeconds = lastLook - begin
        return peaks
    }

    /// A control takes about this long: short beside a round of samples.
    private static let controlSeconds = 0.5e-3

    /// The kernels whose times tell, beside every round of samples, how fast the device is at that moment: at
    /// arithmetic, and at moving memory. The second is left out for hot caches, which it would empty.
    ///
    /// - Returns: nothing when a peak is not known.
    func controls(_ peaks: PeaksRecord?, isHot: Bool) -> [Assignment] {
        guard let rate = peaks?.flopsPerSecond, rate > 0, let bandwidth = peaks?.bytesPerSecond, bandwidth > 0 else {
            return []
        }
        let count = min(max(limits.computeUnits, 1) * 4096, 1 << 24)
        let repetitions = Int(min(max(rate * Self.controlSeconds / 2 / Double(count), 64), Double(1 << 20)))
        let elements = Int(min(max(bandwidth * Self.controlSeconds / 8, 1), Double(1 << 40)))
            .roundedUp(toMultipleOf: 65536)
        let arithmetic = catalogue.baseline(of: "peak-flops", ["N": count, "R": repetitions])
        let memory = catalogue.baseline(
            of: "peak-bandwidth", ["N": min(elements, limits.maxBufferBytes / 4 / 65536 * 65536)])
        return [arithmetic, isHot ? nil : memory].compactMap(\.self)
    }

    /// More and more multiply-adds an element, until an execution is long enough; then on a GPU more and more elements,
    /// until the rate rises no more. How many it takes to fill a device follows from figures that not all drivers tell.
    private mutating func operationsPerSecond(_ rate: ArithmeticRate) throws(ProfilingError) -> Double? {
        let count = max(65536, (limits.computeUnits * 8192).roundedUp(toMultipleOf: 4096))
        var repetitions = 1024
        while let (work, seconds) = try best(rate, ["N": count, "R": repetitions]) {
            if seconds >= Self.shortestExecution || repetitions >= 1 << 20 {
                arithmeticParameters[rate] = ["N": count, "R": repetitions]
                let reached = work.flops / seconds
                return connection.device.isHostProcessor ? reached : try filled(rate, beyond: reached)
            }
            let growth = min((1.5 * Self.shortestExecution / seconds).rounded(.up), Double(1 << 20))
            repetitions = min(1 << 20, repetitions * Int(growth))
        }
        return nil
    }

    /// The rate with twice the elements again and again, until it has not risen two times in turn.
    private mutating func filled(_ rate: ArithmeticRate, beyond first: Double) throws(ProfilingError) -> Double {
        var (reached, failures) = (first, 0)
        guard var parameters = arithmeticParameters[rate] else { return first }
        while failures < 2, let count = parameters["N"], 2 * count <= limits.maxBufferBytes / 4,
            16 * count <= limits.memoryBytes / 4
        {
            parameters["N"] = 2 * count
            // Beyond the family's largest there is nothing to be had.
            guard let found = try best(rate, parameters, isVerified: true) else { break }
            let risen = found.work.flops / found.seconds
            failures = risen < Self.leastRise * reached ? failures + 1 : 0
            guard risen > reached else { continue }
            reached = risen
            arithmeticParameters[rate] = parameters
        }
        return reached
    }

    /// Arrays of four times the last-level cache, as far as buffers and memory allow. Results are verified on smaller
    /// ones: the oracle would take longer over the large ones than all the rest.
    private mutating func bytesPerSecond() throws(ProfilingError) -> Double? {
        let wanted = max(4 * limits.lastLevelCacheBytes, 1 << 24)
        let count = min(wanted, limits.maxBufferBytes, limits.memoryBytes / 16) / 4 / 65536 * 65536
        guard count > 0, try best("peak-bandwidth", ["N": min(count, 1 << 20)]) != nil,
            let (work, seconds) = try best("peak-bandwidth", ["N": count], isVerified: true)
        else { return nil }
        bandwidthParameters = ["N": count]
        return work.minimumBytes / seconds
    }

    /// The kernel that measures the peak of a kind of arithmetic; `nil` when the device cannot run it.
    private func best(
        _ rate: ArithmeticRate, _ parameters: [String: Int], isVerified: Bool = false
    ) throws(ProfilingError) -> (work: WorkRecord, seconds: Double)? {
        guard let family = rate.peakFamily else { return nil }
        return try best(family, parameters, precision: rate.peakPrecision, isVerified: isVerified)
    }

    /// The work and the shortest time of an internal family's baseline; `nil` when the device cannot run it.
    private func best(
        _ family: String, _ parameters: [String: Int], precision: Precision = .f32, isVerified: Bool = false
    ) throws(ProfilingError) -> (work: WorkRecord, seconds: Double)? {
        guard var assignment = catalogue.baseline(of: family, parameters, precision: precision) else { return nil }
        assignment.isVerified = isVerified
        do throws(ProfilingError) {
            return try connection.ask { worker throws(ProfilingError) in try best(assignment, worker) }
        } catch  where error.code == .refused {
            return nil
        }
    }

    private func best(
        _ assignment: Assignment, _ worker: WorkerClient
    ) throws(ProfilingError) -> (work: WorkRecord, seconds: Double)? {
        let preparation = try worker.prepare(0, assignment, within: 120)
        guard preparation.status == .ok, let work = preparation.work else { return nil }
        func shortest(_ repetitions: Int) throws(ProfilingError) -> Double {
            try worker.sample(SampleOrder(id: 0, repetitions: repetitions), within: 120).seconds.min() ?? 0
        }
        let first = try shortest(1)
        let affordable = Int(min(Self.samplingSeconds / max(first, 1e-9), Double(Self.mostSamples)))
        let seconds = min(first, try shortest(max(affordable, 2) - 1))
        try worker.discard(0)
        return seconds > 0 ? (work, seconds) : nil
    }
}

extension Catalogue {
    /// The kinds of arithmetic of the rungs that a strategy takes on a device; none where it cannot run. Where that
    /// depends on the workload's data, those of all its rungs.
    fileprivate func rates(
        of strategy: Strategy, _ workload: WorkloadCase, limits: DeviceLimits
    ) -> Set<ArithmeticRate> {
        guard let family = try? family(workload.family),
            let parameters = try? family.parameters(overriding: workload.parameters)
        else { return [] }
        do throws(KernelError) {
            return try strategy.plan(
                family: family, parameters: parameters, precision: workload.precision, limits: limits
            ).rates
        } catch {
            return error.code == .unavailable ? [] : strategy.rates(backend: limits.backend)
        }
    }

    /// The baseline of one of the families that serve the tool itself; `nil` for parameters that it does not take.
    func baseline(of name: String, _ given: [String: Int] = [:], precision: Precision = .f32) -> Assignment? {
        guard let family = try? family(name), let parameters = try? family.parameters(overriding: given),
            let strategy = try? strategy(family.baseline, of: family)
        else { return nil }
        return Assignment(
            workload: WorkloadCase(family: name, parameters: parameters, precision: precision), strategy: strategy,
            isHot: true)
    }
}

extension Int {
    fileprivate func roundedUp(toMultipleOf step: Int) -> Int { (self + step - 1) / step * step }
}
