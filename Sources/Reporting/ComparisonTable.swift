import Results
import Statistics

/// A comparison of two runs for a terminal: what changed, measurement by measurement, and what to know beside it.
///
/// ```
/// attention/flash · llama3-8b-prefill-512 · f32 · cpu:0
///   time      1.23 ms → 1.31 ms   0.939 × [0.931, 0.947]   slower
///   energy    4.01 J → 4.02 J     0.998 × [0.981, 1.015]   unresolved
/// ```
public struct ComparisonTable {
    public init() {}

    /// The table, lines ended by newlines, none wider than `width` columns.
    public func render(_ comparison: RunComparison, width: Int, color: Bool) -> String {
        let width = max(width, 40)
        var lines: [String] = []
        for (name, run) in [("base", comparison.base), ("new ", comparison.candidate)] {
            lines += TerminalText.wrapped(
                TerminalText.harmless("\(name)  \(Self.describe(run))"), width: width, indent: 6)
        }
        for objection in comparison.objections {
            lines += note("not compared: \(objection.reason)", "31", width, color)
        }
        for remark in comparison.remarks { lines += note(remark, "33", width, color) }
        lines.append("")
        for measurement in comparison.measurements { lines += block(measurement, width, color) }
        for (word, keys) in [("base", comparison.onlyInBase), ("new", comparison.onlyInCandidate)] {
            for key in keys {
                let isMissing = comparison.missing.contains(key)
                let remark = isMissing ? ", where it was right" : ""
                lines += note(
                    "only in the \(word) run\(remark): \(Self.title(key))", isMissing ? "31" : "2", width, color)
            }
        }
        lines += TerminalText.wrapped(Self.summary(comparison), width: width)
        return lines.map { $0 + "\n" }.joined()
    }

    /// The verdicts counted, in words.
    static func summary(_ comparison: RunComparison) -> String {
        guard comparison.objections.isEmpty else { return "The runs were not compared." }
        let counts = comparison.verdictCounts
        let words = ["slower", "costlier", "faster", "cheaper", "same", "unresolved"]
        var parts = words.compactMap { word in counts[word].map { "\($0) \(word)" } }
        if !comparison.missing.isEmpty { parts.insert("\(comparison.missing.count) missing", at: 0) }
        if !comparison.broken.isEmpty { parts.insert("\(comparison.broken.count) no longer right", at: 0) }
        return parts.isEmpty ? "Nothing to compare." : parts.joined(separator: ", ") + "."
    }

    static func describe(_ run: ComparedRun) -> String {
        let version = run.commit.map { "\(run.version) (\($0.prefix(10)))" } ?? run.version
        return "\(run.name)  \(Wording.readable(run.startedAt))  \(version)  \(run.machine)"
    }

    static func title(_ key: MeasurementKey) -> String {
        "\(key.family)/\(key.strategy) · \(key.workload) · \(key.precision) · \(key.device)"
    }

    private func block(_ measurement: ComparedMeasurement, _ width: Int, _ color: Bool) -> [String] {
        var lines = [TerminalText.truncated(TerminalText.harmless(Self.title(measurement.key)), to: width)]
        lines += line("time  ", measurement.time, .seconds, measurement.timeReason, width, color)
        lines += line("energy", measurement.energy, .joules, measurement.energyReason, width, color)
        for remark in measurement.remarks { lines += note(remark, "33", width, color) }
        return lines
    }

    private func line(
        _ name: String, _ quantity: ComparedQuantity?, _ unit: NumberFormat.Unit, _ reason: String?, _ width: Int,
        _ color: Bool
    ) -> [String] {
        guard let quantity else {
            let text = TerminalText.harmless("  \(name)  not compared: \(reason ?? "not known")")
            return TerminalText.wrapped(text, width: width, indent: 4).map { styled($0, "2", color) }
        }
        let mark = quantity.provenance == .modelled ? NumberFormat.modelledMark : ""
        let change =
            "\(mark)\(NumberFormat.quantity(quantity.base, unit)) → \(mark)\(NumberFormat.quantity(quantity.candidate, unit))"
        let ratio = mark + NumberFormat.ratio(quantity.ratio, quantity.interval)
        let besides = (Wording.tendency(quantity) ?? "") + Self.machine(quantity)
        let plain = "  \(name)  \(change)   \(ratio)   \(mark)\(quantity.verdict)\(besides)"
        guard TerminalText.width(plain) <= width else {
            return TerminalText.wrapped(plain, width: width, indent: 4) + command(quantity, width, color)
        }
        let verdict = styled(mark + quantity.verdict, Self.color(of: quantity.verdict), color)
        return ["  \(name)  \(change)   \(ratio)   \(verdict)\(styled(besides, "2", color))"]
            + command(quantity, width, color)
    }

    /// What would decide it.
    private func command(_ quantity: ComparedQuantity, _ width: Int, _ color: Bool) -> [String] {
        guard let command = quantity.command else { return [] }
        return TerminalText.wrapped(
            TerminalText.harmless("          to decide it: \(command)"), width: width, indent: 12
        ).map { styled($0, "2", color) }
    }

    /// What the machine did besides, where that is worth a word: the ratio is then not the quotient of the two figures.
    private static func machine(_ quantity: ComparedQuantity) -> String {
        guard let ratio = quantity.machineRatio, abs(ratio - 1) > 0.01 else { return "" }
        return "   besides the machine's own \(NumberFormat.ratio(ratio))"
    }

    private static func color(of verdict: String) -> String {
        switch verdict {
        case "faster", "cheaper": "32"
        case "slower", "costlier": "31"
        default: "2"
        }
    }

    private func note(_ text: String, _ style: String, _ width: Int, _ color: Bool) -> [String] {
        TerminalText.wrapped("! " + TerminalText.harmless(text), width: width, indent: 2).map {
            styled($0, style, color)
        }
    }

    private func styled(_ text: String, _ style: String, _ color: Bool) -> String {
        color ? "\u{1B}[\(style)m\(text)\u{1B}[0m" : text
    }
}
