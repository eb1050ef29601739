import Foundation
import Glibc
import Kernels
import Power
import Profiling
import Results
import Statistics
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

    @Test("a Python process that is killed at any moment costs the measurement in hand at most, and the run goes on")
    func killed() throws {
        var request = request(["cpu:0", "python:0"], strategies: ["unfused", "flash", "numpy", "numpy-unfused"])
        request.sampling.timeLimitSeconds = 0.1
        let begin = Date.now
        #expect(try request.run().measurements.allSatisfy { $0.status == .ok })
        let length = Date.now.timeIntervalSince(begin)
        let isLong = ProcessInfo.processInfo.environment["JOULEMARK_TESTS"] == "long"
        var generator = SeededGenerator(seed: 1, purpose: "moments to kill at")
        var killed = 0
        for number in 0..<(isLong ? 20 : 6) {
            request.seed = UInt64(number)
            let moment = Double.random(in: 0..<0.8 * length, using: &generator)
            let killer = PythonKiller(after: moment)
            let run = try request.run()
            killed += killer.stop()
            let remark = Comment(rawValue: "killed after \(moment) s of \(length) s")
            #expect(run.measurements.count == 4, remark)
            #expect(run.measurements.allSatisfy { $0.device != "cpu:0" || $0.status == .ok }, remark)
            let lost = run.measurements.filter { $0.status != .ok }
            #expect(lost.count <= 1, remark)
            #expect(lost.allSatisfy { $0.message?.contains("signal 9") == true }, "\(lost.first?.message ?? "")")
        }
        #expect(killed >= (isLong ? 16 : 4), "few of the moments met a process")
    }

    @Test("an exception in a function is that function's: one try, its last line, and the process goes on to the next")
    func exceptions() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("raising \(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let log = "\(folder)/calls"
        for (name, body) in [
            ("first-raises", "return gate[999]"), ("then-works", "return gate / (1 + numpy.exp(-gate)) * up"),
        ] {
            let place = "\(folder)/swiglu/\(name)"
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            try """
            {"strategy": "\(name)", "summary": "A test's own.", "precisions": ["f32"], "python": {"framework": "numpy"},
             "stages": [{"name": "gate_up", "reads": ["gate", "up"], "writes": ["y"]}]}
            """.write(toFile: "\(place)/strategy.json", atomically: true, encoding: .utf8)
            try """
            import os
            import numpy
            def gate_up(gate, up):
                print("\(name)", os.getpid(), file=open("\(log)", "a"))
                \(body)
            """.write(toFile: "\(place)/gate_up.py", atomically: true, encoding: .utf8)
        }
        var request = request(["python:0"], strategies: ["first-raises", "then-works"])
        request.selection.families = ["swiglu"]
        request.selection.shape = ["T": 3, "D": 5]
        request.builds.kernelDirectories = [folder]
        request.sampling.verifiesOnly = true
        let run = try request.run()
        let raised = try #require(run.measurements.first { $0.strategy == "first-raises" })
        #expect(raised.status == .failed)
        #expect(raised.message?.hasPrefix("IndexError: index 999 is out of bounds") == true, "\(raised.message ?? "")")
        #expect(raised.message?.hasSuffix("(swiglu/first-raises/gate_up.py:5)") == true, "\(raised.message ?? "")")
        #expect(run.measurements.first { $0.strategy == "then-works" }?.status == .ok)
        let calls = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map {
            $0.split(separator: " ")
        }
        #expect(calls.count { $0[0] == "first-raises" } == 1)
        #expect(Set(calls.map { $0[1] }).count == 1, "one process ran both")
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
