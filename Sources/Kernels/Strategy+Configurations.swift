import Results

/// A strategy's configurations: one value for each of its tunables.
extension Strategy {
    /// The name, with the values that were chosen to be held against the default ones: `flash BLOCK_M=32`.
    public var label: String {
        guard !chosenTunables.isEmpty, !isTuned else { return name }
        return "\(name) \(TuningRecord.words(chosenTunables))"
    }

    /// How many configurations there are; 1 without tunables.
    public var configurationCount: Int {
        tunables.values.reduce(1) { count, tunable in
            let (product, overflow) = count.multipliedReportingOverflow(by: tunable.values.count)
            return overflow ? .max : product
        }
    }

    /// The configuration with this number, of which the last tunable by name varies fastest.
    ///
    /// - Precondition: `0 ≤ index <` ``configurationCount``.
    public func configuration(_ index: Int) -> [String: Int] {
        var rest = index
        var values: [String: Int] = [:]
        for (name, tunable) in tunables.sorted(by: { $0.key > $1.key }) {
            let (quotient, place) = rest.quotientAndRemainder(dividingBy: tunable.values.count)
            values[name] = tunable.values[place]
            rest = quotient
        }
        return values
    }
}
