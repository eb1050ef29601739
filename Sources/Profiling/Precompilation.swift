import Backends
import Glibc
import Kernels
import Results

/// Fills the caches of a driver that compiles on the host's processor, on all cores, before anything is timed.
///
/// PoCL takes a second for each kernel and lavapipe a third of one, in one thread; both keep what they compiled on disk. What
/// fails here fails again, and is told, when it is prepared in earnest.
struct Precompilation {
    /// With fewer strategies starting workers would gain nothing.
    private static let fewestAssignments = 8
    private static let mostWorkers = 8
    private static let limitSeconds = 600.0

    let device: DeviceRecord
    let build: Build
    let settings: BackendSettings
    let scratch: String

    /// False for drivers that were not seen to gain by it, and where there is one core.
    func isWorthwhile(_ assignments: [Assignment]) -> Bool {
        device.isHostProcessor && device.backend != "cpu" && device.frameworks == nil
            && assignments.count >= Self.fewestAssignments && Self.workerCount > 1
    }

    func run(_ assignments: [Assignment]) {
        var shares = [[Assignment]](repeating: [], count: Self.workerCount)
        for (index, assignment) in assignments.enumerated() { shares[index % shares.count].append(assignment) }
        var workers: [WorkerClient] = []
        for share in shares where !Interruption.isRequested {
            guard let worker = try? WorkerClient(executable: build.executable) else { continue }
            _ = try? worker.open(
                device, settings: settings, kernelDirectories: build.kernelDirectories, scratch: scratch)
            try? worker.beginCompiling(share)
            workers.append(worker)
        }
        for worker in workers {
            try? worker.endCompiling(within: Self.limitSeconds)
            worker.close()
        }
    }

    private static var workerCount: Int { min(max(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 1), mostWorkers) }
}

extension StrategyPlan {
    /// Each stage once, on one work-group.
    var smallest: StrategyPlan {
        let firsts = stageNames.compactMap { name in stages.first { $0.name == name } }
        return StrategyPlan(
            inputs: inputs, outputs: outputs, intermediates: intermediates,
            stages: firsts.map {
                StagePlan(
                    family: $0.family, strategy: $0.strategy, name: $0.name, precision: $0.precision, reads: $0.reads,
                    writes: $0.writes, arguments: $0.arguments, constants: $0.constants, workGroups: [1, 1, 1],
                    workGroupSize: $0.workGroupSize)
            })
    }
}
