import Kernels
import Results

/// A workload with everything but the device fixed, and the strategies to measure on it.
struct PlannedWorkload: Sendable {
    /// The preset's, or one made of the parameters.
    var name: String
    var workload: WorkloadCase
    /// The family's baseline first, when it is among them.
    var strategies: [Strategy]
    /// Of one execution, as far as they are known without the data.
    var flops: Double
    /// What is measured in place of a kernel of the catalogue.
    var chain: Chain?
    /// Those with the same number are sampled in turn; `nil`: it is alone.
    var group: Int?

    /// Floating-point operations a second that the oracle manages at least.
    private static let oracleRate = 1e9

    /// What the oracle may take on top of what any answer may.
    var oracleLimitSeconds: Double { flops / Self.oracleRate }

    /// The same with the strategies that are for such a device; `nil`: none is.
    ///
    /// What needs a module that none of the devices has stands at the first that could have it, to say so once.
    func restricted(to device: DeviceRecord, of devices: [DeviceRecord]) -> PlannedWorkload? {
        var copy = self
        copy.strategies = strategies.filter { strategy in
            guard strategy.isMeant(for: device.backend, isRuntime: device.frameworks != nil) else { return false }
            guard let own = device.frameworks, let framework = strategy.framework(on: device.backend) else {
                return true
            }
            let runtimes = devices.filter { $0.backend == device.backend }
            let isAnywhere = runtimes.contains { $0.frameworks?.contains(framework) == true }
            return isAnywhere ? own.contains(framework) : device.id == runtimes.first?.id
        }
        return copy.strategies.isEmpty ? nil : copy
    }

    /// Reads the input files, so that a bad one ends the run before it starts.
    ///
    /// - Throws: ``ProfilingError`` with code `usage`, naming the file.
    func checkInputs(_ catalogue: Catalogue) throws(ProfilingError) {
        guard !workload.inputs.isEmpty else { return }
        _ = try ProfilingError.mapping { try catalogue.problem(workload) }
    }
}

extension [PlannedWorkload] {
    /// Workloads that are sampled in turn, each set of them where its first stands.
    var inTurn: [[PlannedWorkload]] {
        var sets: [[PlannedWorkload]] = []
        for planned in self {
            if let group = planned.group, let place = sets.firstIndex(where: { $0[0].group == group }) {
                sets[place].append(planned)
            } else {
                sets.append([planned])
            }
        }
        return sets
    }
}
