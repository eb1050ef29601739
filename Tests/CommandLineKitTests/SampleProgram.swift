import CommandLineKit

/// A made-up program with one of everything that the kit knows.
enum Sample {
    static let file = Option("json", takes: .file, "where the data go; '-' is standard output", group: "outputs")
    static let folder = Option("dump", takes: .folder, "where arrays go", group: "outputs")
    static let quiet = Option("quiet", short: "q", "no progress", conflicts: ["verbose"])
    static let verbose = Option("verbose", "more progress")
    static let suite = Option(
        "suite", takes: .choice(["quick", "standard", "full"]), "which workloads", default: "quick", repeats: true,
        group: "selection", conflicts: ["shape"])
    static let shape = Option(
        "shape", takes: .text, as: "KEY=VALUE,...", "parameters", repeats: true, group: "selection")
    static let failOn = Option("fail-on", takes: .choices(["slower", "costlier"]), "what counts as a regression")
    static let limit = Option("time-limit", takes: .number(0.1...3600), as: "SECONDS", "how long", default: "10")
    static let seed = Option("seed", takes: .integer(0...Int.max), as: "N", "for random inputs", default: "1")

    static let brew = Command(
        "brew", "make something out of something else",
        discussion: [
            "It takes a while, and says so: that's all there is to it, whatever the weather may be like today."
        ],
        options: [suite, shape, file, folder, quiet, verbose, failOn, limit, seed],
        operands: [Operand("RUN.json", "what to read", count: 0...2)],
        examples: [Example("the usual", "sample brew --suite quick --json -")])
    static let watch = Command(
        "watch", "look at another program", options: [quiet],
        trailing: Operand("PROGRAM", "the program to look at", count: 0...Int.max))
    static let log = Command(
        "log", "what was done", operands: [Operand("ACTION", "list or show", words: ["list", "show"])])

    static let program = Program(
        "sample", version: "1.2.3", "shows what the kit can do", discussion: ["A paragraph."],
        commands: [brew, watch, log], examples: [Example("begin here", "sample brew")],
        exitStatuses: [ExitStatus(0, "fine"), ExitStatus(64, "wrong usage")],
        environment: [("NO_COLOR", "no colours")])

    /// The invocation of a command line that must be understood.
    static func run(_ arguments: String...) throws -> Invocation? {
        guard case .run(let invocation) = try program.parse(arguments) else { return nil }
        return invocation
    }

    /// The text of a command line that must only show something.
    static func show(_ arguments: String...) throws -> String? {
        guard case .show(let text) = try program.parse(arguments) else { return nil }
        return text
    }

    /// The complaint about a command line that must be refused.
    static func complaint(_ arguments: [String]) -> String? {
        do {
            _ = try program.parse(arguments)
            return nil
        } catch { return error.description }
    }
}
