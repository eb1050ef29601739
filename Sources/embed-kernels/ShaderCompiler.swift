import Foundation
import Platform

/// Runs glslc, as many at a time as there are processors, and keeps what it made.
struct ShaderCompiler {
    /// One module to make.
    struct Job {
        let source: URL
        /// The source relative to kernels/.
        let path: String
        /// Passed as `-DSTORAGE_F32=1` or `-DSTORAGE_F16=1`.
        let precision: String
        /// The module relative to kernels/.
        let modulePath: String
    }

    private static let arguments = ["--target-env=vulkan1.1", "-Werror"]

    let cache: URL

    /// SPIR-V by module path. Modules that no job asks for any more are deleted.
    func compile(_ jobs: [Job]) throws -> [String: Data] {
        guard !jobs.isEmpty else { return [:] }
        try FileManager.default.createDirectory(at: cache, withIntermediateDirectories: true)
        let version = try versionOfCompiler()
        var files: [String: URL] = [:]
        // Stages of two strategies may be the same text.
        var wanted: Set<URL> = []
        var running: [RunningCompiler] = []
        var complaints: [String] = []
        for job in jobs {
            let file = cache.appendingPathComponent("\(try digest(of: job, version: version)).spv")
            files[job.modulePath] = file
            guard wanted.insert(file).inserted, !FileManager.default.fileExists(atPath: file.path) else { continue }
            if running.count >= ProcessInfo.processInfo.activeProcessorCount {
                complaints += try running.removeFirst().finish()
            }
            running.append(try RunningCompiler(job, arguments: Self.arguments, output: file))
        }
        for compiler in running { complaints += try compiler.finish() }
        guard complaints.isEmpty else { throw BuildFailure(description: complaints.joined(separator: "\n")) }
        try removeAllBut(Set(files.values.map(\.lastPathComponent)))
        return try files.mapValues { try Data(contentsOf: $0) }
    }

    private func versionOfCompiler() throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["glslc", "--version"]
        process.standardOutput = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BuildFailure(
                description: "glslc, which compiles the Vulkan kernels, is missing: apt-get install glslc")
        }
        return text
    }

    /// A digest of everything that a module depends on: compiler, options, source and what it includes.
    private func digest(of job: Job, version: String) throws -> String {
        var digest = ContentDigest()
        digest.add(version)
        digest.add(Self.arguments.joined(separator: " ") + job.precision)
        var seen: Set<String> = []
        try add(job.source, to: &digest, seen: &seen)
        return digest.hexadecimal
    }

    private func add(_ file: URL, to digest: inout ContentDigest, seen: inout Set<String>) throws {
        guard seen.insert(file.standardizedFileURL.path).inserted else { return }
        // A missing file is glslc's to complain about, with the line that includes it.
        guard let data = FileManager.default.contents(atPath: file.path) else { return }
        let text = String(decoding: data, as: UTF8.self)
        digest.add(text)
        for line in text.split(separator: "\n") where line.drop(while: { $0 == " " }).hasPrefix("#include") {
            let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
            guard parts.count >= 3 else { continue }
            let included = file.deletingLastPathComponent().appendingPathComponent(String(parts[1]))
            try add(included, to: &digest, seen: &seen)
        }
    }

    private func removeAllBut(_ names: Set<String>) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: cache.path) where !names.contains(name) {
            try FileManager.default.removeItem(at: cache.appendingPathComponent(name))
        }
    }
}

/// A glslc under way.
private struct RunningCompiler {
    private let job: ShaderCompiler.Job
    private let process = Process()
    private let output: URL
    private let scratch: URL
    private let messages: URL

    init(_ job: ShaderCompiler.Job, arguments: [String], output: URL) throws {
        self.job = job
        self.output = output
        scratch = output.appendingPathExtension("part")
        messages = output.appendingPathExtension("log")
        try Data().write(to: messages)
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["glslc"] + arguments
            + ["-DSTORAGE_\(job.precision.uppercased())=1", job.source.path, "-o", scratch.path]
        process.standardError = try FileHandle(forWritingTo: messages)
        try process.run()
    }

    /// Waits. What glslc said when it failed: its messages name file and line.
    func finish() throws -> [String] {
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let said = try String(contentsOf: messages, encoding: .utf8)
            return ["kernels/\(job.path), \(job.precision): glslc failed\n\(said)"]
        }
        try FileManager.default.moveItem(at: scratch, to: output)
        return []
    }
}
