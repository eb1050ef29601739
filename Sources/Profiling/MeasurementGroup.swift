import Kernels
import Platform
import Power
import Results
import Statistics

/// The strategies that are compared with each other: one workload on one device at one precision, sampled in turn.
///
/// Samples are interleaved round by round in an order that the seed shuffles, so that a change of the machine's speed
/// meets all strategies alike.
final class MeasurementGroup {
    private static let warmUpCount = 2

    private let workload: PlannedWorkload
    private let device: DeviceRecord
    private let connection: DeviceConnection
    private let request: ProfileRequest
    private let energy: EnergySession
    private var contenders: [Contender]
    private(set) var isInterrupted = false

    init(
        workload: PlannedWorkload, device: DeviceRecord, connection: DeviceConnection, request: ProfileRequest,
        energy: EnergySession
    ) {
        self.workload = workload
        self.device = device
        self.connection = connection
        self.request = request
        self.energy = energy
        contenders = workload.strategies.enumerated().map { index, strategy in
            Contender(id: index + 1, workload: workload, strategy: strategy, device: device, request: request)
        }
    }

    /// Measures all strategies. Those that an interruption cut off are left out.
    func measure(onStep: @escaping (ProfileEvent.Step) -> Void) -> [MeasurementRecord] {
        for contender in contenders {
            attempt(contender) {
                onStep(self.step(contender, .preparing))
                try self.ensurePrepared(contender)
            }
        }
        sampleInTurn(onStep)
        for contender in contenders where contender.isRunning {
            attempt(contender) {
                onStep(self.step(contender, .metering))
                try self.meter(contender)
            }
        }
        for contender in contenders where contender.generation == connection.generation && !isInterrupted {
            attempt(contender) { try self.connection.ask { try $0.discard(contender.id) } }
        }
        return contenders.compactMap { isInterrupted && !$0.isComplete ? nil : $0.record(peaks: device.peaks) }
    }

    private func step(_ contender: Contender, _ activity: ProfileEvent.Step.Activity) -> ProfileEvent.Step {
        let name = "\(workload.family.name)/\(contender.strategy.name) \(workload.name) \(workload.precision.rawValue)"
        return ProfileEvent.Step(measurement: name, device: device.id, activity: activity)
    }

    /// Runs `body`; its failure becomes the contender's, and the others go on.
    private func attempt(_ contender: Contender, _ body: () throws -> Void) {
        guard !isInterrupted else { return }
        do {
            try body()
        } catch DeviceConnection.Failure.interrupted {
            isInterrupted = true
        } catch {
            contender.fail("\(error)")
        }
        if Interruption.isRequested { isInterrupted = true }
    }

    /// Prepares the contender, again when the worker that knew it has died.
    private func ensurePrepared(_ contender: Contender) throws(DeviceConnection.Failure) {
        try connection.open()
        guard contender.generation != connection.generation else { return }
        let assignment = Assignment(
            family: workload.family.name, strategy: contender.strategy.name, parameters: workload.parameters,
            precision: workload.precision, seed: request.seed, inputs: request.inputs, isHot: request.isHot,
            dumpDirectory: request.dumpDirectory)
        let preparation = try connection.ask {
            try $0.prepare(contender.id, assignment, within: self.request.answerLimitSeconds)
        }
        contender.prepared(preparation, generation: connection.generation)
    }

    // MARK: Timing

    private func sampleInTurn(_ onStep: (ProfileEvent.Step) -> Void) {
        for contender in contenders where contender.isRunning { attempt(contender) { try self.warmUp(contender) } }
        var generator = SeededGenerator(seed: request.seed, purpose: "order of samples")
        var round = 0
        while !isInterrupted {
            let active = contenders.filter { $0.isRunning && $0.stopReason == nil }.shuffled(using: &generator)
            guard !active.isEmpty else { return }
            for contender in active {
                attempt(contender) { try self.takeSamples(contender) }
                if round.isMultiple(of: 8) {
                    onStep(step(contender, .timing(samples: contender.samples.count, noise: contender.relativeNoise)))
                }
            }
            round += 1
        }
    }

    private func warmUp(_ contender: Contender) throws(DeviceConnection.Failure) {
        try ensurePrepared(contender)
        guard contender.isRunning else { return }
        for count in 1...Self.warmUpCount {
            let times = try connection.ask {
                try $0.sample(contender.id, repetitions: 1, stages: false, within: self.sampleLimit(contender, 1))
            }
            contender.warmedUp(times, count: count)
            // One long execution warms up as well as two short ones.
            if contender.estimatedSeconds > 0.5 { break }
        }
        // Stages are timed apart, since looking at each may open gaps between them.
        let repetitions = contender.estimatedSeconds > 0.3 ? 1 : 3
        let times = try connection.ask {
            try $0.sample(
                contender.id, repetitions: repetitions, stages: true, within: self.sampleLimit(contender, repetitions))
        }
        contender.stageSeconds = times.stageSeconds.map { median($0) ?? 0 }
    }

    /// A round's share: as many repetitions as fit in about 20 ms, one at least.
    private func takeSamples(_ contender: Contender) throws(DeviceConnection.Failure) {
        try ensurePrepared(contender)
        guard contender.isRunning else { return }
        let repetitions = max(1, min(64, Int(0.02 / max(contender.estimatedSeconds, 1e-6))))
        let begin = MonotonicClock.now()
        let times = try connection.ask {
            try $0.sample(
                contender.id, repetitions: repetitions, stages: false, within: self.sampleLimit(contender, repetitions))
        }
        contender.add(times, took: MonotonicClock.now() - begin)
    }

    /// Generous: a worker is ended only when it is surely stuck.
    private func sampleLimit(_ contender: Contender, _ repetitions: Int) -> Double {
        60 + 50 * contender.estimatedSeconds * Double(repetitions)
    }

    // MARK: Energy

    private func meter(_ contender: Contender) throws(DeviceConnection.Failure) {
        guard let work = contender.preparation?.work, let seconds = median(contender.samples) else { return }
        let request = EnergyRequest(
            deviceID: device.id, work: work, medianSeconds: seconds, minimumWindowSeconds: request.minimumWindowSeconds,
            timeLimitSeconds: request.meteringLimit, seed: request.seed)
        do {
            contender.energy = try energy.measure(request) { seconds in
                try self.ensurePrepared(contender)
                let window = try self.connection.ask {
                    try $0.window(contender.id, seconds: seconds, within: 60 + 10 * seconds)
                }
                return MeasuredWindow(begin: window.begin, end: window.end, iterations: window.iterations)
            }
        } catch let error as DeviceConnection.Failure {
            throw error
        } catch {
            contender.energy = EnergyRecord(provenance: .unavailable, reason: "\(error)")
        }
    }
}
