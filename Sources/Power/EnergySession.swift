import Results

/// The power sources of this machine and the meter that reads them: one for a run, in the parent process only.
///
/// ```swift
/// let session = try EnergySession(mode: .auto, devices: devices)
/// session.start()
/// let energy = try session.measure(request) { seconds in try worker.window(seconds) }
/// session.stop()
/// ```
///
/// Used from one thread. Reading happens on a thread of the session's own between ``start()`` and ``stop()``.
public final class EnergySession {
    /// Where joules may come from.
    public enum Mode: String, Sendable, CaseIterable {
        /// Measured where it can be, modelled (≈) where not.
        case auto
        /// Measured or unavailable; nothing measurable at all is an error.
        case measured
        /// No energy.
        case off
    }

    public let mode: Mode
    /// The coefficients used where nothing can be measured.
    public let model: EnergyModel
    /// Keeps the raw readings of every window, for ``trace``.
    public var keepsReadings = false
    /// The raw readings kept so far.
    public internal(set) var trace = MeterTrace()

    let devices: [DeviceRecord]
    let time: any MeterTime
    private let probes: [ThrottlingProbe]
    private(set) var found: [PowerSource]
    private(set) var plan: Accounting
    private(set) var sampler: Sampler
    private var task: (any SamplingTask)?
    private var startedAt: Double?
    private var finalCoreFraction: Double?

    /// Finds the power sources, learns how each behaves (which takes about a second when there are any, and up to 10 s
    /// where a counter moves seldom) and decides which speak for which device.
    ///
    /// - Parameters:
    ///   - sysfs: What to read in place of `/sys`.
    ///   - timeLimit: Seconds that a measurement may take: sources that resolve no load within them are not used.
    /// - Throws: ``PowerError/Code/notReadable`` when `mode` is ``Mode/measured`` and no device has a source that can
    ///   be read.
    public convenience init(
        sysfs: String = "/sys", mode: Mode, devices: [DeviceRecord], model: EnergyModel = .default,
        timeLimit: Double = .infinity
    ) throws(PowerError) {
        try self.init(
            tree: SysfsTree(root: sysfs), time: RealTime(), mode: mode, devices: devices, model: model,
            timeLimit: timeLimit)
    }

    /// The same with a system and a clock of one's own.
    package init(
        tree: SysfsTree, time: any MeterTime, mode: Mode, devices: [DeviceRecord], model: EnergyModel = .default,
        finders: [any PowerSourceFinder] = PowerSourceFinders.all, timeLimit: Double = .infinity
    ) throws(PowerError) {
        self.mode = mode
        self.model = model
        self.devices = devices
        self.time = time
        found =
            mode == .off
            ? [] : SourceDiscovery(tree: tree, time: time, finders: finders, timeLimit: timeLimit).sources()
        let plan = Accounting(sources: found, devices: devices)
        self.plan = plan
        let hasTotal = !plan.included.isEmpty || !plan.hostTotal.isEmpty
        probes =
            hasTotal
            ? finders.flatMap { $0.throttlingProbes(in: tree) }
                + [ThrottlingProbe.processor(in: tree)].compactMap(\.self)
            : []
        sampler = Self.sampler(found, plan: plan, devices: devices, probes: probes, time: time)
        assignDevices()
        if mode == .measured, plan.included.isEmpty, !devices.isEmpty || plan.hostTotal.isEmpty {
            throw PowerError(.notReadable, Self.nothingReadable(found, plan: plan))
        }
    }

    /// Reads what is metered: all that can be read where no devices are given.
    private static func sampler(
        _ sources: [PowerSource], plan: Accounting, devices: [DeviceRecord], probes: [ThrottlingProbe],
        time: any MeterTime
    ) -> Sampler {
        let readable = sources.filter { $0.record.state == .ok }
        let metered = Set(plan.included.values.joined()).union(plan.shown.values.joined())
        let counted = Set(plan.included.values.joined()).union(plan.hostTotal)
        let kept = devices.isEmpty ? readable : readable.filter { metered.contains($0.record.id) }
        return Sampler(sources: kept, edges: counted, probes: probes, time: time)
    }

    private func assignDevices() {
        for index in found.indices {
            let id = found[index].record.id
            found[index].record.devices = devices.map(\.id).filter { plan.included[$0]?.contains(id) == true }
        }
    }

    /// Gives up sources that turned out to show nothing, by their ids with the reasons, and plans again with what is
    /// left.
    func abandon(_ dead: [String: String]) {
        for index in found.indices {
            if let reason = dead[found[index].record.id] { found[index].markStale(reason) }
        }
        let wasRunning = isRunning
        stop()
        plan = Accounting(sources: found, devices: devices)
        sampler = Self.sampler(found, plan: plan, devices: devices, probes: probes, time: time)
        assignDevices()
        if wasRunning { start() }
    }

    deinit { task?.stop() }

    /// Every source that was found, readable or not.
    public var sources: [PowerSourceRecord] { found.map(\.record) }

    /// The rule by which sources became totals, and what metering costs; `nil` when energy is switched off.
    public var accounting: EnergyAccounting? {
        guard mode != .off else { return nil }
        let included = Set(plan.included.values.joined()).union(devices.isEmpty ? plan.hostTotal : [])
        return EnergyAccounting(rule: plan.rule, included: included.sorted(), meterCoreFraction: coreFraction)
    }

    /// Processor seconds of the meter's thread over elapsed seconds; `nil` before it has run.
    public var coreFraction: Double? {
        guard let task, let startedAt, let used = task.processorSeconds else { return finalCoreFraction }
        let elapsed = time.now() - startedAt
        return elapsed > 0 ? used / elapsed : nil
    }

    /// True between ``start()`` and ``stop()``.
    var isRunning: Bool { task != nil }

    /// Starts the meter's thread.
    public func start() {
        guard task == nil, mode != .off else { return }
        let sampler = sampler
        startedAt = time.now()
        task = time.startSampling { sampler.tick() }
    }

    /// Dense readings in these spans, from now on.
    func readDensely(in spans: [DenseSpan]) {
        sampler.readDensely(in: spans)
        task?.wake()
    }

    /// Ends the meter's thread. ``accounting`` keeps its cost.
    public func stop() {
        finalCoreFraction = coreFraction
        task?.stop()
        task = nil
    }

    /// The longest that is waited for a counter's update beyond the usual.
    private static let longestWait = 0.5

    /// Rests, with readings, until every one of these counters has been updated after `moment`: for `margin` seconds,
    /// and longer when an update is late.
    func awaitUpdates(of sources: [PowerSource], after moment: Double, margin: Double) {
        let begin = time.now()
        repeat {
            time.sleep(until: time.now() + margin)
            sampler.sampleNow()
            let isComplete = sources.allSatisfy { source in
                source.record.kind == .sensor
                    || CounterIntegration(samples: sampler.samples(of: source.record.id), source: source)
                        .isUpdated(after: moment)
            }
            if isComplete { return }
        } while time.now() < begin + max(Self.longestWait, 2 * (sources.map(\.updateSeconds).max() ?? 0))
    }

    private static func nothingReadable(_ sources: [PowerSource], plan: Accounting) -> String {
        let blocked = sources.filter { $0.record.state != .ok && $0.record.state != .duplicate }
        guard let first = blocked.first else {
            return "no power source was found on this machine, and --energy measured forbids the model"
        }
        return "no power source can be read: \(first.record.id): \(first.record.reason ?? first.record.state.rawValue)"
    }
}
