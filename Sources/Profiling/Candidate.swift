import Kernels
import Results

/// A strategy of one build on its way through preparation, timing and metering.
final class Candidate {
    let planned: PlannedWorkload
    let strategy: Strategy
    let side: TurnsRecord.Side
    private(set) var held: HeldPreparation
    private(set) var budget: SampleBudget
    private(set) var builder: MeasurementBuilder
    /// What happened to it since they were taken.
    private var events: [CandidateEvent] = []
    /// Why nothing more can come of it.
    private(set) var failure: String?
    /// A worker that died with it may have been another's victim: what asked is tried once more.
    private var hasSecondTry = true

    init(
        id: Int, planned: PlannedWorkload, strategy: Strategy, side: TurnsRecord.Side, connection: DeviceConnection,
        request: ProfileRequest
    ) {
        self.planned = planned
        self.strategy = strategy
        self.side = side
        held = HeldPreparation(id: id, connection: connection)
        budget = SampleBudget(request)
        builder = MeasurementBuilder(planned, strategy, device: connection.device)
    }

    var connection: DeviceConnection { held.connection }
    var deviceID: String { connection.device.id }

    /// Verified, and nothing has gone wrong since.
    var isRunning: Bool { failure == nil && held.isVerified }

    /// Nothing more is to be done: measured to the end, or known not to be measurable.
    var isComplete: Bool {
        if failure != nil { return true }
        guard held.preparation != nil else { return false }
        return !held.isVerified || builder.energy != nil
    }

    var isInPass: Bool { isRunning && budget.hasPass }
    var takesRound: Bool { isRunning && budget.hasRound }

    /// The time of a single stage is that of the whole.
    var hasSeveralStages: Bool { (held.preparation?.stages.count ?? 0) > 1 }

    /// Whether what failed is to be tried in a new worker; true once at most.
    func takesSecondTry(after error: ProfilingError) -> Bool {
        guard error.code == .worker, hasSecondTry else { return false }
        note(.triedAgain)
        return true
    }

    /// Has the worker that is there now prepare it.
    func prepare(_ assignment: Assignment, within seconds: Double) throws(ProfilingError) {
        note(.prepared(try held.prepare(assignment, within: seconds)))
    }

    /// What was timed is what was verified, or it has no time.
    func confirm(within seconds: Double) throws(ProfilingError) {
        if let difference = try held.difference(within: seconds) { note(.differed(difference)) }
    }

    /// Frees what the worker holds.
    func release() throws(ProfilingError) { try held.release() }

    /// Takes in what has happened.
    func note(_ event: CandidateEvent) {
        events.append(event)
        apply(event)
    }

    /// What happened since this was asked last.
    func takeEvents() -> [CandidateEvent] {
        defer { events = [] }
        return events
    }

    /// Goes through what happened to it in a run that was cut off.
    func replay(_ events: [CandidateEvent]) {
        for event in events {
            if case .sampled(let round) = event { connection.note(controlRates: round.rates) }
            apply(event)
        }
    }

    /// The one place where its state changes.
    private func apply(_ event: CandidateEvent) {
        switch event {
        case .passBegan: budget.beginPass()
        case .prepared(let found): held.adopt(found)
        case .warmedUp(let times):
            builder.addWarmUp()
            budget.estimate(times)
        case .stagesTimed(let times): builder.addStages(times)
        case .sampled(let round):
            builder.add(
                round.times, controls: round.rates, pass: round.pass, batch: round.batch, begin: round.begin,
                condition: round.condition)
            budget.spend(round.seconds, on: round.times.seconds)
        case .metered(let record): builder.energy = record
        case .inspected(let figures): builder.compiled = figures
        case .differed(let difference): held.reject(difference)
        case .triedAgain: hasSecondTry = false
        case .failed(let reason): failure = failure ?? reason
        }
    }

    /// One execution.
    var singleOrder: SampleOrder { SampleOrder(id: held.id, repetitions: 1, controls: connection.preparedControls) }

    /// What to sample in a round.
    var order: SampleOrder {
        let (repetitions, batch) = budget.order(clockStep: connection.clockStep)
        return SampleOrder(
            id: held.id, repetitions: repetitions, batch: batch, controls: connection.preparedControls)
    }

    /// The measurement, as complete as it has become.
    ///
    /// - Parameters:
    ///   - unknown: what the machine does not show of clocks, temperature and throttling.
    ///   - energy: of an execution that takes so many seconds, by what was metered.
    func record(
        peaks: PeaksRecord?, unknown: [String],
        energy: (_ metered: EnergyRecord?, _ work: WorkRecord, _ seconds: Double) -> EnergyRecord?
    ) -> MeasurementRecord {
        builder.record(
            held, failure: failure, stopReason: budget.stopReason, unknown: unknown, peaks: peaks, energy: energy)
    }
}
