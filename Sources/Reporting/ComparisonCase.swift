import Results
import Statistics

/// One comparison of a run, with its verdicts and its figures in words.
struct ComparisonCase: Sendable {
    /// What the interval allows to say of a ratio.
    enum Verdict: Sendable {
        case better, worse, same, unresolved
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

    /// What the ratio of bytes moved says; it is computed from shapes, so it has no interval.
    var traffic: Verdict {
        if abs(comparison.trafficRatio - 1) < 0.005 { return .same }
        return comparison.trafficRatio > 1 ? .better : .worse
    }

    /// The stored verdict; without one, what the interval says.
    private static func verdict(_ stored: String?, better: String, worse: String, interval: Interval?) -> Verdict {
        switch stored {
        case better: return .better
        case worse: return .worse
        case "same": return .same
        case nil:
            guard let interval else { return .unresolved }
            if interval.lower > 1 { return .better }
            return interval.upper < 1 ? .worse : .unresolved
        default: return .unresolved
        }
    }

    /// `3.1 × [2.9, 3.3] faster`, to be followed by `than unfused`.
    var timeInWords: String {
        Self.words(
            comparison.speedup, comparison.speedupInterval, time, better: "faster", worse: "slower",
            same: "as fast", unresolved: "not resolvably faster or slower")
    }

    var baselineInWords: String { (time == .same ? "as " : "than ") + comparison.baseline }

    /// `≈ 2.8 × [2.5, 3.1] less energy`, or `nil` when it is not known.
    var energyInWords: String? {
        guard let ratio = comparison.energyRatio, let energy else { return nil }
        let words = Self.words(
            ratio, comparison.energyRatioInterval, energy, better: "less energy", worse: "more energy",
            same: "the same energy", unresolved: "energy that is not resolvably lower or higher")
        return energyIsModelled ? NumberFormat.modelledMark + words : words
    }

    private static func words(
        _ ratio: Double, _ interval: Interval?, _ verdict: Verdict, better: String, worse: String, same: String,
        unresolved: String
    ) -> String {
        switch verdict {
        case .better: return "\(NumberFormat.ratio(ratio, interval)) \(better)"
        case .worse:
            let inverse = interval.map { Interval(1 / $0.upper, 1 / $0.lower) }
            return "\(NumberFormat.ratio(1 / ratio, inverse)) \(worse)"
        case .same: return "\(same) (\(NumberFormat.ratio(ratio, interval)))"
        case .unresolved: return "\(unresolved) (\(NumberFormat.ratio(ratio, interval)))"
        }
    }
}
