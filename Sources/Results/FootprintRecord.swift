/// What joules are turned into emissions and money with: given by the user, or a published average of a region's grid.
public struct FootprintRecord: Codable, Sendable, Equatable {
    /// A grid's emissions.
    public struct Grid: Codable, Sendable, Equatable {
        /// ISO 3166-1, or `given` for a figure of the user's own.
        public var code: String
        public var name: String
        /// Grams of CO₂ equivalent a kilowatt-hour.
        public var gramsPerKilowattHour: Double
        /// Of the average; `nil` for a figure of the user's own.
        @ExplicitNull public var year: Int?
        public var source: String

        public init(code: String, name: String, gramsPerKilowattHour: Double, year: Int?, source: String) {
            self.code = code
            self.name = name
            self.gramsPerKilowattHour = gramsPerKilowattHour
            self.year = year
            self.source = source
        }
    }

    /// Side by side.
    public var grids: [Grid] = []
    /// Power usage effectiveness: what the building takes over what the machine takes.
    public var effectiveness = 1.0
    /// Of a kilowatt-hour; `nil` when no price was given.
    @ExplicitNull public var price: Double?
    public var currency = "EUR"
    /// Kilograms of CO₂ equivalent that making the machine emitted; `nil` when they were not given.
    @ExplicitNull public var embodiedKilograms: Double?
    /// Years over which they are spread.
    @ExplicitNull public var lifetimeYears: Double?
    /// Tokens of what counts as one inference; `nil` when that was not given.
    public var tokensPerInference: Int?

    public init() {}
}

/// What tokens emit and cost: the software carbon intensity of ISO/IEC 21031:2024, (E · I + M) per R, term by
/// term.
public struct TokenFootprint: Sendable, Equatable {
    /// R, unless something else is asked for.
    public static let million = 1e6
    private static let joulesPerKilowattHour = 3.6e6
    private static let secondsPerYear = 365.25 * 86400

    /// E, the building's share included.
    public let kilowattHours: Double
    /// M, grams: the machine's, by the share of its life that the tokens take; `nil` when nothing is known of its
    /// making.
    public let embodiedGrams: Double?
    /// `nil` without a price.
    public let money: Double?
    private let grids: [FootprintRecord.Grid]

    /// - Parameters:
    ///   - joules: a token.
    ///   - seconds: a token, in which the machine does nothing else.
    ///   - tokens: R.
    public init(_ footprint: FootprintRecord, joules: Double, seconds: Double, tokens: Double = million) {
        kilowattHours = joules * tokens / Self.joulesPerKilowattHour * footprint.effectiveness
        embodiedGrams = footprint.embodiedKilograms.flatMap { kilograms in
            footprint.lifetimeYears.map { kilograms * 1000 * seconds * tokens / ($0 * Self.secondsPerYear) }
        }
        let energy = kilowattHours
        money = footprint.price.map { $0 * energy }
        grids = footprint.grids
    }

    /// E · I on each grid, grams.
    public var operationalGrams: [Double] { grids.map { $0.gramsPerKilowattHour * kilowattHours } }

    /// (E · I + M) per R on each grid, grams for R tokens; what is not known of the making counts nothing, and has
    /// to be said.
    public var intensities: [Double] { operationalGrams.map { $0 + (embodiedGrams ?? 0) } }
}
