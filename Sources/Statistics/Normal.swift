import Glibc

/// P(Z > z) of the standard normal distribution.
public func normalUpperTail(_ deviate: Double) -> Double { erfc(deviate / 2.0.squareRoot()) / 2 }

/// The z with P(Z ≤ z) = `probability`, by bisection and Newton steps on `erfc`; infinite at 0 and 1.
public func normalQuantile(_ probability: Double) -> Double {
    guard probability > 0 else { return -.infinity }
    guard probability < 1 else { return .infinity }
    if probability > 0.5 { return -normalQuantile(1 - probability) }
    var (low, high) = (-39.0, 0.0)
    for _ in 0..<60 {
        let middle = (low + high) / 2
        if normalUpperTail(-middle) < probability { low = middle } else { high = middle }
    }
    return (low + high) / 2
}
