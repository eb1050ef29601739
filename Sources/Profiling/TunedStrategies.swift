import Kernels
import Results

/// Configurations that searches found best, for the strategies that they were found for.
struct TunedStrategies {
    private let catalogue: Catalogue
    private let isHot: Bool
    private var found: [TunedConfiguration.Key: TunedConfiguration] = [:]
    /// Strategies that any of them is for, as `family/strategy`: no other's sources need to be read.
    private var names: Set<String> = []

    init(_ configurations: [TunedConfiguration], catalogue: Catalogue, isHot: Bool) {
        self.catalogue = catalogue
        self.isHot = isHot
        for configuration in configurations {
            found[configuration.key] = configuration
            names.insert("\(configuration.key.family)/\(configuration.key.strategy)")
        }
    }

    /// The workload with its strategies as they serve it best on the device.
    func choose(_ planned: PlannedWorkload, on device: DeviceRecord) -> PlannedWorkload {
        guard planned.chain == nil else { return planned }
        var copy = planned
        copy.strategies = planned.strategies.map { strategy in
            guard names.contains("\(strategy.family)/\(strategy.name)"), strategy.chosenTunables.isEmpty,
                strategy.forcedVariant == nil,
                let key = Self.key(strategy, planned.workload, on: device, catalogue, isHot: isHot),
                let configuration = found[key]
            else { return strategy }
            return strategy.tuned(configuration.tunables, variant: configuration.variant)
        }
        return copy
    }

    /// What a configuration is best for; `nil` for inputs from files, which no parameter tells apart.
    static func key(
        _ strategy: Strategy, _ workload: WorkloadCase, on device: DeviceRecord, _ catalogue: Catalogue, isHot: Bool
    ) -> TunedConfiguration.Key? {
        guard workload.inputs.isEmpty, let completed = try? catalogue.completed(workload),
            let kernels = try? catalogue.library.digest(of: strategy, backend: device.backend)
        else { return nil }
        return TunedConfiguration.Key(
            device: device, family: strategy.family, strategy: strategy.name, kernels: kernels,
            precision: workload.precision.rawValue, parameters: completed.parameters, isHot: isHot)
    }
}
