import CommandLineKit
import FoundationEssentials
import Results

/// How every command finds the history, and the runs in it.
enum HistoryAccess {
    static let file = Option(
        "history", takes: .file, "the history's SQLite file", default: "$XDG_DATA_HOME/joulemark/history.sqlite",
        group: "history")
    static let none = Option(
        "no-history", "do not enter the run into the history", group: "history", conflicts: ["history"])

    static func path(_ invocation: Invocation) throws(CommandFailure) -> String {
        if let path = invocation.text(file) { return path }
        return try CommandFailure.mapping { try History.defaultPath(environment: ProcessInfo.processInfo.environment) }
    }

    /// Enters a run that measured something. A history that cannot be written costs a line on standard error, never the
    /// results.
    static func record(_ run: RunRecord, file: String?, _ invocation: Invocation) {
        guard !invocation.has(none), !run.measurements.isEmpty else { return }
        do {
            let history = try History(path: try path(invocation))
            _ = try history.record(run, file: file)
        } catch {
            StandardStream.error.writeLine("joulemark: warning: the run is not in the history: \(Self.text(of: error))")
        }
    }

    private static func text(of error: any Error) -> String {
        switch error {
        case let error as ResultsError: error.description
        case let failure as CommandFailure: failure.line
        default: "\(error)"
        }
    }
}
