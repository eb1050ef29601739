import Foundation
import TestSupport
import Testing

/// Where in the program the C lies that asks for memory: this project's own and SQLite.
enum CPlaces {
    private static let headers = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Sources/CPlatform/include")

    /// As Tests/Fixtures/faults/failing_calls.c takes them.
    static func ranges() async throws -> String {
        let lister = try RunningProgram(
            "/usr/bin/env", ["nm", "--defined-only", ProgramUnderTest.path], environment: nil,
            folder: FileManager.default.temporaryDirectory)
        let symbols = try await lister.outcome().text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            return words.count == 3 && words[1].lowercased() == "t" && !words[2].contains(".")
                ? UInt64(words[0], radix: 16).map { (name: String(words[2]), place: $0) } : nil
        }
        let own = try FileManager.default.contentsOfDirectory(at: headers, includingPropertiesForKeys: nil).map {
            try String(contentsOf: $0, encoding: .utf8).matches(of: /joulemark_\w+(?=\()/).map { String($0.output) }
        }
        let names = Set(own.joined())
        let ranges = [symbols.filter { names.contains($0.name) }, symbols.filter { $0.name.hasPrefix("sqlite3") }].map {
            ($0.map(\.place).min() ?? 0, ($0.map(\.place).max() ?? 0) + 1)
        }
        try #require(ranges.allSatisfy { $0.0 > 0 })
        return ranges.map { "\(String($0.0, radix: 16))-\(String($0.1, radix: 16))" }.joined(separator: ",")
    }
}
