import Kernels
import Platform

extension VulkanDevice {
    private typealias BoundDispatch = (pipeline: VulkanPipeline, set: VulkanDescriptorSets.Set)

    /// Dispatches in one command buffer at most: a bound on what a driver has to swallow at once.
    private static let maxDispatchesPerBatch = 1024
    /// Seconds that a batch aims at: far below every watchdog, far above the cost of a submission.
    private static let batchSeconds = 0.05

    func run(_ dispatches: [Dispatch], repetitions: Int, timing: Timing) throws(BackendError) -> RunTimes {
        var resolved: [(pipeline: VulkanPipeline, buffers: [VulkanBuffer])] = []
        for dispatch in dispatches { resolved.append(try resolve(dispatch)) }
        guard repetitions >= 0 else { throw BackendError(.limit, "\(repetitions) repetitions; expected 0 or more") }
        guard !resolved.isEmpty, repetitions > 0 else {
            return RunTimes(
                totalHostSeconds: 0, hostSeconds: [], deviceSeconds: clock == nil ? nil : [],
                stageSeconds: timing == .stages ? dispatches.map { _ in [] } : [])
        }
        let sets = try VulkanDescriptorSets(context, resolved)
        var bound: [BoundDispatch] = []
        for (index, dispatch) in resolved.enumerated() { bound.append((dispatch.pipeline, sets.sets[index])) }
        while batches.count < 2 { batches.append(try VulkanBatch(context, hasClock: clock != nil)) }
        do {
            let portions = portions(bound)
            if portions.count > 1 {
                return try runInPortions(portions, repetitions: repetitions, timing: timing)
            }
            guard clock == nil, timing != .none else {
                return try runBatched(bound, repetitions: repetitions, timing: timing)
            }
            return try runOneByOne(bound, repetitions: repetitions, timing: timing)
        } catch {
            // Batches may still be under way with the sets that go away now: waiting is all that can be done.
            for batch in batches { try? batch.wait() }
            batches = []
            throw error
        }
    }

    private func resolve(
        _ dispatch: Dispatch
    ) throws(BackendError) -> (pipeline: VulkanPipeline, buffers: [VulkanBuffer]) {
        let pipeline = try pipeline(dispatch.pipeline)
        var buffers: [VulkanBuffer] = []
        for id in dispatch.buffers { buffers.append(try buffer(id)) }
        guard buffers.count == pipeline.stage.bufferCount else {
            throw BackendError(
                .driver,
                "\(pipeline.stage.source): \(buffers.count) buffers given; the stage binds \(pipeline.stage.bufferCount)"
            )
        }
        return (pipeline, buffers)
    }

    /// Many repetitions a submission, two submissions under way. By the host's clock a repetition took its share of its
    /// batch, from the end of the one before (or the submission, when nothing was running) to its own end.
    private func runBatched(
        _ dispatches: [BoundDispatch], repetitions: Int, timing: Timing
    ) throws(BackendError) -> RunTimes {
        var times = RunTimes(
            totalHostSeconds: 0, hostSeconds: [], deviceSeconds: clock.map { _ in [] }, stageSeconds: [])
        if timing == .stages { times.stageSeconds = dispatches.map { _ in [] } }
        if timing == .none { times.deviceSeconds = nil }
        let largest = largestBatch(dispatchCount: dispatches.count, timing: timing)
        var (remaining, size, submitted, collected) = (repetitions, 1, 0, 0)
        var startedAt: Double?
        var finishedAt = 0.0
        while remaining > 0 || collected < submitted {
            if remaining > 0, submitted - collected < batches.count {
                let batch = batches[submitted % batches.count]
                try batch.submit(dispatches, repetitions: min(size, remaining), timing: timing)
                startedAt = startedAt ?? batch.submittedAt
                remaining -= batch.repetitions
                submitted += 1
                continue
            }
            let batch = batches[collected % batches.count]
            try batch.wait()
            let now = MonotonicClock.now()
            let seconds = (now - max(batch.submittedAt, finishedAt)) / Double(batch.repetitions)
            finishedAt = now
            collected += 1
            if timing != .none { try append(batch, hostSeconds: seconds, to: &times) }
            size = min(largest, 2 * size, max(1, Int(Self.batchSeconds / max(seconds, 1e-9))))
        }
        times.totalHostSeconds = finishedAt - (startedAt ?? finishedAt)
        return times
    }

