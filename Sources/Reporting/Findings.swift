import Results
import Statistics

/// What the runs found, in words: what a reader should know before any table. Losses are said like wins.
struct Findings: Sendable {
    /// One sentence.
    let headline: String
    /// A sentence for each family, strategy and device.
    let details: [String]
    /// What limits the trust in the figures.
    let cautions: [String]

    init(_ runs: [ReportedRun]) {
        let cases = runs.flatMap { run in run.comparisons().map { ComparisonCase(run: run, comparison: $0) } }
        headline = Findings.headline(cases, runs)
        var details: [String] = []
        for group in Findings.groups(cases) { details.append(Findings.sentence(about: group)) }
        self.details = cases.count > 1 ? details : []
        cautions = runs.flatMap(Findings.cautions)
    }

    // MARK: Comparisons in words

    private static func headline(_ cases: [ComparisonCase], _ runs: [ReportedRun]) -> String {
        guard let first = cases.first else { return headlineWithoutComparison(runs) }
        guard cases.count > 1 else {
            return "\(first.comparison.strategy) is \(first.timeInWords) \(first.baselineInWords) on \(first.place)"
                + (first.energyInWords.map { "; it takes \($0)" } ?? "")
        }
        let strategies = cases.map(\.comparison.strategy).uniqued()
        let baselines = cases.map(\.comparison.baseline).uniqued()
        let subject = strategies.count == 1 ? strategies[0] : "the fused strategy"
        let baseline = baselines.count == 1 ? baselines[0] : "the unfused one"
        var text = "\(subject) is faster than \(baseline) in \(count(cases) { $0.time == .better })"
        let losses = cases.filter { $0.time == .worse }.count
        if losses > 0 { text += ", slower in \(losses)" }
        let sorted = cases.sorted { $0.comparison.speedup < $1.comparison.speedup }
        if let worst = sorted.first, let best = sorted.last {
            text += ": from \(NumberFormat.ratio(worst.comparison.speedup)) (\(worst.place))"
            text += " to \(NumberFormat.ratio(best.comparison.speedup)) the speed (\(best.place))"
        }
        return text + energyHeadline(cases)
    }

    private static func energyHeadline(_ cases: [ComparisonCase]) -> String {
        let known = cases.filter { $0.comparison.energyRatio != nil }
        guard !known.isEmpty else { return "; energy is not known" }
        let modelled = known.filter(\.energyIsModelled).count
        let mark = modelled == 0 ? "" : NumberFormat.modelledMark
        var text = "; \(mark)less energy in \(count(known) { $0.energy == .better })"
        if modelled == known.count {
            text += " (modelled, not measured)"
        } else if modelled > 0 {
            text += " (\(modelled) of them modelled)"
        }
        return text
    }

    private static func count(_ cases: [ComparisonCase], where predicate: (ComparisonCase) -> Bool) -> String {
        let matching = cases.filter(predicate).count
        return matching == cases.count ? "all \(cases.count) comparisons" : "\(matching) of \(cases.count) comparisons"
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

    /// Cases that share run, family, strategy, baseline and device.
    private static func groups(_ cases: [ComparisonCase]) -> [[ComparisonCase]] {
        var order: [String] = []
        var groups: [String: [ComparisonCase]] = [:]
        for entry in cases {
            let comparison = entry.comparison
            let key = [
                "\(entry.run.index)", comparison.family, comparison.strategy, comparison.baseline, comparison.device,
            ].joined(separator: "\u{0}")
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(entry)
        }
        return order.compactMap { groups[$0] }
    }

    private static func sentence(about group: [ComparisonCase]) -> String {
        guard let first = group.first else { return "" }
        let comparison = first.comparison
        let place = first.run.name(of: comparison.device)
        let clauses = group.map { entry in
            "\(entry.workload): \(entry.timeInWords)" + (entry.energyInWords.map { ", \($0)" } ?? ", energy not known")
        }
        return "\(comparison.family), \(comparison.strategy) against \(comparison.baseline) on \(place) — "
            + clauses.joined(separator: "; ") + "."
    }

    // MARK: What limits trust

    private static func cautions(_ run: ReportedRun) -> [String] {
        let record = run.record
        let prefix = run.label.isEmpty ? "" : "\(run.label): "
        var result: [String] = []
        if record.interrupted {
            result.append("The run was interrupted: what follows is what was finished until then.")
        }
        let wrong = record.measurements.filter { $0.status == .incorrect }
        if !wrong.isEmpty {
            let names = wrong.map { "\($0.family)/\($0.strategy) \($0.workload) on \($0.device)" }.joined(
                separator: "; ")
            result.append("Wrong results, which have no speed: \(names).")
        }
        let hosts = record.devices.filter { $0.isHostProcessor && $0.backend != "cpu" }.map(\.id)
        if !hosts.isEmpty {
            result.append(
                "\(hosts.joined(separator: " and ")) \(hosts.count == 1 ? "is" : "are") the host's processor under "
                    + "another name, not a GPU.")
        }
        result += energyCautions(record)
        if let virtualization = record.host.virtualization, !virtualization.isEmpty, virtualization != "none" {
            result.append("The machine is virtual (\(virtualization)): neighbours may disturb times and counters.")
        }
        if let governor = record.host.governor, governor != "performance" {
            result.append("The CPU frequency governor is “\(governor)”: clocks may change while measuring.")
        }
        let noisy = record.measurements.filter { ($0.validTime?.relativeNoise ?? 0) > 0.05 }
        if !noisy.isEmpty {
            result.append("\(noisy.count) of \(record.measurements.count) measurements have more than 5 % noise.")
        }
        return result.map { prefix + $0 }
    }

    private static func energyCautions(_ record: RunRecord) -> [String] {
        let right = record.measurements.filter { $0.status == .ok }
        var result: [String] = []
        let modelled = right.filter(\.energyIsModelled).count
        if modelled > 0 {
            result.append(
                "Energy is modelled in \(modelled) of \(right.count) measurements: figures marked ≈ come from FLOPs, "
                    + "bytes and time, not from a counter.")
        }
        let missing = right.filter { $0.validEnergy == nil }
        if let first = missing.first {
            result.append(
                "Energy is unknown in \(missing.count) of \(right.count) measurements: \(first.reasonWithoutEnergy).")
        }
        let unresolved = right.filter { $0.validEnergy?.resolved == false && !$0.energyIsModelled }.count
        if unresolved > 0 {
            result.append(
                "Energy is unresolved in \(unresolved) of \(right.count) measurements: the interval is wider than the "
                    + "target.")
        }
        return result
    }
}
