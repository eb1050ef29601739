import Glibc
import Statistics

/// A kernel's times on a machine that others use: white noise, slow drift, interruptions of single samples, bursts that
/// slow down everything for a while, and an offset that is the same for all of one run. Nothing of it is random but by
/// the generator.
///
/// ```swift
/// var generator = SeededGenerator(seed: 1)
/// let samples = MachineModel.shared.run(costs: [2e-3, 1e-3], count: 20, generator: &generator)
/// ```
package struct MachineModel: Sendable {
    /// Standard deviation of what differs from sample to sample, as a fraction of the kernel's time.
    package var whiteNoise = 0.01
    /// Standard deviation of drift that fades over `driftSamples` samples.
    package var drift = 0.0
    package var driftSamples = 30.0
    /// Standard deviation of the steps of a speed that never returns, a sample.
    package var wander = 0.0
    package var interruptionChance = 0.0
    /// Mean length of an interruption, as a fraction of the kernel's time.
    package var interruption = 0.3
    /// The chance that a burst begins with a sample.
    package var burstChance = 0.0
    /// Mean length of a burst, in samples.
    package var burstSamples = 4.0
    /// Mean slowdown of a sample in a burst, as a fraction of the kernel's time; each sample has its own.
    package var burst = 0.3
    /// Standard deviation of the offset of a whole run.
    package var runOffset = 0.0

    package init(
        whiteNoise: Double = 0.01, drift: Double = 0, driftSamples: Double = 30, interruptionChance: Double = 0,
        interruption: Double = 0.3, runOffset: Double = 0
    ) {
        self.whiteNoise = whiteNoise
        self.drift = drift
        self.driftSamples = driftSamples
        self.interruptionChance = interruptionChance
        self.interruption = interruption
        self.runOffset = runOffset
    }

    package static let quiet = MachineModel(whiteNoise: 0.01)
    package static let shared = MachineModel(
        whiteNoise: 0.008, drift: 0.01, driftSamples: 30, interruptionChance: 0.05, interruption: 0.3, runOffset: 0.003)
    /// One whose neighbours come and go: every tenth sample or so lies in a burst.
    package static let bursty: MachineModel = {
        var machine = MachineModel(whiteNoise: 0.01)
        machine.burstChance = 0.025
        return machine
    }()
    /// One whose speed moves by some per cent in the course of a run, back and forth, and does not come back.
    package static let wandering: MachineModel = {
        var machine = MachineModel(whiteNoise: 0.01, drift: 0.03, driftSamples: 40)
        machine.wander = 0.005
        return machine
    }()

    /// Samples of kernels of the given costs, taken in turn: one run.
    package func run(costs: [Double], count: Int, generator: inout SeededGenerator) -> [[Double]] {
        var samples = Array(repeating: [Double](), count: costs.count)
        let memory = driftSamples > 0 ? 1 - 1 / driftSamples : 0
        let step = memory.magnitude < 1 ? (1 - memory * memory).squareRoot() : 0
        let offset = runOffset * generator.normal()
        var state = drift * generator.normal()
        var (place, burstLeft) = (0.0, 0.0)
        for _ in 0..<count {
            for (kernel, cost) in costs.enumerated() {
                state = memory * state + drift * step * generator.normal()
                if wander > 0 { place += wander * generator.normal() }
                var factor = exp(place) * (1 + offset + state + whiteNoise * generator.normal())
                if generator.uniform() < interruptionChance { factor += interruption * exponential(&generator) }
                if burstChance > 0 {
                    if burstLeft < 1, generator.uniform() < burstChance {
                        burstLeft = burstSamples * exponential(&generator) + 1
                    }
                    if burstLeft >= 1 { factor += burst * exponential(&generator) }
                    burstLeft = max(0, burstLeft - 1)
                }
                samples[kernel].append(cost * factor)
            }
        }
        return samples
    }

    /// With a mean of 1.
    private func exponential(_ generator: inout SeededGenerator) -> Double { -log(1 - generator.uniform()) }
}
