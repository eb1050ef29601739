import Backends
import FoundationEssentials
import Kernels
import Results
import Statistics

/// What of a strategy's configurations there is to try for a workload on a device.
struct ConfigurationSpace {
    private let strategy: Strategy
    private let family: Family
    private let precision: Precision
    private let parameters: [String: Int]
    private let limits: DeviceLimits
    private let uses: ConstantUse
    private let isHot: Bool

    /// Draws at most for each configuration that is wanted, where most cannot run or make the same program.
    private static let drawsForEach = 50

    /// Asks the device for its limits.
    init(
        _ strategy: Strategy, _ workload: WorkloadCase, catalogue: Catalogue, device: DeviceRecord,
        request: ProfileRequest, executable: String
    ) throws(ProfilingError) {
        self.strategy = strategy
        precision = workload.precision
        isHot = request.sampling.isHot
        let connection = DeviceConnection(
            device: device, build: request.builds.own(executable: executable), settings: request.backends,
            scratch: "")
        defer { connection.close() }
        do { limits = try connection.open() } catch {
            guard error.code != .interrupted else { throw error }
            throw ProfilingError(.noSuchDevice, "device '\(device.id)' cannot be opened: \(error)")
        }
        uses = ConstantUse(strategy, backend: device.backend, library: catalogue.library)
        do throws(KernelError) {
            family = try catalogue.family(workload.family)
            // Inputs take long to make, and few shapes depend on them.
            let known = try family.parameters(overriding: workload.parameters)
            let isEnough =
                (try? strategy.plan(family: family, parameters: known, precision: precision, limits: limits)) != nil
            parameters = isEnough ? known : try catalogue.problem(workload).parameters
        } catch {
            throw ProfilingError(.usage, error.description)
        }
    }

    private func plan(_ tunables: [String: Int]) throws(KernelError) -> StrategyPlan {
        try strategy.choosing(tunables).plan(
            family: family, parameters: parameters, precision: precision, limits: limits)
    }

    /// How many configurations lie in the device's memory side by side, besides the default.
    func groupSize(atMost largest: Int) -> Int {
        guard let plan = try? plan([:]) else { return largest }
        func bytes(_ tensors: [TensorPlan]) -> Double { tensors.reduce(0) { $0 + Double($1.byteCount) } }
        // Small inputs lie there often, so that they are read from memory; large ones twice.
        let inputs = bytes(plan.inputs) * (isHot ? 1 : 2)
        let each = inputs + bytes(plan.outputs) + bytes(plan.intermediates)
        let share = Double(limits.memoryBytes) / 2 / max(each, 1)
        return share >= Double(largest + 1) ? largest : max(1, Int(share) - 1)
    }

    /// Configurations to try besides the default: all, or so many drawn at random; and those that are not worth a try,
    /// each with the reason.
    func candidates(
        limit: Int, seed: UInt64
    ) -> (worthwhile: [[String: Int]], others: [TuningRecord.Configuration]) {
        let count = strategy.configurationCount
        let defaults = strategy.tunableValues(backend: limits.backend)
        var worthwhile: [[String: Int]] = []
        var others: [TuningRecord.Configuration] = []
        var programs: [PlannedProgram: [String: Int]] = [:]
        if let program = try? program(defaults) { programs[program] = defaults }

        func consider(_ tunables: [String: Int]) {
            guard tunables != defaults else { return }
            do throws(KernelError) {
                let program = try program(tunables)
                if let same = programs[program] {
                    others.append(
                        TuningRecord.Configuration(
                            tunables: tunables, status: .skipped,
                            message: "the same program here as \(TuningRecord.words(same))", sameAs: same))
                } else {
                    programs[program] = tunables
                    worthwhile.append(tunables)
                }
            } catch {
                others.append(
                    TuningRecord.Configuration(tunables: tunables, status: .skipped, message: error.description))
            }
        }

        if count - 1 <= limit {
            // Of those that make one program, the nearest to the default stands for all: it changes no more than it has
            // to.
            func distance(_ tunables: [String: Int]) -> Int { tunables.count { defaults[$0.key] != $0.value } }
            let all = (0..<count).map(strategy.configuration).map { (tunables: $0, distance: distance($0)) }
            for steps in 0...strategy.tunables.count {
                for entry in all where entry.distance == steps { consider(entry.tunables) }
            }
        } else {
            var generator = SeededGenerator(seed: seed, purpose: "configurations")
            var drawn: Set<Int> = []
            while worthwhile.count < limit, drawn.count < min(count, Self.drawsForEach * limit) {
                let index = Int.random(in: 0..<count, using: &generator)
                if drawn.insert(index).inserted { consider(strategy.configuration(index)) }
            }
        }
        return (worthwhile, others)
    }

    private func program(_ tunables: [String: Int]) throws(KernelError) -> PlannedProgram {
        PlannedProgram(try plan(tunables), uses: uses)
    }
}
