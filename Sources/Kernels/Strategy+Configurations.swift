import Results

/// A strategy's configurations: one value for each of its tunables, and a variant.
extension Strategy {
    /// What was chosen in place of the defaults.
    public var chosen: StrategyConfiguration {
        StrategyConfiguration(tunables: chosenTunables, variant: isVariantChosen ? forcedVariant : nil)
    }

    /// The name, with what was chosen to be held against the default: `flash matrix BLOCK_M=32`.
    public var label: String {
        let words = chosen.words
        return words.isEmpty || isTuned ? name : "\(name) \(words)"
    }

    public func choosing(_ configuration: StrategyConfiguration) -> Strategy {
        choosing(configuration.tunables, variant: configuration.variant)
    }

    /// How many values of all tunables together there are; 1 without tunables.
    public var configurationCount: Int {
        tunables.values.reduce(1) { count, tunable in
            let (product, overflow) = count.multipliedReportingOverflow(by: tunable.values.count)
            return overflow ? .max : product
        }
    }

    /// The values with this number, of which the last tunable by name varies fastest.
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
