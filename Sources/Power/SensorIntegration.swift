import Results

/// Turns the readings of a power sensor into joules over an interval.
///
/// A sensor that averages over A seconds and is updated every U seconds shows the power of A/2 + U/2 ago on average,
/// and for A + U after the interval's begin it still shows what was before. So the readings of the settled part `[begin
/// + A + U, end]` are integrated by the trapezoidal rule, each shifted back by (A + U)/2, and the mean power so found
/// is taken for the whole interval, in which the same work is repeated back to back.
package struct SensorIntegration: Sendable {
    /// Fewer readings than this say nothing about a mean.
    static let fewestReadings = 5

    private let samples: [Sample]
    private let source: PowerSource
    private let settling: Double

    package init(samples: [Sample], source: PowerSource) {
        self.samples = samples
        self.source = source
        settling = source.averagingSeconds + source.updateSeconds
    }

    /// Joules from `begin` to `end`.
    package func energy(from begin: Double, to end: Double) -> Result<EnergyEstimate, InvalidInterval> {
        Result { () throws(InvalidInterval) in
            let settled = samples.filter { $0.time >= begin + settling && $0.time <= end }
            guard settled.count >= Self.fewestReadings, let first = settled.first, let last = settled.last else {
                throw InvalidInterval(
                    "the window is too short for a sensor that settles in \(NumberFormat.quantity(settling, .seconds))")
            }
            try checkGaps(settled, begin: begin, end: end)
            let duration = last.time - first.time
            guard duration > 0 else { throw InvalidInterval("the sensor's readings have no extent in time") }
            let watts = Self.trapezoid(settled[...], scale: source.scale) / duration
            let joules = watts * (end - begin)
            // What the unsettled head and the ends can hide: the power there may differ as much as the halves differ.
            let middle = settled.count / 2
            let drift = abs(mean(settled[..<middle]) - mean(settled[middle...]))
            let unit = source.scale * (end - begin)
            return EnergyEstimate(joules: joules, bound: drift * min(2 * settling, end - begin) + unit)
        }
    }

    /// Joules from `begin` to `end`, whatever was done meanwhile: the trapezoidal rule over the readings as they came,
    /// the power at the ends held. What the sensor averages or delays at the ends is the bound.
    package func plainEnergy(from begin: Double, to end: Double) -> Result<EnergyEstimate, InvalidInterval> {
        Result { () throws(InvalidInterval) in
            let inside = samples.filter { $0.time >= begin && $0.time <= end }
            guard inside.count >= 2, let first = inside.first, let last = inside.last, last.time > first.time else {
                throw InvalidInterval("fewer than two readings of the sensor in this time")
            }
            let ends = (first.raw * (first.time - begin) + last.raw * (end - last.time)) * source.scale
            let joules = Self.trapezoid(inside[...], scale: source.scale) + ends
            guard joules > 0 else { throw InvalidInterval("the sensor shows no power") }
            let powers = inside.map(\.raw)
            let spread = ((powers.max() ?? 0) - (powers.min() ?? 0)) * source.scale
            return EnergyEstimate(joules: joules, bound: spread * min(settling, end - begin))
        }
    }

    private func checkGaps(_ settled: [Sample], begin: Double, end: Double) throws(InvalidInterval) {
        let longest = max(6 * Sampler.period(source, dense: nil), 3 * source.updateSeconds)
        var previous = begin + settling
        for moment in settled.map(\.time) + [end] {
            guard moment - previous <= longest else {
                throw InvalidInterval(
                    "the sensor gave no value for \(NumberFormat.quantity(moment - previous, .seconds))")
            }
            previous = moment
        }
    }

    private func mean(_ part: ArraySlice<Sample>) -> Double {
        part.isEmpty ? 0 : part.reduce(0) { $0 + $1.raw } * source.scale / Double(part.count)
    }

    /// ∫ P dt over the readings.
    static func trapezoid(_ samples: ArraySlice<Sample>, scale: Double) -> Double {
        zip(samples, samples.dropFirst()).reduce(0) { sum, pair in
            sum + (pair.0.raw + pair.1.raw) / 2 * (pair.1.time - pair.0.time)
        } * scale
    }
}

extension PowerSource {
    /// Joules over an interval from this source's readings.
    package func energy(
        of samples: [Sample], from begin: Double, to end: Double
    ) -> Result<EnergyEstimate, InvalidInterval> {
        record.kind == .sensor
            ? SensorIntegration(samples: samples, source: self).energy(from: begin, to: end)
            : CounterIntegration(samples: samples, source: self).energy(from: begin, to: end)
    }
}
