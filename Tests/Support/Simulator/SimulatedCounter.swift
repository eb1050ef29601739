import Statistics
import Synchronization

/// Watts over time.
package typealias PowerProfile = @Sendable (_ time: Double) -> Double

/// An energy counter as hardware makes one: it integrates power in steps of its update interval, with noise of its own,
/// counts whole units, and wraps.
///
/// The energy of the update with number *n* is drawn from a generator seeded by *n*, so that readers may come at any
/// time, in any order, and always see the same counter.
package final class SimulatedCounter: Sendable {
    /// Joules a unit, units a revolution.
    private let unit: Double
    private let modulus: Double?
    private let update: Double
    private let noise: Double
    private let seed: UInt64
    private let power: PowerProfile
    private let offset: Double
    private let origin: Double
    private let reached = Mutex<(step: Int, joules: Double)>((0, 0))

    /// - Parameters:
    ///   - unit: Joules of the smallest step.
    ///   - modulus: Units after which it starts at 0 again; `nil` for never.
    ///   - update: Seconds between updates.
    ///   - noise: Standard deviation of one update's energy, relative.
    ///   - start: Joules on the counter at `origin`.
    package init(
        unit: Double = 1e-6, modulus: Double? = nil, update: Double = 0.001, noise: Double = 0, seed: UInt64 = 1,
        start: Double = 12_345.678_9, origin: Double = 1000, power: @escaping PowerProfile
    ) {
        self.unit = unit
        self.modulus = modulus
        self.update = update
        self.noise = noise
        self.seed = seed
        self.power = power
        offset = start
        self.origin = origin
    }

    /// Units on the counter at a moment.
    package func units(at time: Double) -> Double {
        let step = max(Int(((time - origin) / update).rounded(.down)), 0)
        let joules = reached.withLock { reached in
            if step < reached.step { reached = (0, 0) }
            while reached.step < step {
                let middle = origin + (Double(reached.step) + 0.5) * update
                reached.joules += power(middle) * update * factor(reached.step)
                reached.step += 1
            }
            return reached.joules
        }
        let units = ((offset + joules) / unit).rounded(.down)
        return modulus.map { units - (units / $0).rounded(.down) * $0 } ?? units
    }

    /// Microjoules, as `energy_uj` shows them.
    package func microjoules(at time: Double) -> String {
        "\(UInt64((units(at: time) * unit * 1e6).rounded(.down)))\n"
    }

    private func factor(_ step: Int) -> Double {
        guard noise > 0 else { return 1 }
        var generator = SeededGenerator(seed: seed &+ UInt64(step) &* 0x9E37_79B9)
        return 1 + noise * generator.normal()
    }
}
