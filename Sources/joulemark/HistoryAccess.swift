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

    /// What searches found; nothing where the history is not used or cannot be read, which costs a line on standard
    /// error.
    static func tuned(_ invocation: Invocation) -> [TunedConfiguration] {
        guard !invocation.has(none) else { return [] }
        do {
            guard let history = try History.existing(path: try path(invocation)) else { return [] }
            return try history.tunedConfigurations()
        } catch {
            StandardStream.error.writeLine(
                "joulemark: warning: what 'joulemark tune' found is not used: \(Self.text(of: error))")
            return []
        }
    }

    /// Keeps what a search found for later runs.
    ///
    /// - Returns: whether it is kept.
    static func keep(_ tuned: TunedConfiguration?, for key: TunedConfiguration.Key, _ invocation: Invocation) -> Bool {
        guard !invocation.has(none) else { return false }
        do {
            try History(path: try path(invocation)).keep(tuned, for: key)
            return true
        } catch {
            StandardStream.error.writeLine(
                "joulemark: warning: later runs will not use what was found: \(Self.text(of: error))")
            return false
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
