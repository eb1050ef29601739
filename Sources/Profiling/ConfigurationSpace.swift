import Backends
import FoundationEssentials
import Kernels
import Results
import Statistics

/// What of a strategy's configurations there is to try for a workload on a device.
package struct ConfigurationSpace {
    private let strategy: Strategy
    private let family: Family
    private let precision: Precision
    private let parameters: [String: Int]
    private let limits: DeviceLimits
    private let uses: ConstantUse
    private let isHot: Bool
    private let defaults: [String: Int]
    /// The configuration that stands for each program.
    private var programs: [PlannedProgram: [String: Int]] = [:]
    private var considered: Set<[String: Int]>
    /// Those that are not worth a try, each with the reason.
    package private(set) var others: [TuningRecord.Configuration] = []

    /// Draws at most for each configuration that is wanted, where most cannot run or make the same program.
    private static let drawsForEach = 50

    /// Asks the device for its limits.
    init(
        _ strategy: Strategy, _ workload: WorkloadCase, catalogue: Catalogue, device: DeviceRecord,
        request: ProfileRequest, executable: String
    ) throws(ProfilingError) {
        let connection = DeviceConnection(
            device: device, build: request.builds.own(executable: executable), settings: request.backends,
            scratch: "")
        defer { connection.close() }
        let limits: DeviceLimits
        do { limits = try connection.open() } catch {
            guard error.code != .interrupted else { throw error }
            throw ProfilingError(.noSuchDevice, "device '\(device.id)' cannot be opened: \(error)")
        }
        do throws(KernelError) {
            self = try ConfigurationSpace(
                strategy, workload, catalogue: catalogue, limits: limits, isHot: request.sampling.isHot)
        } catch {
            throw ProfilingError(.usage, error.description)
        }
    }

    package init(
        _ strategy: Strategy, _ workload: WorkloadCase, catalogue: Catalogue, limits: DeviceLimits, isHot: Bool
    ) throws(KernelError) {
        self.strategy = strategy
        precision = workload.precision
        self.isHot = isHot
        self.limits = limits
        uses = ConstantUse(strategy, backend: limits.backend, library: catalogue.library)
        family = try catalogue.family(workload.family)
        // Inputs take long to make, and few shapes depend on them.
        let known = try family.parameters(overriding: workload.parameters)
        let isEnough =
            (try? strategy.plan(family: family, parameters: known, precision: precision, limits: limits)) != nil
        parameters = isEnough ? known : try catalogue.problem(workload).parameters
        defaults = strategy.tunableValues(backend: limits.backend)
        considered = [defaults]
        if let program = try? program(defaults) { programs[program] = defaults }
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

    /// Configurations, the default among them.
    package var count: Int { strategy.configurationCount }

    /// All that are worth a try. Of those that make one program, the nearest to the default stands for all: it changes
    /// no more than it has to.
    package mutating func all() -> [[String: Int]] {
        func distance(_ tunables: [String: Int]) -> Int { tunables.count { defaults[$0.key] != $0.value } }
        let entries = (0..<count).map(strategy.configuration).map { (tunables: $0, distance: distance($0)) }
        return (0...strategy.tunables.count).flatMap { steps in
            entries.filter { $0.distance == steps }.map(\.tunables)
        }.filter { consider($0) }
    }

    /// So many of those that were not considered yet, drawn at random; fewer where most cannot run or make the same
    /// program.
    package mutating func draw(_ wanted: Int, using generator: inout SeededGenerator) -> [[String: Int]] {
        var found: [[String: Int]] = []
        var draws = 0
        while found.count < wanted, draws < Self.drawsForEach * wanted, considered.count < count {
            let tunables = strategy.configuration(Int.random(in: 0..<count, using: &generator))
            draws += 1
            if consider(tunables) { found.append(tunables) }
        }
        return found
    }

    /// So many of those at most that differ from a centre in one tunable, by one step along its values, and were not
    /// considered yet.
    package mutating func neighbours(of centres: [[String: Int]], atMost wanted: Int) -> [[String: Int]] {
        var found: [[String: Int]] = []
        for centre in centres {
            for (name, tunable) in strategy.tunables.sorted(by: { $0.key < $1.key }) {
                let values = tunable.values.sorted()
                guard let place = centre[name].flatMap(values.firstIndex(of:)) else { continue }
                for step in [place - 1, place + 1] where values.indices.contains(step) && found.count < wanted {
                    let tunables = centre.merging([name: values[step]]) { $1 }
                    if consider(tunables) { found.append(tunables) }
                }
            }
        }
        return found
    }

    /// Whether a configuration that was not considered yet is worth a try; if not, ``others`` has the reason.
    private mutating func consider(_ tunables: [String: Int]) -> Bool {
        guard considered.insert(tunables).inserted else { return false }
        do throws(KernelError) {
            let program = try program(tunables)
            guard let same = programs[program] else {
                programs[program] = tunables
                return true
            }
            others.append(
                TuningRecord.Configuration(
                    tunables: tunables, status: .skipped,
                    message: "the same program here as \(TuningRecord.words(same))", sameAs: same))
        } catch {
            others.append(TuningRecord.Configuration(tunables: tunables, status: .skipped, message: error.description))
        }
        return false
    }

    private func program(_ tunables: [String: Int]) throws(KernelError) -> PlannedProgram {
        PlannedProgram(try plan(tunables), uses: uses)
    }
}
