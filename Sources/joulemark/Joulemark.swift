import CommandLineKit
import Results

/// The program: reads the command line, runs one subcommand, and turns what goes wrong into one line and an exit code.
enum Joulemark {
    static let version = "0.1.0"

    /// Adding a subcommand = one file beside this one and one line here.
    static let subcommands: [any Subcommand.Type] = [
        ProfileCommand.self, ReportCommand.self, CompareCommand.self, TuneCommand.self, InspectCommand.self,
        ModelCommand.self, ScoreCommand.self, HistoryCommand.self, DevicesCommand.self, KernelsCommand.self,
        DoctorCommand.self, MonitorCommand.self, CompletionsCommand.self, ManualCommand.self,
    ]

    static let program = Program(
        "joulemark", version: version, "speed and energy of fused and unfused kernels, on the same work",
        discussion: [
            "Joulemark runs fused and unfused kernels on OpenCL and Vulkan devices and on the processor, "
                + "checks every result against a float64 oracle, reads the machine's power counters meanwhile, and writes "
                + "performance-per-watt reports with error bars.",
            "Times are seconds, energies joules, powers watts, sizes bytes. Data go to standard output, progress and "
                + "messages to standard error.",
        ],
        commands: subcommands.map { $0.command },
        examples: [
            Example("the main job: the quick suite on every device, with a report", "joulemark profile"),
            Example("what can be measured here, and how to permit more", "joulemark doctor"),
        ],
        exitStatuses: ExitCode.allCases.map { ExitStatus(Int($0.rawValue), $0.meaning) },
        environment: [("NO_COLOR", "when set and not empty, no colours, as with TERM=dumb or --no-color")])

    /// This program, to start workers from: by the name that stays true when a newer build replaces the file meanwhile.
    static let executable = "/proc/self/exe"

    /// What result files say of this program.
    static func toolRecord(arguments: [String]) -> ToolRecord {
        ToolRecord(version: version, commit: BuildStamp.commit, arguments: arguments)
    }

    /// Runs the program and returns its exit code.
    static func main(_ arguments: [String]) -> Int32 {
        do throws(CommandFailure) {
            return try run(arguments).rawValue
        } catch {
            StandardStream.error.writeLine(error.line)
            return error.exitCode.rawValue
        }
    }

    private static func run(_ arguments: [String]) throws(CommandFailure) -> ExitCode {
        switch try CommandFailure.mapping({ try program.parse(arguments) }) {
        case .show(let text):
            try StandardStream.output.write(text)
            return .ok
        case .run(let invocation):
            guard let subcommand = subcommands.first(where: { $0.command.name == invocation.command.name }) else {
                throw CommandFailure(.usage, "unknown command '\(invocation.command.name)'")
            }
            return try subcommand.run(invocation, arguments: arguments)
        }
    }
}

/// One word of the command line that does something.
protocol Subcommand: SendableMetatype {
    /// Its table of options and its help.
    static var command: Command { get }

    /// Does it.
    ///
    /// - Parameter arguments: the whole command line, for the record.
    static func run(_ invocation: Invocation, arguments: [String]) throws(CommandFailure) -> ExitCode
}
