import Foundation
import Results
import Statistics
import Testing

@Suite("Several processes, and death at any moment", .serialized)
struct KillSafetyRealTimeTests {
    private let folder: TemporaryFolder
    private let file: String
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        file = folder.file("run.json")
        path = folder.file("history.sqlite")
        let run = SampleRuns.run(
            (1...8).map { SampleRuns.measurement(strategy: "strategy \($0)", seconds: 1e-3 * Double($0), joules: 0.1) })
        try RunFile.write(run, to: file)
    }

    /// The program that writes a result file and the history over and over, beside the tests.
    private func start(file: String, _ count: Int? = nil) throws -> (process: Process, output: Pipe) {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let process = Process()
        process.executableURL = URL(filePath: tests).deletingLastPathComponent().appending(path: "record-runs")
        process.arguments = [file, path] + (count.map { ["\($0)"] } ?? [])
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        return (process, output)
    }

    @Test("two processes that write at once both get everything in")
    func twoWriters() throws {
        let other = folder.file("other.json")
        try RunFile.write(try RunFile.read(file), to: other)
        let writers = [try start(file: file, 15), try start(file: other, 15)]
        for writer in writers {
            let output = writer.output.fileHandleForReading.readDataToEndOfFile()
            writer.process.waitUntilExit()
            #expect(writer.process.terminationStatus == 0, "\(String(decoding: output, as: UTF8.self))")
        }
        let history = try History(path: path)
        #expect(try history.entries().map(\.id) == Array((1...30).reversed()))
    }

    @Test("killed at 20 random moments, neither the result file nor the history is ever unreadable, and no run is lost")
    func killed() throws {
        var generator = SeededGenerator(seed: 20)
        var reported = 0
        for _ in 0..<20 {
            let writer = try start(file: file)
            usleep(UInt32(10_000 + generator.uniform() * 120_000))
            kill(writer.process.processIdentifier, SIGKILL)
            let output = String(decoding: writer.output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            writer.process.waitUntilExit()
            #expect(writer.process.terminationReason == .uncaughtSignal, "\(output)")
            // Whatever the child reported as recorded is there.
            for line in output.split(separator: "\n") { reported = max(reported, Int(line) ?? 0) }
            #expect(try RunFile.read(file).measurements.count == 8)
            let history = try History(path: path)
            let entries = try history.entries()
            #expect(entries.count >= reported)
            for entry in entries.prefix(3) {
                #expect(try entry.measurements == 8 && history.run(entry.id).measurements.count == 8)
            }
        }
        #expect(reported > 0)
    }
}
