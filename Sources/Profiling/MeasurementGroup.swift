import Kernels
import Platform
import Power
import Results
import Statistics

/// The strategies that are compared with each other: one workload on one device at one precision, sampled in turn.
///
/// Samples are interleaved round by round in an order that the seed shuffles, so that a change of the machine's speed
/// meets all strategies alike. All go on until each has enough, so that every round has every strategy.
final class MeasurementGroup {
    private static let warmUpCount = 2
    /// Seconds from which on one execution warms up as well as several.
    private static let longExecution = 0.1

    let workload: PlannedWorkload
    private let device: DeviceRecord
    private let request: ProfileRequest
    private let energy: EnergySession
    private var contenders: [Contender]
    private var conditions: ConditionLog
    private var generator: SeededGenerator
    private(set) var isInterrupted = false
    /// True once a pass has come to its end: what an interruption afterwards leaves is a measurement.
    private var hasPassed = false

    /// - Parameter sides: connections to the device: of this build, and of the one that it takes turns with.
    init(
        workload: PlannedWorkload, device: DeviceRecord, sides: [(side: Side, connection: DeviceConnection)],
        request: ProfileRequest, energy: EnergySession, conditions: DeviceConditions
    ) {
        self.workload = workload
        self.device = device
        self.request = request
        self.energy = energy
        self.conditions = ConditionLog(conditions)
        generator = SeededGenerator(seed: request.seed, purpose: "order of samples")
        contenders = workload.strategies.enumerated().flatMap { index, strategy in
            sides.map { side, connection in
                Contender(
                    id: index + 1, workload: workload, strategy: strategy, side: side, connection: connection,
                    request: request)
            }
        }
    }

    /// Measures all strategies once through; in the first pass energy too.
    ///
    /// - Parameter pace: says what would take too long, and learns from what is measured.
    func measure(pass: Int, pace: inout Pace, onStep: @escaping (ProfileEvent.Step) -> Void) {
        for contender in contenders where pass == 0 || contender.isRunning {
            contender.beginPass()
            guard pass == 0 || contender.isInPass else { continue }
            attempt(contender) {
                onStep(self.step(contender, .preparing))
                // Later passes are not to throw away what the first one measured.
                if pass == 0 { contender.pace = pace.limit(contender.paceName, parameters: workload.parameters) }
                try self.ensurePrepared(contender)
            }
            // Strategies that are timed in turn lie in memory side by side; to be verified, one after the other will do.
            if request.verifiesOnly { release(contender) }
        }
        if !request.verifiesOnly { time(pass, onStep) }
        for contender in contenders where pass == 0 {
            guard let flops = contender.preparation?.work?.flops else { continue }
            pace.learn(
                contender.paceName, workload: workload.name, parameters: workload.parameters, flops: flops,
                seconds: contender.estimatedSeconds)
        }
        contenders.forEach(release)
        if !isInterrupted { hasPassed = true }
    }

    /// Frees what the worker holds of a contender.
    private func release(_ contender: Contender) {
        if contender.isHeld { attempt(contender) { try contender.connection.ask { try $0.discard(contender.id) } } }
        contender.isDiscarded()
    }

    private func time(_ pass: Int, _ onStep: @escaping (ProfileEvent.Step) -> Void) {
        sampleInTurn(pass, onStep)
        for contender in contenders where contender.isRunning && contender.energy == nil {
            attempt(contender) {
                onStep(self.step(contender, .metering))
                try self.meter(contender)
            }
        }
    }

    /// The measurements as far as they have come. Those that an interruption cut off in the first pass are left out.
    ///
    /// - Parameter peaks: the device's, as high as the run has found them.
    func records(of side: Side, peaks: PeaksRecord?) -> [MeasurementRecord] {
        contenders.compactMap { contender in
            guard contender.side == side, hasPassed || contender.isComplete else { return nil }
            let record = contender.record(peaks: peaks, unknown: conditions.unknown)
            // Modelled joules follow from the time: from that of all passes, now that it is known.
            guard record.energy?.provenance == .modelled, let work = record.work, let time = record.time,
                let modelled = energy.modelled(energyRequest(work, time.median))
            else { return record }
            contender.energy = modelled
            return contender.record(peaks: peaks, unknown: conditions.unknown)
        }
    }

    private func energyRequest(_ work: WorkRecord, _ seconds: Double) -> EnergyRequest {
        EnergyRequest(
            deviceID: device.id, work: work, medianSeconds: seconds, minimumWindowSeconds: request.minimumWindowSeconds,
            timeLimitSeconds: max(
                request.meteringLimit, request.timeLimitSeconds == nil ? energy.secondsNeeded(for: device.id) : 0),
            seed: request.seed)
    }

    private func step(_ contender: Contender, _ activity: ProfileEvent.Step.Activity) -> ProfileEvent.Step {
        let base = contender.side == .base ? " (base)" : ""
        let name =
            "\(workload.family.name)/\(contender.strategy.label) \(workload.name) \(workload.precision.rawValue)\(base)"
        return ProfileEvent.Step(measurement: name, device: device.id, activity: activity)
    }

    /// Runs `body`; its failure becomes the contender's, and the others go on.
    private func attempt(_ contender: Contender, _ body: () throws -> Void) {
        guard !isInterrupted else { return }
        do {
            try body()
        } catch DeviceConnection.Failure.interrupted {
            isInterrupted = true
        } catch {
            contender.fail("\(error)")
        }
        if Interruption.isRequested { isInterrupted = true }
    }

