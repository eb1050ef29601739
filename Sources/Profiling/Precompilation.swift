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
            && assignments.count >= Self.fewestAssignments && Self.workers.count > 1
    }

    /// Each worker takes the next strategy as soon as it is done with one.
    func run(_ assignments: [Assignment]) {
        let taken = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: Self.workers.count) { _ in
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
        let worker = try? WorkerClient(executable: build.executable, memoryLimit: Self.workers.bytes)
        guard let worker else { return nil }
        _ = try? worker.open(
            device, settings: settings, kernelDirectories: build.kernelDirectories, scratch: scratch)
        return worker
    }

    private static let workers = PrecompilationWorkers(
        cores: Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), memoryBytes: HostMemory.byteCount)
}

/// How many workers compile at once, and what each may have of the machine's memory: all of them together half of it.
///
/// One that wants more ends, and another goes on with the next strategy: what it was at is compiled when it is
/// prepared.
package struct PrecompilationWorkers {
    private static let most = 8
    /// What one is to have at least: LLVM was seen with 1.3 GB for the programs of a suite.
    private static let fewestBytes = 2 << 30

    package let count: Int
    /// Of each.
    package let bytes: Int

    package init(cores: Int, memoryBytes: Int) {
        let together = memoryBytes / 2
        count = max(min(cores, Self.most, together / Self.fewestBytes), 1)
        bytes = together / count
    }
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
