import Backends
import CPlatform
import Kernels
import Platform
import Results

/// A strategy compiled on a device, with its buffers: ready to run.
final class PreparedStrategy {
    /// More input sets than this gain nothing: the caches are long exceeded.
    private static let largestSetCount = 64

    /// Between samples that are shorter than this, even asking how long threads waited would show in the next one: they
    /// have equal shares of what was waited during all of them.
    private static let shortSample = 100e-6

    private let device: any Device
    private var lastSampleSeconds = Double.infinity
    private var plan: StrategyPlan?
    private var pipelines: [PipelineID] = []
    private var shared: [String: BufferID] = [:]
    /// Inputs and outputs; samples rotate through the sets.
    private var sets: [[String: BufferID]] = []
    private var nextSet = 0
    /// Of the outputs that were found right.
    var verified: OutputSample?

    init(device: any Device) { self.device = device }

    /// Whether the sets together exceed the last-level cache, so that no execution finds its inputs in it.
    var isCold: Bool {
        guard let plan else { return false }
        return sets.count * Self.setBytes(plan) > device.limits.lastLevelCacheBytes
    }

    func build(_ plan: StrategyPlan, library: KernelLibrary) throws(BackendError) {
        self.plan = plan
        for stage in plan.stages { pipelines.append(try device.makePipeline(stage, sources: library)) }
        for tensor in plan.intermediates {
            shared[tensor.name] = try device.makeBuffer(byteCount: max(tensor.byteCount, 4))
        }
        try addSet()
    }

    func release() {
        for set in sets { set.values.forEach(device.release) }
        shared.values.forEach(device.release)
        pipelines.forEach(device.release)
        sets = []
        shared = [:]
        pipelines = []
    }

    /// The outputs of one execution on the first input set, poisoned before.
    func execute(_ inputs: [String: Tensor]) throws(BackendError) -> [String: Tensor] {
        guard let plan, let set = sets.first else { throw BackendError(.driver, "nothing is built") }
        try poison(set, plan)
        try upload(inputs, to: set)
        _ = try device.run(dispatches(set), repetitions: 1, timing: .none)
        return try outputs(set)
    }

    /// Runs once with every tensor zero.
    func runOnZeros() throws(BackendError) {
        guard let set = sets.first else { return }
        for buffer in Array(set.values) + Array(shared.values) { try device.fill(buffer, pattern: 0) }
        _ = try device.run(dispatches(set), repetitions: 1, timing: .none)
    }

    /// Inputs for a strategy that was verified before, run once so that no sample meets untouched memory.
    func load(_ inputs: [String: Tensor]) throws(BackendError) {
        guard let set = sets.first else { throw BackendError(.driver, "nothing is built") }
        try upload(inputs, to: set)
        _ = try device.run(dispatches(set), repetitions: 1, timing: .none)
    }

    /// Copies of the inputs, until all sets together are twice the last-level cache.
    func addInputSets(_ inputs: [String: Tensor]) throws(BackendError) {
        guard let plan else { return }
        let bytes = max(Self.setBytes(plan), 1)
        let wanted = min(2 * device.limits.lastLevelCacheBytes / bytes + 1, Self.largestSetCount)
        let affordable = max(device.limits.memoryBytes / 4 / bytes, 1)
        for _ in sets.count..<max(sets.count, min(wanted, affordable)) {
            try addSet()
            if let set = sets.last { try upload(inputs, to: set) }
        }
    }

    /// Times `repetitions` samples of `batch` executions each, every execution on the next input set.
    func sample(repetitions: Int, batch: Int = 1, stages: Bool = false) throws(BackendError) -> SampleTimes {
        joulemark_watch_threads()
        guard lastSampleSeconds < Self.shortSample, !stages else {
            return try sampleOneByOne(repetitions, batch, stages: stages, countsWaits: true)
        }
        let waited = joulemark_processor_wait()
        var times: SampleTimes
        if sets.count == 1 {
            // Nothing changes from sample to sample, so nothing needs to stand between them.
            let run = try device.run(try nextDispatches(batch), repetitions: repetitions, timing: .repetitions)
            times = SampleTimes()
            times.hostSeconds = run.hostSeconds.map { $0 / Double(batch) }
            times.deviceSeconds = run.deviceSeconds.map { $0.map { $0 / Double(batch) } }
        } else {
            times = try sampleOneByOne(repetitions, batch, stages: false, countsWaits: false)
        }
        if waited >= 0 {
            let share = Double(joulemark_processor_wait() - waited) * 1e-9 / Double(max(repetitions, 1))
            times.waitSeconds = Array(repeating: share, count: repetitions)
        }
        return times
    }

    /// Executes once more, the way that samples do, on poisoned outputs. Returns how these differ from the verified
    /// ones; `nil` when they do not, or none were verified.
    func confirm() throws(BackendError) -> String? {
        guard let plan, let verified, let set = sets.indices.contains(nextSet) ? sets[(nextSet + 1) % sets.count] : nil
        else { return nil }
        try poison(set, plan)
        _ = try sample(repetitions: 1)
        return verified.difference(to: try outputs(set))
    }

