import Glibc

/// The regularised incomplete beta function Iₓ(a, b), the distribution function of the beta distribution, by Lentz's
/// continued fraction (Abramowitz and Stegun 26.5.8).
///
/// - Parameters:
///   - a: positive, as is `b`.
///   - x: from 0 to 1.
public func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    // The fraction converges quickly on this side of the mean.
    if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
    let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    let tiny = 1e-300
    var (numerator, denominator) = (1.0, 1 - (a + b) * x / (a + 1))
    denominator = 1 / (abs(denominator) < tiny ? tiny : denominator)
    var fraction = denominator
    for step in 1...1000 {
        let m = Double(step)
        let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        var change = 1.0
        for term in [even, odd] {
            denominator = 1 + term * denominator
            denominator = 1 / (abs(denominator) < tiny ? tiny : denominator)
            numerator = 1 + term / numerator
            if abs(numerator) < tiny { numerator = tiny }
            change = numerator * denominator
            fraction *= change
        }
        if abs(change - 1) < 1e-14 { break }
    }
    return front * fraction
}

/// P(T > t) of Student's distribution for t ≥ 0; that of the normal one with infinite degrees of freedom.
public func studentUpperTail(_ deviate: Double, degrees: Double) -> Double {
    guard degrees.isFinite else { return normalUpperTail(deviate) }
    return incompleteBeta(degrees / (degrees + deviate * deviate), degrees / 2, 0.5) / 2
}

/// The t ≥ 0 with P(T ≤ t) = `probability`, for probabilities from one half on, by bisection.
///
/// - Parameter degrees: of freedom, not necessarily whole; infinite for the normal distribution.
public func studentQuantile(_ probability: Double, degrees: Double) -> Double {
    guard probability > 0.5 else { return 0 }
    guard probability < 1 else { return .infinity }
    guard degrees.isFinite else { return normalQuantile(probability) }
    let tail = 1 - probability
    var (low, high) = (0.0, 1.0)
    while studentUpperTail(high, degrees: degrees) > tail, high < 1e12 { (low, high) = (high, 2 * high) }
    for _ in 0..<60 {
        let middle = (low + high) / 2
        if studentUpperTail(middle, degrees: degrees) > tail { low = middle } else { high = middle }
    }
    return (low + high) / 2
}
