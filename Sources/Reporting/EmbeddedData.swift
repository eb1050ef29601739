import Results

/// The data of a run in its page: as much of the record as a page that is sent around can carry.
struct EmbeddedData {
    enum Extent {
        case all
        /// Without the single samples: their quantiles stand in the table, their whole list in the result file.
        case withoutSamples
        case none

        var words: String {
            switch self {
            case .all: "The whole run is in this page"
            case .withoutSamples: "The run is in this page without its single samples, which its result file has"
            case .none: "The run is too large to be in this page: its result file has it"
            }
        }
    }

    /// What a page holds of data at most, in bytes.
    static let limit = 4_000_000

    let extent: Extent
    /// JSON; `nil` where the page holds none.
    let text: String?

    /// - Throws: `ResultsError` when the record cannot be written as JSON.
    init(_ record: RunRecord) throws(ResultsError) {
        // A record of thousands of measurements is not written out only to be thrown away.
        let samples = record.measurements.reduce(0) { $0 + ($1.time?.sampleSeconds.count ?? 0) }
        let leastBytes = record.measurements.count * Self.leastBytesOfMeasurement
        if leastBytes + samples * 12 <= Self.limit, case let whole = try RunFile.text(of: record),
            whole.utf8.count <= Self.limit
        {
            (extent, text) = (.all, whole)
            return
        }
        if leastBytes <= Self.limit, case let summary = try RunFile.text(of: record.withoutSamples),
            summary.utf8.count <= Self.limit
        {
            (extent, text) = (.withoutSamples, summary)
            return
        }
        (extent, text) = (.none, nil)
    }

    private static let leastBytesOfMeasurement = 1000
}

extension RunRecord {
    fileprivate var withoutSamples: RunRecord {
        var run = self
        for index in run.measurements.indices {
            run.measurements[index].time?.sampleSeconds = []
            run.measurements[index].time?.rounds = nil
        }
        return run
    }
}
