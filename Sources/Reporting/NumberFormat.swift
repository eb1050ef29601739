import Glibc
import Statistics

/// Numbers as people read them: a few significant digits, a prefix that fits, and always the unit.
///
/// An unknown is ``unknown`` (–), never 0; a modelled figure carries ``modelledMark`` (≈).
public enum NumberFormat {
    /// Stands where a figure is not known.
    public static let unknown = "–"
    /// Stands before every figure that was modelled rather than measured.
    public static let modelledMark = "≈ "

    /// A unit and the prefixes that go with it.
    public struct Unit: Sendable, Hashable {
        /// The unit without prefix, such as `FLOP/s`.
        public let symbol: String
        let base: Double
        let prefixes: [Prefix]

        public static let seconds = Unit("s", Prefix.decimal(from: -9, to: 0))
        public static let joules = Unit("J", Prefix.decimal(from: -9, to: 6))
        public static let watts = Unit("W", Prefix.decimal(from: -6, to: 6))
        public static let jouleSeconds = Unit("J·s", Prefix.decimal(from: -15, to: 6))
        public static let joulesPerToken = Unit("J/token", Prefix.decimal(from: -9, to: 6))
        public static let flops = Unit("FLOP", Prefix.decimal(from: 0, to: 18))
        public static let flopsPerSecond = Unit("FLOP/s", Prefix.decimal(from: 0, to: 18))
        public static let flopsPerJoule = Unit("FLOP/J", Prefix.decimal(from: 0, to: 18))
        public static let flopsPerByte = Unit("FLOP/B", Prefix.decimal(from: 0, to: 0))
        /// Rates are decimal: 1 GB/s is 10⁹ bytes a second.
        public static let bytesPerSecond = Unit("B/s", Prefix.decimal(from: 0, to: 15))
        /// Sizes are binary: 1 MiB is 2²⁰ bytes.
        public static let bytes = Unit("B", Prefix.binary, base: 1024)

        private init(_ symbol: String, _ prefixes: [Prefix], base: Double = 1000) {
            self.symbol = symbol
            self.prefixes = prefixes
            self.base = base
        }

        /// The largest prefix at which `value` is 1 or more; the smallest there is for smaller values.
        func prefix(for value: Double) -> Prefix {
            prefixes.last { abs(value) >= $0.factor } ?? prefixes.first ?? Prefix(symbol: "", factor: 1)
        }
    }

    /// A unit's prefix and what it stands for.
    struct Prefix: Sendable, Hashable {
        let symbol: String
        let factor: Double

        static func decimal(from lowest: Int, to highest: Int) -> [Prefix] {
            let symbols = [
                -15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P", 18: "E",
            ]
            return stride(from: lowest, through: highest, by: 3).map { exponent in
                Prefix(symbol: symbols[exponent] ?? "", factor: powerOfTen(exponent))
            }
        }

        static let binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi"].enumerated().map { power, symbol in
            Prefix(symbol: symbol, factor: Double(1 << (10 * power)))
        }
    }

    /// A value with prefix and unit: `1.23 ms`, `152 GFLOP/s`.
    public static func quantity(_ value: Double?, _ unit: Unit, digits: Int = 3) -> String {
        guard let value, value.isFinite else { return unknown }
        let rounded = roundedToSignificant(value, digits: digits)
        let prefix = unit.prefix(for: rounded)
        return "\(significant(value / prefix.factor, digits: digits)) \(prefix.symbol)\(unit.symbol)"
    }

    /// A value and its interval, all at the value's prefix, rounded to the digits that the interval leaves:
    /// `("1.234 ms", "[1.220, 1.251]")`.
    public static func quantity(_ value: Double, _ interval: Interval, _ unit: Unit) -> (
        value: String, interval: String
    ) {
        guard value.isFinite else { return (unknown, "") }
        let prefix = unit.prefix(for: roundedToSignificant(value, digits: 4))
        let pair = numbers(value / prefix.factor, interval.scaled(by: 1 / prefix.factor))
        return ("\(pair.value) \(prefix.symbol)\(unit.symbol)", pair.interval)
    }

    /// A ratio: `3.12 ×`.
    public static func ratio(_ value: Double?) -> String {
        guard let value, value.isFinite else { return unknown }
        return significant(value, digits: 3) + " ×"
    }

    /// A ratio with its interval: `3.12 × [2.95, 3.30]`.
    public static func ratio(_ value: Double?, _ interval: Interval?) -> String {
        guard let value, value.isFinite, let interval else { return ratio(value) }
        let pair = numbers(value, interval, twoDigitsBelow: 0)
        return "\(pair.value) × \(pair.interval)"
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
        let scale = powerOfTen(places)
        let scaled = (abs(value) * scale).rounded()
        guard scaled < 9e15 else { return "\(value)" }
        let whole = Int(scaled)
        let sign = value < 0 && whole != 0 ? "−" : ""
        guard places > 0 else { return sign + "\(whole)" }
        let divisor = Int(scale)
        let fraction = String(whole % divisor)
        return sign + "\(whole / divisor)." + String(repeating: "0", count: places - fraction.count) + fraction
    }

    /// A number and its interval with the same count of decimal places: one significant digit of the half-width, two where it
    /// begins with less than `twoDigitsBelow`. The 3.55 is particle physics' (Particle Data Group 2024, introduction 5.3).
    private static func numbers(
        _ value: Double, _ interval: Interval, twoDigitsBelow: Double = 3.55
    ) -> (value: String, interval: String) {
        let half = interval.width / 2
        let magnitude = decimalExponent(value)
        let leading = half / powerOfTen(decimalExponent(half))
        let wanted =
            half > 0 && half.isFinite ? (leading < twoDigitsBelow ? 1 : 0) - decimalExponent(half) : 2 - magnitude
        let places = min(max(wanted, 1 - magnitude), 4 - magnitude)
        let bounded = min(max(places, 0), 12)
        let lower = decimal(interval.lower, places: bounded)
        let upper = decimal(interval.upper, places: bounded)
        return (decimal(value, places: bounded), "[\(lower), \(upper)]")
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

    private static func powerOfTen(_ exponent: Int) -> Double { pow(10, Double(exponent)) }
}
