import Backends
import CommandLineKit
import Kernels
import Power
import Profiling
import Reporting
import Results

/// What the program ends with. Scripts depend on these numbers.
enum ExitCode: Int32, CaseIterable {
    case ok = 0
    case failure = 1
    case regression = 2
    case incorrect = 3
    case noSuchDevice = 4
    case baselineMissing = 5
    case powerUnavailable = 6
    case usage = 64
    case interrupted = 130

    var meaning: String {
        switch self {
        case .ok: "all went well"
        case .failure:
            "failure: a measurement did not complete, all were skipped, --fail-on had nothing to judge, or an output could not be written"
        case .regression: "a regression was found"
        case .incorrect: "a kernel's result is wrong"
        case .noSuchDevice: "no such device"
        case .baselineMissing: "a baseline or a run to compare is missing or unreadable"
        case .powerUnavailable: "power counters are required but cannot be read"
        case .usage: "wrong usage: an option, or a file that it names"
        case .interrupted: "interrupted; the results so far are kept"
        }
    }
}

extension ExitCode {
    fileprivate init(_ code: ProfilingError.Code) {
        switch code {
        case .usage, .unavailable: self = .usage
        case .noSuchDevice: self = .noSuchDevice
        case .powerUnavailable: self = .powerUnavailable
        case .interrupted: self = .interrupted
        case .refused, .worker, .hung: self = .failure
        }
    }
}

/// Why the program stops: one line for standard error, and the exit code.
struct CommandFailure: Error, Sendable, Equatable {
    let exitCode: ExitCode
    private let description: String

    init(_ exitCode: ExitCode, _ description: String) {
        self.exitCode = exitCode
        self.description = description
    }

    /// The same, with what can be done about it.
    func adding(_ remark: String) -> CommandFailure { CommandFailure(exitCode, "\(description); \(remark)") }

    /// The description, on one line, begun with the program's name.
    var line: String {
        let text = text
        return text.hasPrefix(Joulemark.program.name) ? text : "\(Joulemark.program.name): \(text)"
    }

    /// The description on one line, without control characters.
    var text: String { TerminalText.harmless(description) }

    /// The exit code of every error that a module throws: the one place that decides it.
    init(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let error as UsageError: self.init(.usage, error.description)
        case let error as KernelError: self.init(.usage, error.description)
        case let error as BackendError:
            self.init(error.code == .missing ? .noSuchDevice : .usage, error.description)
        case let error as PowerError:
            self.init(error.code == .notReadable ? .powerUnavailable : .usage, error.description)
        case let error as ResultsError:
            switch error.code {
            case .notFound: self.init(.baselineMissing, error.description)
            case .unwritable, .busy: self.init(.failure, error.description)
            case .system, .malformed, .newer: self.init(.usage, error.description)
            }
        case let error as ProfilingError: self.init(ExitCode(error.code), error.description)
        default: self.init(.failure, "\(error)")
        }
    }

    /// Runs `body`; whatever it throws becomes a failure.
    static func mapping<Result>(_ body: () throws -> Result) throws(CommandFailure) -> Result {
        do { return try body() } catch { throw CommandFailure(error) }
    }
}
