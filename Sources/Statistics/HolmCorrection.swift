/// P values corrected for being many (Holm 1979): when each is compared with α, the chance that any true null hypothesis is
/// rejected is at most α.
///
/// - Returns: the corrected values in the order given, each at least its original and at most 1.
public func holmCorrected(_ pValues: [Double]) -> [Double] {
    let order = pValues.indices.sorted { pValues[$0] < pValues[$1] }
    var corrected = pValues
    var largest = 0.0
    for (place, index) in order.enumerated() {
        largest = max(largest, min(1, pValues[index] * Double(pValues.count - place)))
        corrected[index] = largest
    }
    return corrected
}
