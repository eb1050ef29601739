import Results
import Statistics

/// Learns, before anything is trusted, how each source behaves: how often it is updated, by how much at least, how long a read
/// takes, and whether it moves at all.
struct Characterization {
    /// After this a counter that has not moved is called stale.
    static let longest = 1.2
    private static let shortest = 0.03
    private static let wantedChanges = 12

    private struct Observation {
        var first: Sample?
        var last: Sample?
        var changeTimes: [Double] = []
        var steps: [Double] = []
        var latencies: [Double] = []
        /// Why the latest reading failed; `nil` when it did not.
        var fault: ReadFault?
        var failuresInARow = 0
        var isDone = false

        /// Errors that a device in reset gives may pass; the others stay.
        var hasFailed: Bool {
            switch fault {
            case nil, .failed: false
            default: true
            }
        }
    }

    let time: any MeterTime

    /// Completes the records of all readable sources. Gives back the mean watts of each counter meanwhile.
    func characterize(_ sources: inout [PowerSource]) -> [String: Double] {
        var observations = [Observation](repeating: Observation(), count: sources.count)
        let begin = time.now()
        while true {
            let elapsed = time.now() - begin
            var pending = false
            for index in sources.indices where sources[index].record.state == .ok && !observations[index].isDone {
                observe(&observations[index], sources[index])
                let enough = observations[index].changeTimes.count >= Self.wantedChanges && elapsed >= Self.shortest
                observations[index].isDone = enough || observations[index].hasFailed
                pending = pending || !observations[index].isDone
            }
            if !pending || elapsed > Self.longest { break }
            time.sleep(until: time.now() + (elapsed < 0.05 ? 0.0002 : 0.002))
        }
        var watts: [String: Double] = [:]
        for index in sources.indices where sources[index].record.state == .ok {
            conclude(observations[index], &sources[index])
            watts[sources[index].record.id] = power(observations[index], sources[index])
        }
        return watts
    }

    private func observe(_ observation: inout Observation, _ source: PowerSource) {
        let before = time.now()
        let result = source.read()
        let after = time.now()
        switch result {
        case .failure(let fault):
            observation.fault = fault
            observation.failuresInARow += 1
        case .success(let raw):
            observation.fault = nil
            observation.failuresInARow = 0
            let sample = Sample(before: before, after: after, raw: raw)
            observation.latencies.append(after - before)
            if let last = observation.last, last.raw != raw {
                observation.changeTimes.append(sample.time)
                observation.steps.append(raw - last.raw)
            }
            if observation.first == nil { observation.first = sample }
            observation.last = sample
        }
    }

    private func conclude(_ observation: Observation, _ source: inout PowerSource) {
        if let fault = observation.fault, observation.hasFailed || observation.failuresInARow >= Sampler.attempts {
            source.mark(fault)
            return
        }
        source.record.readLatencySeconds = median(observation.latencies)
        let gaps = zip(observation.changeTimes.dropFirst(), observation.changeTimes).map { $0 - $1 }
        source.record.updateIntervalSeconds = median(gaps)
        guard source.record.kind == .counter else { return }
        source.record.quantumJoules = quantum(observation.steps, source)
        if observation.changeTimes.isEmpty {
            source.record.state = .stale
            source.record.reason = "the counter did not move in \(Self.longest) s"
        }
    }

    /// The unit of the counter where its range tells, else the largest step of which every step seen is a multiple.
    private func quantum(_ steps: [Double], _ source: PowerSource) -> Double? {
        let unit = source.modulus.map { $0 / 4_294_967_296 * source.scale }
        let whole = steps.filter { $0 > 0 && $0 < 0x1p53 }.map { UInt64($0) }
        guard whole.count >= 2 else { return unit }
        let common = Double(whole.reduce(0, Self.greatestCommonDivisor)) * source.scale
        return max(unit ?? 0, common)
    }

    private static func greatestCommonDivisor(_ first: UInt64, _ second: UInt64) -> UInt64 {
        var (large, small) = (first, second)
        while small != 0 { (large, small) = (small, large % small) }
        return large
    }

    private func power(_ observation: Observation, _ source: PowerSource) -> Double? {
        guard let first = observation.first, let last = observation.last, last.time > first.time,
            source.record.kind == .counter
        else { return nil }
        var units = last.raw - first.raw
        if units < 0 {
            guard let modulus = source.modulus else { return nil }
            units += modulus
        }
        return units * source.scale / (last.time - first.time)
    }
}
