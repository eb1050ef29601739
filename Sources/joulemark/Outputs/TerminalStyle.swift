import CPlatform
import FoundationEssentials
import Glibc

/// How wide and colourful a stream's text may be.
struct TerminalStyle {
    let width: Int
    let usesColor: Bool

    /// Standard output: the terminal's width, or 120 columns in a pipe. Colours only on a terminal that knows them, and
    /// only when `NO_COLOR` is not set.
    static func standardOutput(allowsColor: Bool) -> TerminalStyle {
        let environment = ProcessInfo.processInfo.environment
        let isPlain = environment["NO_COLOR"].map { !$0.isEmpty } ?? false || environment["TERM"] == "dumb"
        let isTerminal = StandardStream.output.isTerminal
        let columns = Int(joulemark_terminal_columns(StandardStream.output.descriptor))
        return TerminalStyle(width: columns > 0 ? columns : 120, usesColor: allowsColor && isTerminal && !isPlain)
    }
}
