import Statistics

/// Something to do after a run that would tell more than the run did.
public struct NextStep: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable {
        /// A comparison is open, and more samples would decide it.
        case settle
        /// A power source exists that could not be read.
        case unlock
        /// A strategy is far from what bounds it, and has tunables.
        case tune
    }

    public var kind: Kind
    /// What it is about, in words.
    public var about: String
    /// What to run; `nil` where no command is known to help.
    public var command: String?
    /// More than fits into a line, such as the commands that mend a power source; `nil` where there is no more.
    public var detail: String?

    static func all(_ run: RunRecord, _ picks: [StrategyPick], _ rule: VerdictRule) -> [NextStep] {
        settling(run) + unlocking(run) + tuning(run, picks, rule)
    }

    // MARK: Open comparisons

    private static func settling(_ run: RunRecord) -> [NextStep] {
        var seen: Set<String> = []
        var steps: [NextStep] = []
        for comparison in run.comparisons {
            let place =
                "\(comparison.family)/\(comparison.strategy) against \(comparison.baseline), \(comparison.workload) on "
                + comparison.device
            let open = [
                ("time", comparison.timeVerdict, comparison.timeTendency, comparison.timeCommand),
                ("energy", comparison.energyVerdict, comparison.energyTendency, comparison.energyCommand),
            ]
            for (quantity, verdict, tendency, command) in open where verdict.map(Verdict.init(word:)) == .unresolved {
                // One command may settle time and energy; the first mention is enough.
                guard let command, seen.insert(command).inserted else { continue }
                let words = tendency.map { ", probably \($0)" } ?? ""
                steps.append(
                    NextStep(kind: .settle, about: "\(place): \(quantity) is undecided\(words)", command: command))
            }
        }
        let hopeless = run.comparisons.count {
            $0.timeVerdict.map(Verdict.init(word:)) == .unresolved && $0.timeCommand == nil
        }
        if hopeless > 0 {
            let noun = hopeless == 1 ? "comparison of times is" : "comparisons of times are"
            steps.append(
                NextStep(kind: .settle, about: "\(hopeless) \(noun) too close for a longer run to be sure to decide"))
        }
        return steps
    }

    // MARK: Locked power sources

    private static func unlocking(_ run: RunRecord) -> [NextStep] {
        let locked = run.powerSources.filter { $0.state == .permission }
        var order: [String] = []
        var groups: [String: [PowerSourceRecord]] = [:]
        for source in locked {
            let reason = source.reason ?? ""
            if groups[reason] == nil { order.append(reason) }
            groups[reason, default: []].append(source)
        }
        let sysfs = option("--sysfs", run.tool.arguments).map { " --sysfs \(DecidingCommand.quoted($0))" } ?? ""
        return order.map { reason in
            let names = (groups[reason] ?? []).map { "\($0.id) (\($0.domain))" }
            let shown = names.prefix(2).joined(separator: ", ")
            let rest = names.count > 2 ? " and \(names.count - 2) more" : ""
            return NextStep(
                kind: .unlock, about: "joules could be measured by \(shown)\(rest), which may not be read yet",
                command: "joulemark doctor\(sysfs)", detail: reason.isEmpty ? nil : reason)
        }
    }

    private static func option(_ name: String, _ arguments: [String]) -> String? {
        for (index, argument) in arguments.enumerated() {
            if argument.hasPrefix(name + "=") { return String(argument.dropFirst(name.count + 1)) }
            if argument == name, index + 1 < arguments.count { return arguments[index + 1] }
        }
        return nil
    }

    // MARK: Tunables

    /// Of what bounds a strategy, the part below which other tunables may be worth a search.
    private static let poorFraction = 0.5

    /// One for each strategy that is picked on a device, for the workload where it is furthest from its roof.
    private static func tuning(_ run: RunRecord, _ picks: [StrategyPick], _ rule: VerdictRule) -> [NextStep] {
        guard let commands = DecidingCommand(run, rule) else { return [] }
        let picked = Set(picks.map { [$0.family, $0.strategy, $0.workload, $0.device, $0.precision] })
        let poor = run.measurements.filter { measurement in
            measurement.status == .ok && measurement.tunables?.isEmpty == false
                && (measurement.derived?.fractionOfRoofline ?? 1) < poorFraction
                && picked.contains([
                    measurement.family, measurement.strategy, measurement.workload, measurement.device,
                    measurement.precision,
                ])
        }
        let fraction = { (measurement: MeasurementRecord) in measurement.derived?.fractionOfRoofline ?? 1 }
        var seen: Set<[String]> = []
        return poor.sorted { fraction($0) < fraction($1) }.compactMap { measurement in
            guard seen.insert([measurement.family, measurement.strategy, measurement.device]).inserted else {
                return nil
            }
            let names = (measurement.tunables ?? [:]).keys.sorted().joined(separator: ", ")
            return NextStep(
                kind: .tune,
                about:
                    "\(measurement.family)/\(measurement.strategy) reaches \(NumberFormat.percentage(fraction(measurement))) of "
                    + "its roof for \(measurement.workload) on \(measurement.device), and has tunables (\(names))",
                command: commands.tuning(measurement))
        }
    }
}