    /// Prepares the contender, again when the worker that knew it has died.
    private func ensurePrepared(_ contender: Contender) throws(DeviceConnection.Failure) {
        try contender.connection.open()
        guard !contender.isHeld else { return }
        let assignment = Assignment(
            family: workload.family.name, strategy: contender.strategy.name, parameters: workload.parameters,
            precision: workload.precision, seed: request.seed, inputs: request.inputs,
            isHot: request.isHot || request.verifiesOnly,
            dumpDirectory: request.dumpDirectory, tunables: contender.strategy.chosenTunables,
            isVerified: contender.preparation?.status == .ok,
            pace: contender.pace)
        let limit = request.answerLimitSeconds + workload.oracleLimitSeconds
        let preparation = try contender.connection.ask { try $0.prepare(contender.id, assignment, within: limit) }
        contender.prepared(preparation)
    }

    // MARK: Timing

    private func sampleInTurn(_ pass: Int, _ onStep: (ProfileEvent.Step) -> Void) {
        for contender in contenders where contender.isInPass {
            attempt(contender) { try self.warmUp(contender, pass) }
        }
        _ = conditions.observe()
        var round = 0
        while !isInterrupted {
            let active = contenders.filter(\.takesRound).shuffled(using: &generator)
            guard active.contains(where: { $0.stopReason == nil }) else { return }
            for contender in active {
                attempt(contender) { try self.takeSamples(contender, pass) }
                if round.isMultiple(of: 8) {
                    onStep(step(contender, .timing(samples: contender.sampleCount, noise: contender.relativeNoise)))
                }
            }
            round += 1
        }
    }

    private func warmUp(_ contender: Contender, _ pass: Int) throws(DeviceConnection.Failure) {
        try ensurePrepared(contender)
        // What was prepared anew has run once already; more of what takes long would only take long.
        guard contender.isRunning, pass == 0 || contender.estimatedSeconds < Self.longExecution else { return }
        for _ in 1...Self.warmUpCount {
            let sample = try take(contender.singleOrder, contender)
            contender.warmedUp(sample.times)
            if contender.estimatedSeconds >= Self.longExecution { return try sampleLong(contender, pass, sample) }
        }
        guard pass == 0, contender.hasSeveralStages else { return }
        // Stages are timed apart, since looking at each may open gaps between them.
        let order = SampleOrder(id: contender.id, repetitions: 3, stages: true)
        contender.timedStages(try take(order, contender).times)
    }

    /// The samples of the first pass of what takes long. Its verification has warmed up the device as well as a run of its own
    /// would, so the run that told how long it takes counts; and beside it the gaps between stages are nothing.
    private func sampleLong(
        _ contender: Contender, _ pass: Int, _ first: RoundOfSamples
    ) throws(DeviceConnection.Failure) {
        keep(first, contender, pass)
        // Each of the other passes adds one at least.
        let wanted = Contender.fewestSamples - (request.passCount - 1)
        var lacksStages = contender.hasSeveralStages
        while lacksStages || contender.sampleCount < wanted {
            var order = contender.singleOrder
            order.stages = lacksStages
            let sample = try take(order, contender)
            if lacksStages { contender.timedStages(sample.times) }
            lacksStages = false
            keep(sample, contender, pass)
        }
    }

    /// A round's share.
    private func takeSamples(_ contender: Contender, _ pass: Int) throws(DeviceConnection.Failure) {
        try ensurePrepared(contender)
        guard contender.isRunning else { return }
        keep(try take(contender.order(), contender), contender, pass)
    }

    /// What came of an order.
    private struct RoundOfSamples {
        var times: SampleTimes
        /// Of each control.
        var rates: [Double]
        /// That it took, overhead included.
        var seconds: Double
    }

    private func take(_ order: SampleOrder, _ contender: Contender) throws(DeviceConnection.Failure) -> RoundOfSamples {
        let begin = MonotonicClock.now()
        let (times, rates) = try contender.connection.sample(order, within: sampleLimit(contender, order))
        return RoundOfSamples(times: times, rates: rates, seconds: MonotonicClock.now() - begin)
    }

    private func keep(_ round: RoundOfSamples, _ contender: Contender, _ pass: Int) {
        contender.add(
            round.times, controls: round.rates, pass: pass, condition: conditions.observe(), took: round.seconds)
    }

    /// Generous: a worker is ended only when it is surely stuck.
    private func sampleLimit(_ contender: Contender, _ order: SampleOrder) -> Double {
        60 + 50 * contender.estimatedSeconds * Double(order.repetitions * order.batch)
    }

    // MARK: Energy

    private func meter(_ contender: Contender) throws(DeviceConnection.Failure) {
        guard let work = contender.preparation?.work, let seconds = contender.medianSeconds else { return }
        do {
            contender.energy = try energy.measure(energyRequest(work, seconds)) { seconds in
                try self.ensurePrepared(contender)
                let window = try contender.connection.ask {
                    try $0.window(contender.id, seconds: seconds, within: 60 + 10 * seconds)
                }
                return MeasuredWindow(begin: window.begin, end: window.end, iterations: window.iterations)
            }
        } catch let error as DeviceConnection.Failure {
            throw error
        } catch {
            contender.energy = EnergyRecord(provenance: .unavailable, reason: "\(error)")
        }
    }
}
