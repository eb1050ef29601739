import Foundation
import KernelDefinitions
import Platform

/// Runs glslc, as many at a time as there are processors, and keeps what it made.
struct ShaderCompiler {
    /// One module to make.
    struct Job {
        /// The stage's own file, relative to kernels/.
        let path: String
        /// What is compiled: its bindings, which include it.
        let text: String
        /// The stage's file and all that it includes.
        let included: [String]
        let precision: Precision
        /// The module relative to kernels/.
        let modulePath: String
    }

    private static let arguments = ["--target-env=vulkan1.1", "-Werror"]

    /// kernels/, where stages find what they include.
    let root: URL
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
            let file = cache.appendingPathComponent("\(digest(of: job, version: version)).spv")
            files[job.modulePath] = file
            guard wanted.insert(file).inserted, !FileManager.default.fileExists(atPath: file.path) else { continue }
            if running.count >= ProcessInfo.processInfo.activeProcessorCount {
                complaints += try running.removeFirst().finish()
            }
            running.append(try RunningCompiler(job, arguments: Self.arguments + ["-I", root.path], output: file))
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
    private func digest(of job: Job, version: String) -> String {
        var digest = ContentDigest()
        for text in [version, Self.arguments.joined(separator: " "), job.precision.rawValue, job.text] + job.included {
            digest.add(text)
        }
        return digest.hexadecimal
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
        let source = output.appendingPathExtension("comp")
        try job.text.write(to: source, atomically: false, encoding: .utf8)
        process.arguments =
            ["glslc"] + arguments + ["-D\(job.precision.storageDefine)=1", source.path, "-o", scratch.path]
        process.standardError = try FileHandle(forWritingTo: messages)
        try process.run()
    }

    /// Waits. What glslc said when it failed: its messages name file and line.
    func finish() throws -> [String] {
        process.waitUntilExit()
        defer { try? FileManager.default.removeItem(at: output.appendingPathExtension("comp")) }
        guard process.terminationStatus == 0 else {
            let said = try String(contentsOf: messages, encoding: .utf8)
            return ["kernels/\(job.path), \(job.precision.rawValue): glslc failed\n\(said)"]
        }
        try FileManager.default.moveItem(at: scratch, to: output)
        return []
    }
}
