import Foundation
import Testing

/// What the program's own help says there is: the tests below follow its table, so that they need no list of their own.
private struct Overview {
    let commands: [String]
    let exitCodes: [Int32]

    init() async throws {
        let outcome = try await Workplace().joulemark(["--help"])
        try #require(outcome.exitCode == 0, "\(outcome.errors)")
        commands = Self.terms(of: "COMMANDS", in: outcome.text)
        exitCodes = Self.terms(of: "EXIT CODES", in: outcome.text).compactMap { Int32($0) }
    }

    /// The left column of a section: it begins in the third column, and what goes on below it further to the right.
    private static func terms(of section: String, in page: String) -> [String] {
        page.components(separatedBy: "\n").drop { $0 != section }.dropFirst().prefix { !$0.isEmpty }
            .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
            .map { String($0.dropFirst(2).prefix { $0 != " " }) }
    }
}

/// The repository, whose documents are held against the program.
private enum Repository {
    static let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: url.appendingPathComponent(path), encoding: .utf8)
    }
}

@Suite("Help")
struct HelpTests {
    @Test("the overview lists every command: there is a file for each")
    func overview() async throws {
        let files = try FileManager.default.contentsOfDirectory(
            atPath: Repository.url.appendingPathComponent("Sources/joulemark").path)
        let names = files.filter { $0.hasSuffix("Command.swift") }.map {
            $0.replacingOccurrences(of: "Command.swift", with: "").lowercased()
        }
        #expect(names.count > 5)
        #expect(Set(try await Overview().commands) == Set(names))
    }

    @Test("--no-color is an option of every command", arguments: try await Overview().commands)
    func noColor(_ command: String) async throws {
        let place = try Workplace()
        // A second option that there is not: the parser stops at the first that it does not know.
        let outcome = try await place.joulemark([command, "--no-color", "--nonsense"])
        #expect(outcome.exitCode == 64 && outcome.errors.contains("--nonsense"), "\(outcome.errors)")
    }

    @Test(
        "teaches every command with examples, units and exit codes, on standard output",
        arguments: try await Overview().commands)
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

    @Test("the README's table of exit codes is the program's")
    func exitCodes() async throws {
        let rows = try Repository.text("README.md").components(separatedBy: "\n").drop { $0 != "## Exit codes" }
            .dropFirst().prefix { !$0.hasPrefix("## ") }
            .compactMap { line in
                line.split(separator: "|").first.flatMap { Int32($0.trimmingCharacters(in: .whitespaces)) }
            }
        let codes = try await Overview().exitCodes
        #expect(codes.contains(0) && codes.contains(64))
        #expect(rows == codes)
    }

    @Test(
        "every command line that a document shows has a command and options that there are",
        arguments: ["README.md", "docs/measuring.md", "CONTRIBUTING.md", "reports/README.md"])
    func documentedLines(_ document: String) async throws {
        let overview = try await Overview()
        let lines = try Self.commandLines(of: document)
        #expect(!lines.isEmpty)
        for words in lines {
            #expect(overview.commands.contains(words[1]), "\(document): \(words.joined(separator: " "))")
            let help = try await Workplace().joulemark([words[1], "--help"]).text
            for option in words.prefix(while: { $0 != "--" }) where option.hasPrefix("--") {
                #expect(
                    help.contains("  \(option) ") || help.contains(", \(option) "),
                    "\(document): \(words.joined(separator: " ")): \(option)")
            }
        }
    }

    /// The words of the indented lines that call the program, up to a comment or a pipe.
    private static func commandLines(of document: String) throws -> [[String]] {
        try Repository.text(document).components(separatedBy: "\n").compactMap { line in
            guard line.hasPrefix("    ") else { return nil }
            let words = line.split(separator: " ").map(String.init).prefix { !$0.hasPrefix("#") && $0 != "|" }
            guard words.count > 1, ["joulemark", "./joulemark"].contains(words[0]), words[1] != "--help" else {
                return nil
            }
            return Array(words)
        }
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
