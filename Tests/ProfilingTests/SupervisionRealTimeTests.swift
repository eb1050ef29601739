import FoundationEssentials
import Power
import Profiling
import Results
import Testing

@Suite("Supervision of workers")
struct SupervisionRealTimeTests {
    private func request(device: String = "cpu:0") -> ProfileRequest {
        var request = ProfileRequest()
        request.selection.families = ["attention"]
        request.selection.strategies = ["unfused", "flash"]
        request.selection.shape = ["Hq": 2, "Hkv": 1, "Lq": 33, "Lk": 40, "D": 32]
        request.selection.devices = [device]
        request.sampling.timeLimitSeconds = 0.3
        request.energy.mode = .off
        return request
    }

    @Test("healthy workers leave every strategy ok, verified and timed")
    func healthy() throws {
        let run = try request().run()
        #expect(run.measurements.map(\.strategy).contains("flash"))
        for measurement in run.measurements {
            #expect(measurement.status == .ok, "\(measurement.strategy): \(measurement.message ?? "")")
            #expect(measurement.verification?.passed == true)
            #expect((measurement.time?.samples ?? 0) > 1)
            #expect(measurement.energy?.provenance == .unavailable)
            #expect(measurement.energy?.grossJoules == nil)
        }
        #expect(run.devices.first?.peaks?.flopsPerSecond ?? 0 > 1e8)
        #expect(run.comparisons.contains { $0.strategy == "flash" && $0.baseline == "unfused" })
    }

    @Test(
        "the arithmetic peak is as high as any reading of its kernel beside the samples",
        arguments: ["cpu:0", "opencl:0"])
    func peakAboveControls(device: String) throws {
        let run = try request(device: device).run()
        let peak = try #require(run.devices.first?.peaks?.flopsPerSecond)
        let readings = run.measurements.compactMap { $0.time?.rounds?.controls.first }.flatMap(\.self)
        #expect(readings.count >= 20)
        #expect(readings.max() ?? 0 <= peak)
        for measurement in run.measurements {
            let rate = try #require(measurement.derived?.flopsPerSecond),
                fraction = measurement.derived?.fractionOfRoofline
            let bandwidth = try #require(run.devices.first?.peaks?.bytesPerSecond),
                work = try #require(measurement.work)
            #expect(fraction == rate / min(peak, work.flops / work.minimumBytes * bandwidth))
        }
    }

    @Test("a crash while a strategy is prepared costs that strategy, with the signal as the reason")
    func crashWhilePreparing() throws {
        let worker = try FaultyWorker(.crash, at: "prepare flash")
        let run = try request().run(workers: worker.path)
        let flash = try #require(run.measurements.first { $0.strategy == "flash" })
        #expect(flash.status == .failed)
        #expect(flash.message?.contains("signal 11") == true)
        #expect(flash.time == nil)
        #expect(run.measurements.first { $0.strategy == "unfused" }?.status == .ok)
    }

    @Test("a worker that hangs is ended at its limit")
    func hang() throws {
        let worker = try FaultyWorker(.hang, at: "prepare flash")
        var request = request()
        request.sampling.answerLimitSeconds = 4
        let run = try request.run(workers: worker.path)
        let flash = try #require(run.measurements.first { $0.strategy == "flash" })
        #expect(flash.status == .failed)
        #expect(flash.message?.contains("no answer within 4 s") == true)
        #expect(run.measurements.first { $0.strategy == "unfused" }?.status == .ok)
    }

    @Test("what has used up its time limit is spared the passes that are left, and the others go on")
    func slowStrategy() throws {
        // One round of the slow one takes more than its whole limit, and a pass of the other far less than what is left
        // of it.
        let worker = try FaultyWorker(.slowness, at: #"sample \"id\":2"#)
        var request = request()
        request.sampling.timeLimitSeconds = 1
        let run = try request.run(workers: worker.path)
        let passes = run.measurements.map { Set($0.time?.rounds?.pass ?? []) }
        try #require(passes.count == 2)
        // A busy machine may have rounds of too few samples, so that it takes two.
        #expect(passes[1] == [0] || passes[1] == [0, 1], "\(passes)")
        #expect(passes[0] == [0, 1, 2, 3, 4], "\(passes)")
        #expect(run.measurements.allSatisfy { $0.status == .ok && ($0.time?.samples ?? 0) >= 3 })
        #expect(
            run.measurements.allSatisfy { $0.time?.stopReason != "interrupted" }, "a spared pass interrupts nothing")
    }

    @Test("nonsense on the pipe counts as a death, and the run goes on")
    func nonsense() throws {
        let worker = try FaultyWorker(.nonsense, at: "prepare unfused")
        let run = try request().run(workers: worker.path)
        #expect(run.measurements.first { $0.strategy == "unfused" }?.status == .failed)
        #expect(run.measurements.first { $0.strategy == "flash" }?.status == .ok)
    }

    @Test("a driver that dies while kernels are compiled ahead costs nothing: they are compiled when they are prepared")
    func crashWhileCompiling() throws {
        let worker = try FaultyWorker(.crash, at: #"\"compile\""#)
        var request = ProfileRequest()
        request.selection.families = ["conv1d", "rmsnorm-residual", "selective-scan", "swiglu"]
        request.selection.devices = ["opencl:0"]
        request.sampling.verifiesOnly = true
        var compiled: [String] = []
        let run = try request.run(workers: worker.path) {
            if case .compiling(let device) = $0 { compiled.append(device) }
        }
        #expect(run.measurements.count == 8)
        #expect(run.measurements.allSatisfy { $0.status == .ok })
        #expect(compiled == (ProcessInfo.processInfo.activeProcessorCount > 1 ? ["opencl:0"] : []))
    }

    @Test("a backend whose driver dies while it is asked for devices is unavailable, with its last words")
    func crashingDriver() throws {
        let worker = try FaultyWorker(.exit, at: "list vulkan")
        let survey = try DeviceSurvey(executable: worker.path)
        let vulkan = try #require(survey.unavailable.first { $0.backend == "vulkan" })
        #expect(vulkan.reason.contains("status 7"))
        #expect(vulkan.reason.contains("the driver gave up"))
        #expect(survey.devices.contains { $0.id == "cpu:0" })
    }
}
