import Results
import Statistics

/// One comparison of a run, with its verdicts and its figures in words.
struct ComparisonCase: Sendable {
    let runIndex: Int
    /// Empty where the page shows one run.
    let runLabel: String
    let comparison: ComparisonRecord
    /// The two that are compared, as the run measured them; `nil` where the file has a comparison and not its sides.
    let baseline: MeasurementRecord?
    let candidate: MeasurementRecord?

    /// The device, preceded by the run's label where there are several runs.
    var deviceName: String { runLabel.isEmpty ? comparison.device : "\(runLabel) · \(comparison.device)" }

    var workload: String { comparison.workload + (comparison.precision == "f32" ? "" : " \(comparison.precision)") }
    var place: String { "\(deviceName), \(workload)" }
    var energyIsModelled: Bool { comparison.energyProvenance == .modelled }

    /// `nil` where there is a ratio and no interval, as of single samples.
    var time: Verdict? { Self.verdict(comparison.timeVerdict, comparison.speedupInterval) }

    /// `nil` where there is a ratio and no interval, as between modelled energies, or not even a ratio.
    var energy: Verdict? {
        comparison.energyRatio == nil
            ? nil : Self.verdict(comparison.energyVerdict, comparison.energyRatioInterval)
    }

    /// The verdict of time is open, and yet probably the given one.
    func isProbably(_ verdict: Verdict) -> Bool {
        time == .unresolved && comparison.timeTendency.map(Verdict.init(word:)) == verdict
    }

    /// The stored verdict; without one, what the interval says.
    private static func verdict(_ stored: String?, _ interval: Interval?) -> Verdict? {
        stored.map(Verdict.init(word:)) ?? interval.map(VerdictRule().verdict)
    }

    /// What to say of a ratio that contradicts the medians of the two, as they stand in the table of results; `nil`
    /// where it does not. Medians of all samples come from different moments, and the machine may have been another one
    /// in each.
    var remarkOnMedians: String? {
        let sides = [self.baseline?.validTime?.median, candidate?.validTime?.median]
        guard let baseline = sides[0], let candidate = sides[1], candidate > 0,
            let interval = comparison.speedupInterval, !interval.contains(baseline / candidate)
        else { return nil }
        let medians = sides.map { NumberFormat.quantity($0, .seconds) }
        return
            "the medians of all samples, \(medians[0]) and \(medians[1]), come from different moments; the ratio is the median "
            + "over rounds in which both took turns"
    }

    // MARK: In words

    /// `flash is 3.1 × [2.9, 3.3] faster than unfused`.
    var timeSentence: String {
        let ratio = NumberFormat.ratio(comparison.speedup, comparison.speedupInterval)
        switch time {
        case .better, .worse: return "\(comparison.strategy) is \(timeInWords) than \(comparison.baseline)"
        case .same: return "\(comparison.strategy) is as fast as \(comparison.baseline) (\(ratio))"
        case .unresolved, nil:
            let tendency = comparison.timeTendency.map { ", probably \($0)" } ?? ""
            return
                "whether \(comparison.strategy) is faster or slower than \(comparison.baseline) is unresolved\(tendency) (\(ratio))"
        }
    }

    /// `3.1 × [2.9, 3.3] faster`.
    var timeInWords: String {
        Self.words(
            comparison.speedup, comparison.speedupInterval, time, .time, same: "as fast",
            unresolved: comparison.timeTendency.map { "probably \($0)" } ?? "unresolved")
    }

    /// `≈ 2.8 × [2.5, 3.1] cheaper`, or `nil` when it is not known.
    var energyInWords: String? {
        guard let ratio = comparison.energyRatio else { return nil }
        guard let energy else {
            let how = energyIsModelled ? "by the model" : "without a verdict"
            let (factor, word) = ratio >= 1 ? (ratio, "cheaper") : (1 / ratio, "costlier")
            return "\(mark)\(NumberFormat.ratio(factor)) \(word) \(how)"
        }
        return Self.words(
            ratio, comparison.energyRatioInterval, energy, .energy, same: "the same energy",
            unresolved: comparison.energyTendency.map { "probably \($0)" } ?? "energy unresolved", mark: mark)
    }

    /// `3.1× faster`; with a question mark where it is only probably so.
    var shortTime: String { Self.short(comparison.speedup, time, comparison.timeTendency, .time) }

    /// `≈2.8× cheaper`, or `nil` when it is not known.
    var shortEnergy: String? {
        guard let ratio = comparison.energyRatio else { return nil }
        let mark = energyIsModelled ? "≈" : ""
        guard let energy else { return "\(mark)\(Self.factor(ratio)) \(energyIsModelled ? "model" : "open")" }
        return mark + Self.short(ratio, energy, comparison.energyTendency, .energy)
    }

    private static func short(
        _ ratio: Double, _ verdict: Verdict?, _ tendency: String?, _ quantity: Verdict.Quantity
    ) -> String {
        switch verdict {
        case .better: "\(factor(ratio)) \(Verdict.better.word(for: quantity))"
        case .worse: "\(factor(1 / ratio)) \(Verdict.worse.word(for: quantity))"
        case .same: "same"
        case .unresolved: "\(factor(ratio)) \(tendency.map { $0 + "?" } ?? "open")"
        case nil: factor(ratio)
        }
    }

    private static func factor(_ ratio: Double) -> String { NumberFormat.ratio(ratio).replacing(" ", with: "") }

    private var mark: String { energyIsModelled ? NumberFormat.modelledMark : "" }

    private static func words(
        _ ratio: Double, _ interval: Interval?, _ verdict: Verdict?, _ quantity: Verdict.Quantity, same: String,
        unresolved: String, mark: String = ""
    ) -> String {
        let text = mark + NumberFormat.ratio(ratio, interval)
        switch verdict {
        case .better: return "\(text) \(Verdict.better.word(for: quantity))"
        case .worse:
            let inverse = interval.map { Interval(1 / $0.upper, 1 / $0.lower) }
            return "\(mark)\(NumberFormat.ratio(1 / ratio, inverse)) \(Verdict.worse.word(for: quantity))"
        case .same: return "\(same) (\(text))"
        case .unresolved: return "\(unresolved) (\(text))"
        case nil: return "\(text), without a verdict"
        }
    }
}
