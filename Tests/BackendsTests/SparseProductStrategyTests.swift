import Kernels
import Statistics
import Testing

/// What random shapes of the whole family seldom are: blocks that BSR takes, two of four, vectors, rows of unequal
/// length.
@Suite("Sparse products", .serialized)
struct SparseProductStrategyTests {
    @Test("are right for blocks and for two of four, with any number of columns", arguments: TestedDevice.all)
    func structuredPatterns(device name: TestedDevice) throws {
        let trial = try StrategyTrial(name)
        let family = try trial.catalogue.family("spmm")
        var generator = SeededGenerator(seed: 12, purpose: "spmm.structured")
        func pick(_ values: [Int]) -> Int { values.randomElement(using: &generator) ?? 1 }
        for index in 0..<16 {
            var shape = [
                "M": Int.random(in: 1...120, using: &generator), "K": 4 * Int.random(in: 1...50, using: &generator),
                "N": pick([1, 2, 8, 24, 39, 64, 72]), "density": Int.random(in: 5...70, using: &generator),
            ]
            shape[index % 3 == 0 ? "twoFour" : "block"] = index % 3 == 0 ? 1 : pick([16, 32])
            try trial.verifyAll(
                family, shape, precisions: index % 2 == 0 ? [.f32] : [.f16], seed: UInt64(index),
                repetitions: 1 + index % 2)
        }
        try trial.expectSilence()
    }

    // The largest error is here that of the few elements of one long row, or of rows that are long where dense's sums
    // are cut: whose is twice as large is chance. Against the oracle all are right.
    @Test("are right for rows of very unequal length", arguments: TestedDevice.all)
    func unequalRows(device name: TestedDevice) throws {
        let trial = try StrategyTrial(name)
        let family = try trial.catalogue.family("spmm")
        for (key, density) in [("emptyRows", 20), ("denseRow", 1), ("powerLaw", 10)] {
            for columns in [1, 8, 48] {
                try trial.verifyAll(
                    family, ["M": 150, "K": 700, "N": columns, "density": density, key: 1],
                    precisions: columns == 8 ? [.f32, .f16] : [.f32], comparesErrors: false)
            }
        }
        try trial.expectSilence()
    }

    @Test("are right where a row is longer than a panel of b is deep", arguments: TestedDevice.all)
    func longRows(device name: TestedDevice) throws {
        let trial = try StrategyTrial(name)
        let family = try trial.catalogue.family("spmm")
        for (density, columns) in [(4, 65), (35, 17)] {
            try trial.verifyAll(
                family, ["M": 40, "K": 1100, "N": columns, "density": density], precisions: [.f32, .f16],
                comparesErrors: false)
        }
        try trial.expectSilence()
    }
}
