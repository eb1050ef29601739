import Glibc

/// What a rank test found.
public struct RankTest: Sendable, Equatable {
    /// U of the first sample (Mann-Whitney), or the sum of the ranks of positive differences (Wilcoxon).
    public let statistic: Double
    /// Two-sided.
    public let pValue: Double
    /// True when the p value comes from the exact distribution rather than its normal approximation.
    public let isExact: Bool
}

/// Ranks from 1, values that are equal sharing the mean of theirs.
public func midranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = Array(repeating: 0.0, count: values.count)
    var first = 0
    while first < order.count {
        var last = first
        while last + 1 < order.count, values[order[last + 1]] == values[order[first]] { last += 1 }
        for place in first...last { ranks[order[place]] = Double(first + last) / 2 + 1 }
        first = last + 1
    }
    return ranks
}

/// Two-sided Mann-Whitney test: does one of two independent samples tend to larger values? (Mann and Whitney 1947.)
///
/// Exact when there are no ties, one sample has at most eight values and the other at most 400; else the normal approximation with corrections
/// for ties and continuity.
///
/// - Parameter varianceInflation: by how much dependence among the samples inflates the variance of U (`Dependence`);
///   above 1 the normal approximation is used whatever the sizes.
/// - Returns: `nil` when a sample is empty.
public func mannWhitney(_ first: [Double], _ second: [Double], varianceInflation: Double = 1) -> RankTest? {
    guard !first.isEmpty, !second.isEmpty else { return nil }
    let pooled = first + second
    let ranks = midranks(pooled)
    let (n1, n2) = (Double(first.count), Double(second.count))
    let statistic = ranks[..<first.count].reduce(0, +) - n1 * (n1 + 1) / 2
    let larger = max(statistic, n1 * n2 - statistic)
    let tieTerm = tieCorrection(pooled)
    let isSmall = min(first.count, second.count) <= 8 && max(first.count, second.count) <= 400
    if tieTerm == 0, isSmall, varianceInflation <= 1 {
        let tail = mannWhitneyTail(first.count, second.count, atLeast: Int(larger))
        return RankTest(statistic: statistic, pValue: min(1, 2 * tail), isExact: true)
    }
    let n = n1 + n2
    let variance = n1 * n2 / 12 * (n + 1 - tieTerm / (n * (n - 1))) * varianceInflation
    guard variance > 0 else { return RankTest(statistic: statistic, pValue: 1, isExact: false) }
    let deviate = (larger - n1 * n2 / 2 - 0.5) / variance.squareRoot()
    return RankTest(statistic: statistic, pValue: min(1, 2 * normalUpperTail(deviate)), isExact: false)
}

/// Two-sided Wilcoxon signed-rank test: do paired differences tend to one sign? Zero differences are left out
/// (Wilcoxon 1945).
///
/// Exact up to 50 differences without ties; else the normal approximation with a correction for ties, none for continuity.
///
/// - Parameter varianceInflation: by how much dependence among the differences inflates the variance of the statistic.
/// - Returns: `nil` when every difference is zero, or there is none.
public func wilcoxonSignedRank(_ differences: [Double], varianceInflation: Double = 1) -> RankTest? {
    let nonzero = differences.filter { $0 != 0 }
    guard !nonzero.isEmpty else { return nil }
    let sizes = nonzero.map { abs($0) }
    let ranks = midranks(sizes)
    let statistic = zip(nonzero, ranks).reduce(0) { $1.0 > 0 ? $0 + $1.1 : $0 }
    let n = Double(nonzero.count)
    let tieTerm = tieCorrection(sizes)
    let total = n * (n + 1) / 2
    if tieTerm == 0, nonzero.count == differences.count, nonzero.count <= 50, varianceInflation <= 1 {
        let tail = signedRankTail(nonzero.count, atLeast: Int(max(statistic, total - statistic)))
        return RankTest(statistic: statistic, pValue: min(1, 2 * tail), isExact: true)
    }
    let variance = (n * (n + 1) * (2 * n + 1) / 24 - tieTerm / 48) * varianceInflation
    guard variance > 0 else { return RankTest(statistic: statistic, pValue: 1, isExact: false) }
    let deviate = abs(statistic - total / 2) / variance.squareRoot()
    return RankTest(statistic: statistic, pValue: min(1, 2 * normalUpperTail(deviate)), isExact: false)
}

/// The sum of t³ − t over groups of t equal values.
private func tieCorrection(_ values: [Double]) -> Double {
    var (sum, run) = (0.0, 1.0)
    let sorted = values.sorted()
    for index in 1..<max(sorted.count, 1) {
        if sorted[index] == sorted[index - 1] {
            run += 1
        } else {
            sum += run * run * run - run
            run = 1
        }
    }
    return sum + run * run * run - run
}

/// P(U ≥ u) without ties, from the recurrence of Mann and Whitney on the number of arrangements, kept as probabilities so
/// that large samples do not overflow.
private func mannWhitneyTail(_ firstCount: Int, _ secondCount: Int, atLeast u: Int) -> Double {
    let (small, large) = (min(firstCount, secondCount), max(firstCount, secondCount))
    // rows[i][u]: P(U = u) for i values of the smaller sample against the j of the larger seen so far.
    var rows = Array(repeating: [1.0], count: small + 1)
    for j in 1...large {
        rows[0] = [1]
        for i in 1...small {
            // The largest of all i + j values is one of the i (and adds j to U) or one of the j.
            var row = Array(repeating: 0.0, count: i * j + 1)
            let share = Double(i) / Double(i + j)
            for (value, probability) in rows[i - 1].enumerated() { row[value + j] += share * probability }
            let previous = j == 1 ? [1.0] : rows[i]
            for (value, probability) in previous.enumerated() { row[value] += (1 - share) * probability }
            rows[i] = row
        }
    }
    return rows[small][max(0, u)...].reduce(0, +)
}

/// P(W ≥ w) for n differences without ties: each rank is positive with probability one half.
private func signedRankTail(_ count: Int, atLeast w: Int) -> Double {
    var probabilities = [1.0]
    for rank in 1...count {
        var next = Array(repeating: 0.0, count: probabilities.count + rank)
        for (value, probability) in probabilities.enumerated() {
            next[value] += probability / 2
            next[value + rank] += probability / 2
        }
        probabilities = next
    }
    return probabilities[max(0, w)...].reduce(0, +)
}
