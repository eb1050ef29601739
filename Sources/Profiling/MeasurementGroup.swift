import Kernels
import Platform
import Power
import Results
import Statistics

/// The strategies that are compared with each other: one workload at one precision, sampled in turn, on one device or
/// on several that are the same processor; or a chain and its kernels, each with a workload of its own.
///
/// Samples are interleaved round by round in an order that the seed shuffles, so that a change of the machine's speed
/// meets all strategies alike. All go on until each has enough, so that every round has every strategy.
final class MeasurementGroup {
    private static let warmUpCount = 2
    /// Seconds from which on one execution warms up as well as several.
    private static let longExecution = 0.1

    private let request: ProfileRequest
    private let energy: EnergySession
    private let comparisons: ComparisonPlan
    private let candidates: [Candidate]
    private var conditions: ConditionLog
    /// Of the pass under way: what passes before it took does not change its order.
    private var generator: SeededGenerator
    private(set) var isInterrupted = false
    /// True once a pass has come to its end: what an interruption afterwards leaves is a measurement.
    private var hasPassed = false

    /// - Parameter members: the devices, each with those of a workload's strategies that are for it.
    init(
        members: [(planned: PlannedWorkload, device: MeasuredDevice)],
        request: ProfileRequest, energy: EnergySession, conditions: DeviceConditions, comparisons: ComparisonPlan
    ) {
        self.request = request
        self.energy = energy
        self.comparisons = comparisons
        self.conditions = ConditionLog(conditions)
        generator = Self.generator(request, pass: 0)
        var count = 0
        candidates = members.flatMap { planned, device in
            planned.strategies.flatMap { strategy in
                count += 1
                return device.sides.map { side, connection in
                    Candidate(
                        id: count, planned: planned, strategy: strategy, side: side, connection: connection,
                        request: request)
                }
            }
        }
    }

    /// Measures all strategies once through; in the first pass energy too.
    ///
    /// - Parameter estimator: says what would take too long, and learns from what is measured.
    func measure(pass: Int, estimator: inout DurationEstimator, onStep: @escaping (ProfileEvent.Step) -> Void) {
        generator = Self.generator(request, pass: pass)
        for candidate in candidates where pass == 0 || candidate.isRunning {
            candidate.note(.passBegan)
            guard pass == 0 || candidate.isInPass else { continue }
            // Later passes are not to throw away what the first one measured.
            let limit =
                pass == 0
                ? estimator.limit(speedKey(candidate), parameters: candidate.planned.workload.parameters) : nil
            attempt(candidate) { () throws(ProfilingError) in
                onStep(step(candidate, .preparing))
                try ensurePrepared(candidate, limit: limit)
            }
            // Strategies that are timed in turn lie in memory side by side; to be verified, one after the other will
            // do.
            if request.sampling.verifiesOnly { release(candidate) }
        }
        if !request.sampling.verifiesOnly {
            time(pass, onStep)
            confirm()
            if pass == 0 { inspect() }
        }
        if pass == 0 { teach(&estimator) }
        candidates.forEach(release)
        if !isInterrupted { hasPassed = true }
    }

    private static func generator(_ request: ProfileRequest, pass: Int) -> SeededGenerator {
        SeededGenerator(seed: request.seed, purpose: pass == 0 ? "order of samples" : "order of samples \(pass)")
    }

    private func teach(_ estimator: inout DurationEstimator) {
        for candidate in candidates {
            guard let flops = candidate.held.preparation?.work?.flops else { continue }
            estimator.learn(
                speedKey(candidate), workload: candidate.planned.name,
                parameters: candidate.planned.workload.parameters, flops: flops,
                seconds: candidate.budget.estimatedSeconds)
        }
    }

    var candidateCount: Int { candidates.count }

    /// What has happened to the candidates since this was asked last, in their order.
    func takeEvents() -> [[CandidateEvent]] { candidates.map { $0.takeEvents() } }

