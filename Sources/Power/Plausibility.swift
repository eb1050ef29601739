import Results

/// What a reading may be, by the kind of its source and what its domain can draw. What lies outside is a fault, never a
/// number.
struct Plausibility: Sendable {
    let kind: PowerSourceKind
    /// Joules (counter) or watts (sensor) in one unit of the raw value.
    let scale: Double
    /// Watts that the domain draws while the machine runs: at most at any moment, at least on average.
    let watts: ClosedRange<Double>

    /// What is wrong with a mean of this many watts; `nil` when nothing is. Single readings below the least are
    /// believed: to leave out the low ones would raise the mean.
    func complaint(aboutMean mean: Double) -> String? {
        guard mean < watts.lowerBound else { return nil }
        return "\(kind == .counter ? "counts" : "shows") \(Self.words(mean)) where at least "
            + "\(Self.words(watts.lowerBound)) is drawn while this runs"
    }

    /// The reading, or why it is none.
    func checked(_ raw: Double) -> Result<Double, ReadFault> {
        guard raw.isFinite, raw >= 0 else {
            return .failure(.implausible("found \(raw), expected a number that is not negative"))
        }
        if let pattern = errorPattern(raw) {
            return .failure(.implausible("found \(pattern), by which firmware and drivers say that they have no value"))
        }
        guard kind == .sensor else { return .success(raw) }
        let shown = raw * scale
        guard shown <= watts.upperBound else {
            return .failure(
                .implausible("shows \(Self.words(shown)), expected at most \(Self.words(watts.upperBound))"))
        }
        return .success(raw)
    }

    /// Fields of 32 and 64 bits with all bits set, or all but the sign, in units of the file or in thousands of them
    /// (milliwatts in a file of microwatts). A counter of 32 bits passes through all its values in turn: of those only
    /// what fills 64 bits is an error.
    private func errorPattern(_ raw: Double) -> String? {
        let whole: [(Double, String)] = [
            (Double(UInt64.max), "0xFFFFFFFFFFFFFFFF"), (Double(Int64.max), "0x7FFFFFFFFFFFFFFF"),
        ]
        let half: [(Double, String)] = [(4_294_967_295, "0xFFFFFFFF"), (2_147_483_647, "0x7FFFFFFF")]
        let patterns = kind == .counter ? whole : whole + half + half.map { ($0.0 * 1000, $0.1 + " times 1000") }
        return patterns.first { $0.0 == raw }?.1
    }

    static func words(_ watts: Double) -> String { NumberFormat.quantity(watts, .watts) }
}

/// Watts between which what a kind of source speaks for lies while the machine runs. Wide: they tell a unit that was
/// mistaken and a firmware that answers anything from a measurement, not a good machine from a bad one.
package enum PlausibleWatts {
    /// The smallest boards that run this draw more, and a shelf of servers draws less.
    package static let machine = 0.25...20_000.0
    /// A processor that is awake, and it is while it reads this.
    package static let processor = 0.05...1500.0
    /// Processor and graphics of one chip, as its own sensor sees them.
    package static let processorWithGraphics = 0.25...1500.0
    /// A card may sleep.
    package static let card = 0.0...3000.0
    /// A rail, a core or a tile may be switched off.
    package static let part = 0.0...3000.0
    /// A battery that is discharged.
    package static let battery = 0.05...500.0
}
