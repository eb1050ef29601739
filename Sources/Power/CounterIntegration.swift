import Results

/// Turns the readings of a counter into joules over any interval.
///
/// 1. Readings are unwrapped, one domain by itself. A decrease is a wrap where the modulus is known and the corrected
///    step is power that the domain can draw; anything else breaks the series, and no interval over a break has a
///    value.
/// 2. A *knot* is a moment at which the counter is known to have just been updated: between the last reading of the old
///    value and the first reading of the new one, and no earlier than one update interval before the latter. This
///    takes out the staleness of counters that are updated every 20 to 100 ms.
/// 3. At the edge of an interval the energy is extrapolated from the knots before it and from the knots after it, each
///    with its own local power. Where power steps exactly at the edge, or does not step at all, both agree; half of
///    what they differ by is the edge's error. Neither may leave the values of the two knots around the edge, since
///    energy only grows.
package struct CounterIntegration: Sendable {
    /// The counter has value `joules` at `time` ± `uncertainty`.
    struct Knot: Equatable {
        var time: Double
        var uncertainty: Double
        var joules: Double
        var segment: Int
    }

    let knots: [Knot]
    private let breaks: [(time: Double, reason: String)]
    private let lastReading: Double
    private let firstReading: Double
    private let slopeSpan: Double
    private let quantum: Double

    package init(samples: [Sample], source: PowerSource) {
        let update = source.updateSeconds
        quantum = source.record.quantumJoules ?? 0
        slopeSpan = max(4 * update, 0.01)
        firstReading = samples.first?.time ?? .infinity
        lastReading = samples.last?.time ?? -.infinity
        var (knots, breaks) = ([Knot](), [(time: Double, reason: String)]())
        var (joules, segment) = (0.0, 0)
        for (index, sample) in samples.enumerated() {
            let latest = sample.time
            var earliest = latest - update
            if index > 0 {
                let previous = samples[index - 1]
                switch Self.step(from: previous, to: sample, source: source) {
                case .success(0): continue
                case .success(let step):
                    joules += step
                    earliest = max(earliest, previous.time)
                case .failure(let fault):
                    segment += 1
                    breaks.append((sample.time, fault.reason))
                }
            }
            let halfGap = (sample.after - sample.before) / 2
            knots.append(
                Knot(
                    time: (earliest + latest) / 2, uncertainty: (latest - earliest) / 2 + halfGap, joules: joules,
                    segment: segment))
        }
        self.knots = knots
        self.breaks = breaks
    }

    /// Joules between two readings, wrap corrected.
    static func step(from old: Sample, to new: Sample, source: PowerSource) -> Result<Double, InvalidInterval> {
        let elapsed = new.after - old.before
        // An update may fall just after the old reading and bring one interval's energy at once.
        let slack = 2 * source.updateSeconds
        let largest = source.maximumWatts * (elapsed + slack) + 2 * (source.record.quantumJoules ?? 0)
        if let modulus = source.modulus, source.maximumWatts * elapsed >= modulus * source.scale {
            return .failure(
                InvalidInterval(
                    "\(NumberFormat.quantity(elapsed, .seconds)) without a reading: the counter may have wrapped more than once"
                ))
        }
        var step = (new.raw - old.raw) * source.scale
        if step < 0 {
            guard let modulus = source.modulus else {
                return .failure(InvalidInterval("the counter went back and its range is not known"))
            }
            step += modulus * source.scale
            guard step >= 0, step <= largest else {
                return .failure(
                    InvalidInterval("the counter was reset: a wrap would mean more power than the domain can draw"))
            }
        }
        guard step <= largest else {
            return .failure(InvalidInterval("the counter jumped: more power than the domain can draw"))
        }
        return .success(step)
    }

    /// Joules from `begin` to `end`.
    package func energy(from begin: Double, to end: Double) -> Result<EnergyEstimate, InvalidInterval> {
        Result { () throws(InvalidInterval) in
            let first = try edge(begin)
            let last = try edge(end)
            if let broken = breaks.first(where: { $0.time >= first.from && $0.time <= last.to }) {
                throw InvalidInterval(broken.reason)
            }
            let joules = last.joules - first.joules
            guard joules > 0 else { throw InvalidInterval("the counter did not advance") }
            return EnergyEstimate(joules: joules, bound: first.bound + last.bound)
        }
    }

    /// True when the counter is known to have been updated after a moment, which the energy at that moment is reckoned
    /// from.
    func isUpdated(after moment: Double) -> Bool { knots.last.map { $0.time > moment } ?? false }

    private struct Edge {
        var joules: Double
        var bound: Double
        var from: Double
        var to: Double
    }

    private func edge(_ moment: Double) throws(InvalidInterval) -> Edge {
        guard firstReading <= moment, moment <= lastReading else {
            throw InvalidInterval("no reading on both sides of the window's edge")
        }
        let next = firstKnot(after: moment)
        guard next > 0, next < knots.count else {
            throw InvalidInterval("the counter was not updated on both sides of the window's edge")
        }
        let (before, after) = (knots[next - 1], knots[next])
        guard before.segment == after.segment else {
            throw InvalidInterval(breaks.first { $0.time >= before.time }?.reason ?? "the counter was reset")
        }
        let rise = after.joules - before.joules
        let span = after.time - before.time
        let linear = span > 0 ? rise / span : 0
        let outer = slope(backFrom: next - 1) ?? linear
        let inner = slope(onFrom: next) ?? linear
        let fromBefore = before.joules + min(outer * (moment - before.time), rise)
        let fromAfter = after.joules - min(inner * (after.time - moment), rise)
        let timing = max(outer, inner, linear) * (before.uncertainty + after.uncertainty) / 2
        let bound = min(abs(fromBefore - fromAfter) / 2 + timing + quantum / 2, rise + quantum)
        return Edge(joules: (fromBefore + fromAfter) / 2, bound: bound, from: before.time, to: after.time)
    }

    /// Index of the first knot later than a moment.
    private func firstKnot(after moment: Double) -> Int {
        var (low, high) = (0, knots.count)
        while low < high {
            let middle = (low + high) / 2
            if knots[middle].time <= moment { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Watts over the knots of the last ``slopeSpan`` seconds up to a knot.
    private func slope(backFrom index: Int) -> Double? {
        var other = index
        while other > 0, knots[other - 1].segment == knots[index].segment,
            knots[other - 1].time >= knots[index].time - slopeSpan
        { other -= 1 }
        return watts(other, index)
    }

    /// Watts over the knots of the next ``slopeSpan`` seconds from a knot.
    private func slope(onFrom index: Int) -> Double? {
        var other = index
        while other + 1 < knots.count, knots[other + 1].segment == knots[index].segment,
            knots[other + 1].time <= knots[index].time + slopeSpan
        { other += 1 }
        return watts(index, other)
    }

    private func watts(_ first: Int, _ last: Int) -> Double? {
        let span = knots[last].time - knots[first].time
        return span > 0 ? (knots[last].joules - knots[first].joules) / span : nil
    }
}
