import Results
import Statistics

/// What one power source showed over a span of time. An unknown is `nil` with its reason.
public struct SourceReading: Codable, Sendable, Equatable {
    /// The source's id.
    public var source: String
    public var domain: String
    /// True when the source is part of the total.
    public var isIncluded: Bool
    @ExplicitNull public var joules: Double?
    @ExplicitNull public var watts: Double?
    /// Why there is no figure.
    @ExplicitNull public var reason: String?
}

/// What all power sources showed over a span of time.
public struct MonitorReading: Codable, Sendable, Equatable {
    /// CLOCK_MONOTONIC seconds at which the span begins and ends.
    public var begin: Double
    public var end: Double
    public var sources: [SourceReading]
    /// The total by the rule of ``PowerMonitor/accounting``; `nil` with a reason when a part of it is unknown.
    @ExplicitNull public var totalJoules: Double?
    @ExplicitNull public var totalWatts: Double?
    /// Within ± what the edges of the span can have done to the total.
    @ExplicitNull public var wattsInterval: Interval?
    @ExplicitNull public var reason: String?
}

/// Live watts of every power source of the machine.
///
/// ```swift
/// let monitor = try PowerMonitor()
/// monitor.start()
/// while running { sleep(1); show(monitor.reading()) }
/// monitor.stop()
/// ```
public final class PowerMonitor {
    let session: EnergySession
    private var reached: Double?

    /// - Parameters:
    ///   - sysfs: What to read in place of `/sys`.
    ///   - devices: Devices whose sources are matched; the host's total is that of the machine whatever is given here.
    /// - Throws: Nothing today beyond what ``EnergySession`` throws.
    public convenience init(sysfs: String = "/sys") throws(PowerError) {
        try self.init(tree: SysfsTree(root: sysfs), time: RealTime())
    }

    package init(
        tree: SysfsTree, time: any MeterTime, finders: [any PowerSourceFinder] = PowerSourceFinders.all
    ) throws(PowerError) {
        session = try EnergySession(tree: tree, time: time, mode: .auto, devices: [], finders: finders)
    }

    /// Every source that was found, readable or not.
    public var sources: [PowerSourceRecord] { session.sources }

    /// Sources that show the mean of more than ten seconds, with how many.
    public var slowSources: [String] {
        session.found.filter { $0.record.state == .ok && $0.record.kind == .sensor && $0.averagingSeconds > 10 }.map {
            "\($0.record.id) (\(NumberFormat.quantity($0.averagingSeconds, .seconds)))"
        }
    }

    /// The rule by which sources become the total, and what the meter's thread costs.
    public var accounting: EnergyAccounting? { session.accounting }

    /// Starts the meter's thread.
    public func start() {
        session.start()
        reached = nil
    }

    /// Ends the meter's thread.
    public func stop() { session.stop() }

    /// What happened since the reading before, or since the start. The span ends a few updates of the slowest counter
    /// ago.
    public func reading() -> MonitorReading {
        session.sampler.sampleNow()
        let slowest =
            session.found.filter { $0.record.state == .ok && $0.record.kind == .counter }
            .map(\.updateSeconds).max() ?? 0
        let end = session.time.now() - max(3 * slowest, 0.01)
        let begin = reached ?? session.firstReading ?? end
        guard end > begin else { return empty(at: end) }
        reached = end
        let reading = session.reading(from: begin, to: end)
        session.sampler.forget(before: end - max(8 * slowest, 2))
        return reading
    }

    private func empty(at moment: Double) -> MonitorReading {
        MonitorReading(
            begin: moment, end: moment, sources: [], totalJoules: nil, totalWatts: nil, wattsInterval: nil,
            reason: session.plan.hostTotal.isEmpty ? session.plan.rule : "no readings yet")
    }
}

extension EnergySession {
    /// The moment of the oldest reading that is kept.
    var firstReading: Double? {
        found.compactMap { sampler.samples(of: $0.record.id).first?.time }.max()
    }

    /// What every source showed over a span of time.
    ///
    /// - Parameter isWork: True where the span is that of something whose joules are asked for: a sensor that averages
    ///   over longer says nothing of it.
    func reading(from begin: Double, to end: Double, isWork: Bool = false) -> MonitorReading {
        let included = Set(plan.hostTotal)
        var total = EnergyEstimate(joules: 0, bound: 0)
        var gaps: [String] = included.isEmpty ? [plan.rule] : []
        let slept = sampler.sleep(from: begin, to: end).map { seconds in
            InvalidInterval("the machine slept for \(NumberFormat.quantity(seconds, .seconds)) meanwhile")
        }
        var readings: [SourceReading] = []
        for source in found {
            let record = source.record
            var reading = SourceReading(
                source: record.id, domain: record.domain, isIncluded: included.contains(record.id), joules: nil,
                watts: nil, reason: record.reason)
            if record.state == .ok {
                switch slept.map({ .failure($0) }) ?? live(source, from: begin, to: end, isWork: isWork) {
                case .success(let estimate):
                    reading.joules = estimate.joules
                    reading.watts = estimate.joules / (end - begin)
                    if reading.isIncluded {
                        total.joules += estimate.joules
                        total.bound += estimate.bound
                    }
                case .failure(let invalid):
                    let fault = sampler.fault(of: record.id, since: begin).map { " (\($0.words))" } ?? ""
                    reading.reason = invalid.reason + fault
                    if reading.isIncluded { gaps.append("\(record.id): \(invalid.reason)\(fault)") }
                }
            }
            readings.append(reading)
        }
        let known = gaps.isEmpty
        let (watts, bound) = (total.joules / (end - begin), total.bound / (end - begin))
        return MonitorReading(
            begin: begin, end: end, sources: readings, totalJoules: known ? total.joules : nil,
            totalWatts: known ? watts : nil,
            wattsInterval: known ? Interval(max(watts - bound, 0), watts + bound) : nil, reason: gaps.first)
    }

    /// Joules over a span that need not be one kind of work: a sensor's readings are integrated as they are.
    private func live(
        _ source: PowerSource, from begin: Double, to end: Double, isWork: Bool
    ) -> Result<EnergyEstimate, InvalidInterval> {
        if isWork, source.record.kind == .sensor, source.averagingSeconds > max(end - begin, 2) {
            return .failure(
                InvalidInterval(
                    "it averages over \(NumberFormat.quantity(source.averagingSeconds, .seconds)), which is longer than this took"
                ))
        }
        let samples = sampler.samples(of: source.record.id)
        guard source.record.kind == .sensor else { return source.energy(of: samples, from: begin, to: end) }
        return SensorIntegration(samples: samples, source: source).plainEnergy(from: begin, to: end)
    }
}
