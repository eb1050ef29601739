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
    private let defaults: StrategyConfiguration
    /// The rungs of the stages' ladders that the device can take, the first one that it can, whichever that is, ahead.
    private var variants: [String?] = [nil]
    /// The configuration that stands for each program.
    private var programs: [PlannedProgram: StrategyConfiguration] = [:]
    private var considered: Set<StrategyConfiguration>
    /// Those that are not worth a try, each with the reason.
    package private(set) var others: [TuningRecord.Configuration] = []

    /// Draws at most for each configuration that is wanted, where most cannot run or make the same program.
    private static let drawsForEach = 50
    /// Values of the tunables that a rung is tried with at most, before it counts as one that the device cannot take.
    private static let trialsOfRung = 64

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
        defaults = StrategyConfiguration(tunables: strategy.tunableValues(backend: limits.backend))
        considered = [defaults]
        if let program = try? program(defaults) { programs[program] = defaults }
        for variant in strategy.offeredVariants(on: limits.backend) {
            if let obstacle = obstacle(to: variant) {
                let tried = StrategyConfiguration(tunables: defaults.tunables, variant: variant)
                others.append(TuningRecord.Configuration(tried, status: .skipped, message: obstacle))
            } else {
                variants.append(variant)
            }
        }
        // The stages themselves are what is taken anyway where there is nothing else to take.
        if variants == [nil, Strategy.plainVariant] { variants = [nil] }
    }

    /// Why the device cannot take a rung, whatever the tunables; `nil`: it can.
    private func obstacle(to variant: String) -> String? {
        func obstacle(_ tunables: [String: Int]) -> String? {
            do throws(KernelError) {
                _ = try plan(StrategyConfiguration(tunables: tunables, variant: variant))
                return nil
            } catch {
                return error.description
            }
        }
        guard let first = obstacle(defaults.tunables) else { return nil }
        let count = strategy.configurationCount
        let step = max(1, count / Self.trialsOfRung)
        let isTaken = stride(from: 0, to: count, by: step).contains { obstacle(strategy.configuration($0)) == nil }
        return isTaken ? nil : first
    }

    private func plan(_ configuration: StrategyConfiguration) throws(KernelError) -> StrategyPlan {
        try strategy.choosing(configuration).plan(
            family: family, parameters: parameters, precision: precision, limits: limits)
    }

    /// How many configurations lie in the device's memory side by side, besides the default.
    func groupSize(atMost largest: Int) -> Int {
        guard let plan = try? plan(defaults) else { return largest }
        func bytes(_ tensors: [TensorPlan]) -> Double { tensors.reduce(0) { $0 + Double($1.byteCount) } }
        // Small inputs lie there often, so that they are read from memory; large ones twice.
        let inputs = bytes(plan.inputs) * (isHot ? 1 : 2)
        let each = inputs + bytes(plan.outputs) + bytes(plan.intermediates)
        let share = Double(limits.memoryBytes) / 2 / max(each, 1)
        return share >= Double(largest + 1) ? largest : max(1, Int(share) - 1)
    }

    /// Configurations, the default among them.
    package var count: Int {
        let (count, overflow) = strategy.configurationCount.multipliedReportingOverflow(by: variants.count)
        return overflow ? .max : count
    }

    /// The configuration with this number.
    private func configuration(_ index: Int) -> StrategyConfiguration {
        StrategyConfiguration(
            tunables: strategy.configuration(index / variants.count), variant: variants[index % variants.count])
    }

    /// All that are worth a try. Of those that make one program, the nearest to the default stands for all: it changes
    /// no more than it has to.
    package mutating func all() -> [StrategyConfiguration] {
        func distance(_ configuration: StrategyConfiguration) -> Int {
            configuration.tunables.count { defaults.tunables[$0.key] != $0.value }
                + (configuration.variant == nil ? 0 : 1)
        }
        let entries = (0..<count).map(configuration).map { (configuration: $0, distance: distance($0)) }
        return (0...(strategy.tunables.count + 1)).flatMap { steps in
            entries.filter { $0.distance == steps }.map(\.configuration)
        }.filter { consider($0) }
    }

    /// So many of those that were not considered yet, drawn at random; fewer where most cannot run or make the same
    /// program.
    package mutating func draw(_ wanted: Int, using generator: inout SeededGenerator) -> [StrategyConfiguration] {
        var found: [StrategyConfiguration] = []
        var draws = 0
        while found.count < wanted, draws < Self.drawsForEach * wanted, considered.count < count {
            let configuration = configuration(Int.random(in: 0..<count, using: &generator))
            draws += 1
            if consider(configuration) { found.append(configuration) }
        }
        return found
    }

    /// So many at most of those that were found good elsewhere, as far as they are configurations here; what they leave
    /// open has its default.
    package mutating func take(_ starts: [StrategyConfiguration], atMost wanted: Int) -> [StrategyConfiguration] {
        var found: [StrategyConfiguration] = []
        for start in starts where found.count < wanted {
            var start = start
            start.tunables.merge(defaults.tunables) { own, _ in own }
            let isKnown = start.tunables.allSatisfy { strategy.tunables[$0.key]?.values.contains($0.value) == true }
            if isKnown, variants.contains(start.variant), consider(start) { found.append(start) }
        }
        return found
    }

    /// So many of those at most that differ from a centre in the variant, or in one tunable by one step along its
    /// values, and were not considered yet.
    package mutating func neighbours(
        of centres: [StrategyConfiguration], atMost wanted: Int
    ) -> [StrategyConfiguration] {
        var found: [StrategyConfiguration] = []
        for neighbour in centres.flatMap({ steps(from: $0) }) where found.count < wanted && consider(neighbour) {
            found.append(neighbour)
        }
        return found
    }

    private func steps(from centre: StrategyConfiguration) -> [StrategyConfiguration] {
        var found = variants.filter { $0 != centre.variant }.map {
            StrategyConfiguration(tunables: centre.tunables, variant: $0)
        }
        for (name, tunable) in strategy.tunables.sorted(by: { $0.key < $1.key }) {
            let values = tunable.values.sorted()
            guard let place = centre.tunables[name].flatMap(values.firstIndex(of:)) else { continue }
            for step in [place - 1, place + 1] where values.indices.contains(step) {
                var neighbour = centre
                neighbour.tunables[name] = values[step]
                found.append(neighbour)
            }
        }
        return found
    }

    /// Whether a configuration that was not considered yet is worth a try; if not, ``others`` has the reason.
    private mutating func consider(_ configuration: StrategyConfiguration) -> Bool {
        guard considered.insert(configuration).inserted else { return false }
        do throws(KernelError) {
            let program = try program(configuration)
            guard let same = programs[program] else {
                programs[program] = configuration
                return true
            }
            others.append(
                TuningRecord.Configuration(
                    configuration, status: .skipped, message: "the same program here as \(same.words)", sameAs: same))
        } catch {
            others.append(TuningRecord.Configuration(configuration, status: .skipped, message: error.description))
        }
        return false
    }

    private func program(_ configuration: StrategyConfiguration) throws(KernelError) -> PlannedProgram {
        PlannedProgram(try plan(configuration), uses: uses)
    }
}
