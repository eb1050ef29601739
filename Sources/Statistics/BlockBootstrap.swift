/// The middle `confidence` of bootstrap replicates (Efron and Tibshirani 1993, chapter 13).
func percentileInterval(_ replicates: [Double], confidence: Double) -> Interval {
    let sorted = replicates.sorted()
    let tail = (1 - confidence) / 2
    return Interval(quantile(sorted: sorted, tail), quantile(sorted: sorted, 1 - tail))
}

/// One draw of the circular block bootstrap (Politis and Romano 1992): how often each sample of a series was drawn.
///
/// Neighbouring samples on a machine that others use resemble one another, so drawing them one by one would understate
/// the uncertainty. Whole blocks of neighbours keep that dependence.
struct BlockResampling {
    /// Where each block begins.
    private(set) var starts: [Int] = []
    private(set) var blockLength = 1
    let count: Int
    fileprivate var multiplicities: [Int32]

    init(count: Int) {
        self.count = count
        multiplicities = Array(repeating: 0, count: count)
    }

    mutating func draw(blockLength: Int, using generator: inout SeededGenerator) {
        self.blockLength = blockLength
        starts.removeAll(keepingCapacity: true)
        for _ in 0..<((count + blockLength - 1) / blockLength) {
            starts.append(Int.random(in: 0..<count, using: &generator))
        }
    }
}

/// A series together with the rank of each sample, from which quantiles of a resample follow without sorting it.
struct RankedSeries {
    let sorted: [Double]
    /// `ranks[i]` is the place of sample i in `sorted`.
    let ranks: [Int]
    /// Block length that fits the dependence among the samples, at least 1.
    let blockLength: Int

    init(_ samples: [Double]) {
        let order = samples.indices.sorted { (samples[$0], $0) < (samples[$1], $1) }
        var ranks = Array(repeating: 0, count: samples.count)
        for (rank, index) in order.enumerated() { ranks[index] = rank }
        self.ranks = ranks
        sorted = order.map { samples[$0] }
        blockLength = Dependence(of: midranks(samples)).wholeBlockLength
    }

    var count: Int { sorted.count }

    /// The quantile of the samples themselves.
    func quantile(_ fraction: Double) -> Double { Statistics.quantile(sorted: sorted, fraction) }

    /// Quantile of what `resampling` drew from this series.
    ///
    /// - Complexity: O(*n*), by counting how often each rank was drawn.
    func quantile(_ fraction: Double, of resampling: inout BlockResampling) -> Double {
        tally(&resampling)
        return tallied(fraction, resampling)
    }

    /// Two quantiles for the price of one tally.
    func quantiles(_ first: Double, _ second: Double, of resampling: inout BlockResampling) -> (Double, Double) {
        tally(&resampling)
        return (tallied(first, resampling), tallied(second, resampling))
    }

    private func tally(_ resampling: inout BlockResampling) {
        for rank in 0..<count { resampling.multiplicities[rank] = 0 }
        var left = count
        for start in resampling.starts {
            var index = start
            for _ in 0..<min(resampling.blockLength, left) {
                resampling.multiplicities[ranks[index]] += 1
                index = index + 1 == count ? 0 : index + 1
            }
            left -= min(resampling.blockLength, left)
        }
    }

    private func tallied(_ fraction: Double, _ resampling: BlockResampling) -> Double {
        let position = fraction * Double(count - 1)
        let below = Int(position)
        var (passed, rank) = (0, 0)
        while passed + Int(resampling.multiplicities[rank]) <= below {
            passed += Int(resampling.multiplicities[rank])
            rank += 1
        }
        let lower = sorted[rank]
        guard position > Double(below), passed + Int(resampling.multiplicities[rank]) <= below + 1 else { return lower }
        repeat { rank += 1 } while resampling.multiplicities[rank] == 0
        return lower + (sorted[rank] - lower) * (position - Double(below))
    }
}
