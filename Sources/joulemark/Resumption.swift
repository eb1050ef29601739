import CommandLineKit
import FoundationEssentials
import Profiling
import Results

/// How a command goes on with what was cut off: its journal has the command line that it was begun with.
enum Resumption {
    /// The command line of the run that was to write a file, and its journal.
    ///
    /// - Throws: ``CommandFailure`` when there is nothing to resume, or when another command began it.
    static func begun(
        _ file: String, by command: Command, _ invocation: Invocation
    ) throws(CommandFailure) -> (invocation: Invocation, arguments: [String], journal: RunJournal) {
        let path = Destination.absolute(file)
        let journal = try CommandFailure.mapping {
            guard FileManager.default.fileExists(atPath: RunJournal.path(ofResult: path)) else {
                throw CommandFailure(.usage, nothingToResume(path))
            }
            return try RunJournal(resuming: RunJournal.path(ofResult: path))
        }
        // As it was given then, and where.
        let words = journal.header.tool.arguments
        guard FileManager.default.changeCurrentDirectoryPath(journal.header.folder),
            case .run(let before) = try CommandFailure.mapping({ try Joulemark.program.parse(words) }),
            !before.has(ProfileOptions.resume)
        else {
            throw CommandFailure(
                .usage, "\(file): its run was begun in '\(journal.header.folder)' by what is no command line here")
        }
        guard before.command == command else {
            let name = before.command.name
            throw CommandFailure(
                .usage, "\(file): its run is one of another command: joulemark \(name) --resume \(file)")
        }
        return (before.adding(invocation, [ProfileOptions.quiet, Options.noColor]), words, journal)
    }

    private static func nothingToResume(_ path: String) -> String {
        if let run = try? RunFile.read(path), !run.interrupted {
            return "\(path): nothing to resume: the run came to its end"
        }
        return
            "\(path): nothing to resume: there is no \(RunJournal.path(ofResult: path)), in which a run keeps what it measures"
    }

    /// Beside the result, where that is a file that can be written again.
    static func journalPath(_ outputs: Outputs) -> String? {
        guard outputs.destination(Options.json)?.isReplaceable == true else { return nil }
        return outputs.path(Options.json).map(RunJournal.path(ofResult:))
    }

    /// Refuses a journal that does not lie beside the result; warns where a new run gives up what another has left.
    static func check(
        _ journal: RunJournal?, _ outputs: Outputs, _ command: Command
    ) throws(CommandFailure) {
        guard let path = journalPath(outputs) else { return }
        if let journal {
            guard !isSame(path, journal.path) else { return }
            throw CommandFailure(
                .usage,
                "\(journal.path): was moved since: its run writes \(outputs.path(Options.json) ?? path); move it back")
        }
        if FileManager.default.fileExists(atPath: path) {
            StandardStream.error.writeLine(
                "joulemark: warning: \(path): what a run that was cut off had measured is given up; "
                    + "'\(command.name) --resume' would have gone on with it")
        }
    }

    private static func isSame(_ path: String, _ other: String) -> Bool {
        URL(fileURLWithPath: path).resolvingSymlinksInPath() == URL(fileURLWithPath: other).resolvingSymlinksInPath()
    }
}