    /// Goes through a pass of a run that was cut off later, in place of measuring it.
    func replay(_ events: [[CandidateEvent]], pass: Int, estimator: inout DurationEstimator) {
        for (candidate, events) in zip(candidates, events) { candidate.replay(events) }
        if pass == 0 { teach(&estimator) }
        hasPassed = true
    }

    /// What has the same speed at other shapes.
    private func speedKey(_ candidate: Candidate) -> String {
        let workload = candidate.planned.workload
        let strategy = "\(workload.family)/\(candidate.strategy.label) \(workload.precision.rawValue)"
        return "\(strategy) \(candidate.side) \(candidate.deviceID)"
    }

    private func release(_ candidate: Candidate) {
        attempt(candidate) { () throws(ProfilingError) in try candidate.release() }
    }

    private func time(_ pass: Int, _ onStep: @escaping (ProfileEvent.Step) -> Void) {
        sampleInTurn(pass, onStep)
        for candidate in candidates where candidate.isRunning && candidate.builder.energy == nil {
            attempt(candidate) { () throws(ProfilingError) in
                onStep(step(candidate, .metering))
                try meter(candidate)
            }
        }
    }

    /// What was timed is what was verified, or it has no time. When a worker has died since, what it held is prepared
    /// anew.
    private func confirm() {
        for candidate in candidates where candidate.isRunning {
            attempt(candidate) { () throws(ProfilingError) in
                try ensurePrepared(candidate)
                try candidate.confirm(
                    within: request.sampling.answerLimitSeconds + 50 * candidate.budget.estimatedSeconds)
            }
        }
    }

    /// Compiling what was timed once more takes this long at most.
    private static let inspectionSeconds = 60.0

    /// Asks what the compilers made of what was timed. The answer is no part of the measurement: without one it stands
    /// as it is.
    private func inspect() {
        for candidate in candidates where candidate.isRunning && !isInterrupted && tellsOfPrograms(candidate) {
            let assignment = Assignment(
                workload: candidate.planned.workload, strategy: candidate.strategy, isHot: true)
            let programs = try? candidate.connection.ask { worker throws(ProfilingError) in
                try worker.inspect(assignment, disassembles: false, within: Self.inspectionSeconds)
            }
            let figures = (programs ?? []).compactMap { program in
                program.stage.flatMap { stage in program.compiled.map { (stage, $0.figures) } }
            }
            if !figures.isEmpty { candidate.note(.inspected(Dictionary(figures) { first, _ in first })) }
        }
    }

    /// Functions of other frameworks have no compiler to ask, and an OpenCL for processors knows the size of
    /// work-groups alone.
    private func tellsOfPrograms(_ candidate: Candidate) -> Bool {
        let device = candidate.connection.device
        // A chain's programs are those of its kernels.
        guard candidate.planned.chain == nil else { return false }
        return device.backend == "vulkan" || (device.backend == "opencl" && !device.isHostProcessor)
    }

    /// The measurements on a device as far as they have come. Those that an interruption cut off in the first pass are
    /// left out.
    ///
    /// - Parameter device: with its peaks, as high as the run has found them.
    func records(of side: TurnsRecord.Side, on device: DeviceRecord) -> [MeasurementRecord] {
        let own = candidates.filter { $0.side == side && $0.deviceID == device.id && (hasPassed || $0.isComplete) }
        return own.map { candidate in
            candidate.record(peaks: device.peaks, unknown: conditions.unknown) { metered, work, seconds in
                // Modelled joules follow from the time: from that of all passes, now that it is known.
                guard metered?.provenance == .modelled else { return metered }
                return energy.modelled(energyRequest(candidate, work, seconds)) ?? metered
            }
        }
    }

    private func energyRequest(_ candidate: Candidate, _ work: WorkRecord, _ seconds: Double) -> EnergyRequest {
        EnergyRequest(
            deviceID: candidate.deviceID, work: work, medianSeconds: seconds,
            minimumWindowSeconds: request.energy.minimumWindowSeconds,
            timeLimitSeconds: max(
                request.meteringLimit,
                request.sampling.timeLimitSeconds == nil ? energy.secondsNeeded(for: candidate.deviceID) : 0),
            seed: request.seed)
    }

