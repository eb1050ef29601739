import Results
import Statistics

/// Learns, before anything is trusted, how each source behaves: how often it is updated, by how much at least, how long
/// a read takes, and whether it moves at all.
struct Characterization {
    /// After this most is known of a source, and one that reads 0 is called stale.
    static let usual = 1.2
    /// A counter that a total may need is watched for so long, until its period is known.
    static let longest = 10.0
    /// The changes that tell a period.
    private static let fewestChanges = 3
    private static let shortest = 0.03
    private static let wantedChanges = 12

    private struct Observation {
        var first: Sample?
        var last: Sample?
        var changeTimes: [Double] = []
        var steps: [Double] = []
        var latencies: [Double] = []
        /// Of all raw values.
        var sum = 0.0
        /// Why the latest reading failed; `nil` when it did not.
        var fault: ReadFault?
        var failuresInARow = 0
        var isDone = false

        /// Errors that a device in reset gives may pass; the others stay.
        var hasFailed: Bool {
            switch fault {
            case nil: false
            case let fault?: !fault.mayPass
            }
        }
    }

    let time: any MeterTime

    /// Completes the records of all readable sources. Gives back the mean watts of each meanwhile.
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
                let isWaitedFor =
                    elapsed <= Self.usual || (elapsed <= Self.longest && isSlow(observations[index], sources[index]))
                pending = pending || (!observations[index].isDone && isWaitedFor)
            }
            if !pending { break }
            time.sleep(until: time.now() + (elapsed < 0.05 ? 0.0002 : elapsed <= Self.usual ? 0.002 : 0.005))
        }
        var watts: [String: Double] = [:]
        for index in sources.indices where sources[index].record.state == .ok {
            let power = power(observations[index], sources[index])
            conclude(observations[index], &sources[index], watts: power, watched: time.now() - begin)
            watts[sources[index].record.id] = power
        }
        return watts
    }

    /// True for a counter that may be part of a total, counts, and has not shown its period yet.
    private func isSlow(_ observation: Observation, _ source: PowerSource) -> Bool {
        let isPart = source.isPart || (source.scope == .host && HostTotal.isPart(source))
        return source.record.kind == .counter && !isPart && (observation.last?.raw ?? 0) > 0
            && observation.changeTimes.count < Self.fewestChanges
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
            observation.sum += raw
            if let last = observation.last, last.raw != raw {
                observation.changeTimes.append(sample.time)
                observation.steps.append(raw - last.raw)
            }
            if observation.first == nil { observation.first = sample }
            observation.last = sample
        }
    }

    private func conclude(
        _ observation: Observation, _ source: inout PowerSource, watts: Double?, watched: Double
    ) {
        if let fault = observation.fault, observation.hasFailed || observation.failuresInARow >= Sampler.attempts {
            source.mark(fault)
            return
        }
        source.record.readLatencySeconds = median(observation.latencies)
        let gaps = zip(observation.changeTimes.dropFirst(), observation.changeTimes).map { $0 - $1 }
        source.record.updateIntervalSeconds = median(gaps)
        guard source.record.kind == .counter else {
            // A part of a sum may be switched off for now; what stands for something by itself is not.
            if watts == 0, source.group == nil, !source.isPart {
                source.markStale("the sensor shows 0 W all the time")
            } else if let complaint = watts.flatMap({ source.plausibility.complaint(aboutMean: $0) }) {
                source.mark(.implausible(complaint))
            }
            return
        }
        source.record.quantumJoules = quantum(observation.steps, source)
        if observation.changeTimes.isEmpty {
            source.markStale("the counter did not move in \((watched * 10).rounded() / 10) s")
        } else if gaps.isEmpty {
            // One change tells how long a period is at least.
            source.record.updateIntervalSeconds = watched
        } else if gaps.count >= Self.fewestChanges,
            let complaint = watts.flatMap({ source.plausibility.complaint(aboutMean: $0) })
        {
            source.mark(.implausible(complaint))
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
        guard let first = observation.first, let last = observation.last, last.time > first.time else { return nil }
        guard source.record.kind == .counter else {
            return observation.sum * source.scale / Double(observation.latencies.count)
        }
        var units = last.raw - first.raw
        if units < 0 {
            guard let modulus = source.modulus else { return nil }
            units += modulus
        }
        return units * source.scale / (last.time - first.time)
    }
}
