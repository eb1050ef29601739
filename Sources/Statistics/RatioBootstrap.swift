/// An interval of Σ numerators ÷ Σ denominators by resampling the pairs: joules per execution from windows that each
/// have joules and executions.
///
/// The percentile bootstrap is too narrow for few samples. Its deviations from the estimate are therefore stretched by
/// √(n/(n − 1)) · t₍ₙ₋₁₎ / z (Hesterberg 2015, "What Teachers Should Know About the Bootstrap", section 4.3).
///
/// - Returns: `nil` when there are fewer than two pairs, or the denominators do not add up to something positive.
public func bootstrapRatioInterval(
    numerators: [Double], denominators: [Double], confidence: Double = 0.95, resamples: Int = 2000, seed: UInt64 = 0
) -> Interval? {
    let count = min(numerators.count, denominators.count)
    let whole = denominators.reduce(0, +)
    guard count >= 2, whole > 0 else { return nil }
    let estimate = numerators.reduce(0, +) / whole
    var generator = SeededGenerator(seed: seed, purpose: "ratio-bootstrap")
    var ratios: [Double] = []
    ratios.reserveCapacity(resamples)
    for _ in 0..<resamples {
        var (numerator, denominator) = (0.0, 0.0)
        for _ in 0..<count {
            let index = Int.random(in: 0..<count, using: &generator)
            numerator += numerators[index]
            denominator += denominators[index]
        }
        if denominator > 0 { ratios.append(numerator / denominator) }
    }
    guard !ratios.isEmpty else { return nil }
    ratios.sort()
    let tail = (1 - confidence) / 2
    let size = Double(count)
    let stretch = (size / (size - 1)).squareRoot() * studentQuantile(0.975, degrees: size - 1) / normalQuantile(0.975)
    return Interval(
        estimate - (estimate - quantile(sorted: ratios, tail)) * stretch,
        estimate + (quantile(sorted: ratios, 1 - tail) - estimate) * stretch)
}
