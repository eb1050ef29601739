extension MeasurementRecord {
    /// Rates above a measured limit are suspect from this multiple of it on. Below, others may have used the machine
    /// while the limit was looked for.
    private static let believable = 1.1

    /// Why the figures are not to be believed; `nil` where no measured limit speaks against them.
    ///
    /// - Parameter peaks: of the device, as measured in the same run.
    package func suspicion(peaks: PeaksRecord?) -> String? {
        guard let work, let time, let peaks else { return nil }
        func excess(_ amount: Double, _ limit: Double?, _ what: String) -> String? {
            guard let limit, limit > 0, amount / time.median > Self.believable * limit else { return nil }
            let multiple = NumberFormat.ratio(amount / time.median / limit)
            return
                "it would have \(what) \(multiple) as fast as this device was seen to: the driver may not have done the work"
        }
        return excess(work.flops, peaks.operationsPerSecond(of: work.rate), "computed")
            // What stays in a cache has no such limit.
            ?? (time.cold ? excess(work.minimumBytes, peaks.bytesPerSecond, "moved bytes") : nil)
    }
}
