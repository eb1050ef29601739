import Results
import Statistics

/// What the runs found, in words: what a reader should know before any table. Losses are said like wins.
struct Findings: Sendable {
    /// One sentence: how often the fused strategy wins and loses, or the one comparison there is, or the best
    /// configuration.
    let headline: String
    /// What goes with it: where it wins and loses most, and energy. Empty when the headline says all.
    let lede: String
    /// The same without the names of what only probably wins or loses, for pages that show those otherwise.
    let shortLede: String
    /// What limits the trust in the figures.
    let cautions: [String]

    init(_ runs: [ReportedRun]) {
        let cases = runs.flatMap(\.comparisons)
        if runs.count == 1, let tuning = TuningSummary(runs[0].record) {
            headline = tuning.conclusion
            lede = [tuning.scope, tuning.advice ?? ""].filter { !$0.isEmpty }.joined(separator: " ")
            shortLede = lede
        } else if runs.count == 1, let models = ModelSummary(runs[0].record) {
            headline = models.headline
            lede = models.lede
            shortLede = lede
        } else {
            headline = Findings.headline(cases, runs)
            let parts = cases.count > 1 ? Findings.extremes(cases) : []
            let energy = cases.count > 1 ? [Findings.energySentence(cases)] : []
            lede = (parts + Findings.probable(cases) + energy).joined(separator: " ")
            shortLede = (parts + energy).joined(separator: " ")
        }
        cautions = Findings.merged(runs)
    }

    // MARK: Comparisons in words

    /// Cases that a sentence names before it counts the rest.
    private static let mostNames = 4

    private static func headline(_ cases: [ComparisonCase], _ runs: [ReportedRun]) -> String {
        guard let first = cases.first else { return headlineWithoutComparison(runs) }
        guard cases.count > 1 else {
            return "\(first.timeSentence) on \(first.place)"
                + (first.energyIsModelled
                    ? "; energy was not measured" : first.energyInWords.map { "; \($0)" } ?? "; energy is not known")
        }
        let strategies = cases.map(\.comparison.strategy).uniqued()
        let baselines = cases.map(\.comparison.baseline).uniqued()
        let areTuned = runs.contains { $0.record.tuning != nil }
        let subject = strategies.count == 1 ? strategies[0] : areTuned ? "what was compared" : "the fused strategy"
        let baseline = baselines.count == 1 ? baselines[0] : areTuned ? "its baseline" : "the unfused one"
        let wins = cases.filter { $0.time == .better }.count
        let losses = cases.filter { $0.time == .worse }.count
        let same = cases.filter { $0.time == .same }.count
        let probableWins = cases.filter { $0.isProbably(.better) }.count
        let probableLosses = cases.filter { $0.isProbably(.worse) }.count
        let others = cases.count - wins - losses - same - probableWins - probableLosses
        let parts = [
            (losses, "slower"), (probableLosses, "probably slower"), (probableWins, "probably faster"),
            (same, "the same"),
            (others, "unresolved"),
        ]
        return "\(subject) is faster than \(baseline) in \(count(wins, of: cases.count)) comparisons"
            + parts.filter { $0.0 > 0 }.map { ", \($0.1) in \($0.0)" }.joined()
    }

    private static func extremes(_ cases: [ComparisonCase]) -> [String] {
        let sorted = cases.sorted { $0.comparison.speedup < $1.comparison.speedup }
        var parts: [String] = []
        if let best = sorted.last(where: { $0.time == .better }) {
            parts.append("The largest gain is \(best.timeInWords) (\(best.place)).")
        }
        if let worst = sorted.first(where: { $0.time == .worse }) {
            parts.append("The largest loss is \(worst.timeInWords) (\(worst.place)).")
        }
        return parts
    }

