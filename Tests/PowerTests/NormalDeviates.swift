import Statistics
import Synchronization

/// A standard normal deviate for every key, the same each time it is asked for.
final class NormalDeviates: Sendable {
    private let known: Mutex<(generator: SeededGenerator, values: [Double: Double])>

    init(seed: UInt64) { known = Mutex((SeededGenerator(seed: seed, purpose: "deviates"), [:])) }

    func normal(for key: Double) -> Double {
        known.withLock { known in
            if let value = known.values[key] { return value }
            let value = known.generator.normal()
            known.values[key] = value
            return value
        }
    }
}
