import Kernels
import Results

/// A strategy of one build on its way through preparation, timing and metering.
final class Candidate {
    let planned: PlannedWorkload
    let strategy: Strategy
    let side: TurnsRecord.Side
    var held: HeldPreparation
    var budget: SampleBudget
    var builder: MeasurementBuilder
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

    func fail(_ reason: String) { failure = failure ?? reason }

    /// Whether what failed is to be tried in a new worker; true once at most.
    func takesSecondTry(after error: ProfilingError) -> Bool {
        guard error.code == .worker, hasSecondTry else { return false }
        hasSecondTry = false
        return true
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
