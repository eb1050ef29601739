import COpenCL
import Platform
import Results

extension OpenCLDevice {
    /// A dispatch with its pipeline looked up.
    private struct Command {
        let pipeline: OpenCLPipeline
        let buffers: [BufferID]
    }

    func run(_ dispatches: [Dispatch], repetitions: Int, timing: Timing) throws(BackendError) -> RunTimes {
        guard repetitions >= 0 else {
            throw BackendError(.limit, "\(record.id): \(repetitions) repetitions; expected none or more")
        }
        var commands: [Command] = []
        for dispatch in dispatches {
            commands.append(Command(pipeline: try pipeline(of: dispatch), buffers: dispatch.buffers))
        }
        do {
            return switch timing {
            case .none: try runUntimed(commands, repetitions)
            case .repetitions: try runTimed(commands, repetitions, everyStage: false)
            case .stages: try runTimed(commands, repetitions, everyStage: true)
            }
        } catch {
            // What was enqueued before the error still uses the buffers.
            _ = unsafe library.functions.finish(queue.pointer)
            _ = unsafe library.functions.finish(profilingQueue.pointer)
            throw error
        }
    }

    /// Enqueues everything without a pause, holding back only so that the driver never keeps more than a few batches.
    private func runUntimed(_ commands: [Command], _ repetitions: Int) throws(BackendError) -> RunTimes {
        let largestBatch = 256
        // What a driver submits at once stays far below every watchdog.
        let batchSeconds = 0.05
        let batchLimit = 4
        var batches: [(end: OpenCLEvent, size: Int)] = []
        var (batchSize, inBatch) = (1, 0)
        let begin = MonotonicClock.now()
        var lastEnd = begin
        for _ in 0..<repetitions {
            for command in commands {
                inBatch += 1
                guard inBatch >= batchSize else {
                    unsafe try command.pipeline.enqueue(
                        on: queue.pointer, buffers: command.buffers, memory: buffers, event: nil)
                    continue
                }
                batches.append((unsafe try enqueueWithEvent(command, queue.pointer), inBatch))
                inBatch = 0
                try OpenCLStatus.check(unsafe library.functions.flush(queue.pointer), "\(record.id): clFlush")
                guard batches.count == batchLimit else { continue }
                let oldest = batches.removeFirst()
                try oldest.end.wait()
                let now = MonotonicClock.now()
                let fitting = batchSeconds * Double(oldest.size) / max(now - lastEnd, 1e-9)
                batchSize = max(1, min(largestBatch, 2 * batchSize, Int(min(fitting, 1e6))))
                lastEnd = now
            }
        }
        try OpenCLStatus.check(unsafe library.functions.finish(queue.pointer), "\(record.id): the dispatches")
        return RunTimes(
            totalHostSeconds: MonotonicClock.now() - begin, hostSeconds: [], deviceSeconds: nil, stageSeconds: [])
    }

    /// Enqueues and finishes a repetition at a time; the device's times come from the events of its dispatches.
    private func runTimed(_ commands: [Command], _ repetitions: Int, everyStage: Bool) throws(BackendError) -> RunTimes
    {
        var hostSeconds: [Double] = []
        var deviceSeconds: [Double]? = commands.isEmpty ? nil : []
        var stageSeconds = [[Double]](repeating: [], count: everyStage ? commands.count : 0)
        let begin = MonotonicClock.now()
        for _ in 0..<repetitions {
            var events: [OpenCLEvent] = []
            let start = MonotonicClock.now()
            for (index, command) in commands.enumerated() {
                if everyStage || index == 0 || index == commands.count - 1 {
                    events.append(unsafe try enqueueWithEvent(command, profilingQueue.pointer))
                } else {
                    unsafe try command.pipeline.enqueue(
                        on: profilingQueue.pointer, buffers: command.buffers, memory: buffers, event: nil)
                }
            }
            try OpenCLStatus.check(
                unsafe library.functions.finish(profilingQueue.pointer), "\(record.id): the dispatches")
            hostSeconds.append(MonotonicClock.now() - start)

            let times = events.map(\.nanoseconds)
            if let first = times.first ?? nil, let last = times.last ?? nil, last.upperBound >= first.lowerBound {
                deviceSeconds?.append(Double(last.upperBound - first.lowerBound) * 1e-9)
            } else {
                deviceSeconds = nil
            }
            guard everyStage else { continue }
            let known = times.compactMap { $0.map { Double($0.upperBound - $0.lowerBound) * 1e-9 } }
            let stages = known.count == times.count ? known : try hostTimesOneByOne(commands)
            for (stage, seconds) in stages.enumerated() { stageSeconds[stage].append(seconds) }
        }
        return RunTimes(
            totalHostSeconds: MonotonicClock.now() - begin, hostSeconds: hostSeconds, deviceSeconds: deviceSeconds,
            stageSeconds: stageSeconds)
    }

    /// Each command by the host's clock, for drivers that keep no times of single commands.
    private func hostTimesOneByOne(_ commands: [Command]) throws(BackendError) -> [Double] {
        var seconds: [Double] = []
        for command in commands {
            let start = MonotonicClock.now()
            unsafe try command.pipeline.enqueue(
                on: profilingQueue.pointer, buffers: command.buffers, memory: buffers, event: nil)
            try OpenCLStatus.check(
                unsafe library.functions.finish(profilingQueue.pointer), "\(record.id): the dispatches")
            seconds.append(MonotonicClock.now() - start)
        }
        return seconds
    }

    private func enqueueWithEvent(_ command: Command, _ queue: OpaquePointer) throws(BackendError) -> OpenCLEvent {
        var event: OpaquePointer?
        unsafe try command.pipeline.enqueue(
            on: queue, buffers: command.buffers, memory: buffers, event: &event)
        return unsafe try OpenCLEvent(library, event)
    }
}

/// The completion of a command, and its times when its queue keeps them.
private final class OpenCLEvent {
    private let library: OpenCLLibrary
    private let object: OpenCLObject<EventKind>

    /// Takes over an event that an enqueue returned.
    init(_ library: OpenCLLibrary, _ event: OpaquePointer?) throws(BackendError) {
        self.library = library
        object = unsafe try OpenCLObject(
            library, releasedBy: library.functions.releaseEvent, asked: "the event of a dispatch"
        ) { _ in unsafe event }
    }

    func wait() throws(BackendError) {
        var event: OpaquePointer? = unsafe object.pointer
        try OpenCLStatus.check(unsafe library.functions.waitForEvents(1, &event), "clWaitForEvents")
    }

    /// Begin and end by the device's clock; `nil` when the driver does not say or says nonsense.
    var nanoseconds: ClosedRange<UInt64>? {
        guard let start = time(CL_PROFILING_COMMAND_START), let end = time(CL_PROFILING_COMMAND_END),
            start <= end, end > 0
        else { return nil }
        return start...end
    }

    private func time(_ parameter: CInt) -> UInt64? {
        var value: cl_ulong = 0
        let status = unsafe library.functions.getEventProfilingInfo(
            object.pointer, cl_uint(parameter), MemoryLayout<cl_ulong>.size, &value, nil)
        return status == CL_SUCCESS ? value : nil
    }
}
