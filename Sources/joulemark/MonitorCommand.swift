import CommandLineKit
import FoundationEssentials
import Glibc
import Power
import Reporting
import Results
import Statistics

/// `joulemark monitor`
enum MonitorCommand: Subcommand {
    static let interval = Option(
        "interval", takes: .number(0.05...3600), as: "SECONDS", "time between two readings", default: "1")
    static let count = Option(
        "count", takes: .integer(1...Int.max), as: "N", "stop after N readings", default: "until interrupted")

    static let command = Command(
        "monitor", "live watts of every power source, or the joules of one command",
        discussion: [
            "Without a command: a line a reading, with the total by the rule that 'joulemark doctor' and every report state, and "
                + "each source that can be read. With --json a line of JSON a reading; in it a source that cannot be read has null "
                + "and the reason.",
            "With a command: it runs with this terminal's input and output; its time and joules follow on standard error, and "
                + "this program ends with the command's exit code.",
        ],
        options: [interval, count, Options.json, Options.sysfs, Options.noColor],
        trailing: Operand("COMMAND", "the command line of the program to meter", count: 0...Int.max),
        examples: [
            Example("watts, every two seconds", "joulemark monitor --interval 2"),
            Example("what a build costs", "joulemark monitor -- make -j8"),
            Example("ten readings for a script", "joulemark monitor --count 10 --json -"),
        ])

    static func run(_ invocation: Invocation, arguments: [String]) throws(CommandFailure) -> ExitCode {
        for option in [interval, count] where !invocation.trailing.isEmpty && invocation.has(option) {
            throw CommandFailure(
                .usage, "--\(option.name) is for watching; with a command there is one reading, its own")
        }
        let outputs = try Outputs(invocation, [Options.json])
        let sysfs = try ProfileOptions.existingFolder(invocation, Options.sysfs) ?? "/sys"
        let monitor = try CommandFailure.mapping { try PowerMonitor(sysfs: sysfs) }
        guard !invocation.trailing.isEmpty else { return try watch(monitor, invocation, outputs) }
        let result = try CommandFailure.mapping { try monitor.meter(command: invocation.trailing) }
        try outputs.write(Options.json) { () throws(CommandFailure) in try Outputs.json(result) }
        StandardStream.error.writeLine(summary(result))
        // The command's own code, whatever it means: this program stands in for it.
        exit(result.exitCode)
    }

    private static func watch(_ monitor: PowerMonitor, _ invocation: Invocation, _ outputs: Outputs)
        throws(CommandFailure) -> ExitCode
    {
        guard monitor.sources.contains(where: { $0.state == .ok }) else {
            throw CommandFailure(
                .powerUnavailable,
                "no power source can be read on this machine; 'joulemark doctor' says why, and the fix")
        }
        let seconds = invocation.number(interval) ?? 1
        let limit = invocation.integer(count) ?? Int.max
        var lines: LineOutput?
        if let destination = outputs.destination(Options.json) { lines = try LineOutput(destination) }
        for line in notes(monitor) { StandardStream.error.writeLine(line) }
        monitor.start()
        defer { monitor.stop() }
        for _ in 0..<limit {
            usleep(UInt32(min(seconds * 1e6, Double(UInt32.max))))
            let reading = monitor.reading()
            try lines?.write(reading)
            if !outputs.takesStandardOutput { try StandardStream.output.write(line(reading)) }
        }
        return .ok
    }

    /// What a reader of the lines should know before them: how the total is made, and what is missing from it.
    private static func notes(_ monitor: PowerMonitor) -> [String] {
        let missing = monitor.sources.filter { $0.state != .ok && $0.state != .duplicate }.map(\.id)
        var notes = ["joulemark: total: \(monitor.accounting?.rule ?? "none")"]
        let averaging = monitor.slowSources
        if !averaging.isEmpty {
            notes.append(
                "joulemark: averaged over long, and so behind what happens: \(averaging.joined(separator: ", "))")
        }
        if !missing.isEmpty {
            notes.append(
                "joulemark: cannot be read: \(missing.joined(separator: ", ")); 'joulemark doctor' says why, and the fix"
            )
        }
        return notes.map(TerminalText.harmless)
    }

    private static func line(_ reading: MonitorReading) -> String {
        let total = reading.totalWatts.map { NumberFormat.quantity($0, .watts) } ?? "– (\(reading.reason ?? "unknown"))"
        return TerminalText.harmless("total \(total)  " + parts(reading).joined(separator: "  ")) + "\n"
    }

    /// Of one chip's domain no more are named one by one.
    private static let mostNamed = 4

    /// Every source with its watts; the many alike of one chip, such as the cores of a processor, together.
    private static func parts(_ reading: MonitorReading) -> [String] {
        let known = reading.sources.filter { $0.watts != nil }
        func kind(_ source: SourceReading) -> String {
            let chip = source.source.split(separator: "/").dropLast().joined(separator: "/")
            return "\(source.isIncluded)/\(chip)/\(source.domain)"
        }
        let alike = Dictionary(grouping: known, by: kind)
        var said: Set<String> = []
        return known.compactMap { source in
            let others = alike[kind(source)] ?? []
            let mark = source.isIncluded ? "" : " (not in the total)"
            guard others.count > mostNamed else {
                return "\(source.source) \(source.domain) \(NumberFormat.quantity(source.watts, .watts))\(mark)"
            }
            guard said.insert(kind(source)).inserted else { return nil }
            let chip = source.source.split(separator: "/").dropLast().joined(separator: "/")
            let watts = others.compactMap(\.watts).reduce(0, +)
            return "\(others.count) of \(chip) \(source.domain) \(NumberFormat.quantity(watts, .watts)) in all\(mark)"
        }
    }

    /// Net joules that the interval does not tell from none are no figure.
    private static func net(_ joules: Double, _ interval: Interval?) -> String {
        guard let interval, interval.lower <= 0 else { return "\(NumberFormat.quantity(joules, .joules)) net of idle" }
        return "net of idle not told from nothing (at most \(NumberFormat.quantity(interval.upper, .joules)))"
    }

    private static func summary(_ result: CommandEnergy) -> String {
        let time = NumberFormat.quantity(result.seconds, .seconds)
        guard let joules = result.energy.totalJoules else {
            return "joulemark: \(time); energy unknown: \(result.energy.reason ?? "no power source can be read")"
        }
        var words = ["joulemark: \(time)"]
        let precision = NumberFormat.relativeHalfWidth(joules, result.joulesInterval).map { " \($0)" } ?? ""
        let how = result.provenance == .integrated ? " (integrated from a sensor)" : ""
        words.append("\(NumberFormat.quantity(joules, .joules))\(precision) gross\(how)")
        if let net = result.netJoules { words.append(Self.net(net, result.netInterval)) }
        words.append("\(NumberFormat.quantity(joules / result.seconds, .watts)) on average")
        return words.joined(separator: ", ") + (result.accounting.map { ". \($0.costSentence)" } ?? "")
    }
}
