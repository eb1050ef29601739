import Results
import Statistics

/// One comparison of a run, with its verdicts and its figures in words.
struct ComparisonCase: Sendable {
    /// What the interval allows to say of a ratio.
    enum Verdict: Sendable {
        case better, worse, same, unresolved
        /// There is a ratio and no interval, as between modelled energies.
        case notJudged
    }

    let run: ReportedRun
    let comparison: ComparisonRecord

    var workload: String { comparison.workload + (comparison.precision == "f32" ? "" : " \(comparison.precision)") }
    var place: String { "\(run.name(of: comparison.device)), \(workload)" }
    var energyIsModelled: Bool { comparison.energyProvenance == .modelled }

    var time: Verdict {
        Self.verdict(comparison.timeVerdict, better: "faster", worse: "slower", interval: comparison.speedupInterval)
    }

    /// `nil` when the energy ratio is not known.
    var energy: Verdict? {
        guard comparison.energyRatio != nil else { return nil }
        return Self.verdict(
            comparison.energyVerdict, better: "cheaper", worse: "costlier", interval: comparison.energyRatioInterval)
    }

    /// The stored verdict; without one, what the interval says.
    private static func verdict(_ stored: String?, better: String, worse: String, interval: Interval?) -> Verdict {
        switch stored {
        case better: return .better
        case worse: return .worse
        case "same": return .same
        case nil:
            guard let interval else { return .notJudged }
            if interval.lower > 1 { return .better }
            return interval.upper < 1 ? .worse : .unresolved
        default: return .unresolved
        }
    }

    // MARK: In words

    /// `flash is 3.1 × [2.9, 3.3] faster than unfused`.
    var timeSentence: String {
        let ratio = NumberFormat.ratio(comparison.speedup, comparison.speedupInterval)
        switch time {
        case .better, .worse: return "\(comparison.strategy) is \(timeInWords) than \(comparison.baseline)"
        case .same: return "\(comparison.strategy) is as fast as \(comparison.baseline) (\(ratio))"
        case .unresolved, .notJudged:
            return
                "whether \(comparison.strategy) is faster or slower than \(comparison.baseline) is unresolved (\(ratio))"
        }
    }

    /// `3.1 × [2.9, 3.3] faster`.
    var timeInWords: String {
        Self.words(
            comparison.speedup, comparison.speedupInterval, time, better: "faster", worse: "slower", same: "as fast",
            unresolved: "unresolved")
    }

    /// `≈ 2.8 × [2.5, 3.1] cheaper`, or `nil` when it is not known.
    var energyInWords: String? {
        guard let ratio = comparison.energyRatio, let energy else { return nil }
        if energy == .notJudged {
            let how = energyIsModelled ? "by the model" : "without a verdict"
            let (factor, word) = ratio >= 1 ? (ratio, "cheaper") : (1 / ratio, "costlier")
            return "\(mark)\(NumberFormat.ratio(factor)) \(word) \(how)"
        }
        return Self.words(
            ratio, comparison.energyRatioInterval, energy, better: "cheaper", worse: "costlier",
            same: "the same energy",
            unresolved: "energy unresolved", mark: mark)
    }

    private var mark: String { energyIsModelled ? NumberFormat.modelledMark : "" }

    private static func words(
        _ ratio: Double, _ interval: Interval?, _ verdict: Verdict, better: String, worse: String, same: String,
        unresolved: String, mark: String = ""
    ) -> String {
        let text = mark + NumberFormat.ratio(ratio, interval)
        switch verdict {
        case .better: return "\(text) \(better)"
        case .worse:
            let inverse = interval.map { Interval(1 / $0.upper, 1 / $0.lower) }
            return "\(mark)\(NumberFormat.ratio(1 / ratio, inverse)) \(worse)"
        case .same: return "\(same) (\(text))"
        case .unresolved: return "\(unresolved) (\(text))"
        case .notJudged: return "\(text), without a verdict"
        }
    }
}