    private func step(_ candidate: Candidate, _ activity: ProfileEvent.Step.Activity) -> ProfileEvent.Step {
        let workload = candidate.planned.workload
        let base = candidate.side == .base ? " (base)" : ""
        let name =
            "\(workload.family)/\(candidate.strategy.label) \(candidate.planned.name) \(workload.precision.rawValue)\(base)"
        return ProfileEvent.Step(measurement: name, device: candidate.deviceID, activity: activity)
    }

    /// Runs `body`, once more in a new worker when one has died of it; its failure becomes the candidate's, and the
    /// others go on.
    private func attempt(_ candidate: Candidate, _ body: () throws(ProfilingError) -> Void) {
        guard !isInterrupted else { return }
        do { try body() } catch {
            if error.code == .interrupted {
                isInterrupted = true
            } else if !Interruption.isRequested, candidate.takesSecondTry(after: error) {
                return attempt(candidate, body)
            } else {
                candidate.note(.failed(error.description))
            }
        }
        if Interruption.isRequested { isInterrupted = true }
    }

    /// Prepares the candidate, again when the worker that knew it has died.
    private func ensurePrepared(_ candidate: Candidate, limit: DurationLimit? = nil) throws(ProfilingError) {
        try candidate.connection.open()
        guard !candidate.held.isHeld else { return }
        let planned = candidate.planned
        var assignment = Assignment(
            workload: planned.workload, strategy: candidate.strategy,
            isHot: request.sampling.isHot || request.sampling.verifiesOnly)
        assignment.dumpDirectory = request.dumpDirectory
        assignment.isVerified = candidate.held.isVerified
        assignment.outputSample = candidate.held.preparation?.outputSample
        assignment.durationLimit = limit
        assignment.chain = planned.chain
        try candidate.prepare(
            assignment, within: request.sampling.answerLimitSeconds + planned.oracleLimitSeconds)
    }

    // MARK: Timing

    private func sampleInTurn(_ pass: Int, _ onStep: (ProfileEvent.Step) -> Void) {
        for candidate in candidates where candidate.isInPass {
            attempt(candidate) { () throws(ProfilingError) in try warmUp(candidate, pass) }
        }
        _ = conditions.observe()
        var round = 0
        var watches = comparisons.pairs(candidates).map { pair in
            (pair: pair, watch: ComparisonWatch(amongComparisons: comparisons.count))
        }
        while !isInterrupted {
            var active = candidates.indices.filter { candidates[$0].takesRound }
            if !active.contains(where: { candidates[$0].budget.stopReason == nil }) {
                let undecided = undecided(&watches)
                active = active.filter(undecided.contains)
            }
            guard !active.isEmpty else { return }
            for candidate in active.shuffled(using: &generator).map({ candidates[$0] }) {
                attempt(candidate) { () throws(ProfilingError) in try takeSamples(candidate, pass) }
                if round.isMultiple(of: 8) {
                    let budget = candidate.budget
                    onStep(step(candidate, .timing(samples: budget.sampleCount, noise: budget.relativeNoise)))
                }
            }
            round += 1
        }
    }

    /// The places of the candidates whose comparison takes more rounds, which both sides of it still have time for.
    private func undecided(
        _ watches: inout [(pair: (baseline: Int, candidate: Int), watch: ComparisonWatch)]
    ) -> Set<Int> {
        var places: Set<Int> = []
        for index in watches.indices {
            let pair = watches[index].pair
            let sides = [candidates[pair.baseline], candidates[pair.candidate]]
            guard sides.allSatisfy(\.takesRound),
                watches[index].watch.needsMore(sides[0].budget.roundMedians, sides[1].budget.roundMedians)
            else { continue }
            places.formUnion([pair.baseline, pair.candidate])
        }
        return places
    }

