import Backends
import Dispatch
import Glibc
import Kernels
import Results
import Synchronization

/// Fills the caches of a driver that compiles on the host's processor, on all cores, before anything is timed.
///
/// PoCL takes a second for each kernel and lavapipe a third of one, in one thread; both keep what they compiled on
/// disk. What fails here fails again, and is told, when it is prepared in earnest.
struct Precompilation: Sendable {
    /// With fewer strategies starting workers would gain nothing.
    private static let fewestAssignments = 8
    private static let mostWorkers = 8
    /// For a strategy's stages. A driver that hangs in one costs this long, and its worker; the rest goes on in
    /// another.
    private static let limitSeconds = 20.0

    let device: DeviceRecord
    let build: Build
    let settings: BackendSettings
    let scratch: String

    /// False for drivers that were not seen to gain by it, and where there is one core.
    func isWorthwhile(_ assignments: [Assignment]) -> Bool {
        device.isHostProcessor && device.backend != "cpu" && device.frameworks == nil
            && assignments.count >= Self.fewestAssignments && Self.workerCount > 1
    }

    /// Each worker takes the next strategy as soon as it is done with one.
    func run(_ assignments: [Assignment]) {
        let taken = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: Self.workerCount) { _ in
            compile {
                let index = taken.withLock { count in
                    defer { count += 1 }
                    return count
                }
                return index < assignments.count && !Interruption.isRequested ? assignments[index] : nil
            }
        }
    }

    private func compile(_ next: () -> Assignment?) {
        var current: WorkerClient?
        while let assignment = next() {
            guard let worker = current ?? open() else { return }
            current = worker
            do throws(ProfilingError) { try worker.compile(assignment, within: Self.limitSeconds) } catch {
                // The client ends a worker that does not answer.
                if error.code != .refused { current = nil }
            }
        }
        current?.close()
    }

    private func open() -> WorkerClient? {
        guard let worker = try? WorkerClient(executable: build.executable) else { return nil }
        _ = try? worker.open(
            device, settings: settings, kernelDirectories: build.kernelDirectories, scratch: scratch)
        return worker
    }

    private static var workerCount: Int { min(max(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 1), mostWorkers) }
}

extension StrategyPlan {
    /// Each stage once, on one work-group.
    var smallest: StrategyPlan {
        StrategyPlan(
            inputs: inputs, outputs: outputs, intermediates: intermediates,
            stages: firstStages.map { $0.dispatched(over: [1, 1, 1]) })
    }

    /// Each stage once, as it is dispatched first.
    var firstStages: [StagePlan] { stageNames.compactMap { name in stages.first { $0.name == name } } }
}
