import Kernels
import Results
import Statistics

/// A strategy on its way through preparation, timing and metering.
final class Contender {
    /// However long one takes: with fewer there is no interval.
    private static let fewestSamples = 3

    let id: Int
    let strategy: Strategy
    private let workload: PlannedWorkload
    private let device: DeviceRecord
    private let request: ProfileRequest

    /// The worker's generation that holds it prepared; 0 for none.
    private(set) var generation = 0
    private(set) var preparation: Preparation?
    private var failure: String?
    private var sampling: AdaptiveSampling
    private(set) var stopReason: StopReason?
    private(set) var samples: [Double] = []
    private var hostSamples: [Double] = []
    private var samplesPerRound: Int?
    private var usesDeviceClock = false
    private var warmUps = 0
    private var moments = RunningMoments()
    /// Seconds spent on this contender's samples, overhead included.
    private var elapsed = 0.0
    private(set) var estimatedSeconds = 0.0
    var stageSeconds: [Double] = []
    var energy: EnergyRecord?

    init(id: Int, workload: PlannedWorkload, strategy: Strategy, device: DeviceRecord, request: ProfileRequest) {
        self.id = id
        self.workload = workload
        self.strategy = strategy
        self.device = device
        self.request = request
        sampling = AdaptiveSampling(timeLimitSeconds: request.timeLimit)
    }

    /// Verified, and nothing has gone wrong since.
    var isRunning: Bool { failure == nil && preparation?.status == .ok }

    /// Nothing more is to be done: measured to the end, or known not to be measurable.
    var isComplete: Bool {
        if failure != nil { return true }
        guard let preparation else { return false }
        return preparation.status != .ok || energy != nil
    }

    var relativeNoise: Double? { moments.count > 1 ? moments.relativeNoise : nil }

    func fail(_ reason: String) { failure = failure ?? reason }

    func prepared(_ preparation: Preparation, generation: Int) {
        self.preparation = preparation
        self.generation = generation
    }

    func warmedUp(_ times: SampleTimes, count: Int) {
        warmUps = count
        estimatedSeconds = times.hostSeconds.last ?? 0
    }

    /// Takes in a round's samples, which took `seconds` in all.
    func add(_ times: SampleTimes, took seconds: Double) {
        let round = times.deviceSeconds ?? times.hostSeconds
        usesDeviceClock = times.deviceSeconds != nil
        samplesPerRound = samplesPerRound ?? round.count
        samples += round
        hostSamples += times.hostSeconds
        for (index, sample) in round.enumerated() where stopReason == nil {
            moments.add(sample)
            let reason = sampling.add(sample, elapsed: elapsed + seconds * Double(index + 1) / Double(round.count))
            if moments.count >= Self.fewestSamples { stopReason = reason }
        }
        elapsed += seconds
    }

    /// The measurement, as complete as it has become.
    func record(peaks: PeaksRecord?) -> MeasurementRecord {
        var record = MeasurementRecord(
            family: workload.family.name, strategy: strategy.name, workload: workload.name,
            parameters: workload.parameters,
            device: device.id, precision: workload.precision.rawValue, seed: request.seed,
            status: failure == nil ? preparation?.status ?? .failed : .failed,
            message: failure ?? preparation?.message)
        record.verification = preparation?.verification
        record.work = preparation?.work
        record.codePath = preparation?.codePath
        guard record.status == .ok, let time = timeRecord(), let work = preparation?.work else { return record }
        record.time = time
        record.energy = energy
        record.derived = DerivedRecord(
            work: work, time: time, energy: energy, peaks: peaks, tokens: preparation?.tokens)
        return record
    }

    private func timeRecord() -> TimeRecord? {
        guard let summary = SampleSummary(samples, seed: request.seed) else { return nil }
        let names = preparation?.stages ?? []
        var record = TimeRecord(
            median: summary.median, interval: summary.interval, relativeNoise: summary.relativeNoise.finiteOrNil,
            samples: summary.count, warmups: warmUps, stopReason: stopReason?.rawValue ?? "interrupted",
            cold: preparation?.isCold ?? false, clock: usesDeviceClock ? "device" : "host",
            hostMedian: median(hostSamples),
            stages: zip(names, stageSeconds).map { StageTimeRecord(name: $0, median: $1) }, sampleSeconds: samples)
        record.samplesPerRound = samplesPerRound
        return record
    }
}

extension DerivedRecord {
    /// Rates from work, time and energy; see the fields for their formulas.
    init(work: WorkRecord, time: TimeRecord, energy: EnergyRecord?, peaks: PeaksRecord?, tokens: Double?) {
        self.init(flopsPerSecond: work.flops / time.median, bytesPerSecond: work.strategyBytes / time.median)
        if let joules = energy?.grossJoules, joules > 0 {
            flopsPerJoule = work.flops / joules
            energyDelayProduct = joules * time.median
            joulesPerToken = tokens.map { joules / $0 }
        }
        if let joules = energy?.netJoules, joules > 0 { netFlopsPerJoule = work.flops / joules }
        if let flops = peaks?.flopsPerSecond, let bytes = peaks?.bytesPerSecond, work.minimumBytes > 0 {
            let roof = min(flops, work.flops / work.minimumBytes * bytes)
            fractionOfRoofline = flopsPerSecond / roof
        }
    }
}
