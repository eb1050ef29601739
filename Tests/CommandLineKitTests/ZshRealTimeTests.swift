import CommandLineKit
import Foundation
import Testing

/// In a zsh that somebody could type into.
@Suite("Completion in zsh", .enabled(if: Tool.find("zsh") != nil, "zsh is not installed; ./test installs it"))
struct ZshRealTimeTests {
    /// Sources the script as its help says, types a line and a tab, and writes down all that comes by `compadd`,
    /// through which every offer goes. Arguments: a folder with the script, and the line.
    private static let asking = #"""
        zmodload zsh/zpty
        zpty shell zsh -f -i
        zpty -w shell "autoload -Uz compinit; compinit -u -D; source <(cat $1/script)
        compadd() { local -a found; builtin compadd -O found \"\$@\"
        print -rl -- \$found >>$1/offers; builtin compadd \"\$@\" }
        print -r READY"
        while zpty -r shell line && [[ $line != *READY$'\r'* || $line == *print* ]]; do :; done
        zpty -n -w shell "$2"$'\t'
        for i in {1..100}; do sleep 0.1; [[ -s $1/offers ]] && break; done
        sleep 0.3
        zpty -d shell
        """#

    private func offers(_ script: String, _ line: String) throws -> [String] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(script.utf8).write(to: folder.appendingPathComponent("script"))
        let zsh = try #require(Tool.find("zsh"))
        _ = try Tool.run(zsh, ["-f", "-c", Self.asking, "ask", folder.path, line], input: "")
        let offers = try? String(contentsOf: folder.appendingPathComponent("offers"), encoding: .utf8)
        return Set((offers ?? "").split(separator: "\n").map(String.init)).sorted()
    }

    @Test("offers commands, options, their values, and what a command tells when it is asked, whatever it holds")
    func offers() throws {
        let script = Sample.program.completion(for: .zsh, commands: ["shape": "printf '%s\\n' cpu:0 vulkan:0"])
        #expect(try offers(script, "sample ").contains("brew"))
        #expect(try offers(script, "sample brew --su") == ["--suite"])
        #expect(try offers(script, "sample brew --suite ") == ["full", "quick", "standard"])
        #expect(try offers(script, "sample brew --shape v") == ["vulkan:0"])
    }
}
