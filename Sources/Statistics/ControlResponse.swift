import Glibc

/// How the time of a kernel follows the times of control kernels that ran beside it: the exponents b in
/// t ∝ c₁^b₁ · c₂^b₂ …, from rounds in which all were timed.
///
/// A machine that others share slows down and recovers for reasons that no counter shows. Controls never change, so
/// what moves them is the machine; how much of it moves a kernel depends on what the kernel is bound by. The exponents
/// are estimated by ridge regression on logarithms within each run (analysis of covariance), towards equal parts of 1
/// in total, which is a kernel that slows down as its controls do: where the controls stood still nothing is learnt,
/// and nothing needs to be.
public struct ControlResponse: Sendable, Equatable {
    /// Of each control.
    public let exponents: [Double]
    /// Covariances of the exponents.
    private let covariances: [[Double]]

    /// Standard deviation of an exponent before anything is seen.
    private static let priorDeviation = 0.5

    /// - Parameters:
    ///   - runs: of each run, the logarithms of a kernel's seconds by round.
    ///   - controls: `[run][control][round]`, likewise; every run with as many controls.
    /// - Returns: `nil` without controls, or when their lists do not fit together.
    public init?(_ runs: [[Double]], controls: [[[Double]]]) {
        guard runs.count == controls.count, let count = controls.first?.count, count > 0,
            zip(runs, controls).allSatisfy({ run, controls in
                controls.count == count && controls.allSatisfy { $0.count == run.count }
            })
        else { return nil }
        let prior = 1 / Double(count)
        var products = Array(repeating: Array(repeating: 0.0, count: count), count: count)
        var moments = Array(repeating: 0.0, count: count)
        var centredRuns: [(kernel: [Double], controls: [[Double]])] = []
        for (run, controls) in zip(runs, controls) {
            // Single readings are noisy, and noise in a control would hide how strongly a kernel follows it.
            let kernel = Self.centred(Self.smoothed(run))
            let smooth = controls.map { Self.centred(Self.smoothed($0)) }
            centredRuns.append((kernel, smooth))
            for row in 0..<count {
                moments[row] += Self.product(smooth[row], kernel)
                for column in 0..<count { products[row][column] += Self.product(smooth[row], smooth[column]) }
            }
        }
        let variance = Self.residualVariance(centredRuns, products, moments)
        let weight = variance / (Self.priorDeviation * Self.priorDeviation)
        var system = products
        var target = moments
        for row in 0..<count {
            system[row][row] += weight
            target[row] += weight * prior
        }
        guard let inverse = Self.inverse(system) else { return nil }
        exponents = inverse.map { Self.product($0, target) }
        covariances = inverse.map { $0.map { $0 * variance } }
    }

    /// The logarithm of what the machine did to the kernel when its controls moved by `shifts` (logarithms).
    public func effect(of shifts: [Double]) -> Double { Self.product(exponents, shifts) }

    /// The standard deviation of ``effect(of:)``.
    public func error(of shifts: [Double]) -> Double {
        var variance = 0.0
        for (row, shift) in shifts.enumerated() { variance += shift * Self.product(covariances[row], shifts) }
        return max(variance, 0).squareRoot()
    }

    /// Of the kernel about an unpenalised fit, allowing for rounds that resemble their neighbours.
    private static func residualVariance(
        _ runs: [(kernel: [Double], controls: [[Double]])], _ products: [[Double]], _ moments: [Double]
    ) -> Double {
        let count = moments.count
        var regularized = products
        for row in 0..<count { regularized[row][row] += 1e-12 + 1e-6 * products[row][row] }
        let slopes = inverse(regularized).map { $0.map { product($0, moments) } } ?? Array(repeating: 0, count: count)
        var (squares, freedom, inflation) = (0.0, -Double(count), 1.0)
        for run in runs {
            let residuals = run.kernel.indices.map { round in
                run.kernel[round] - run.controls.indices.reduce(0) { $0 + slopes[$1] * run.controls[$1][round] }
            }
            squares += product(residuals, residuals)
            freedom += Double(residuals.count - 1)
            inflation = max(inflation, Dependence(of: residuals).varianceInflation)
        }
        return max(squares / max(freedom, 1) * inflation, 1e-12)
    }

    private static func centred(_ values: [Double]) -> [Double] {
        let mean = values.reduce(0, +) / Double(max(values.count, 1))
        return values.map { $0 - mean }
    }

    /// Medians of five neighbours.
    private static func smoothed(_ values: [Double]) -> [Double] {
        values.indices.map { median(Array(values[max(0, $0 - 2)...min(values.count - 1, $0 + 2)])) ?? values[$0] }
    }

    private static func product(_ first: [Double], _ second: [Double]) -> Double {
        zip(first, second).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// By Gauss and Jordan, for the few controls that there are; `nil` for a singular matrix.
    private static func inverse(_ matrix: [[Double]]) -> [[Double]]? {
        let count = matrix.count
        var rows = matrix.enumerated().map { row, values in
            values + (0..<count).map { $0 == row ? 1.0 : 0 }
        }
        for column in 0..<count {
            guard let pivot = (column..<count).max(by: { abs(rows[$0][column]) < abs(rows[$1][column]) }),
                abs(rows[pivot][column]) > 1e-300
            else { return nil }
            rows.swapAt(column, pivot)
            let scale = rows[column][column]
            rows[column] = rows[column].map { $0 / scale }
            for row in 0..<count where row != column {
                let factor = rows[row][column]
                rows[row] = zip(rows[row], rows[column]).map { $0 - factor * $1 }
            }
        }
        return rows.map { Array($0[count...]) }
    }
}
