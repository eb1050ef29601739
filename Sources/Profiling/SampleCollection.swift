import Power
import Results
import Statistics

/// The samples of one measurement with all that happened while they were taken, and which of them stand.
package struct SampleCollection {
    /// Control kernels that run this much slower than the run's undisturbed ones tell of a slowed device.
    private static let slowedFraction = 0.05
    /// Involuntary context switches a second that the system's own housekeeping explains: each costs microseconds. More are
    /// other work.
    private static let housekeepingSwitches = 20.0

    private struct Sample {
        let seconds: Double
        let round: Int
        let isPreempted: Bool
    }

    private struct Round {
        let pass: Int
        /// Rate of each control around the round.
        let controls: [Double]
        let isThrottled: Bool
        let isStolen: Bool
    }

    private var samples: [Sample] = []
    private var rounds: [Round] = []
    private var stealSeconds: Double?
    private var switches = 0
    private var clocks: [Double] = []
    private var temperatures: [Double] = []
    private var throttleEvents: Int?
    package private(set) var hostSeconds: [Double] = []

    package init() {}

    package var count: Int { samples.count }
    package var seconds: [Double] { samples.map(\.seconds) }

    /// Takes in the samples of a round.
    ///
    /// - Parameters:
    ///   - controls: rates of the controls around the round.
    ///   - batch: executions that each sample is the share of.
    ///   - countsSwitches: false when a device of its own was timed by its own clock.
    package mutating func add(
        _ times: SampleTimes, controls: [Double], pass: Int, batch: Int, condition: ConditionChange,
        countsSwitches: Bool
    ) {
        let stolen = times.stealSeconds ?? 0
        rounds.append(
            Round(
                pass: pass, controls: controls, isThrottled: condition.isThrottled, isStolen: stolen > 0))
        for (index, seconds) in times.seconds.enumerated() {
            let found = index < times.involuntarySwitches.count ? times.involuntarySwitches[index] : 0
            let duration = (index < times.hostSeconds.count ? times.hostSeconds[index] : seconds) * Double(batch)
            let isPreempted = countsSwitches && Double(found) > Self.housekeepingSwitches * duration
            samples.append(Sample(seconds: seconds, round: rounds.count - 1, isPreempted: isPreempted))
            switches += found
        }
        hostSeconds += times.hostSeconds
        if let seconds = times.stealSeconds { stealSeconds = (stealSeconds ?? 0) + seconds }
        if let clock = condition.now.clockHertz { clocks.append(clock) }
        if let celsius = condition.now.celsius { temperatures.append(celsius) }
        if let events = condition.newEvents { throttleEvents = (throttleEvents ?? 0) + events }
    }

    /// What stands of the samples, in rounds.
    ///
    /// - Parameters:
    ///   - undisturbedRate: of the device's first control at its undisturbed speed in this run.
    ///   - unknown: what the machine does not show.
    package func judged(undisturbedRate: Double?, unknown: [String]) -> (
        seconds: [Double], rounds: SampleRounds, interference: InterferenceRecord
    ) {
        let slowed = rounds.map { round in
            guard let rate = round.controls.first, let undisturbedRate else { return false }
            return rate * (1 + Self.slowedFraction) < undisturbedRate
        }
        let isDisturbed = samples.map { sample in
            let round = rounds[sample.round]
            return sample.isPreempted || round.isThrottled || round.isStolen || slowed[sample.round]
        }
        var record = InterferenceRecord(taken: samples.count)
        record.throttled = samples.count { rounds[$0.round].isThrottled }
        record.stolen = samples.count { rounds[$0.round].isStolen }
        record.preempted = samples.count(where: \.isPreempted)
        record.slowed = samples.count { slowed[$0.round] }
        record.disturbed = isDisturbed.count { $0 }
        record.isBeyondLimit = Double(record.disturbed) > InterferenceRecord.dropLimit * Double(samples.count)
        record.dropped = record.isBeyondLimit ? 0 : record.disturbed
        record.stealSeconds = stealSeconds
        record.involuntarySwitches = switches
        record.clockHertz = Self.range(clocks)
        record.celsius = Self.range(temperatures)
        record.throttleEvents = throttleEvents
        record.unknown = unknown

        let kept = samples.indices.filter { record.isBeyondLimit || !isDisturbed[$0] }
        var kinds = SampleRounds()
        kinds.pass = rounds.map(\.pass)
        kinds.samples = Array(repeating: 0, count: rounds.count)
        for index in kept { kinds.samples[samples[index].round] += 1 }
        let controlCount = rounds.map(\.controls.count).min() ?? 0
        kinds.controls = (0..<controlCount).map { control in rounds.map { $0.controls[control] } }
        return (kept.map { samples[$0].seconds }, kinds, record)
    }

    /// Lowest, median, highest.
    private static func range(_ values: [Double]) -> [Double]? {
        guard let least = values.min(), let middle = median(values), let most = values.max() else { return nil }
        return [least, middle, most]
    }
}
