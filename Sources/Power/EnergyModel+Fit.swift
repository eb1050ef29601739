import Results

/// A model's coefficients fitted to measured runs, and how well they fit.
public struct EnergyModelFit: Codable, Sendable, Equatable {
    /// One measurement beside what the fitted model says of it.
    public struct Residual: Codable, Sendable, Equatable {
        public var measurement: String
        public var measuredJoules: Double
        public var modelledJoules: Double
        /// (modelled − measured) ÷ measured.
        public var relative: Double
    }

    /// The device's name.
    public var device: String
    public var coefficients: EnergyModel.Coefficients
    public var residuals: [Residual]
}

/// What came of fitting a model to runs.
public struct EnergyModelFits: Codable, Sendable, Equatable {
    /// One for each device that could be fitted, by name.
    public var fits: [EnergyModelFit] = []
    /// Devices that were measured and could not be fitted, and why.
    public var refusals: [String] = []
}

extension EnergyModel {
    /// The model with what was fitted in place of what it knew of those devices before.
    public func adding(_ fits: [EnergyModelFit]) -> EnergyModel {
        var model = self
        for fit in fits { model.fitted[fit.device] = fit.coefficients }
        return model
    }

    /// Fewer measured energies than this cannot tell three coefficients apart.
    public static let fewestPoints = 6

    private struct Point {
        var label: String
        var factors: [Double]
        var joules: Double
    }

    /// Fits the coefficients of every device that was measured in these runs, by least squares of relative errors with
    /// no coefficient below 0.
    ///
    /// Only resolved, measured or integrated energies of verified measurements take part: a model is never fitted to a
    /// model.
    ///
    /// A device with too few points, with points that do not tell the coefficients apart, or whose points the model
    /// misses by more than ``largestResidual`` is refused.
    ///
    /// - Throws: ``PowerError/Code/notFittable`` when no device could be fitted, with the reasons.
    public static func fit(_ runs: [RunRecord]) throws(PowerError) -> EnergyModelFits {
        var points: [String: [Point]] = [:]
        for run in runs {
            let names = Dictionary(run.devices.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
            for measurement in run.measurements {
                guard let name = names[measurement.device], let point = point(measurement) else { continue }
                points[name, default: []].append(point)
            }
        }
        guard !points.isEmpty else {
            throw PowerError(
                .notFittable,
                "the runs hold no resolved measured energy, and a model is not fitted to a model; expected at least "
                    + "\(fewestPoints) for a device")
        }
        var result = EnergyModelFits()
        for name in points.keys.sorted() {
            do throws(PowerError) {
                result.fits.append(try fit(points[name] ?? [], device: name))
            } catch {
                result.refusals.append(error.description)
            }
        }
        guard !result.fits.isEmpty else { throw PowerError(.notFittable, result.refusals.joined(separator: "; ")) }
        return result
    }

    private static func point(_ measurement: MeasurementRecord) -> Point? {
        guard measurement.status == .ok, let energy = measurement.energy, energy.resolved,
            [.measured, .integrated].contains(energy.provenance), let joules = energy.grossJoules, joules > 0,
            let seconds = energy.windowSeconds, let executions = energy.iterations, executions > 0,
            let work = measurement.work
        else { return nil }
        return Point(
            label: "\(measurement.family)/\(measurement.strategy) \(measurement.workload) \(measurement.precision)",
            factors: [work.flops, work.strategyBytes, seconds / Double(executions)], joules: joules)
    }

    private static func fit(_ points: [Point], device: String) throws(PowerError) -> EnergyModelFit {
        guard points.count >= fewestPoints else {
            throw PowerError(
                .notFittable, "\(device): \(points.count) measured energies, expected at least \(fewestPoints)")
        }
        guard let solution = leastSquares(points) else {
            throw PowerError(
                .notFittable,
                "\(device): operations, bytes and time are in the same proportion in all measurements; add others")
        }
        let residuals = points.map { point in
            let modelled = zip(solution, point.factors).reduce(0) { $0 + $1.0 * $1.1 }
            return EnergyModelFit.Residual(
                measurement: point.label, measuredJoules: point.joules, modelledJoules: modelled,
                relative: modelled / point.joules - 1)
        }
        let freedom = Double(max(points.count - 3, 1))
        let spread = (residuals.reduce(0) { $0 + $1.relative * $1.relative } / freedom).squareRoot()
        guard spread <= largestResidual else {
            throw PowerError(
                .notFittable,
                "\(device): the best fit misses the measured energies by \(NumberFormat.percentage(spread)), expected at most "
                    + "\(NumberFormat.percentage(largestResidual)): they do not follow operations, bytes and time")
        }
        let coefficients = Coefficients(
            joulesPerFlop: solution[0], joulesPerByte: solution[1], constantWatts: solution[2],
            source: "a fit to \(points.count) measured energies of \(device)", relativeResidual: spread)
        return EnergyModelFit(device: device, coefficients: coefficients, residuals: residuals)
    }

    /// The best of the solutions in which some coefficients are 0 and the others are not negative: with three of them,
    /// all seven choices are tried. `nil` when the three factors are not independent of each other.
    private static func leastSquares(_ points: [Point]) -> [Double]? {
        // Columns are scaled to a mean of 1, rows by the measured joules.
        let scales = (0..<3).map { column in
            points.reduce(0) { $0 + $1.factors[column] / $1.joules } / Double(points.count)
        }
        guard scales.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
        let rows = points.map { point in (0..<3).map { point.factors[$0] / point.joules / scales[$0] } }
        guard solve(rows, columns: [0, 1, 2]) != nil else { return nil }
        var best: (error: Double, solution: [Double])?
        for choice in 1..<8 {
            let columns = (0..<3).filter { choice & (1 << $0) != 0 }
            guard let part = solve(rows, columns: columns), part.allSatisfy({ $0 >= 0 }) else { continue }
            var solution = [0.0, 0.0, 0.0]
            for (column, value) in zip(columns, part) { solution[column] = value }
            let error = rows.reduce(0) { sum, row in
                let miss = zip(row, solution).reduce(-1) { $0 + $1.0 * $1.1 }
                return sum + miss * miss
            }
            if error < best?.error ?? .infinity { best = (error, solution) }
        }
        return best.map { best in zip(best.solution, scales).map { $0 / $1 } }
    }

    /// Solves the normal equations of `rows · x = 1` for some columns, by Gaussian elimination with pivoting; `nil`
    /// when they are as good as singular.
    private static func solve(_ rows: [[Double]], columns: [Int]) -> [Double]? {
        let size = columns.count
        var matrix = columns.map { first in
            columns.map { second in rows.reduce(0) { $0 + $1[first] * $1[second] } } + [
                rows.reduce(0) { $0 + $1[first] }
            ]
        }
        let largest = matrix.enumerated().map { $1[$0] }.max() ?? 0
        for pivot in 0..<size {
            guard let best = (pivot..<size).max(by: { abs(matrix[$0][pivot]) < abs(matrix[$1][pivot]) }),
                abs(matrix[best][pivot]) > 1e-9 * largest
            else { return nil }
            matrix.swapAt(pivot, best)
            for row in 0..<size where row != pivot {
                let factor = matrix[row][pivot] / matrix[pivot][pivot]
                for column in pivot...size { matrix[row][column] -= factor * matrix[pivot][column] }
            }
        }
        return (0..<size).map { matrix[$0][size] / matrix[$0][$0] }
    }
}
