import Foundation
import Platform
import Power
import Profiling
import Results
import Statistics
import TestSupport
import Testing

/// Measuring for minutes on end: what is taken is given back. With `JOULEMARK_TESTS=long` alone;
/// `JOULEMARK_SOAK_SECONDS` says how long, in place of five minutes.
@Suite("A soak", .serialized, .enabled(if: ProcessInfo.processInfo.environment["JOULEMARK_TESTS"] == "long"))
struct SoakRealTimeTests {
    private static let seconds =
        ProcessInfo.processInfo.environment["JOULEMARK_SOAK_SECONDS"].flatMap { Double($0) } ?? 300
    /// Growth that an allocator has without anything being lost.
    private static let tolerableGrowth = (share: 0.1, bytes: 24e6)

    /// What a process has at a moment.
    private struct Holding {
        var bytes: Double
        var files: Int

        init(_ process: Int32) throws {
            let pages = try String(contentsOfFile: "/proc/\(process)/statm", encoding: .utf8).split(separator: " ")[1]
            bytes = (Double(pages) ?? .nan) * Double(sysconf(Int32(_SC_PAGESIZE)))
            files = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count
        }
    }

    private func request(_ device: String) -> ProfileRequest {
        var request = ProfileRequest()
        request.selection.families = ["swiglu"]
        request.selection.strategies = ["fused", "unfused"]
        request.selection.shape = ["T": 32, "D": 1024]
        request.selection.devices = [device]
        request.sampling.timeLimitSeconds = 0.1
        request.energy.mode = .off
        return request
    }

    /// Loops, and holds what there is at the end against what there was when all had been used once.
    private func soak(_ what: String, seconds: Double, _ body: (Int) throws -> Int32) throws {
        let begin = MonotonicClock.now()
        var holdings: [Holding] = []
        while MonotonicClock.now() < begin + seconds || holdings.count < 8 {
            holdings.append(try Holding(try body(holdings.count)))
        }
        // The median of a quarter, the first one left out.
        func middle(_ quarter: Int) -> Double {
            let count = holdings.count / 4
            return median(holdings[quarter * count..<(quarter + 1) * count].map(\.bytes)) ?? .nan
        }
        let (before, after) = (middle(1), middle(3))
        let files = holdings.map(\.files)
        print(
            "\(what): \(holdings.count) rounds in \(Int(MonotonicClock.now() - begin)) s, from \(Int(before / 1e6)) MB to "
                + "\(Int(after / 1e6)) MB, \(files[files.count / 4]) to \(files[files.count - 1]) files")
        #expect(after < before + max(before * Self.tolerableGrowth.share, Self.tolerableGrowth.bytes), "\(what)")
        #expect(files[files.count - 1] <= files[files.count / 4], "\(what): \(files)")
    }

    @Test("of a program that measures run after run")
    func program() throws {
        let devices = ["cpu:0", "opencl:0", "vulkan:0"]
        try soak("program", seconds: Self.seconds / 2) { round in
            let run = try request(devices[round % devices.count]).run()
            #expect(run.measurements.allSatisfy { $0.status == .ok })
            return getpid()
        }
    }

    @Test("of a worker that is asked for the same again and again", arguments: ["cpu:0", "opencl:0", "vulkan:0"])
    func worker(device: String) throws {
        let conversation = Conversation()
        try WorkerStart.$current.withValue(
            WorkerStart { executable, memoryLimit throws(ChildProcess.Failure) in
                RecordedWorker(try WorkerProcess(executable: executable, memoryLimit: memoryLimit), conversation)
            },
            operation: { _ = try request(device).run() })
        let requests = conversation.requests
        let opening = try #require(requests.firstIndex { $0.hasPrefix("{\"open\"") })
        let closing = try #require(requests[opening...].firstIndex { $0.hasPrefix("{\"close\"") })
        let worker = try WorkerProcess(executable: ProgramUnderTest.path, memoryLimit: nil)
        func ask(_ request: String) throws {
            worker.send(line: request)
            let answer = try worker.readLine(deadline: MonotonicClock.now() + 120) { false }
            #expect(!answer.hasPrefix("{\"failed\"") && !answer.hasPrefix("{\"lost\""), "\(answer)")
        }
        try ask(requests[opening])
        try soak("worker of \(device)", seconds: Self.seconds / 6) { _ in
            for request in requests[opening + 1..<closing] { try ask(request) }
            return worker.processID
        }
    }
}
