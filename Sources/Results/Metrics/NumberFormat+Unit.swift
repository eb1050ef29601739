import Glibc

extension NumberFormat {
    /// A unit, and how numbers of it are written.
    public struct Unit: Sendable, Hashable {
        enum Style: Sendable {
            /// A few significant digits and a prefix of the unit.
            case prefixed
            /// A fraction of 1, written in per cent.
            case percentage
            /// A whole number of things.
            case count
            /// A power of ten, as errors are given.
            case scientific
        }

        /// The unit without prefix, such as `FLOP/s`; empty for counts and errors.
        public let symbol: String
        let style: Style
        let prefixes: [Prefix]
        /// An interval leaves two digits of its half-width where that begins with less than this, else one.
        let twoDigitsBelow: Double

        /// 3.55 is particle physics' rule (Particle Data Group 2024, introduction 5.3).
        private init(
            _ symbol: String, style: Style = .prefixed, _ prefixes: [Prefix] = [.none],
            twoDigitsBelow: Double = 3.55
        ) {
            self.symbol = symbol
            self.style = style
            self.prefixes = prefixes
            self.twoDigitsBelow = twoDigitsBelow
        }

        /// A unit with the decimal prefixes of these powers of ten: `Unit("J", from: -12, to: 6)` goes from pJ to MJ.
        public init(_ symbol: String, from lowest: Int = 0, to highest: Int = 0) {
            self.init(symbol, Prefix.decimal(from: lowest, to: highest))
        }

        public static let seconds = Unit("s", from: -9)
        public static let joules = Unit("J", from: -12, to: 6)
        public static let watts = Unit("W", from: -6, to: 6)
        public static let jouleSeconds = Unit("J·s", from: -15, to: 6)
        public static let joulesPerToken = Unit("J/token", from: -9, to: 6)
        /// Weights of a model: 8.03 G.
        public static let parameters = Unit("", to: 12)
        public static let kilowattHours = Unit("kWh")
        /// Of CO₂ equivalent.
        public static let grams = Unit("g", from: -6, to: 6)
        public static let hertz = Unit("Hz", to: 9)
        public static let flops = Unit("FLOP", to: 18)
        public static let flopsPerSecond = Unit("FLOP/s", to: 18)
        public static let flopsPerJoule = Unit("FLOP/J", to: 18)
        public static let flopsPerByte = Unit("FLOP/B")
        /// Rates are decimal: 1 GB/s is 10⁹ bytes a second.
        public static let bytesPerSecond = Unit("B/s", to: 15)
        /// Sizes are binary: 1 MiB is 2²⁰ bytes.
        public static let bytes = Unit("B", Prefix.binary)
        /// One quantity over another of its kind.
        public static let ratio = Unit("×", twoDigitsBelow: 0)
        public static let fraction = Unit("%", style: .percentage)
        public static let count = Unit("", style: .count)
        public static let error = Unit("", style: .scientific)

        /// The largest prefix at which `value` is 1 or more, the smallest there is for smaller values, and none for 0.
        package func prefix(for value: Double) -> Prefix {
            guard value != 0 else { return .none }
            // A rounded value may lie the least bit below the power that it was rounded to.
            return prefixes.last { abs(value) * (1 + 1e-12) >= $0.factor } ?? prefixes.first ?? .none
        }
    }

    /// A unit's prefix and what it stands for.
    package struct Prefix: Sendable, Hashable {
        package let symbol: String
        package let factor: Double

        static let none = Prefix(symbol: "", factor: 1)

        static func decimal(from lowest: Int, to highest: Int) -> [Prefix] {
            let symbols = [
                -15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P", 18: "E",
            ]
            return stride(from: lowest, through: highest, by: 3).map { exponent in
                Prefix(symbol: symbols[exponent] ?? "", factor: NumberFormat.powerOfTen(exponent))
            }
        }

        static let binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi"].enumerated().map { power, symbol in
            Prefix(symbol: symbol, factor: Double(1 << (10 * power)))
        }
    }
}
