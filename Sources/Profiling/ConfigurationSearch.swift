import Results
import Statistics

/// In which order a strategy's configurations are tried.
///
/// All of them where there are few. Of many, half of what may be tried is drawn from all over the space, and the rest
/// step by step around the best so far: what makes a tile good makes its neighbours good, too.
package struct ConfigurationSearch {
    /// The best that a step looks around.
    private static let centreCount = 3

    package private(set) var space: ConfigurationSpace
    private let limit: Int
    private let stepSize: Int
    private var generator: SeededGenerator
    private var triedCount = 0
    private var hasBegun = false
    private let starts: [StrategyConfiguration]

    /// - Parameters:
    ///   - starts: what was found good elsewhere, the best first: half of what may be tried at most, in place of draws.
    ///   - limit: configurations that are tried at most.
    ///   - stepSize: those that are tried before the best so far are looked at again.
    package init(
        _ space: ConfigurationSpace, starts: [StrategyConfiguration] = [], limit: Int, stepSize: Int, seed: UInt64
    ) {
        self.space = space
        self.starts = starts
        self.limit = limit
        self.stepSize = stepSize
        generator = SeededGenerator(seed: seed, purpose: "configurations")
    }

    /// True when all configurations are tried.
    package var isExhaustive: Bool { space.count - 1 <= limit }

    /// Those to try next; none when the search is over.
    ///
    /// - Parameter best: what was tried, the best first.
    package mutating func next(best: [StrategyConfiguration]) -> [StrategyConfiguration] {
        defer { hasBegun = true }
        guard !isExhaustive else { return hasBegun ? [] : space.all() }
        var found: [StrategyConfiguration]
        if hasBegun {
            let wanted = min(stepSize, limit - triedCount)
            found = space.neighbours(of: Array(best.prefix(Self.centreCount)), atMost: wanted)
            // Around what cannot be bettered step by step there may be nothing left: elsewhere there is.
            found += space.draw(wanted - found.count, using: &generator)
        } else {
            let wanted = (limit + 1) / 2
            found = space.take(starts, atMost: wanted)
            found += space.draw(wanted - found.count, using: &generator)
        }
        triedCount += found.count
        return found
    }
}
