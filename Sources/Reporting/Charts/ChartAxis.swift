import Glibc
import Results

/// From values to places on an axis, in per cent of the drawing's width or as a share of its height.
struct ChartAxis {
    let lowest, highest: Double
    let isLogarithmic: Bool

    /// - Parameter range: the axis' ends; without one, what holds all values with a little room.
    init(_ values: [Double], range: [Double]?, isLogarithmic: Bool) {
        self.isLogarithmic = isLogarithmic
        if let range {
            (lowest, highest) = (range[0], range[1])
        } else if isLogarithmic {
            lowest = (values.min() ?? 1) / 1.3
            highest = (values.max() ?? 1) * 1.3
        } else {
            lowest = min(values.min() ?? 0, 0)
            highest = max(values.max() ?? 1, lowest + .leastNormalMagnitude) * 1.02
        }
    }

    /// 0 at the lowest value, 1 at the highest, not beyond either.
    func share(_ value: Double) -> Double {
        let (low, high, place) =
            isLogarithmic ? (log(lowest), log(highest), log(value)) : (lowest, highest, value)
        guard high > low, place.isFinite else { return 0.5 }
        return min(max((place - low) / (high - low), 0), 1)
    }

    /// Values that are marked: round ones, not more than a narrow screen has room for.
    var ticks: [Double] {
        guard lowest.isFinite, highest.isFinite, highest > lowest else { return [] }
        guard isLogarithmic, lowest > 0 else { return linearTicks }
        let first = Int(log10(lowest).rounded(.down)), last = Int(log10(highest).rounded(.up))
        // Of many decades only every second, third … is marked.
        let stride = max(1, (last - first + 5) / 6)
        let decades = Swift.stride(from: first, through: last, by: stride).map { pow(10, Double($0)) }
        for steps in [[1.0, 1.5, 2, 3, 4, 5, 7], [1, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]] {
            let ticks = decades.flatMap { decade in steps.map { $0 * decade } }.filter {
                $0 >= lowest && $0 <= highest
            }
            if (2...7).contains(ticks.count) { return ticks }
        }
        return linearTicks
    }

    private var linearTicks: [Double] {
        let span = highest - lowest
        let power = pow(10, log10(span / 4).rounded(.down))
        let step = [1.0, 2, 5, 10].map { $0 * power }.first { span / $0 <= 5 } ?? span
        var ticks: [Double] = []
        var tick = (lowest / step).rounded(.up) * step
        while tick <= highest, ticks.count < 8, step > 0 {
            ticks.append(tick)
            tick += step
        }
        return ticks
    }

    /// As short as it can be.
    static func text(_ tick: Double) -> String {
        guard tick != 0 else { return "0" }
        let text = NumberFormat.significant(tick, digits: 3)
        guard text.contains("."), !text.contains("e") else { return text }
        var short = text
        while short.last == "0" { short.removeLast() }
        return short.last == "." ? String(short.dropLast()) : short
    }
}