    private static func probable(_ cases: [ComparisonCase]) -> [String] {
        guard cases.count > 1 else { return [] }
        return [Verdict.worse, .better].compactMap { verdict in
            let names = cases.filter { $0.isProbably(verdict) }.map { "\($0.comparison.strategy) (\($0.place))" }
            guard !names.isEmpty else { return nil }
            return "Probably \(verdict.word(for: .time)): \(Wording.list(names, atMost: mostNames))."
        }
    }

    private static func energySentence(_ cases: [ComparisonCase]) -> String {
        let known = cases.filter { $0.comparison.energyRatio != nil }
        guard !known.isEmpty else { return "What it means for energy is not known." }
        let judged = known.filter { $0.energy != nil }
        var parts: [String] = []
        if !judged.isEmpty {
            let modelled = judged.filter(\.energyIsModelled).count
            let wins = judged.filter { $0.energy == .better }.count
            let losses = judged.filter { $0.energy == .worse }.count
            let mark = modelled > 0 ? NumberFormat.modelledMark : ""
            var text = "In energy it is \(mark)cheaper in \(count(wins, of: judged.count))"
            if losses > 0 { text += ", costlier in \(losses)" }
            if modelled > 0 { text += modelled == judged.count ? " (modelled)" : " (\(modelled) of them modelled)" }
            parts.append(text + ".")
        }
        let ratios = known.filter { $0.energy == nil }.compactMap(\.comparison.energyRatio)
        if let least = ratios.min(), let most = ratios.max() {
            let (low, high) = (NumberFormat.ratio(least), NumberFormat.ratio(most))
            let range = low == high ? "≈ \(low)" : "≈ \(low) to ≈ \(high)"
            parts.append("Energy was not measured: what the model says of its work (\(range)) is no finding.")
        }
        return parts.joined(separator: " ")
    }

    private static func count(_ part: Int, of whole: Int) -> String {
        part == whole ? "all \(whole)" : part == 0 ? "none of \(whole)" : "\(part) of \(whole)"
    }

    private static func headlineWithoutComparison(_ runs: [ReportedRun]) -> String {
        let measurements = runs.flatMap(\.record.measurements)
        let right = measurements.filter { $0.status == .ok }
        guard let only = right.first, right.count == 1, let time = only.validTime else {
            let devices = runs.flatMap { run in run.record.devices.map { run.name(of: $0.id) } }.count
            let noun = measurements.count == 1 ? "measurement" : "measurements"
            return
                "\(measurements.count) \(noun) on \(devices) \(devices == 1 ? "device" : "devices"), \(right.count) with a "
                + "right result; nothing to compare"
        }
        return
            "\(only.strategy) takes \(NumberFormat.quantity(time.median, .seconds)) for \(only.workload) on \(only.device)"
    }

    // MARK: What limits trust

    /// Measurements that one kind of caution names before it counts the rest.
    private static let mostCautions = 20

    private static func cautions(_ run: ReportedRun) -> [String] {
        let record = run.record
        var result: [String] = []
        if record.interrupted {
            result.append("The run was interrupted: what follows is what was finished until then.")
        }
        let wrong = record.measurements.filter { $0.status == .incorrect }
        if !wrong.isEmpty {
            let names = wrong.prefix(mostCautions).map {
                "\($0.family)/\($0.strategy) \($0.workload) on \($0.device)"
            }
            let others = wrong.count - names.count
            let rest = others > 0 ? "; and \(others) more" : ""
            result.append("Wrong results, which have no speed: \(names.joined(separator: "; "))\(rest).")
        }
        let hosts = record.devices.filter { $0.isHostProcessor && $0.backend != "cpu" }.map(\.id)
        if !hosts.isEmpty {
            result.append(
                "\(hosts.joined(separator: " and ")) \(hosts.count == 1 ? "is" : "are") the host's processor under "
                    + "another name, not a GPU.")
        }
        result += energyCautions(record)
        if let virtualization = record.host.virtualization, !virtualization.isEmpty, virtualization != "none" {
            result.append(
                "The machine is virtual (as found: \(virtualization)): neighbours may disturb times and counters.")
        }
        if let governor = record.host.governor, governor != "performance" {
            result.append("The CPU frequency governor is “\(governor)”: clocks may change while measuring.")
        }
        result += suspicions(record)
        result += interferenceCautions(record)
        let noisy = record.measurements.filter { ($0.validTime?.relativeNoise ?? 0) > 0.05 }
        if !noisy.isEmpty {
            result.append("\(noisy.count) of \(record.measurements.count) measurements have more than 5 % noise.")
        }
        return result
    }

