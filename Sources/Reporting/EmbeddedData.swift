import Results

/// How much of a run's data is inside its page.
public enum PageData: String, CaseIterable, Sendable {
    /// The whole record, with every sample.
    case all
    /// Without the single samples: their quantiles stand in the page, their whole list in the result file.
    case summary
    case none

    var words: String {
        switch self {
        case .all: "The whole run is in this page"
        case .summary: "The run is in this page without its single samples, which its result file has"
        case .none: "The run is not in this page: its result file has it"
        }
    }
}

/// The data of a run in its page: what was asked for or, of itself, as much as a page that is sent around can carry.
struct EmbeddedData {
    /// What a page holds of data at most where nobody asks for more, in bytes.
    static let limit = 4_000_000

    let extent: PageData
    /// How much there is, in a sentence without its end.
    var words: String { isTooLarge ? "The run is too large to be in this page: its result file has it" : extent.words }
    private let isTooLarge: Bool
    /// JSON; `nil` where the page holds none.
    let text: String?

    /// - Parameter wanted: `nil` leaves it to the size.
    /// - Throws: `ResultsError` when the record cannot be written as JSON.
    init(_ record: RunRecord, wanted: PageData?) throws(ResultsError) {
        switch wanted {
        case .all: (extent, text) = (.all, try RunFile.text(of: record))
        case .summary: (extent, text) = (.summary, try RunFile.text(of: record.withoutSamples))
        case .some(.none): (extent, text) = (.none, nil)
        case nil: (extent, text) = try Self.fitting(record)
        }
        isTooLarge = wanted == nil && extent == .none
    }

    private static func fitting(_ record: RunRecord) throws(ResultsError) -> (PageData, String?) {
        // A record of thousands of measurements is not written out only to be thrown away.
        let samples = record.measurements.reduce(0) { $0 + ($1.time?.sampleSeconds.count ?? 0) }
        let leastBytes = record.measurements.count * leastBytesOfMeasurement
        if leastBytes + samples * 12 <= limit, case let whole = try RunFile.text(of: record), whole.utf8.count <= limit
        {
            return (.all, whole)
        }
        if leastBytes <= limit, case let summary = try RunFile.text(of: record.withoutSamples),
            summary.utf8.count <= limit
        {
            return (.summary, summary)
        }
        return (.none, nil)
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
