import Kernels
import Results
import Statistics

/// Gathers what is sampled and metered of a candidate, and makes its record of it.
struct MeasurementBuilder {
    private let planned: PlannedWorkload
    private let strategy: Strategy
    private let device: DeviceRecord
    private var collection = SampleCollection()
    private var usesDeviceClock = false
    private var warmUps = 0
    /// Executions of a sample, in the last round.
    private var batch = 1
    /// The median of each stage.
    private var stageSeconds: [Double] = []
    /// What metering has found; `nil` before it.
    var energy: EnergyRecord?
    /// What the compiler told of each stage; `nil` where nobody asked.
    var compiled: [String: CompilerFigures]?

    init(_ planned: PlannedWorkload, _ strategy: Strategy, device: DeviceRecord) {
        self.planned = planned
        self.strategy = strategy
        self.device = device
    }

    var medianSeconds: Double? { median(collection.seconds) }

    mutating func addWarmUp() { warmUps += 1 }

    mutating func addStages(_ times: SampleTimes) { stageSeconds = times.stageSeconds.map { median($0) ?? 0 } }

    /// Takes in a round's samples.
    mutating func add(
        _ times: SampleTimes, controls: [Double], pass: Int, batch: Int, begin: Double, condition: ConditionChange
    ) {
        usesDeviceClock = times.deviceSeconds != nil
        self.batch = batch
        collection.add(
            times, controls: controls, pass: pass, batch: batch, condition: condition, begin: begin,
            countsWaiting: !usesDeviceClock || device.isHostProcessor)
    }

    /// The measurement; see ``Candidate/record(peaks:unknown:energy:)``.
    func record(
        _ held: HeldPreparation, failure: String?, stopReason: StopReason?, unknown: [String], peaks: PeaksRecord?,
        energy: (EnergyRecord?, WorkRecord, Double) -> EnergyRecord?
    ) -> MeasurementRecord {
        let preparation = held.preparation
        let workload = planned.workload
        var record = MeasurementRecord(
            family: workload.family, strategy: strategy.label, workload: planned.name, parameters: workload.parameters,
            device: device.id, precision: workload.precision.rawValue, seed: workload.seed,
            status: failure == nil ? preparation?.status ?? .failed : .failed,
            message: failure ?? preparation?.message)
        record.tunables = strategy.tunables.isEmpty ? nil : strategy.tunableValues(backend: device.backend)
        record.isTuned = strategy.isTuned ? true : nil
        record.verification = preparation?.verification
        record.work = preparation?.work
        record.codePath = preparation?.codePath
        record.kernelDigest = preparation?.kernelDigest
        record.variants = preparation?.variants.flatMap { $0.isEmpty ? nil : $0 }
        record.struckVariants = preparation?.struckVariants.flatMap { $0.isEmpty ? nil : $0 }
        guard record.status == .ok, let preparation, let work = preparation.work,
            let time = time(preparation, stopReason, slowRate: held.connection.slowRate, unknown: unknown)
        else { return record }
        record.time = time
        record.compiled = compiled
        record.energy = energy(self.energy, work, time.median)
        record.derived = DerivedRecord(
            work: work, time: time, energy: record.energy, peaks: peaks, tokens: preparation.tokens)
        record.suspicion = record.suspicion(peaks: peaks)
        return record
    }

    private func time(
        _ preparation: Preparation, _ stopReason: StopReason?, slowRate: Double?, unknown: [String]
    ) -> TimeRecord? {
        let (samples, rounds, interference) = collection.judged(slowRate: slowRate, unknown: unknown)
        guard let summary = SampleSummary(samples) else { return nil }
        let names = preparation.stages
        let doubt = collection.clockDoubt
        // Stages have no other clock.
        let stages = names.count == 1 ? [summary.median] : doubt == nil ? stageSeconds : []
        var record = TimeRecord(
            median: summary.median, interval: summary.interval, relativeNoise: summary.relativeNoise.finiteOrNil,
            samples: summary.count, warmups: warmUps, stopReason: stopReason?.rawValue ?? "interrupted",
            cold: preparation.isCold, clock: usesDeviceClock && doubt == nil ? "device" : "host",
            hostMedian: median(collection.hostSeconds),
            stages: zip(names, stages).map {
                StageTimeRecord(name: $0, median: $1)
            },
            sampleSeconds: samples)
        record.clockDoubt = doubt
        record.rounds = rounds
        record.batch = batch
        record.interference = interference
        return record
    }
}
