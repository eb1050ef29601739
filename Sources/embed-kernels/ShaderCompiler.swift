import Foundation
import KernelDefinitions
import Platform

/// Runs GLSL compilers, as many at a time as there are processors, and keeps what it made.
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

    /// kernels/, where stages find what they include.
    let root: URL
    let cache: URL

    /// SPIR-V by module path. Modules that no job asks for any more are deleted; those that need an extension which no
    /// compiler here knows are left out, and said.
    func compile(_ jobs: [Job]) throws -> [String: Data] {
        guard !jobs.isEmpty else { return [:] }
        try FileManager.default.createDirectory(at: cache, withIntermediateDirectories: true)
        let (compilers, version) = try Self.compilers()
        var files: [String: URL] = [:]
        // Stages of two strategies may be the same text.
        var wanted: Set<URL> = []
        var running: [RunningCompiler] = []
        var missing: [String: String] = [:]
        var complaints: [String] = []
        func finishFirst() throws {
            var first = running.removeFirst()
            switch try first.finish() {
            case .done: break
            case .unknownExtension(let name, let file): missing[file.path] = name
            case .failed(let complaint): complaints.append(complaint)
            }
        }
        for job in jobs {
            let file = cache.appendingPathComponent("\(digest(of: job, version: version)).spv")
            files[job.modulePath] = file
            guard wanted.insert(file).inserted, !FileManager.default.fileExists(atPath: file.path) else { continue }
            if running.count >= ProcessInfo.processInfo.activeProcessorCount { try finishFirst() }
            running.append(try RunningCompiler(job, compilers: compilers, root: root, output: file))
        }
        while !running.isEmpty { try finishFirst() }
        guard complaints.isEmpty else { throw BuildFailure(description: complaints.joined(separator: "\n")) }
        let programs = compilers.map(\.program).joined(separator: ", ")
        for name in Set(missing.values).sorted() {
            let count = files.values.count { missing[$0.path] == name }
            print("note: \(count) modules are left out, because no compiler here (\(programs)) knows \(name)")
        }
        files = files.filter { missing[$0.value.path] == nil }
        try removeAllBut(Set(files.values.map(\.lastPathComponent)))
        return try files.mapValues { try Data(contentsOf: $0) }
    }

    /// Those that are here, and what they say of themselves.
    private static func compilers() throws -> ([GLSLCompiler], version: String) {
        let found = try GLSLCompiler.all.map { ($0, try version(of: $0)) }.filter { $0.1 != nil }
        guard !found.isEmpty else {
            throw BuildFailure(
                description: "glslc, which compiles the Vulkan kernels, is missing: apt-get install glslc")
        }
        return (found.map(\.0), found.compactMap(\.1).joined(separator: "\n"))
    }

    /// `nil` when there is no such program.
    private static func version(of compiler: GLSLCompiler) throws -> String? {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [compiler.program, "--version"]
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return process.terminationStatus == 0 ? text : nil
    }

    /// A digest of everything that a module depends on: compilers, options, source and what it includes.
    private func digest(of job: Job, version: String) -> String {
        var digest = ContentDigest()
        let options = GLSLCompiler.all.flatMap { $0.arguments(job.precision, folder: "", source: "", output: "") }
        for text in [version] + options + [job.text] + job.included { digest.add(text) }
        return digest.hexadecimal
    }

    private func removeAllBut(_ names: Set<String>) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: cache.path) where !names.contains(name) {
            try FileManager.default.removeItem(at: cache.appendingPathComponent(name))
        }
    }
}

/// A compiler under way, and those that are asked after it.
private struct RunningCompiler {
    enum End {
        case done
        /// No compiler knows it.
        case unknownExtension(String, URL)
        /// What the compiler said: its messages name file and line.
        case failed(String)
    }

    private let job: ShaderCompiler.Job
    private let compilers: [GLSLCompiler]
    private let root: URL
    private let output: URL
    private var process = Process()

    private var scratch: URL { output.appendingPathExtension("part") }
    private var messages: URL { output.appendingPathExtension("log") }
    private var source: URL { output.appendingPathExtension("comp") }

    init(_ job: ShaderCompiler.Job, compilers: [GLSLCompiler], root: URL, output: URL) throws {
        self.job = job
        self.compilers = compilers
        self.root = root
        self.output = output
        try job.text.write(to: source, atomically: false, encoding: .utf8)
        try start(compilers[0])
    }

    private mutating func start(_ compiler: GLSLCompiler) throws {
        try Data().write(to: messages)
        let log = try FileHandle(forWritingTo: messages)
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            [compiler.program]
            + compiler.arguments(job.precision, folder: root.path, source: source.path, output: scratch.path)
        process.standardOutput = log
        process.standardError = log
        try process.run()
    }

    /// Waits, and tries one compiler after the other.
    mutating func finish() throws -> End {
        defer { try? FileManager.default.removeItem(at: source) }
        var last = End.done
        for (index, compiler) in compilers.enumerated() {
            if index > 0 { try start(compiler) }
            process.waitUntilExit()
            if process.terminationStatus == 0 {
                try FileManager.default.moveItem(at: scratch, to: output)
                return .done
            }
            let said = try String(contentsOf: messages, encoding: .utf8)
            guard let name = GLSLCompiler.unknownExtension(in: said) else {
                return .failed(
                    "kernels/\(job.path), \(job.precision.rawValue): \(compiler.program) failed\n\(said)")
            }
            last = .unknownExtension(name, output)
        }
        return last
    }
}
