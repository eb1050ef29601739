import Results

/// How far an output may be from the oracle.
struct ErrorBound {
    /// Eight times the error of plain float32 arithmetic; the square of it, for a mean of squares.
    private static let (factor, squaredFactor) = (8.0, 64.0)
    /// What no input excuses.
    private static let largestTolerance = 1e-2

    /// Of the normalised mean squared error.
    let tolerance: Double
    /// Half of the smallest number that the storage has: the rounding of what lies below.
    let smallest: Double
    /// What an element may be off besides its share of the tolerance.
    let allowance: Double
    /// Share of (|y| + RMS of y) that an element may be off.
    let elementShare: Double

    /// - Parameter steps: kernels that round one after the other; the squares of their errors add up.
    init(_ precision: Precision, tolerance: Double? = nil, allowance: Double = 0, steps: Int = 1) {
        let own = precision.tolerance * Double(steps)
        self.tolerance = max(tolerance ?? 0, own)
        self.allowance = allowance
        smallest = precision.elementType.element.halfOfSmallest
        elementShare = 64 * own.squareRoot()
    }

    /// Where plain float32 arithmetic gives `plain`, rounded to the precision as an output is.
    init(_ precision: Precision, plain: [Float], expected: [Double]) {
        var (squaredError, squaredExpected, largest) = (0.0, 0.0, 0.0)
        for (value, reference) in zip(plain, expected) {
            let error = Double(value.stored(precision)) - reference
            squaredError += error * error
            squaredExpected += reference * reference
            largest = max(largest, abs(error))
        }
        let error = squaredExpected > 0 ? squaredError / squaredExpected : 0
        guard error.isFinite, largest.isFinite else {
            self.init(precision)
            return
        }
        self.init(
            precision, tolerance: min(Self.squaredFactor * error, Self.largestTolerance),
            allowance: Self.factor * largest)
    }
}

/// How far one output is from the oracle, and whether that is within a bound.
struct OutputErrors {
    private(set) var maxAbsoluteError = 0.0
    private(set) var normalizedMeanSquaredError = 0.0
    /// Of the mean: the bound's, and more where numbers are so small that half of the smallest one is much to them.
    private(set) var tolerance: Double
    /// The element whose error is largest against what an element may be off by.
    private var worstIndex = 0
    /// That element's error over what it may be.
    private var worstRatio = 0.0

    init(_ output: Tensor, _ expected: [Double], _ bound: ErrorBound) {
        var (squaredError, squaredExpected) = (0.0, 0.0)
        output.forEachPart { first, values in
            for (value, reference) in zip(values, expected[first...]) {
                squaredError += (value - reference) * (value - reference)
                squaredExpected += reference * reference
            }
        }
        normalizedMeanSquaredError = squaredError == 0 ? 0 : squaredError / squaredExpected
        let count = Double(max(output.count, 1))
        let size = (squaredExpected / count).squareRoot()
        var (worstIndex, worstRatio, largest) = (0, 0.0, 0.0)
        output.forEachPart { first, values in
            for (place, (value, reference)) in zip(values, expected[first...]).enumerated() {
                let error = abs(value - reference)
                largest = max(largest, error)
                let limit = bound.smallest + bound.allowance + bound.elementShare * (abs(reference) + size)
                let ratio = error == 0 ? 0 : error / limit
                if ratio > worstRatio { (worstIndex, worstRatio) = (first + place, ratio) }
            }
        }
        (self.worstIndex, self.worstRatio, maxAbsoluteError) = (worstIndex, worstRatio, largest)
        tolerance = bound.tolerance
        let floor = count * bound.smallest * bound.smallest / squaredExpected
        if normalizedMeanSquaredError > tolerance, floor.isFinite { tolerance += floor }
    }

    var passes: Bool { normalizedMeanSquaredError <= tolerance && worstRatio <= 1 }

    /// Whether rounding could be the reason at all.
    var isClose: Bool { normalizedMeanSquaredError < 0.1 }

    /// One line that names the worst element; `nil` when the output passes.
    func complaint(_ name: String, _ output: Tensor, _ expected: [Double]) -> String? {
        guard !passes else { return nil }
        let value = output.doubles(in: worstIndex..<(worstIndex + 1))[0]
        return "\(output.place(name, worstIndex)) is \(Verification.brief(value)), "
            + "expected \(Verification.brief(expected[worstIndex])) (the worst of \(output.count) elements; normalised mean "
            + "squared error \(Verification.brief(normalizedMeanSquaredError)), at most \(tolerance) passes)"
    }
}
