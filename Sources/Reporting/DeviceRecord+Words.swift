import Results

extension DeviceRecord {
    /// `16 compute units, 7.75 GiB`; what the driver does not tell is a dash.
    package var sizeInWords: String {
        let memory = memoryBytes.map { NumberFormat.quantity(Double($0), .bytes) } ?? "\(NumberFormat.unknown) memory"
        return "\(computeUnits.map { "\($0)" } ?? NumberFormat.unknown) compute units, \(memory)"
    }
}
