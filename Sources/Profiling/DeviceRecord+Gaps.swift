import Results

extension DeviceRecord {
    /// Why something is missing of what was measured without an error.
    var reasonForGaps: String? {
        let missing = [
            peaks?.flopsPerSecond == nil ? "the arithmetic peak" : nil,
            peaks?.bytesPerSecond == nil ? "the peak bandwidth" : nil,
            dispatch == nil ? "the cost of a dispatch" : nil,
        ].compactMap(\.self)
        return missing.isEmpty
            ? nil : "the device could not run what measures \(missing.joined(separator: " and "))"
    }
}
