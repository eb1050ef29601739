import Glibc
import Statistics

/// Numbers as people read them, in every output: a few significant digits, a prefix that fits, and always the unit.
///
/// An unknown is ``unknown`` (–), never 0; a modelled figure carries ``modelledMark`` (≈). Files for programs hold
/// numbers as they are, in SI units.
public enum NumberFormat {
    /// Stands where a figure is not known.
    public static let unknown = "–"
    /// Stands before every figure that was modelled rather than measured.
    public static let modelledMark = "≈ "

    /// A value with prefix and unit: `1.23 ms`, `152 GFLOP/s`; `12 %`, `24` and `3.1e-13` in units that have no
    /// prefixes.
    public static func quantity(_ value: Double?, _ unit: Unit, digits: Int = 3) -> String {
        guard let value, value.isFinite else { return unknown }
        switch unit.style {
        case .percentage: return percentage(value)
        case .count: return decimal(value, places: 0)
        case .scientific: return scientific(value)
        case .prefixed:
            // Rounding may carry to the next prefix.
            let scale = unit.prefix(for: value).factor
            let prefix = unit.prefix(for: rounded(value / scale, digits: digits) * scale)
            return "\(significant(value / prefix.factor, digits: digits)) \(prefix.symbol)\(unit.symbol)"
        }
    }

    /// A value and its interval, all at one prefix, rounded to the digits that the interval leaves:
    /// `("1.234 ms", "[1.220, 1.251]")`.
    public static func quantity(_ value: Double, _ interval: Interval, _ unit: Unit) -> (
        value: String, interval: String
    ) {
        guard value.isFinite else { return (unknown, "") }
        guard unit.style == .prefixed else {
            return (quantity(value, unit), "[\(quantity(interval.lower, unit)), \(quantity(interval.upper, unit))]")
        }
        // Zero, and what its interval drowns, take the prefix of the interval.
        let half = abs(interval.width / 2)
        let size = half.isFinite ? max(abs(value), half) : abs(value)
        var prefix = unit.prefix(for: size)
        // Rounding may carry to the next prefix: 999.6 ± 20 µs is 1.000 ms.
        let step = powerOfTen(-places(size / prefix.factor, half / prefix.factor, unit))
        prefix = unit.prefix(for: (size / prefix.factor / step).rounded() * step * prefix.factor)
        var places = min(max(places(size / prefix.factor, half / prefix.factor, unit), 0), 12)
        if unit == .ratio { places = self.places(places, excludingOneFrom: interval) }
        let texts = [value, interval.lower, interval.upper].map { decimal($0 / prefix.factor, places: places) }
        return ("\(texts[0]) \(prefix.symbol)\(unit.symbol)", "[\(texts[1]), \(texts[2])]")
    }

    /// A ratio, with its interval where it has one: `3.12 ×`, `3.12 × [2.95, 3.30]`.
    public static func ratio(_ value: Double?, _ interval: Interval? = nil) -> String {
        guard let value, value.isFinite, let interval else { return quantity(value, .ratio) }
        let pair = quantity(value, interval, .ratio)
        return "\(pair.value) \(pair.interval)"
    }

    /// A fraction as a percentage: `1.2 %`.
    public static func percentage(_ fraction: Double?) -> String {
        guard let fraction, fraction.isFinite else { return unknown }
        let percent = fraction * 100
        return (abs(percent) < 0.1 ? significant(percent, digits: 1) : significant(percent, digits: 2)) + " %"
    }

    /// Half of an interval's width relative to the value, as a percentage: `± 1.2 %`.
    public static func relativeHalfWidth(_ value: Double?, _ interval: Interval?) -> String? {
        guard let value, let interval, value.isFinite, value != 0, interval.width.isFinite else { return nil }
        return "± " + percentage(abs(interval.width / 2 / value))
    }

    /// A number with a fixed count of significant digits, without exponent where that stays readable.
    public static func significant(_ value: Double, digits: Int) -> String {
        guard value.isFinite else { return unknown }
        guard value != 0 else { return "0" }
        let exponent = decimalExponent(roundedToSignificant(value, digits: digits))
        if exponent >= 15 || exponent < -6 { return scientific(value, digits: digits) }
        return decimal(value, places: max(0, digits - 1 - exponent))
    }

    /// A number in scientific notation, as errors are given: `3.1e-13`.
    public static func scientific(_ value: Double, digits: Int = 2) -> String {
        guard value.isFinite else { return unknown }
        guard value != 0 else { return "0" }
        let exponent = decimalExponent(roundedToSignificant(value, digits: digits))
        let mantissa = value / powerOfTen(exponent)
        // The smallest doubles lie below every power of ten.
        guard mantissa.isFinite else { return "\(value)" }
        return "\(decimal(mantissa, places: digits - 1))e\(exponent)"
    }

    /// A number with a fixed count of decimal places; a true minus sign before negative ones.
    static func decimal(_ value: Double, places: Int) -> String {
        guard value.isFinite else { return value.isNaN ? unknown : value < 0 ? "−∞" : "∞" }
        let scale = powerOfTen(places)
        let scaled = (abs(value) * scale).rounded()
        guard scaled < 9e15 else { return scientific(value, digits: 3) }
        let whole = Int(scaled)
        let sign = value < 0 && whole != 0 ? "−" : ""
        guard places > 0 else { return sign + "\(whole)" }
        let divisor = Int(scale)
        let fraction = String(whole % divisor)
        return sign + "\(whole / divisor)." + String(repeating: "0", count: places - fraction.count) + fraction
    }

    /// The count of decimal places for a value and its interval: the digits of the half-width that ``Unit`` asks for,
    /// and of the value two at least and five at most. Negative where not even the last digit before the point is
    /// known.
    private static func places(_ size: Double, _ half: Double, _ unit: Unit) -> Int {
        let magnitude = decimalExponent(size)
        guard half > 0, half.isFinite else { return 2 - magnitude }
        let leading = half / powerOfTen(decimalExponent(half))
        let wanted = (leading < unit.twoDigitsBelow ? 1 : 0) - decimalExponent(half)
        return min(max(wanted, 1 - magnitude), 4 - magnitude)
    }

    /// An interval of ratios that is without 1 is still without it as written: that is what a verdict follows from.
    private static func places(_ places: Int, excludingOneFrom interval: Interval) -> Int {
        guard !interval.contains(1) else { return places }
        return (places...max(places, 9)).first { places in
            ![interval.lower, interval.upper].contains { ($0 * powerOfTen(places)).rounded() == powerOfTen(places) }
        } ?? places
    }

    /// As ``significant(_:digits:)`` writes it: digits before the point are never cut off.
    private static func rounded(_ value: Double, digits: Int) -> Double {
        roundedToSignificant(value, digits: max(digits, decimalExponent(value) + 1))
    }

    private static func decimalExponent(_ value: Double) -> Int {
        guard value != 0, value.isFinite else { return 0 }
        let exponent = Int(log10(abs(value)).rounded(.down))
        return abs(value) >= powerOfTen(exponent + 1) ? exponent + 1 : exponent
    }

    private static func roundedToSignificant(_ value: Double, digits: Int) -> Double {
        guard value != 0, value.isFinite else { return value }
        let places = digits - 1 - decimalExponent(value)
        let rounded =
            places >= 0
            ? (value * powerOfTen(places)).rounded() / powerOfTen(places)
            : (value / powerOfTen(-places)).rounded() * powerOfTen(-places)
        return rounded.isFinite ? rounded : value
    }

    static func powerOfTen(_ exponent: Int) -> Double { pow(10, Double(exponent)) }
}
