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
