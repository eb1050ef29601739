import Glibc

/// Numbers for people: four significant digits and a prefix of the SI.
package enum FormattedQuantity {
    /// `1.234 ms`, `56.70 GFLOP/s`. Zero has no prefix; what is not finite is written as a dash, what is far below every
    /// prefix as `1.5e-20 s`.
    package static func si(_ value: Double, _ unit: String, digits: Int = 4) -> String {
        guard value.isFinite else { return "-" }
        guard value != 0 else { return "0 \(unit)" }
        guard abs(value) >= smallest else { return "\(value) \(unit)" }
        let rounded = Double(significant(value, digits: digits, exponent: true)) ?? value
        let prefixes = ["p", "n", "\u{B5}", "m", "", "k", "M", "G", "T", "P"]
        let power = min(max(Int((log10(abs(rounded)) / 3 + 1e-12).rounded(.down)), -4), 5)
        return "\(significant(value / pow(1000, Double(power)), digits: digits)) \(prefixes[power + 4])\(unit)"
    }

    /// `2.031`, `0.9983`, `1234`: as many digits as asked for, and no exponent unless the number is far below 1.
    package static func significant(_ value: Double, digits: Int = 4) -> String {
        significant(value, digits: digits, exponent: false)
    }

    /// `2.1 %` for 0.021.
    package static func percent(_ fraction: Double) -> String {
        guard fraction.isFinite else { return "-" }
        return fixed(fraction * 100, decimals: 1) + " %"
    }

    /// Files may hold any number. Below this one, powers of ten leave the range of integers, and at last that of doubles.
    private static let smallest = 1e-15
    /// As many as an integer takes.
    private static let mostDecimals = 18

    private static func significant(_ value: Double, digits: Int, exponent: Bool) -> String {
        guard value.isFinite else { return "-" }
        guard value != 0 else { return "0" }
        guard abs(value) >= smallest else { return "\(value)" }
        let magnitude = Int(log10(abs(value)).rounded(.down))
        let scale = pow(10, Double(digits - 1 - magnitude))
        if exponent { return "\((value * scale).rounded() / scale)" }
        // Rounding may carry into another digit: 9.9996 is 10.00, not 10.000.
        let carries = (abs(value) * scale).rounded() >= pow(10, Double(digits))
        return fixed(value, decimals: max(0, digits - 1 - magnitude - (carries ? 1 : 0)))
    }

    private static func fixed(_ value: Double, decimals: Int) -> String {
        let scale = pow(10, Double(decimals))
        let scaled = (abs(value) * scale).rounded()
        guard scaled < 9e18, decimals <= mostDecimals else { return "\(value)" }
        let sign = value < 0 && scaled > 0 ? "-" : ""
        let whole = Int(scaled) / Int(scale)
        guard decimals > 0 else { return "\(sign)\(whole)" }
        let fraction = "\(Int(scaled) % Int(scale))"
        return "\(sign)\(whole)." + String(repeating: "0", count: decimals - fraction.count) + fraction
    }
}
