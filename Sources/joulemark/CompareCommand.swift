import CommandLineKit
import Platform
import Reporting
import Results

/// `joulemark compare`
enum CompareCommand: Subcommand {
    private static let baseline = Option(
        "baseline", takes: .text, as: "NAME", "compare with a baseline of the history instead of a file BASE",
        group: "selection")
    private static let failOn = Option(
        "fail-on", takes: .choices(["slower", "costlier", "missing"]),
        "end with exit code 2 when a verdict is one of these or a result is no longer right, with 1 when nothing was judged",
        group: "control")
    private static let allow = Option(
        "allow", takes: .choices(["machine", "seed"]),
        "compare in spite of other machines or other inputs; the difference is mentioned", group: "control")
    private static let label = Option(
        "label", takes: .text, as: "NAME", "what a run is called: the first names the base, the second the new one",
        repeats: true, group: "outputs")
    private static let html = Option("html", takes: .file, "write the comparison as one page", group: "outputs")
    private static let options = [
        baseline, failOn, allow, Options.json, html, label, HistoryAccess.file, Options.noColor,
    ]

    static let command = Command(
        "compare", "what became faster, slower, cheaper or costlier from one run to another",
        discussion: [
            "Measurements match by family, strategy, workload, device and precision. Each verdict comes with its ratio, base "
                + "over new, and the interval that it follows from, which holds what the machine drifted and is corrected for the number of comparisons. "
                + "Control kernels that ran beside every sample tell what the machine itself did, and times are freed of it. "
                + "'same' is a difference of certainly less than 1 %, 'unresolved' one that these samples do not settle.",
            "Modelled energy is never weighed against measured energy. BASE and NEW are result files, or numbers of runs as "
                + "'joulemark history' shows them; a file wins over a run of the same name.",
            "--fail-on ends with 2 when a verdict is one of those named, or when a measurement that was right in the base run is "
                + "wrong, failed or skipped in the new one, or, with 'missing', not in it at all; with 1 when there was nothing of that kind to judge, such "
                + "as no pair with times.",
        ],
        options: options,
        operands: [
            Operand("RUN", "the base run and the new one; with --baseline only the new one", count: 1...2)
        ],
        examples: [
            Example("two result files", "joulemark compare before.json after.json"),
            Example(
                "fail a CI job when anything got slower or costlier than the baseline",
                "joulemark compare reports/latest.json --baseline main --fail-on slower,costlier"),
        ])

    static func run(_ invocation: Invocation, arguments: [String]) throws(CommandFailure) -> ExitCode {
        let outputs = try Outputs(invocation, [Options.json, html])
        var (base, new) = try runs(invocation)
        let labels = invocation.texts(label)
        guard labels.count <= 2 else {
            throw CommandFailure(.usage, "--label: found \(labels.count) names, expected two at most, base and new")
        }
        base.name = labels.first ?? base.run.label.map { "\($0) (\(base.name))" } ?? base.name
        new.name = labels.dropFirst().first ?? new.run.label.map { "\($0) (\(new.name))" } ?? new.name
        var choices = RunComparison.Options()
        choices.allowed = Set((invocation.words(allow) ?? []).compactMap(Objection.Kind.init))
        let comparison = RunComparison(base: base, candidate: new, options: choices)
        try outputs.write(Options.json) { () throws(CommandFailure) in try Outputs.json(comparison) }
        try outputs.write(html) { ComparisonPage(comparison).render() }
        if !outputs.takesStandardOutput {
            let style = TerminalStyle.standardOutput(allowsColor: !invocation.has(Options.noColor))
            try StandardStream.output.write(
                ComparisonTable().render(comparison, width: style.width, color: style.usesColor))
        }
        if let objection = comparison.objections.first {
            throw CommandFailure(
                .failure, "not compared: \(objection.reason); --allow \(objection.kind.rawValue) compares nevertheless")
        }
        let unwanted = invocation.words(failOn) ?? []
        let hasLost = unwanted.contains("missing") && !comparison.missing.isEmpty
        let hasRegressed = hasLost || unwanted.contains { comparison.verdictCounts[$0, default: 0] > 0 }
        // A kernel that no longer gives the right result has no speed to compare: whoever guards against slower ones
        // wants to know.
        if hasRegressed || (!unwanted.isEmpty && !comparison.broken.isEmpty) { return .regression }
        if let reason = reasonWithoutVerdict(comparison, unwanted) { throw CommandFailure(.failure, reason) }
        return .ok
    }

    /// Why the verdicts that are not wanted could not occur; `nil` when they could. What guards against them must not
    /// pass then.
    private static func reasonWithoutVerdict(_ comparison: RunComparison, _ unwanted: [String]) -> String? {
        let pairs = comparison.measurements
        let kinds: [(word: String, isJudged: Bool, reason: String?)] = [
            ("slower", pairs.contains { $0.time != nil }, pairs.compactMap(\.timeReason).first),
            ("costlier", pairs.contains { $0.energy != nil }, pairs.compactMap(\.energyReason).first),
        ]
        let named = kinds.filter { unwanted.contains($0.word) }
        guard !named.isEmpty, !named.contains(where: \.isJudged) else { return nil }
        let reason = pairs.isEmpty ? "the runs have no measurement in common" : named.compactMap(\.reason).first
        let words = named.map(\.word).joined(separator: ",")
        return "--fail-on \(words): no pair of measurements was judged: \(reason ?? "not known")"
    }

    private typealias NamedRun = (run: RunRecord, name: String)

    private static func runs(_ invocation: Invocation) throws(CommandFailure) -> (NamedRun, NamedRun) {
        let operands = invocation.operands
        if let name = invocation.text(baseline) {
            guard operands.count == 1 else {
                throw CommandFailure(.usage, "--baseline names the base run: found \(operands.count) runs, expected 1")
            }
            let new = try load(operands[0], invocation)
            return (try baselineRun(name, invocation), new)
        }
        guard operands.count == 2 else {
            throw CommandFailure(.usage, "expected two runs, BASE and NEW, or one and --baseline NAME")
        }
        return (try load(operands[0], invocation), try load(operands[1], invocation))
    }

    private static func baselineRun(_ name: String, _ invocation: Invocation) throws(CommandFailure) -> NamedRun {
        let path = try HistoryAccess.path(invocation)
        do throws(ResultsError) {
            guard let history = try History.existing(path: path) else {
                throw ResultsError(.notFound, "\(path): there is no history yet, and so no baseline '\(name)'")
            }
            let id = try history.baseline(name)
            return (try history.run(id), "\(name) (run \(id))")
        } catch {
            throw CommandFailure(.baselineMissing, error.description)
        }
    }

    /// A result file, or, where no file has that name, a run of the history.
    private static func load(_ text: String, _ invocation: Invocation) throws(CommandFailure) -> NamedRun {
        let id = FileDescriptor.exists(text) ? nil : Int(text)
        let path = try id == nil ? "" : HistoryAccess.path(invocation)
        do throws(ResultsError) {
            if let id {
                guard let history = try History.existing(path: path) else {
                    throw ResultsError(.notFound, "\(path): there is no history yet, and so no run \(id)")
                }
                return (try history.run(id), "run \(id)")
            }
            return (try RunFile.read(text), text)
        } catch {
            throw CommandFailure(.baselineMissing, error.description)
        }
    }
}