    private static func suspicions(_ record: RunRecord) -> [String] {
        let suspect = record.measurements.compactMap { measurement in
            measurement.suspicion.map {
                "\(measurement.family)/\(measurement.strategy) \(measurement.workload) on \(measurement.device) is suspect: \($0)."
            }
        }
        let others = suspect.count - mostCautions
        return suspect.prefix(mostCautions)
            + (others > 0 ? ["\(others) more measurements are suspect."] : [])
            + Set(
                record.measurements.compactMap { measurement in
                    measurement.validTime?.clockDoubt.map {
                        "\(measurement.device) is timed by the host's clock: \($0)."
                    }
                }
            ).sorted()
    }

    private static func interferenceCautions(_ record: RunRecord) -> [String] {
        let found = record.measurements.compactMap { $0.validTime?.interference }
        let kept = found.filter(\.isBeyondLimit)
        let dropped = Wording.total(found.map(\.dropped))
        var result: [String] = []
        if !kept.isEmpty {
            let limit = NumberFormat.percentage(InterferenceRecord.dropLimit)
            result.append(
                "In \(kept.count) of \(found.count) measurements more than \(limit) of the samples were disturbed "
                    + "(\(Wording.disturbances(kept))): none of theirs was left out.")
        }
        if dropped > 0 {
            let taken = Wording.total(found.map(\.taken))
            let causes = Wording.disturbances(found.filter { !$0.isBeyondLimit })
            result.append("\(dropped) of \(taken) samples were disturbed and left out (\(causes)).")
        }
        return result
    }

    /// A caution that several runs share is given once, with their names.
    private static func merged(_ runs: [ReportedRun]) -> [String] {
        let found = runs.flatMap { run in cautions(run).map { (label: run.label, text: $0) } }
        return found.grouped(by: \.text).map { text, same in
            let labels = same.map(\.label)
            if labels.count == runs.count { return runs.count > 1 ? "All runs: \(text)" : text }
            return "\(Wording.capitalized(labels.joined(separator: ", "))): \(text)"
        }
    }

    private static func energyCautions(_ record: RunRecord) -> [String] {
        let right = record.measurements.filter { $0.status == .ok }
        var result: [String] = []
        let modelled = right.filter(\.energyIsModelled).count
        if modelled > 0 {
            let why = right.first(where: \.energyIsModelled)?.energy?.reason
            result.append(
                "Energy is modelled in \(modelled) of \(right.count) measurements: figures marked ≈ come from FLOPs, "
                    + "bytes and time, not from a counter\(why.map { " (\($0))" } ?? "").")
        }
        let missing = right.filter { $0.validEnergy == nil }
        if let first = missing.first {
            result.append(
                "Energy is unknown in \(missing.count) of \(right.count) measurements: \(first.reasonWithoutEnergy).")
        }
        let imprecise = right.filter { $0.validEnergy?.resolved == false && !$0.energyIsModelled }.count
        if imprecise > 0 {
            result.append(
                "Energy is imprecise in \(imprecise) of \(right.count) measurements: the interval is wider than the "
                    + "target.")
        }
        let remarked = right.filter { $0.validEnergy?.resolved == true && $0.energy?.reason != nil }
        if let first = remarked.first?.energy?.reason {
            let others = remarked.count > 1 ? "; each remark stands beside its figure" : ""
            result.append(
                "The meter has a remark on \(remarked.count) of \(right.count) energies: \(first)\(others).")
        }
        return result
    }
}
