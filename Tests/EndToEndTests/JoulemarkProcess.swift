import Foundation
import Glibc
import Results
import TestSupport

/// What a finished process left.
struct Outcome: Sendable {
    let exitCode: Int32
    let output: Data
    let errors: String
    /// True when a signal ended it.
    let isKilled: Bool

    var text: String { String(decoding: output, as: UTF8.self) }
    var errorLines: [String] { errors.split(separator: "\n").map(String.init) }

    /// Standard output as a result file.
    func run() throws -> RunRecord { try RunFile.decode([UInt8](output), name: "standard output") }
}

/// A folder for one test, which goes away with it. Programs run in it.
final class Workplace: Sendable {
    let url: URL

    init(_ name: String = UUID().uuidString) throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("joulemark end to end \(name)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
        try? FileManager.default.removeItem(at: Self.data(of: url))
    }

    /// Where what is started in a folder has its history: not that of whoever runs the tests, nor another test's.
    static func data(of folder: URL) -> URL { URL(fileURLWithPath: folder.path + " data") }

    var files: [String] {
        (FileManager.default.enumerator(atPath: url.path)?.compactMap { $0 as? String } ?? []).sorted()
    }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    @discardableResult
    func write(_ name: String, _ data: Data) throws -> String {
        try data.write(to: url.appendingPathComponent(name))
        return name
    }

    /// Starts the program under test, as a shell in this folder would.
    func start(
        _ arguments: [String], program: String = ProgramUnderTest.path, environment: [String: String]? = nil
    ) throws -> RunningProgram {
        try RunningProgram(program, arguments, environment: environment, folder: url)
    }

    /// Runs the program under test to its end.
    func joulemark(_ arguments: [String], environment: [String: String]? = nil) async throws -> Outcome {
        try await start(arguments, environment: environment).outcome()
    }
}

/// A process whose outputs are collected while it runs.
final class RunningProgram: @unchecked Sendable {
    private let process = Process()
    private let output = Pipe()
    private let errors = Pipe()
    private let lock = NSLock()
    private var errorText = ""

    init(_ program: String, _ arguments: [String], environment: [String: String]?, folder: URL) throws {
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        let data = Workplace.data(of: folder)
        let inherited = ProcessInfo.processInfo.environment.filter { $0.key != "XDG_DATA_HOME" }
        process.environment = (environment ?? inherited).merging(["XDG_DATA_HOME": data.path]) { given, _ in given }
        try process.run()
    }

    var processID: Int32 { process.processIdentifier }

    var isRunning: Bool { process.isRunning }

    func interrupt() { process.interrupt() }

    func kill() { _ = Glibc.kill(process.processIdentifier, SIGKILL) }

    /// What it has said on standard error so far.
    var errorsSoFar: String { lock.withLock { errorText } }

    /// Reads both outputs at once, so that neither can fill up, and waits for the end.
    func outcome() async throws -> Outcome {
        async let collected = Self.readAll(output.fileHandleForReading)
        async let said: Void = collectErrors()
        let data = await collected
        await said
        process.waitUntilExit()
        return Outcome(
            exitCode: process.terminationStatus, output: data, errors: errorsSoFar,
            isKilled: process.terminationReason == .uncaughtSignal)
    }

    private func collectErrors() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            Thread.detachNewThread { [self] in
                while true {
                    let piece = errors.fileHandleForReading.availableData
                    guard !piece.isEmpty else { break }
                    lock.withLock { errorText += String(decoding: piece, as: UTF8.self) }
                }
                continuation.resume()
            }
        }
    }

    private static func readAll(_ handle: FileHandle) async -> Data {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: (try? handle.readToEnd()) ?? Data()) }
        }
    }
}
