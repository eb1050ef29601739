import CKernels
import Platform

/// A sequence of dispatches, run a number of times by all threads of a team.
///
/// Every thread goes through all dispatches. It takes work-groups of the current one from a common counter until there
/// are none, then waits at a barrier, whose last thread notes the time and resets the counter.
@safe final class CPURun: @unchecked Sendable {
    @safe private struct Step {
        let stage: CPUStage
        let function: StageFunction
        let call: UnsafeMutablePointer<joulemark_call>
        let buffers: UnsafeMutablePointer<UnsafeMutableRawPointer?>
        let width: Int
        let height: Int
        let groupCount: Int
        /// Work-groups that a thread takes at once.
        let chunk: Int
    }

    private let threadCount: Int
    private let cacheBytes: Int
    private let repetitions: Int
    private let timing: Timing
    private let barrier: Barrier
    private let nextGroup = AlignedWord()
    private var steps: [Step] = []
    /// Memory that each thread needs to itself, whichever stage it works on.
    private(set) var scratchBytes = 0

    // Written by the barrier's last thread, while the others wait.
    private var lastTime = 0.0
    private var repetitionStart = 0.0
    private var hostSeconds: [Double] = []
    private var stageSeconds: [[Double]] = []

    init(threadCount: Int, cacheBytes: Int, repetitions: Int, timing: Timing) {
        self.threadCount = threadCount
        self.cacheBytes = cacheBytes
        self.repetitions = repetitions
        self.timing = timing
        barrier = Barrier(count: threadCount)
    }

    deinit {
        for step in steps {
            unsafe step.call.deallocate()
            unsafe step.buffers.deallocate()
        }
    }

    /// Appends a dispatch. `addresses` must stay valid until the run is over.
    @unsafe func append(_ stage: CPUStage, _ addresses: [UnsafeMutableRawPointer]) throws(BackendError) {
        guard let function = unsafe stage.function else {
            throw BackendError(.compilation, "a stage was registered without a function")
        }
        let buffers = unsafe UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: addresses.count)
        for index in unsafe addresses.indices { unsafe (buffers + index).initialize(to: addresses[index]) }
        let call = UnsafeMutablePointer<joulemark_call>.allocate(capacity: 1)
        unsafe call.initialize(to: stage.call(buffers, cacheBytes: cacheBytes))
        scratchBytes = max(scratchBytes, unsafe stage.scratchBytes(call))
        // A few dozen chunks a thread even out work-groups of unequal length; more would only cost counting.
        let chunk = max(1, stage.groupCount / (threadCount * 64))
        unsafe steps.append(
            Step(
                stage: stage, function: function, call: call, buffers: buffers, width: stage.workGroups[0],
                height: stage.workGroups[1], groupCount: stage.groupCount, chunk: chunk))
        stageSeconds.append([])
    }

    /// A thread's part of the whole run.
    @unsafe func work(scratch: UnsafeMutableRawPointer) {
        barrier.arrive {
            lastTime = MonotonicClock.now()
            repetitionStart = lastTime
        }
        for _ in 0..<repetitions {
            for index in steps.indices {
                unsafe work(on: steps[index], scratch)
                barrier.arrive { finish(step: index) }
            }
        }
    }

    /// What was measured, within `total` seconds. Once the run is over.
    func times(totalHostSeconds total: Double) -> RunTimes {
        RunTimes(
            totalHostSeconds: total, hostSeconds: timing == .none ? [] : hostSeconds, deviceSeconds: nil,
            stageSeconds: timing == .stages ? stageSeconds : [])
    }

    @unsafe private func work(on step: Step, _ scratch: UnsafeMutableRawPointer) {
        while true {
            let first = Int(nextGroup.add(UInt32(step.chunk)))
            guard first < step.groupCount else { return }
            for group in first..<min(first + step.chunk, step.groupCount) {
                let (row, x) = group.quotientAndRemainder(dividingBy: step.width)
                let (z, y) = row.quotientAndRemainder(dividingBy: step.height)
                unsafe step.function(step.call, UInt32(x), UInt32(y), UInt32(z), scratch)
            }
        }
    }

    private func finish(step index: Int) {
        nextGroup.value = 0
        guard timing != .none else { return }
        let now = MonotonicClock.now()
        if timing == .stages { stageSeconds[index].append(now - lastTime) }
        lastTime = now
        guard index == steps.count - 1 else { return }
        hostSeconds.append(now - repetitionStart)
        repetitionStart = now
    }
}