    /// What a strategy updates in place keeps what it holds.
    private func poison(_ set: [String: BufferID], _ plan: StrategyPlan) throws(BackendError) {
        for tensor in plan.outputs + plan.intermediates where !plan.isUpdated(tensor.name) {
            try device.fill(buffer(tensor.name, in: set), pattern: Verification.poison)
        }
    }

    private func outputs(_ set: [String: BufferID]) throws(BackendError) -> [String: Tensor] {
        var outputs: [String: Tensor] = [:]
        for tensor in plan?.outputs ?? [] {
            let bytes = try device.read(try buffer(tensor.name, in: set), byteCount: tensor.byteCount)
            outputs[tensor.name] = Tensor(shape: tensor.shape, type: tensor.type, bytes: bytes)
        }
        return outputs
    }

    private func sampleOneByOne(
        _ repetitions: Int, _ batch: Int, stages: Bool, countsWaits: Bool
    ) throws(BackendError) -> SampleTimes {
        var times = SampleTimes()
        // Looked up beforehand: what stands between two samples cools caches and puts a driver's threads to sleep.
        var samples: [[Dispatch]] = []
        for _ in 0..<repetitions { samples.append(try nextDispatches(batch)) }
        for dispatches in samples {
            let waited = countsWaits ? joulemark_processor_wait() : -1
            let run = try device.run(dispatches, repetitions: 1, timing: stages ? .stages : .repetitions)
            if waited >= 0 { times.waitSeconds.append(Double(joulemark_processor_wait() - waited) * 1e-9) }
            times.hostSeconds.append((run.hostSeconds.first ?? run.totalHostSeconds) / Double(batch))
            if let seconds = run.deviceSeconds?.first {
                times.deviceSeconds?.append(seconds / Double(batch))
            } else {
                times.deviceSeconds = nil
            }
            lastSampleSeconds = run.totalHostSeconds
            if stages { addStages(run, to: &times) }
        }
        return times
    }

    /// A stage that is repeated has the time of all its dispatches.
    private func addStages(_ run: RunTimes, to times: inout SampleTimes) {
        guard let plan else { return }
        let names = plan.stageNames
        var sums = [Double](repeating: 0, count: names.count)
        for (label, seconds) in zip(plan.labels, run.stageSeconds) {
            guard let index = names.firstIndex(of: label) else { continue }
            sums[index] += seconds.first ?? 0
        }
        if times.stageSeconds.isEmpty { times.stageSeconds = names.map { _ in [] } }
        for (index, sum) in sums.enumerated() { times.stageSeconds[index].append(sum) }
    }

    private func nextDispatches(_ batch: Int) throws(BackendError) -> [Dispatch] {
        var result: [Dispatch] = []
        for _ in 0..<batch { result += try dispatches(advance()) }
        return result
    }

    /// Repeats, with nothing between the dispatches, until `seconds` have passed.
    func window(seconds: Double) throws(BackendError) -> WindowRecord {
        var rotation: [Dispatch] = []
        for set in sets { rotation += try dispatches(set) }
        let begin = MonotonicClock.now()
        var (now, rounds, batch) = (begin, 0, 1)
        repeat {
            _ = try device.run(rotation, repetitions: batch, timing: .none)
            rounds += batch
            now = MonotonicClock.now()
            // Batches of about a tenth of the window: few gaps, and an end close to the wanted one.
            let roundSeconds = (now - begin) / Double(rounds)
            batch = max(1, Int(min(seconds / 10, begin + seconds - now) / max(roundSeconds, 1e-9)))
        } while now - begin < seconds
        return WindowRecord(begin: begin, end: now, iterations: rounds * sets.count)
    }

    private static func setBytes(_ plan: StrategyPlan) -> Int {
        plan.ends.reduce(0) { $0 + $1.byteCount }
    }

    private func addSet() throws(BackendError) {
        guard let plan else { return }
        sets.append([:])
        for tensor in plan.ends {
            sets[sets.count - 1][tensor.name] = try device.makeBuffer(byteCount: max(tensor.byteCount, 4))
        }
    }

    private func upload(_ inputs: [String: Tensor], to set: [String: BufferID]) throws(BackendError) {
        for (name, tensor) in inputs.sorted(by: { $0.key < $1.key }) {
            let target = try buffer(name, in: set)
            try tensor.withBytes { bytes throws(BackendError) in try device.write(bytes, to: target) }
        }
    }

    private func advance() -> [String: BufferID] {
        nextSet = (nextSet + 1) % sets.count
        return sets[nextSet]
    }

    private func buffer(_ name: String, in set: [String: BufferID]) throws(BackendError) -> BufferID {
        guard let buffer = set[name] ?? shared[name] else {
            throw BackendError(.driver, "a stage uses the tensor '\(name)', which the strategy does not declare")
        }
        return buffer
    }

    private func dispatches(_ set: [String: BufferID]) throws(BackendError) -> [Dispatch] {
        var dispatches: [Dispatch] = []
        for (names, pipeline) in zip(plan?.bindings ?? [], pipelines) {
            var buffers: [BufferID] = []
            for name in names { buffers.append(try buffer(name, in: set)) }
            dispatches.append(Dispatch(pipeline: pipeline, buffers: buffers))
        }
        return dispatches
    }
}
