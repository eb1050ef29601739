/// Mean and variance of a series, one value at a time (Welford 1962).
public struct RunningMoments: Sendable, Equatable {
    public private(set) var count = 0
    public private(set) var mean = 0.0
    private var squares = 0.0

    public init() {}

    public init(_ values: [Double]) {
        for value in values { add(value) }
    }

    public mutating func add(_ value: Double) {
        count += 1
        let distance = value - mean
        mean += distance / Double(count)
        squares += distance * (value - mean)
    }

    /// With the divisor *n* − 1; 0 below two values.
    public var variance: Double { count > 1 ? squares / Double(count - 1) : 0 }
    public var standardDeviation: Double { variance.squareRoot() }
    /// Standard deviation over mean; 0 for values that are all alike, infinite when the mean is 0 and they are not.
    public var relativeNoise: Double { variance == 0 ? 0 : standardDeviation / abs(mean) }
}

/// The last values of a series.
struct RollingWindow: Sendable {
    let capacity: Int
    private var storage: [Double] = []
    private var oldest = 0

    init(capacity: Int) { self.capacity = capacity }

    var isFull: Bool { storage.count == capacity }
    /// In no particular order.
    var values: [Double] { storage }

    mutating func add(_ value: Double) {
        if storage.count < capacity {
            storage.append(value)
        } else {
            storage[oldest] = value
            oldest = (oldest + 1) % capacity
        }
    }
}

extension Array where Element == Double {
    /// The first index from which on the predicate holds; the predicate is false, then true, along the array.
    func partitioningIndex(where holds: (Double) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if holds(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
