/// A closed interval of real numbers, such as a 95 % confidence interval. Encoded as `[lower, upper]`.
public struct Interval: Sendable, Hashable {
    public var lower: Double
    public var upper: Double

    public init(_ lower: Double, _ upper: Double) {
        self.lower = lower
        self.upper = upper
    }

    public var width: Double { upper - lower }

    public func contains(_ value: Double) -> Bool { lower <= value && value <= upper }

    /// Both ends multiplied by `factor`; a negative factor exchanges the ends.
    public func scaled(by factor: Double) -> Interval {
        factor < 0 ? Interval(upper * factor, lower * factor) : Interval(lower * factor, upper * factor)
    }
}

extension Interval: Codable {
    public init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        self.init(try container.decode(Double.self), try container.decode(Double.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(lower)
        try container.encode(upper)
    }
}
