import Glibc
import Statistics
import Testing

@Suite("How a kernel follows its controls")
struct ControlResponseTests {
    /// Rounds on a machine whose arithmetic and memory slow down each in its own way, as random walks.
    private func rounds(
        _ count: Int, exponents: [Double], movement: Double, noise: Double, generator: inout SeededGenerator
    ) -> (kernel: [Double], controls: [[Double]]) {
        var levels = exponents.map { _ in 0.0 }
        var kernel: [Double] = []
        var controls = exponents.map { _ in [Double]() }
        for _ in 0..<count {
            for index in levels.indices {
                levels[index] += movement * generator.normal()
                controls[index].append(levels[index] + noise * generator.normal())
            }
            kernel.append(zip(levels, exponents).reduce(0) { $0 + $1.0 * $1.1 } + noise * generator.normal())
        }
        return (kernel, controls)
    }

    @Test("exponents are found where the machine moved, within what is said of their error")
    func exponents() throws {
        var generator = SeededGenerator(seed: 3)
        for truth in [[1.0, 0.0], [0.2, 0.7], [0.5, 0.5]] {
            let runs = (0..<2).map { _ in
                rounds(80, exponents: truth, movement: 0.03, noise: 0.004, generator: &generator)
            }
            let response = try #require(ControlResponse(runs.map(\.kernel), controls: runs.map(\.controls)))
            for (index, exponent) in response.exponents.enumerated() {
                #expect(abs(exponent - truth[index]) < 0.1, "\(response.exponents), expected \(truth)")
            }
            let shifts = [0.1, -0.2]
            let expected = truth[0] * shifts[0] + truth[1] * shifts[1]
            #expect(abs(response.effect(of: shifts) - expected) < 4 * response.error(of: shifts) + 0.01)
        }
    }

    @Test("where the controls stood still nothing is learnt: equal parts of 1, and an error that grows with the shift")
    func unmoved() throws {
        let still = (
            kernel: [0.0, 0.01, -0.01, 0.005, 0.0, 0.002], controls: [[0.0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]]
        )
        let response = try #require(
            ControlResponse([still.kernel, still.kernel], controls: [still.controls, still.controls]))
        #expect(response.exponents.allSatisfy { abs($0 - 0.5) < 1e-9 })
        #expect(abs(response.error(of: [0.1, 0]) - 0.05) < 1e-6 && response.error(of: [0, 0]) == 0)
    }

    @Test("controls that do not fit the rounds are no controls")
    func misfit() {
        #expect(ControlResponse([[1, 2]], controls: [[]]) == nil)
        #expect(ControlResponse([[1, 2]], controls: [[[1]]]) == nil)
        #expect(ControlResponse([[1, 2], [1, 2]], controls: [[[1, 2]], [[1, 2], [1, 2]]]) == nil)
    }
}
