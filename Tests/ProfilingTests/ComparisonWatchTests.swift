import Profiling
import Statistics
import TestSupport
import Testing

@Suite("Sampling until a comparison is decided")
struct ComparisonWatchTests {
    /// Rounds until the comparison needs no more of them, or the limit.
    private func rounds(
        cost: Double, machine: MachineModel, limit: Int, among count: Int = 36, _ generator: inout SeededGenerator
    ) -> [[Double]] {
        let run = machine.run(costs: [cost, 1], count: limit, generator: &generator)
        var watch = ComparisonWatch(amongComparisons: count)
        for taken in 1...limit where !watch.needsMore([Array(run[0].prefix(taken))], [Array(run[1].prefix(taken))]) {
            return run.map { Array($0.prefix(taken)) }
        }
        return run
    }

    @Test("a large difference ends it soon, none at all goes on to the limit or to `same`")
    func length() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<50 {
            #expect(rounds(cost: 2, machine: .quiet, limit: 100, &generator)[0].count <= 12)
            let noisy = MachineModel(whiteNoise: 0.05)
            #expect(rounds(cost: 1.001, machine: noisy, limit: 40, &generator)[0].count == 40)
        }
    }

    @Test("looking again and again makes no more than 5 % of runs claim a difference among 36 that are none")
    func falseVerdicts() throws {
        for machine in [MachineModel.quiet, .shared, .bursty, .wandering] {
            var generator = SeededGenerator(seed: 4)
            var wrong = 0
            for _ in 0..<50 {
                var claims = 0
                for _ in 0..<36 {
                    let run = rounds(cost: 1, machine: machine, limit: 40, &generator)
                    let effect = try #require(
                        RelativeEffect(baseline: run[0], candidate: run[1], pairing: .interleaved))
                    let verdict = VerdictRule().judge(effect.estimate, among: 36, .time).verdict
                    claims += [.same, .unresolved].contains(verdict) ? 0 : 1
                }
                wrong += claims > 0 ? 1 : 0
            }
            #expect(wrong <= 2, "\(machine): \(wrong) of 50 runs")
        }
    }
}
