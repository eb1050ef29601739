import Kernels
import Results
import Statistics

/// What leaving early was worth to the kernels of early exit: how often the layers that tokens leave count.
struct MeasuredExit {
    /// A kernel that was measured, with its key in sums.
    private struct Side {
        let key: String
        let record: MeasurementRecord

        init?(_ kernel: ModelKernel, _ measured: MeasuredKernels) {
            guard let record = measured[kernel], record.validTime != nil else { return nil }
            key = MeasuredKernels.key(kernel)
            self.record = record
        }

        var time: TimeRecord? { record.validTime }
        var energy: EnergyRecord? { record.validEnergy }
        /// Of an execution in the meter's windows.
        var meteredSeconds: Double? { energy.flatMap(\.meteredSeconds) }
    }

    private let plan: ModelPlan.Exit
    private let exit: Side
    private let baseline: Side

    /// `nil` where one of the two has no time.
    init?(_ plan: ModelPlan.Exit, _ measured: MeasuredKernels) {
        guard let exit = Side(plan.kernel, measured), let baseline = Side(plan.baseline, measured) else { return nil }
        (self.plan, self.exit, self.baseline) = (plan, exit, baseline)
    }

    var timeShare: Double { (exit.time?.median ?? .nan) / (baseline.time?.median ?? .nan) }

    /// `nil` where joules are not known of both.
    var energyShare: Double? {
        exit.energy?.leadingJoules.flatMap { own in baseline.energy?.leadingJoules.map { own / $0 } }
    }

    var meteredShare: Double { (exit.meteredSeconds ?? .nan) / (baseline.meteredSeconds ?? .nan) }

    /// Energies that any joules rest on.
    var energies: [EnergyRecord?] { [exit.energy, baseline.energy] }

    var record: ModelExitRecord {
        var record = ModelExitRecord(plan)
        record.timeShare = timeShare
        record.energyShare = energyShare
        return record
    }

    /// - Parameter seconds: of the layers that tokens leave, as they are in the sum.
    func addTimes(to sum: inout ComposedSum<String>, _ seconds: Double) {
        guard let own = exit.time, let other = baseline.time else { return }
        sum.depend(on: exit.key, seconds, own)
        sum.depend(on: baseline.key, -seconds, other)
    }

    /// - Parameter joules: of the layers that tokens leave, as they are in the sum.
    func addJoules(to sum: inout ComposedSum<String>, _ joules: Double) {
        for (side, amount) in [(exit, joules), (baseline, -joules)] {
            guard let energy = side.energy, let known = energy.leadingJoules else { continue }
            let (error, degrees) = ComposedPoint.error(of: energy, known)
            sum.depend(on: side.key, amount, error: error, degrees: degrees)
        }
    }
}

extension ModelExitRecord {
    /// Without what was measured.
    init(_ plan: ModelPlan.Exit) {
        self.init(
            baseline: plan.baseline.strategy, strategy: plan.kernel.strategy, workload: plan.kernel.name,
            meanDepth: plan.meanDepth)
    }

    /// Where kernels of early exit have no time.
    init(_ plan: ModelPlan.Exit, without measured: MeasuredKernels) {
        self.init(plan)
        let missing = [plan.baseline, plan.kernel].first { measured[$0]?.validTime == nil }
        problem = missing.map { kernel in
            "\(kernel.workload.family)/\(kernel.strategy): \(measured[kernel]?.reasonWithoutTime ?? "it was not measured")"
        }
    }
}

extension EnergyRecord {
    /// Seconds of an execution in the meter's windows.
    var meteredSeconds: Double? {
        windowSeconds.flatMap { seconds in iterations.map { seconds / Double($0) } }
    }
}
