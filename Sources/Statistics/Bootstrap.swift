/// The middle value: the mean of the two middle values when the count is even. Empty input gives `nil`.
///
/// - Complexity: O(*n* log *n*).
public func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
}

/// The value below which `fraction` of the samples lie, interpolated linearly (NumPy's default definition).
///
/// - Precondition: `sorted` is sorted and not empty.
public func quantile(sorted: [Double], _ fraction: Double) -> Double {
    let position = min(max(fraction, 0), 1) * Double(sorted.count - 1)
    let below = Int(position)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (sorted[above] - sorted[below]) * (position - Double(below))
}

/// A percentile bootstrap interval of a statistic of one sample (Efron and Tibshirani 1993, chapter 13).
///
/// - Returns: `nil` when there are fewer than two samples.
public func bootstrapInterval(
    of samples: [Double], confidence: Double = 0.95, resamples: Int = 2000, seed: UInt64 = 0,
    statistic: ([Double]) -> Double = { median($0) ?? .nan }
) -> Interval? {
    guard samples.count >= 2 else { return nil }
    var generator = SeededGenerator(seed: seed, purpose: "bootstrap")
    var resample = samples
    var results: [Double] = []
    results.reserveCapacity(resamples)
    for _ in 0..<resamples {
        for index in resample.indices {
            resample[index] = samples[Int.random(in: 0..<samples.count, using: &generator)]
        }
        results.append(statistic(resample))
    }
    results.sort()
    let tail = (1 - confidence) / 2
    return Interval(quantile(sorted: results, tail), quantile(sorted: results, 1 - tail))
}
