/// What a search chooses of a strategy: a value for each of its tunables, and which rung of their ladders its stages
/// take.
public struct StrategyConfiguration: Codable, Hashable, Sendable {
    public var tunables: [String: Int]
    /// The variant of every stage that has it, or `plain`; `nil`: the first that the device can take.
    public var variant: String?

    public init(tunables: [String: Int], variant: String? = nil) {
        self.tunables = tunables
        self.variant = variant
    }

    /// `matrix BLOCK_M=32,WAVES=4`: the tunables sorted by name.
    public var words: String {
        let values = tunables.isEmpty ? nil : TuningRecord.words(tunables)
        return [variant, values].compactMap(\.self).joined(separator: " ")
    }
}
