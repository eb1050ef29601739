import CommandLineKit
import Foundation
import Testing

@Suite("Help and manual page")
struct HelpTests {
    @Test("the help of a command names every option with its default, its limits and its examples")
    func commandHelp() {
        let page = Sample.program.help(for: Sample.brew)
        for option in Sample.brew.options { #expect(page.contains(option.synopsis)) }
        let text = page.split { $0.isWhitespace }.joined(separator: " ")
        #expect(text.contains("which workloads (may repeat; default: quick; not with --shape)"))
        #expect(page.contains("-q, --quiet"))
        #expect(page.contains("-h, --help"))
        #expect(page.contains("# the usual\n  sample brew --suite quick --json -\n"))
        #expect(page.contains("sample brew [OPTIONS] [RUN.json...]"))
        #expect(page.contains("SELECTION\n") && page.contains("OUTPUTS\n"))
        #expect(page.contains("64  wrong usage"))
    }

    @Test("the overview lists commands, environment and exit codes")
    func overview() {
        let page = Sample.program.help()
        for command in Sample.program.commands { #expect(page.contains("  \(command.name)")) }
        #expect(page.contains("NO_COLOR"))
        #expect(page.contains("EXIT CODES"))
        #expect(page.hasPrefix("sample 1.2.3: shows what the kit can do\n"))
    }

    @Test("no line is wider than 80 columns, and none ends with a blank")
    func width() {
        for page in [Sample.program.help()] + Sample.program.commands.map({ Sample.program.help(for: $0) }) {
            for line in page.split(separator: "\n") {
                #expect(line.count <= 80)
                #expect(line.last != " ")
            }
        }
    }

    @Test("the manual page has every command and option, and groff has nothing to warn of")
    func manualPage() throws {
        let page = Sample.program.manualPage()
        for command in Sample.program.commands {
            #expect(page.contains(".SS sample \(command.name)"))
            for option in command.options {
                #expect(page.contains(option.name.split(separator: "-").joined(separator: "\\-")))
            }
        }
        guard let groff = Tool.find("groff") else { return }
        let result = try Tool.run(groff, ["-man", "-Tascii", "-P-cbou", "-ww", "-Kutf8"], input: page)
        #expect(result.errors.isEmpty)
        #expect(result.output.contains("EXIT STATUS"))
    }
}

/// A program that the tests hand our texts to.
enum Tool {
    static func find(_ name: String) -> String? {
        ["/usr/bin", "/bin", "/usr/local/bin"].map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    static func run(_ path: String, _ arguments: [String], input: String) throws -> (output: String, errors: String) {
        let process = Process()
        let standardInput = Pipe()
        let output = Pipe()
        let errors = Pipe()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardInput = standardInput
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try standardInput.fileHandleForWriting.close()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        let complaints = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (String(decoding: text, as: UTF8.self), String(decoding: complaints, as: UTF8.self))
    }
}
