import Glibc

/// Where the ratio of two quantities passes 1 as something else grows: from there on the other one is the smaller.
public struct Crossing: Sendable, Equatable {
    /// The ratio at one place.
    public struct Sight: Sendable {
        public let place: Double
        public let ratio: Double
        public let interval: Interval

        public init(place: Double, ratio: Double, interval: Interval) {
            self.place = place
            self.ratio = ratio
            self.interval = interval
        }

        /// On which side of 1 the ratio lies beyond doubt: −1 or 1, and 0 where that is open.
        var side: Double { interval.lower > 1 ? 1 : interval.upper < 1 ? -1 : 0 }
    }

    /// True where the ratio is below 1 before the crossing and above it after.
    public let rises: Bool
    public let place: Double
    /// Where the ends of the ratio's interval cross; an end is `nil` where that lies outside of the sights.
    public let lower: Double?
    public let upper: Double?

    /// Only where the ratio lies beyond doubt on one side of 1 before and on the other after: two quantities that are
    /// alike cross by noise all the time. In between, the ratio follows straight lines of the logarithms.
    public static func all(_ sights: [Sight]) -> [Crossing] {
        let sights = sights.sorted { $0.place < $1.place }
        return zip(sights, sights.dropFirst()).compactMap { left, right in
            let sign: Double = left.ratio < 1 ? -1 : 1
            guard sights.contains(where: { $0.place <= left.place && $0.side == sign }),
                sights.contains(where: { $0.place >= right.place && $0.side == -sign })
            else { return nil }
            guard log(left.ratio) * log(right.ratio) < 0, let place = between(left, right, \.ratio) else { return nil }
            let ends = [\Sight.interval.lower, \Sight.interval.upper].map { end in
                zip(sights, sights.dropFirst()).lazy.compactMap { between($0, $1, end) }.first
            }
            let known = ends.compactMap(\.self)
            // An end that never crosses leaves its side open.
            return Crossing(
                rises: sign < 0, place: place, lower: known.filter { $0 <= place }.min(),
                upper: known.filter { $0 >= place }.max())
        }
    }

    /// Where a figure of two neighbours is 1, on a straight line of the logarithms; `nil` where it is not between them.
    private static func between(_ left: Sight, _ right: Sight, _ figure: KeyPath<Sight, Double>) -> Double? {
        let (first, second) = (log(left[keyPath: figure]), log(right[keyPath: figure]))
        guard first.isFinite, second.isFinite, first * second < 0 else { return nil }
        let share = first / (first - second)
        return exp(log(left.place) + share * (log(right.place) - log(left.place)))
    }
}