    private func warmUp(_ candidate: Candidate, _ pass: Int) throws(ProfilingError) {
        try ensurePrepared(candidate)
        // What was prepared anew has run once already; more of what takes long would only take long.
        guard candidate.isRunning, pass == 0 || candidate.budget.estimatedSeconds < Self.longExecution else { return }
        for _ in 1...Self.warmUpCount {
            let round = try take(candidate.singleOrder, candidate)
            candidate.note(.warmedUp(round.times))
            if candidate.budget.estimatedSeconds >= Self.longExecution {
                return try sampleLong(candidate, pass, round)
            }
        }
        guard pass == 0, candidate.hasSeveralStages else { return }
        // Stages are timed apart, since looking at each may open gaps between them.
        let order = SampleOrder(id: candidate.held.id, repetitions: 3, stages: true)
        candidate.note(.stagesTimed(try take(order, candidate).times))
    }

    /// The samples of the first pass of what takes long. Its verification has warmed up the device as well as a run of
    /// its own would, so the run that told how long it takes counts; and beside it the gaps between stages are nothing.
    private func sampleLong(
        _ candidate: Candidate, _ pass: Int, _ first: RoundOfSamples
    ) throws(ProfilingError) {
        keep(first, candidate, pass)
        // Each of the other passes adds one at least.
        let wanted = SampleBudget.fewestSamples - (request.passCount - 1)
        var lacksStages = candidate.hasSeveralStages
        while lacksStages || candidate.budget.sampleCount < wanted {
            var order = candidate.singleOrder
            order.stages = lacksStages
            let round = try take(order, candidate)
            if lacksStages { candidate.note(.stagesTimed(round.times)) }
            lacksStages = false
            keep(round, candidate, pass)
        }
    }

    /// A round's share.
    private func takeSamples(_ candidate: Candidate, _ pass: Int) throws(ProfilingError) {
        try ensurePrepared(candidate)
        guard candidate.isRunning else { return }
        keep(try take(candidate.order, candidate), candidate, pass)
    }

    /// What came of an order.
    private struct RoundOfSamples {
        var times: SampleTimes
        /// Executions of each sample.
        var batch: Int
        /// Of each control.
        var rates: [Double]
        /// CLOCK_MONOTONIC seconds at which it was asked for.
        var begin: Double
        /// That it took, overhead included.
        var seconds: Double
    }

    private func take(_ order: SampleOrder, _ candidate: Candidate) throws(ProfilingError) -> RoundOfSamples {
        let begin = MonotonicClock.now()
        // Generous: a worker is ended only when it is surely stuck.
        let limit = 60 + 50 * candidate.budget.estimatedSeconds * Double(order.repetitions * order.batch)
        let (times, rates) = try candidate.connection.sample(order, within: limit)
        return RoundOfSamples(
            times: times, batch: order.batch, rates: rates, begin: begin, seconds: MonotonicClock.now() - begin)
    }

    private func keep(_ round: RoundOfSamples, _ candidate: Candidate, _ pass: Int) {
        candidate.note(
            .sampled(
                CandidateEvent.Round(
                    times: round.times, batch: round.batch, rates: round.rates, begin: round.begin,
                    seconds: round.seconds, pass: pass, condition: conditions.observe())))
    }

    // MARK: Energy

    private func meter(_ candidate: Candidate) throws(ProfilingError) {
        guard let work = candidate.held.preparation?.work, let seconds = candidate.builder.medianSeconds else { return }
        let record = try energy.measure(energyRequest(candidate, work, seconds)) {
            (seconds) throws(ProfilingError) in
            try ensurePrepared(candidate)
            return try candidate.connection.ask { worker throws(ProfilingError) in
                try worker.window(candidate.held.id, seconds: seconds, within: 60 + 10 * seconds)
            }
        }
        candidate.note(.metered(record))
    }
}
