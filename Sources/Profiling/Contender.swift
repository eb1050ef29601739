import Kernels
import Results
import Statistics

/// A strategy on its way through preparation, timing and metering.
final class Contender {
    let id: Int
    let strategy: Strategy
    let side: Side
    /// To the device, through a worker of this contender's build.
    let connection: DeviceConnection
    private let workload: PlannedWorkload
    private let device: DeviceRecord
    private let request: ProfileRequest

    /// The worker's generation that holds it prepared; 0 for none.
    private var generation = 0
    private(set) var preparation: Preparation?
    private var failure: String?
    /// Of the pass under way.
    private var sampling: AdaptiveSampling
    private(set) var stopReason: StopReason?
    private var collection = SampleCollection()
    private var usesDeviceClock = false
    private var warmUps = 0
    private var moments = RunningMoments()
    /// Seconds spent on this contender's samples in the pass under way, overhead included.
    private var elapsed = 0.0
    /// The same in all passes.
    private var totalElapsed = 0.0
    /// Seconds, overhead included.
    private var shortestRound = Double.infinity
    private(set) var estimatedSeconds = 0.0
    /// The same by the clock that samples are timed with.
    private var timedSeconds = 0.0
    private var batch = 1
    private var stageSeconds: [Double] = []
    /// What would be too long; `nil`: nothing.
    var pace: Pace.Limit?
    /// What has the same speed at other shapes.
    var paceName: String { "\(workload.family.name)/\(strategy.label) \(workload.precision.rawValue) \(side)" }
    var energy: EnergyRecord?

    init(
        id: Int, workload: PlannedWorkload, strategy: Strategy, side: Side, connection: DeviceConnection,
        request: ProfileRequest
    ) {
        self.id = id
        self.side = side
        self.connection = connection
        self.workload = workload
        self.strategy = strategy
        device = connection.device
        self.request = request
        sampling = request.samplingOfAPass
    }

    /// Verified, and nothing has gone wrong since.
    var isRunning: Bool { failure == nil && preparation?.status == .ok }

    /// Nothing more is to be done: measured to the end, or known not to be measurable.
    var isComplete: Bool {
        if failure != nil { return true }
        guard let preparation else { return false }
        return preparation.status != .ok || energy != nil
    }

    /// The time of a single stage is that of the whole.
    var hasSeveralStages: Bool { (preparation?.stages.count ?? 0) > 1 }

    var relativeNoise: Double? { moments.count > 1 ? moments.relativeNoise : nil }

    func fail(_ reason: String) { failure = failure ?? reason }

    /// The worker that is there now holds it prepared.
    var isHeld: Bool { generation > 0 && generation == connection.generation }

    func prepared(_ preparation: Preparation) {
        generation = connection.generation
        // Later preparations verify nothing and know nothing new, unless they fail.
        if self.preparation == nil || preparation.status != .ok { self.preparation = preparation }
    }

    /// The worker holds it no longer.
    func isDiscarded() { generation = 0 }

    /// Samples so far.
    var sampleCount: Int { collection.count }
    var medianSeconds: Double? { median(collection.seconds) }

    /// Whether it takes part in the next round: until it has enough, and then for the sake of those that it is compared with,
    /// but never longer than its time limit allows.
    var takesRound: Bool { isInPass && (stopReason == nil || elapsed < sampling.timeLimitSeconds) }

    /// Samples without which there is no interval worth the name.
    static let fewestSamples = 3

    /// False also for what takes longer for one round than a pass has for it, once its time limit is used up: it is spared the
    /// passes that are left.
    var isInPass: Bool { isRunning && !isSpared }
    private var isSpared = false

    /// The next samples decide anew when there are enough.
    func beginPass() {
        sampling = request.samplingOfAPass
        // What ran over its limit a little, by rounds that end after their pass's share, still takes part in every pass.
        isSpared =
            totalElapsed >= request.timeLimit && sampleCount >= Self.fewestSamples
            && shortestRound > sampling.timeLimitSeconds
        stopReason = nil
        elapsed = 0
    }

    func timedStages(_ times: SampleTimes) { stageSeconds = times.stageSeconds.map { median($0) ?? 0 } }

    func warmedUp(_ times: SampleTimes) {
        warmUps += 1
        estimatedSeconds = times.hostSeconds.last ?? 0
        timedSeconds = times.seconds.last ?? 0
    }

    /// The longest that the executions of one batch may take.
    private static let longestBatch = 0.1

