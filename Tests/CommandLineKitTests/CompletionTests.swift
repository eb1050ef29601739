import CommandLineKit
import Foundation
import Testing

@Suite("Shell completion")
struct CompletionTests {
    /// What bash offers at the end of `line`.
    private func bashOffers(_ line: [String]) throws -> [String] {
        let words = line.map { "'\($0)'" }.joined(separator: " ")
        let script = """
            \(Sample.program.completion(for: .bash, words: ["shape": ["B=1", "D=64"]]))
            COMP_WORDS=(sample \(words)); COMP_CWORD=\(line.count)
            _sample; printf '%s\\n' "${COMPREPLY[@]}"
            """
        let bash = try #require(Tool.find("bash"))
        let result = try Tool.run(bash, ["--norc", "-s"], input: script)
        #expect(result.errors.isEmpty)
        return result.output.split(separator: "\n").map(String.init)
    }

    @Test("bash offers commands, then options, then the values of an option")
    func bash() throws {
        #expect(try bashOffers(["br"]) == ["brew"])
        #expect(try bashOffers(["help", "w"]) == ["watch"])
        #expect(try bashOffers(["brew", "--s"]) == ["--suite", "--shape", "--seed"])
        #expect(try bashOffers(["brew", "--suite", ""]) == ["quick", "standard", "full"])
        #expect(try bashOffers(["brew", "--shape", "D"]) == ["D=64"])
        #expect(try bashOffers(["brew", "--dump", "/us"]) == ["/usr"])
        #expect(try bashOffers(["brew", "--json", "/etc/passw"]).contains("/etc/passwd"))
        #expect(try bashOffers(["brew", "--seed", ""]).isEmpty)
        #expect(try bashOffers(["log", "l"]) == ["list"])
        #expect(try bashOffers(["watch", "--qu"]) == ["--quiet"])
    }

    @Test(
        "words of a machine come from a command that runs when the shell asks; those of an operand stand in the script")
    func lookedUp() throws {
        let program = Program(
            "sample", version: "1", "a sample",
            commands: [
                Command(
                    "tune", "tunes", options: [Option("device", takes: .text, "a device")],
                    operands: [Operand("NAME", "a name", count: 1...1)])
            ])
        let commands = ["device": "printf 'cpu:0\\nvulkan:0\\n'"]
        for shell in Shell.allCases {
            let script = program.completion(for: shell, words: ["NAME": ["a/b", "a/c"]], commands: commands)
            // In zsh a colon would end the command.
            #expect(script.contains("a/b") && script.contains(shell == .zsh ? #"vulkan\:0"# : "vulkan:0"))
            if let path = Tool.find(shell.rawValue) {
                #expect(try Tool.run(path, ["-n"], input: script).errors.isEmpty)
            }
        }
        let script = """
            \(program.completion(for: .bash, words: ["NAME": ["a/b", "a/c"]], commands: commands))
            COMP_WORDS=(sample tune --device v); COMP_CWORD=3; _sample; printf '%s\\n' "${COMPREPLY[@]}"
            COMP_WORDS=(sample tune a); COMP_CWORD=2; _sample; printf '%s\\n' "${COMPREPLY[@]}"
            """
        let result = try Tool.run(try #require(Tool.find("bash")), ["--norc", "-s"], input: script)
        #expect(result.errors.isEmpty && result.output == "vulkan:0\na/b\na/c\n", "\(result)")
    }

    @Test(
        "zsh and fish read their scripts without a complaint",
        arguments: [(Shell.zsh, ["-n"]), (.fish, ["--no-execute"])])
    func otherShells(shell: Shell, arguments: [String]) throws {
        let script = Sample.program.completion(for: shell, words: ["shape": ["B=1"]])
        for option in Sample.brew.options { #expect(script.contains(option.name)) }
        #expect(script.contains("quick standard full"))
        guard let program = Tool.find(shell.rawValue) else { return }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try Data(script.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(try Tool.run(program, arguments + [file.path], input: "").errors.isEmpty)
    }

    @Test("fish offers what the table says")
    func fish() throws {
        guard let fish = Tool.find("fish") else { return }
        let script = Sample.program.completion(for: .fish)
        let offers = try Tool.run(fish, ["--no-config"], input: script + "complete -C 'sample brew --suite '\n").output
        let words = offers.split(separator: "\n").map { $0.split(separator: "\t")[0] }
        #expect(Set(words) == ["quick", "standard", "full"])
    }

    @Test("a quote in a summary does not break out of the script")
    func quotes() throws {
        let program = Program(
            "q", version: "1", "it's",
            commands: [Command("a", "it's a 'test' [of] colons: \\", options: [Option("b", "that's $HOME `x`")])])
        for shell in Shell.allCases {
            guard let path = Tool.find(shell.rawValue) else { continue }
            let result = try Tool.run(path, ["-n"], input: program.completion(for: shell))
            #expect(result.errors.isEmpty)
        }
    }
}
