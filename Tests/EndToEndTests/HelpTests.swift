import Foundation
import Testing

@Suite("Help")
struct HelpTests {
    static let commands = [
        "profile", "report", "compare", "history", "devices", "kernels", "doctor", "monitor", "completions", "manual",
    ]

    @Test("--no-color is an option of every command", arguments: commands)
    func noColor(_ command: String) async throws {
        let place = try Workplace()
        // A second option that there is not: the parser stops at the first that it does not know.
        let outcome = try await place.joulemark([command, "--no-color", "--nonsense"])
        #expect(outcome.exitCode == 64 && outcome.errors.contains("--nonsense"), "\(outcome.errors)")
    }

    @Test("teaches every command with examples, units and exit codes, on standard output", arguments: commands)
    func commandHelp(_ command: String) async throws {
        let place = try Workplace()
        let long = try await place.joulemark([command, "--help"])
        let short = try await place.joulemark([command, "--nonsense", "-h"])
        #expect(long.exitCode == 0 && short.exitCode == 0)
        #expect(long.errors.isEmpty)
        #expect(long.output == short.output)
        for part in ["USAGE", "EXAMPLES", "EXIT CODES", "joulemark \(command)"] { #expect(long.text.contains(part)) }
        #expect(place.files.isEmpty)
    }

    @Test("the overview lists every command and every exit code")
    func overview() async throws {
        let outcome = try await Workplace().joulemark(["--help"])
        #expect(outcome.exitCode == 0)
        for command in Self.commands { #expect(outcome.text.contains("\n  \(command) ")) }
        for code in ["0", "1", "3", "4", "6", "64", "130"] { #expect(outcome.text.contains("\n  \(code) ")) }
    }

    @Test("the version is one line")
    func version() async throws {
        let outcome = try await Workplace().joulemark(["--version"])
        #expect(outcome.exitCode == 0)
        #expect(outcome.text.hasPrefix("joulemark ") && outcome.text.count { $0 == "\n" } == 1)
    }

    @Test("the real completion script completes real names")
    func completion() async throws {
        let place = try Workplace()
        let script = try await place.joulemark(["completions", "bash"]).text
        let question = """
            \(script)
            COMP_WORDS=(joulemark profile --family att); COMP_CWORD=3; _joulemark; echo "${COMPREPLY[@]}"
            """
        try place.write("question.sh", Data(question.utf8))
        let answer = try await place.start(["question.sh"], program: "/bin/bash").outcome()
        #expect(answer.errors.isEmpty)
        #expect(answer.text == "attention\n")
    }
}
