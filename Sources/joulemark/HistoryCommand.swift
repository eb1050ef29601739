import CommandLineKit
import FoundationEssentials
import Reporting
import Results

/// `joulemark history`
enum HistoryCommand: Subcommand {
    private static let run = Option(
        "run", takes: .integer(1...Int.max), as: "ID", "the run that becomes the baseline", default: "the newest")

    private static let last = Option(
        "last", takes: .integer(2...10_000), as: "COUNT", "with trend: the newest so many runs", default: "20")

    private static let html = Option("html", takes: .file, "with trend: write it as one page", group: "outputs")

    static let command = Command(
        "history", "the runs that were made, and the baselines among them",
        discussion: [
            "'list', which is also what no action means, shows every run, newest first; 'show ID' one run's results again; 'baseline NAME' gives the newest run, "
                + "or that of --run, a name to compare with; a run without times, such as one of 'profile --verify-only', is refused. The history keeps whole results, also when their files are gone.",
            "'trend' shows each measurement over the runs of the newest run's machine, with its interval, the version that ran, and what "
                + "changed from one run to the next by the rules of 'compare'; 'trend FAMILY' or 'trend FAMILY/STRATEGY' keeps to those.",
        ],
        options: [run, last, Options.json, html, HistoryAccess.file, Options.noColor],
        operands: [
            Operand(
                "ACTION", "what to do; list when left out", count: 0...1, words: ["list", "show", "baseline", "trend"]),
            Operand(
                "NAME", "the run's ID for show, the baseline's name for baseline, a family for trend", count: 0...1),
        ],
        examples: [
            Example("what has been measured here", "joulemark history"),
            Example("remember the newest run as main", "joulemark history baseline main"),
            Example("did anything become slower since last week?", "joulemark history trend"),
            Example("the same of one strategy, as a page", "joulemark history trend attention/flash --html trend.html"),
            Example("the result file of a run again", "joulemark history show 12 --json run12.json"),
        ])

    static func run(_ invocation: Invocation, arguments: [String]) throws(CommandFailure) -> ExitCode {
        let outputs = try Outputs(invocation, [Options.json, html])
        guard invocation.operands.first == "trend" || !invocation.has(html) else {
            throw CommandFailure(.usage, "--html is for 'history trend'; 'joulemark report' makes the page of a run")
        }
        let path = try HistoryAccess.path(invocation)
        let name = invocation.operands.dropFirst().first
        switch (invocation.operands.first ?? "list", name) {
        case ("list", nil): try list(path, outputs)
        case ("show", let text?):
            guard let id = Int(text) else {
                throw CommandFailure(.usage, "history show: found '\(text)', expected a run's number")
            }
            try show(id, path, outputs, allowsColor: !invocation.has(Options.noColor))
        case ("baseline", let name?): try setBaseline(name, to: invocation.integer(run), path)
        case ("trend", let name):
            try trend(
                name, invocation.integer(last) ?? 20, path, outputs, allowsColor: !invocation.has(Options.noColor))
        case ("list", _): throw CommandFailure(.usage, "history list takes no further argument")
        case ("show", nil): throw CommandFailure(.usage, "history show: expected a run's number")
        case ("baseline", nil): throw CommandFailure(.usage, "history baseline: expected a name")
        case (let action, _):
            throw CommandFailure(.usage, "history: found '\(action)', expected list, show, baseline or trend")
        }
        return .ok
    }

    private static func list(_ path: String, _ outputs: Outputs) throws(CommandFailure) {
        let entries: [HistoryEntry] = try CommandFailure.mapping { () throws -> [HistoryEntry] in
            guard let history = try History.existing(path: path) else { return [] }
            return try history.entries()
        }
        try outputs.write(Options.json) { () throws(CommandFailure) in try Outputs.json(entries) }
        guard !outputs.takesStandardOutput else { return }
        let rows = entries.map { entry in
            let count = entry.measurements == 1 ? "1 measurement" : "\(entry.measurements) measurements"
            let side = entry.side.map { [$0 == .base ? "base of a pair" : "new of a pair"] } ?? []
            let remarks =
                (entry.label.map { ["\u{201C}\(TerminalText.harmless($0))\u{201D}"] } ?? []) + side
                + (entry.interrupted ? ["interrupted"] : []) + entry.baselines.map { "baseline \($0)" }
            let first = ([entry.startedAt, count, entry.devices.joined(separator: " "), entry.machine] + remarks)
            return (
                "\(entry.id)", first.joined(separator: ", ") + "\njoulemark \(entry.arguments.joined(separator: " "))"
            )
        }
        try StandardStream.output.write(
            (rows.isEmpty ? "\(path): no runs yet\n" : TextLayout.definitions(rows, indent: 0)).harmless)
    }

    private static func show(
        _ id: Int, _ path: String, _ outputs: Outputs, allowsColor: Bool
    ) throws(CommandFailure) {
        let run: RunRecord = try CommandFailure.mapping { () throws -> RunRecord in
            guard let history = try History.existing(path: path) else {
                throw ResultsError(.notFound, "\(path): there is no history yet, and so no run \(id)")
            }
            return try history.run(id)
        }
        try outputs.write(Options.json) { () throws(CommandFailure) in try Outputs.json(run) }
        guard !outputs.takesStandardOutput else { return }
        let style = TerminalStyle.standardOutput(allowsColor: allowsColor)
        try StandardStream.output.write(TerminalTable().render(run: run, width: style.width, color: style.usesColor))
    }

    private static func trend(
        _ name: String?, _ count: Int, _ path: String, _ outputs: Outputs, allowsColor: Bool
    ) throws(CommandFailure) {
        let runs: [(id: Int, run: RunRecord)] = try CommandFailure.mapping { () throws -> [(id: Int, run: RunRecord)] in
            guard let history = try History.existing(path: path) else {
                throw ResultsError(.notFound, "\(path): there is no history yet: 'joulemark profile' makes it")
            }
            return try history.entries(limit: count).reversed().map { (id: $0.id, run: try history.run($0.id)) }
        }
        let trend = HistoryTrend(runs) { key in
            name.map { $0 == key.family || $0 == "\(key.family)/\(key.strategy)" } ?? true
        }
        guard !trend.series.isEmpty else {
            throw CommandFailure(
                .baselineMissing,
                "history trend: no times\(name.map { " of '\($0)'" } ?? "") in the newest \(runs.count) runs")
        }
        try outputs.write(Options.json) { () throws(CommandFailure) in try Outputs.json(trend) }
        try outputs.write(html) { TrendPage(trend).render() }
        guard !outputs.takesStandardOutput else { return }
        let style = TerminalStyle.standardOutput(allowsColor: allowsColor)
        try StandardStream.output.write(TrendTable().render(trend, width: style.width, color: style.usesColor))
    }

    private static func setBaseline(_ name: String, to id: Int?, _ path: String) throws(CommandFailure) {
        try CommandFailure.mapping { () throws -> Void in
            guard let history = try History.existing(path: path) else {
                throw ResultsError(.notFound, "\(path): there is no history yet: 'joulemark profile' makes it")
            }
            let newest = try history.entries(limit: 1).first?.id
            guard let id = id ?? newest else { throw ResultsError(.notFound, "\(path): no runs yet") }
            guard try history.run(id).measurements.contains(where: { $0.status == .ok && $0.time != nil }) else {
                throw CommandFailure(
                    .usage,
                    "history baseline: run \(id) has no times to compare with, as after --verify-only; "
                        + "--run ID names another, 'joulemark history' lists them")
            }
            try history.setBaseline(name, to: id, at: Date.now.formatted(.iso8601))
        }
    }
}