    /// The dispatches in parts that each may be one submission: a driver's watchdog ends what takes seconds, and the
    /// device with it. What has never run goes by itself, which tells how long it takes. A single dispatch cannot be
    /// divided.
    private func portions(_ dispatches: [BoundDispatch]) -> [[BoundDispatch]] {
        var portions: [[BoundDispatch]] = []
        var filled = Double.infinity
        for dispatch in dispatches {
            let seconds = dispatch.pipeline.knownSeconds ?? .infinity
            if filled + seconds <= options.longestSubmissionSeconds {
                portions[portions.count - 1].append(dispatch)
                filled += seconds
            } else {
                portions.append([dispatch])
                filled = seconds
            }
        }
        return portions
    }

    /// Every portion is a submission of its own. By the device's clock a repetition lasts from the first portion's
    /// begin to the last one's end, as it does in one submission; the gaps between count, and are small beside portions
    /// this long.
    private func runInPortions(
        _ portions: [[BoundDispatch]], repetitions: Int, timing: Timing
    ) throws(BackendError) -> RunTimes {
        let hasClock = clock != nil && timing != .none
        var times = RunTimes(
            totalHostSeconds: 0, hostSeconds: [], deviceSeconds: hasClock ? [] : nil, stageSeconds: [])
        let portions = timing == .stages ? portions.joined().map { [$0] } : portions
        if timing == .stages { times.stageSeconds = portions.map { _ in [] } }
        let batch = batches[0]
        let start = MonotonicClock.now()
        for _ in 0..<repetitions {
            let begin = MonotonicClock.now()
            var ticks: [UInt64] = []
            for (index, portion) in portions.enumerated() {
                try batch.submit(portion, repetitions: 1, timing: hasClock ? .repetitions : .none)
                try batch.wait()
                let seconds = MonotonicClock.now() - batch.submittedAt
                if portion.count == 1 {
                    let pipeline = portion[0].pipeline
                    pipeline.knownSeconds = min(pipeline.knownSeconds ?? .infinity, seconds)
                }
                if hasClock { ticks += try batch.ticks().joined() }
                guard timing == .stages else { continue }
                let measured = clock.flatMap { clock in
                    ticks.count >= 2 ? clock.seconds(from: ticks[ticks.count - 2], to: ticks[ticks.count - 1]) : nil
                }
                times.stageSeconds[index].append(measured ?? seconds)
            }
            if timing != .none { times.hostSeconds.append(MonotonicClock.now() - begin) }
            if let clock, let first = ticks.first, let last = ticks.last {
                times.deviceSeconds?.append(clock.seconds(from: first, to: last))
            }
        }
        times.totalHostSeconds = MonotonicClock.now() - start
        return times
    }

    private func largestBatch(dispatchCount: Int, timing: Timing) -> Int {
        let timestamps = timing == .stages ? dispatchCount + 1 : 2
        let byTimestamps = timing == .none ? Int.max : VulkanBatch.timestampCapacity / timestamps
        return max(1, min(Self.maxDispatchesPerBatch / dispatchCount, byTimestamps))
    }

    private func append(_ batch: VulkanBatch, hostSeconds: Double, to times: inout RunTimes) throws(BackendError) {
        times.hostSeconds += Array(repeating: hostSeconds, count: batch.repetitions)
        guard let clock else { return }
        for ticks in try batch.ticks() {
            guard let first = ticks.first, let last = ticks.last else { continue }
            times.deviceSeconds?.append(clock.seconds(from: first, to: last))
            for (stage, (begin, end)) in zip(ticks, ticks.dropFirst()).enumerated()
            where stage < times.stageSeconds.count {
                times.stageSeconds[stage].append(clock.seconds(from: begin, to: end))
            }
        }
    }

    /// Without a device clock every repetition, or every stage, is a submission of its own, timed from submission to
    /// completion by the host.
    private func runOneByOne(
        _ dispatches: [BoundDispatch], repetitions: Int, timing: Timing
    ) throws(BackendError) -> RunTimes {
        var times = RunTimes(totalHostSeconds: 0, hostSeconds: [], deviceSeconds: nil, stageSeconds: [])
        let groups = timing == .stages ? dispatches.map { [$0] } : [dispatches]
        if timing == .stages { times.stageSeconds = dispatches.map { _ in [] } }
        let batch = batches[0]
        let start = MonotonicClock.now()
        for _ in 0..<repetitions {
            var total = 0.0
            for (index, group) in groups.enumerated() {
                try batch.submit(group, repetitions: 1, timing: .none)
                try batch.wait()
                let seconds = MonotonicClock.now() - batch.submittedAt
                if timing == .stages { times.stageSeconds[index].append(seconds) }
                total += seconds
            }
            times.hostSeconds.append(total)
        }
        times.totalHostSeconds = MonotonicClock.now() - start
        return times
    }
}
