import Backends
import Kernels
import Statistics
import Testing

/// The CPU's kernels for a processor that this machine is not, with Arm's vectors, by QEMU; or for this one, watched by
/// sanitizers.
///
/// `./test emulation` and `./test sanitizers` compile them and name the server to this suite; without it there is
/// nothing to run here.
@Suite("Strategies in a server of stages", .enabled(if: EmulatedDevice.command != nil))
struct EmulationTests {
    @Test("are right on hard cases")
    func hardCases() throws {
        let trial = try StrategyTrial(device())
        for family in trial.families {
            let cases = try trial.catalogue.reference(of: family).hardCases.map(\.parameters)
            for (index, parameters) in cases.enumerated() {
                // Those that sweep a size after the odd ones.
                guard index < 12 || index % 5 == 0 else { continue }
                try trial.verifyAll(family, parameters, precisions: index < 12 ? Precision.allCases : [.f32])
            }
        }
        #expect(trial.neverRun() == [])
    }

    @Test("are right on seeded random shapes")
    func randomShapes() throws {
        let trial = try StrategyTrial(device())
        for family in trial.families {
            var generator = SeededGenerator(seed: 13, purpose: family.name)
            for index in 0..<4 {
                let shape = try trial.randomShape(of: family, largestFlops: 4e6, &generator)
                try trial.verifyAll(
                    family, shape, precisions: [[.f16, .f32, .bf16][index % 3]], seed: UInt64(index), repetitions: 2)
            }
        }
    }

    private func device() throws -> any Device {
        try EmulatedDevice(command: try #require(EmulatedDevice.command))
    }
}
