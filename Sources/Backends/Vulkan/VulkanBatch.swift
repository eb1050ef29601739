import Kernels
import Platform

/// Repetitions that travel in one command buffer. A device keeps two, so that one is recorded while the other runs.
final class VulkanBatch {
    private let commandBuffer: VulkanCommandBuffer
    private let timestamps: VulkanTimestamps?
    private var timestampsPerRepetition = 0
    private(set) var repetitions = 0
    private(set) var submittedAt = 0.0

    /// Timestamps in a batch's pool.
    static let timestampCapacity = 2048

    init(_ context: VulkanContext, hasClock: Bool) throws(BackendError) {
        commandBuffer = try VulkanCommandBuffer(context)
        timestamps = hasClock ? try VulkanTimestamps(context, capacity: Self.timestampCapacity) : nil
    }

    /// Records and submits. Between any two dispatches stands a barrier.
    ///
    /// - Parameter timing: with `.repetitions` a timestamp before and after each repetition, with `.stages` one after
    ///   every dispatch as well.
    func submit(
        _ dispatches: [(pipeline: VulkanPipeline, set: VulkanDescriptorSets.Set)], repetitions: Int, timing: Timing
    ) throws(BackendError) {
        self.repetitions = repetitions
        switch timing {
        case .none: timestampsPerRepetition = 0
        case .repetitions: timestampsPerRepetition = timestamps == nil ? 0 : 2
        case .stages: timestampsPerRepetition = timestamps == nil ? 0 : dispatches.count + 1
        }
        let count = timestampsPerRepetition
        try commandBuffer.record { recorder in
            if count > 0 { reset(recorder) }
            for repetition in 0..<repetitions {
                if repetition > 0 { recorder.barrier() }
                if count > 0 { stamp(recorder, repetition * count) }
                for (index, dispatch) in dispatches.enumerated() {
                    if index > 0 { recorder.barrier() }
                    recorder.dispatch(dispatch.pipeline, dispatch.set)
                    if timing == .stages, count > 0 { stamp(recorder, repetition * count + index + 1) }
                }
                if timing == .repetitions, count > 0 { stamp(recorder, repetition * count + 1) }
            }
            recorder.barrierToHost()
        }
        submittedAt = MonotonicClock.now()
        try commandBuffer.submit()
    }

    private func reset(_ recorder: VulkanRecorder) {
        switch timestamps {
        case .some(let timestamps): recorder.resetTimestamps(timestamps)
        case nil: break
        }
    }

    private func stamp(_ recorder: VulkanRecorder, _ index: Int) {
        switch timestamps {
        case .some(let timestamps): recorder.timestamp(timestamps, index: index)
        case nil: break
        }
    }

    /// Waits until the batch is done.
    func wait() throws(BackendError) { try commandBuffer.wait() }

    /// The timestamps of each repetition.
    func ticks() throws(BackendError) -> [ArraySlice<UInt64>] {
        let count = timestampsPerRepetition
        guard count > 0 else { return [] }
        switch timestamps {
        case .some(let timestamps):
            let ticks = try timestamps.ticks(count: repetitions * count)
            return stride(from: 0, to: ticks.count, by: count).map { ticks[$0..<($0 + count)] }
        case nil: return []
        }
    }
}