    /// One execution.
    var singleOrder: SampleOrder { SampleOrder(id: id, repetitions: 1, controls: connection.preparedControls) }

    /// What to sample in a round: as many batches as fit into about 20 ms, one at least.
    func order() -> SampleOrder {
        let affordable = max(1, Int(min(Self.longestBatch / max(estimatedSeconds, 1e-6), 1e6)))
        batch = min(ClockResolution.batch(seconds: timedSeconds, clockStep: connection.clockStep), affordable)
        let seconds = max(estimatedSeconds * Double(batch), 1e-6)
        return SampleOrder(
            id: id, repetitions: max(1, min(64, Int(0.02 / seconds))), batch: batch,
            controls: connection.preparedControls)
    }

    /// Takes in a round's samples, which took `seconds` in all.
    func add(
        _ times: SampleTimes, controls: [Double], pass: Int, condition: ConditionChange, took seconds: Double
    ) {
        usesDeviceClock = times.deviceSeconds != nil
        collection.add(
            times, controls: controls, pass: pass, batch: batch, condition: condition,
            countsWaiting: !usesDeviceClock || device.isHostProcessor)
        for (index, sample) in times.seconds.enumerated() where stopReason == nil {
            moments.add(sample)
            let share = Double(index + 1) / Double(times.seconds.count)
            stopReason = sampling.add(sample, elapsed: elapsed + seconds * share)
        }
        elapsed += seconds
        totalElapsed += seconds
        shortestRound = min(shortestRound, seconds)
    }

    /// The measurement, as complete as it has become.
    ///
    /// - Parameters:
    ///   - unknown: what the machine does not show of clocks, temperature and throttling.
    func record(peaks: PeaksRecord?, unknown: [String]) -> MeasurementRecord {
        var record = MeasurementRecord(
            family: workload.family.name, strategy: strategy.label, workload: workload.name,
            parameters: workload.parameters,
            device: device.id, precision: workload.precision.rawValue, seed: request.seed,
            status: failure == nil ? preparation?.status ?? .failed : .failed,
            message: failure ?? preparation?.message)
        record.verification = preparation?.verification
        record.work = preparation?.work
        record.codePath = preparation?.codePath
        guard record.status == .ok, let time = timeRecord(unknown), let work = preparation?.work
        else { return record }
        record.time = time
        record.energy = energy
        record.derived = DerivedRecord(
            work: work, time: time, energy: energy, peaks: peaks, tokens: preparation?.tokens)
        return record
    }

    private func timeRecord(_ unknown: [String]) -> TimeRecord? {
        let (samples, rounds, interference) = collection.judged(
            slowRate: connection.slowRate, unknown: unknown)
        guard let summary = SampleSummary(samples, seed: request.seed) else { return nil }
        let names = preparation?.stages ?? []
        var record = TimeRecord(
            median: summary.median, interval: summary.interval, relativeNoise: summary.relativeNoise.finiteOrNil,
            samples: summary.count, warmups: warmUps, stopReason: stopReason?.rawValue ?? "interrupted",
            cold: preparation?.isCold ?? false,
            clock: usesDeviceClock && !collection.deviceClockStands ? "device" : "host",
            hostMedian: median(collection.hostSeconds),
            stages: zip(names, names.count == 1 ? [summary.median] : stageSeconds).map {
                StageTimeRecord(name: $0, median: $1)
            },
            sampleSeconds: samples)
        record.rounds = rounds
        record.batch = batch
        record.interference = interference
        return record
    }
}

extension DerivedRecord {
    /// Rates from work, time and energy; see the fields for their formulas.
    init(work: WorkRecord, time: TimeRecord, energy: EnergyRecord?, peaks: PeaksRecord?, tokens: Double?) {
        self.init(flopsPerSecond: work.flops / time.median, bytesPerSecond: work.strategyBytes / time.median)
        if let joules = energy?.leadingJoules, joules > 0 {
            flopsPerJoule = work.flops / joules
            energyDelayProduct = joules * time.median
            joulesPerToken = tokens.flatMap { (joules / $0).finiteOrNil }
        }
        if let joules = energy?.netJoules, joules > 0 { netFlopsPerJoule = work.flops / joules }
        if let flops = peaks?.flopsPerSecond, let bytes = peaks?.bytesPerSecond, work.minimumBytes > 0,
            work.flops > 0
        {
            let roof = min(flops, work.flops / work.minimumBytes * bytes)
            fractionOfRoofline = flopsPerSecond / roof
        }
    }
}
