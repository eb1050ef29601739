import Glibc
import Statistics

/// A kernel's times on a machine that others use: white noise, slow drift, now and then an interruption, and an offset that
/// is the same for all of one run.
struct MachineModel {
    var whiteNoise = 0.01
    /// Standard deviation of drift that fades over `driftSamples` samples.
    var drift = 0.0
    var driftSamples = 30.0
    var interruptionChance = 0.0
    /// Mean length of an interruption, as a fraction of the kernel's time.
    var interruption = 0.3
    /// Standard deviation of the offset of a whole run.
    var runOffset = 0.0

    static let quiet = MachineModel(whiteNoise: 0.01)
    static let shared = MachineModel(
        whiteNoise: 0.008, drift: 0.01, driftSamples: 30, interruptionChance: 0.05, interruption: 0.3, runOffset: 0.003)

    /// Samples of kernels of the given costs, taken in turn: one run.
    func run(costs: [Double], count: Int, generator: inout SeededGenerator) -> [[Double]] {
        var samples = Array(repeating: [Double](), count: costs.count)
        let memory = driftSamples > 0 ? 1 - 1 / driftSamples : 0
        let offset = runOffset * generator.normal()
        var state = drift * generator.normal()
        for _ in 0..<count {
            for (kernel, cost) in costs.enumerated() {
                let step = memory.magnitude < 1 ? (1 - memory * memory).squareRoot() : 0
                state = memory * state + drift * step * generator.normal()
                var factor = 1 + offset + state + whiteNoise * generator.normal()
                if generator.uniform() < interruptionChance { factor -= interruption * log(1 - generator.uniform()) }
                samples[kernel].append(cost * factor)
            }
        }
        return samples
    }
}
