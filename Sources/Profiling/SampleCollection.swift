import Power
import Results
import Statistics

/// The samples of one measurement with all that happened while they were taken, and which of them stand.
package struct SampleCollection {
    /// Waiting for processors that does not disturb a sample, as a share of it and in seconds: timers' ticks and the
    /// like.
    private static let tolerableWait = (share: 0.02, seconds: 20e-6)
    /// What a strategy's samples usually wait belongs to the dispatch, which wakes threads, up to this; more is other
    /// work that never rests.
    private static let usualWait = (share: 0.05, seconds: 200e-6)

    private struct Sample {
        /// By the clock that the device is timed with.
        let seconds: Double
        let hostSeconds: Double
        let round: Int
        /// That its threads waited for processors; `nil` where that is no concern of the sample.
        let waited: Double?
        /// Seconds, all executions of a batch together.
        let duration: Double
    }

    private struct Round {
        let pass: Int
        /// Rate of each control around the round.
        let controls: [Double]
        let isThrottled: Bool
        let isStolen: Bool
        /// CLOCK_MONOTONIC seconds.
        let begin: Double?
        let condition: DeviceCondition
    }

    private var samples: [Sample] = []
    private var rounds: [Round] = []
    private var stealSeconds: Double?
    private var waitSeconds: Double?
    private var clocks: [Double] = []
    private var temperatures: [Double] = []
    private var throttleEvents: Int?
    package private(set) var hostSeconds: [Double] = []

    package init() {}

    package var count: Int { samples.count }
    package var seconds: [Double] {
        let byHost = clockDoubt != nil
        return samples.map { byHost ? $0.hostSeconds : $0.seconds }
    }

    /// Why the times of the device's clock mean nothing, so that the host's stand in; `nil` where they stand.
    package var clockDoubt: String? {
        DeviceClockCheck(
            deviceSeconds: samples.map(\.seconds), hostSeconds: samples.map(\.hostSeconds),
            durations: samples.map(\.duration)
        ).doubt
    }

    /// Takes in the samples of a round.
    ///
    /// - Parameters:
    ///   - controls: rates of the controls around the round.
    ///   - batch: executions that each sample is the share of.
    ///   - begin: of the round, CLOCK_MONOTONIC seconds; `nil` where nobody looked.
    ///   - countsWaiting: false when a device of its own was timed by its own clock.
    package mutating func add(
        _ times: SampleTimes, controls: [Double], pass: Int, batch: Int, condition: ConditionChange,
        begin: Double? = nil, countsWaiting: Bool
    ) {
        let stolen = times.stealSeconds ?? 0
        rounds.append(
            Round(
                pass: pass, controls: controls, isThrottled: condition.isThrottled, isStolen: stolen > 0,
                begin: begin, condition: condition.now))
        for (index, seconds) in (times.deviceSeconds ?? times.hostSeconds).enumerated() {
            let waited = countsWaiting && index < times.waitSeconds.count ? times.waitSeconds[index] : nil
            let hostSeconds = index < times.hostSeconds.count ? times.hostSeconds[index] : seconds
            samples.append(
                Sample(
                    seconds: seconds, hostSeconds: hostSeconds, round: rounds.count - 1, waited: waited,
                    duration: hostSeconds * Double(batch)))
        }
        hostSeconds += times.hostSeconds
        if !times.waitSeconds.isEmpty { waitSeconds = (waitSeconds ?? 0) + times.waitSeconds.reduce(0, +) }
        if let seconds = times.stealSeconds { stealSeconds = (stealSeconds ?? 0) + seconds }
        if let clock = condition.now.clockHertz { clocks.append(clock) }
        if let celsius = condition.now.celsius { temperatures.append(celsius) }
        if let events = condition.newEvents { throttleEvents = (throttleEvents ?? 0) + events }
    }

    /// What stands of the samples, in rounds.
    ///
    /// - Parameters:
    ///   - slowRate: of the device's first control, below which it tells of a slowed device.
    ///   - unknown: what the machine does not show.
    package func judged(slowRate: Double?, unknown: [String]) -> (
        seconds: [Double], rounds: SampleRounds, interference: InterferenceRecord
    ) {
        let slowed = rounds.map { round in
            guard let rate = round.controls.first, let slowRate else { return false }
            return rate < slowRate
        }
        let preempted = preemptions()
        let isDisturbed = zip(samples, preempted).map { sample, isPreempted in
            let round = rounds[sample.round]
            return isPreempted || round.isThrottled || round.isStolen || slowed[sample.round]
        }
        var record = InterferenceRecord(taken: samples.count)
        record.throttled = samples.count { rounds[$0.round].isThrottled }
        record.stolen = samples.count { rounds[$0.round].isStolen }
        record.preempted = preempted.count { $0 }
        record.slowed = samples.count { slowed[$0.round] }
        record.disturbed = isDisturbed.count { $0 }
        record.isBeyondLimit = Double(record.disturbed) > InterferenceRecord.dropLimit * Double(samples.count)
        record.dropped = record.isBeyondLimit ? 0 : record.disturbed
        record.stealSeconds = stealSeconds
        record.waitSeconds = waitSeconds
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
        kinds.begins = Self.whole(rounds.map(\.begin))
        kinds.clockHertz = Self.known(rounds.map(\.condition.clockHertz))
        kinds.celsius = Self.known(rounds.map(\.condition.celsius))
        let times = seconds
        return (kept.map { times[$0] }, kinds, record)
    }

    /// The values where all are known.
    private static func whole(_ values: [Double?]) -> [Double]? {
        let known = values.compactMap(\.self)
        return known.count == values.count && !known.isEmpty ? known : nil
    }

    /// The values where any is known.
    private static func known(_ values: [Double?]) -> [Double?]? { values.contains { $0 != nil } ? values : nil }

    /// Of each sample, whether other work took processors from it.
    private func preemptions() -> [Bool] {
        guard let usual = median(samples.compactMap(\.waited)) else { return samples.map { _ in false } }
        return samples.map { sample in
            guard let waited = sample.waited else { return false }
            let dispatch = min(usual, max(Self.usualWait.share * sample.duration, Self.usualWait.seconds))
            return waited - dispatch > max(Self.tolerableWait.share * sample.duration, Self.tolerableWait.seconds)
        }
    }

    /// Lowest, median, highest.
    private static func range(_ values: [Double]) -> [Double]? {
        guard let least = values.min(), let middle = median(values), let most = values.max() else { return nil }
        return [least, middle, most]
    }
}
