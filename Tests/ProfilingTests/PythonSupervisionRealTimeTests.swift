import Foundation
import Glibc
import Power
import Profiling
import Results
import TestSupport
import Testing

@Suite("Supervision of Python's processes")
struct PythonSupervisionRealTimeTests {
    private func request(_ devices: [String], strategies: [String]) -> ProfileRequest {
        var request = ProfileRequest()
        request.selection.families = ["attention"]
        request.selection.strategies = strategies
        request.selection.shape = ["Hq": 2, "Hkv": 1, "Lq": 33, "Lk": 40, "D": 32]
        request.selection.devices = devices
        request.sampling.timeLimitSeconds = 0.3
        request.energy.mode = .off
        return request
    }

    @Test("a function is verified and timed beside kernels of the same processor, and held against the fastest")
    func besideKernels() throws {
        let run = try request(["cpu:0", "python:0"], strategies: ["unfused", "flash", "numpy"]).run()
        #expect(run.measurements.map(\.strategy) == ["unfused", "flash", "numpy"], "each where it is for")
        for measurement in run.measurements {
            #expect(measurement.status == .ok, "\(measurement.strategy): \(measurement.message ?? "")")
            #expect(measurement.verification?.reference == "float64")
        }
        let comparisons = try #require(run.processorComparisons)
        #expect(comparisons.count == 2)
        #expect(Set(comparisons.map { $0.baselineDevice ?? $0.device }).count == 1, "one is the fastest")
        #expect(comparisons.contains { $0.baselineDevice != nil && $0.baselineDevice != $0.device })
        #expect(comparisons.allSatisfy { $0.speedupInterval != nil })
        #expect(run.comparisons.allSatisfy { $0.device == "cpu:0" && $0.baselineDevice == nil })
        let peaks = run.devices.map { $0.peaks?.flopsPerSecond }
        #expect(peaks.count == 2 && peaks[1] != nil, "the processor's peaks are those of all its devices")
        let rounds = run.measurements.map { $0.time?.rounds?.pass.count ?? 0 }
        #expect(rounds.min() ?? 0 > 0)
    }

    @Test("kernels alone are measured device by device, and functions alone need a device for them")
    func apart() throws {
        let run = try request(["cpu:0"], strategies: ["unfused", "numpy"]).run()
        #expect(run.measurements.map(\.strategy) == ["unfused"])
        #expect(run.processorComparisons == nil)
        let error = #expect(throws: ProfilingError.self) { try request(["cpu:0"], strategies: ["numpy"]).run() }
        #expect(error?.code == .noSuchDevice)
        #expect(error?.description.contains("python:0") == true, "\(error?.description ?? "")")
    }

    @Test("a Python process that is killed costs the measurement in hand at most, and the run goes on")
    func killed() throws {
        var request = request(["cpu:0", "python:0"], strategies: ["unfused", "flash", "numpy"])
        request.sampling.timeLimitSeconds = 0.6
        // The first runtime measures the device's peaks and samples; whenever it is seen it has 0.3 seconds to live.
        let killer = PythonKiller(after: 0.3)
        let run = try request.run()
        let count = killer.stop()
        #expect(count > 0, "nothing was killed")
        #expect(run.measurements.count == 3)
        for measurement in run.measurements where measurement.device == "cpu:0" {
            #expect(measurement.status == .ok, "\(measurement.strategy): \(measurement.message ?? "")")
        }
        let numpy = try #require(run.measurements.first { $0.strategy == "numpy" })
        #expect(numpy.status == .failed && numpy.message?.contains("signal 9") == true || numpy.status == .ok)
    }

    @Test("a Python process ends with the worker that started it")
    func orphan() throws {
        var worker = try ChildProcessOfTest(ProgramUnderTest.path)
        let scratch = FileManager.default.temporaryDirectory.path
        worker.send(
            #"{"open":{"backend":"python","index":0,"processor":{"guardsMemory":false},"kernelDirectories":[],"#
                + #""scratch":"\#(scratch)"}}"#)
        #expect(worker.line().contains("opened"))
        let children = RunningProcesses.children(of: worker.processID)
        #expect(children.count == 1)
        worker.kill()
        for child in children {
            let deadline = Date.now + 10
            while RunningProcesses.isRunning(child), Date.now < deadline { usleep(10_000) }
            #expect(!RunningProcesses.isRunning(child))
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: scratch)
            .filter { $0.hasPrefix("joulemark-python-\(worker.processID)-") }
        for name in left { try FileManager.default.removeItem(atPath: "\(scratch)/\(name)") }
    }
}

/// What /proc says of processes.
private enum RunningProcesses {
    /// Ids of all processes.
    static var all: [pid_t] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { pid_t($0) }
    }

    static func children(of parent: pid_t) -> [pid_t] { all.filter { stat($0)?.parent == parent } }

    static func isRunning(_ id: pid_t) -> Bool { stat(id).map { $0.state != "Z" } ?? false }

    private static func stat(_ id: pid_t) -> (state: String, parent: pid_t)? {
        guard let data = FileManager.default.contents(atPath: "/proc/\(id)/stat"),
            let fields = String(decoding: data, as: UTF8.self).split(separator: ")").last?.split(separator: " "),
            fields.count > 1
        else { return nil }
        return (String(fields[0]), pid_t(fields[1]) ?? 0)
    }

    /// Python processes that are grandchildren of this one: runtimes of the workers that a run here has started.
    static var runtimes: [pid_t] {
        children(of: getpid()).flatMap(children(of:)).filter { id in
            let command = FileManager.default.contents(atPath: "/proc/\(id)/cmdline") ?? Data()
            return String(decoding: command, as: UTF8.self).contains("joulemark-python-")
        }
    }
}

/// Kills the first runtime that is seen, after a time.
private final class PythonKiller: @unchecked Sendable {
    private let thread: Thread
    private let lock = NSLock()
    private var killed = 0
    private var isStopped = false

    init(after seconds: Double) {
        let box = Box()
        thread = Thread { box.owner?.run(seconds) }
        box.owner = self
        thread.start()
    }

    private final class Box: @unchecked Sendable { weak var owner: PythonKiller? }

    private func run(_ seconds: Double) {
        while true {
            lock.lock()
            let isDone = isStopped || killed > 0
            lock.unlock()
            if isDone { return }
            let seen = RunningProcesses.runtimes
            guard let first = seen.first else {
                usleep(20_000)
                continue
            }
            usleep(UInt32(seconds * 1e6))
            guard RunningProcesses.runtimes.contains(first) else { continue }
            _ = Glibc.kill(first, SIGKILL)
            lock.lock()
            killed += 1
            lock.unlock()
        }
    }

    /// How many were killed.
    func stop() -> Int {
        lock.lock()
        defer { lock.unlock() }
        isStopped = true
        return killed
    }
}

/// A worker that a test speaks to itself.
private struct ChildProcessOfTest {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(_ executable: String) throws {
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = ["worker"]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    var processID: pid_t { process.processIdentifier }

    mutating func send(_ line: String) { input.fileHandleForWriting.write(Data((line + "\n").utf8)) }

    func line() -> String {
        var bytes: [UInt8] = []
        while let byte = try? output.fileHandleForReading.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") {
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    func kill() {
        _ = Glibc.kill(processID, SIGKILL)
        process.waitUntilExit()
    }
}
