import Foundation
import Results
import TestSupport
import Testing

/// Drivers that fail, lie or stop working, by a library that stands between the program and the driver.
@Suite("Faults of drivers")
struct DriverFaultTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static let workload = [
        "profile", "--family", "swiglu", "--shape", "T=64,D=4096", "--json", "-",
    ]

    /// Runs the workload on a device whose driver has a fault; `once`: in one process of the run alone.
    private func run(
        _ place: Workplace, _ device: String, _ fault: String, once: Bool = false,
        environment given: [String: String] = [:],
        _ options: [String] = ["--time-limit", "0.3", "--energy", "off"]
    ) async throws -> Outcome {
        var environment = ProcessInfo.processInfo.environment
        environment["LD_PRELOAD"] = try await PreloadedLibrary.path("faulty_driver")
        environment["JOULEMARK_FAULT"] = fault
        if !fault.contains("error=-5:1") && !fault.contains("error=-3:1") {
            InjectedFaults.tell("driver of \(device)\(once ? ", once" : "")", [fault])
        }
        environment.merge(given) { $1 }
        if once { environment["JOULEMARK_FAULT_ONCE"] = place.path("once") }
        return try await place.joulemark(Self.workload + ["--device", device] + options, environment: environment)
    }

    @Test(
        "a device that is lost once costs nothing",
        arguments: [
            ("vulkan", "vkQueueSubmit:error=-4:40"), ("opencl", "clFinish:error=-36:20"),
            ("opencl", "clEnqueueNDRangeKernel:crash:30"),
        ])
    func lostOnce(device: String, fault: String) async throws {
        let place = try Workplace()
        let outcome = try await run(place, device, fault, once: true)
        #expect(FileManager.default.fileExists(atPath: place.path("once")), "the fault has not happened")
        let run = try outcome.run()
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        #expect(run.measurements.count == 2)
        #expect(run.measurements.allSatisfy { $0.status == .ok && $0.time != nil })
        #expect(run.devices.first?.peaks?.flopsPerSecond != nil)
    }

    @Test("a device that is lost every time costs what needs it, and says so", arguments: ["vulkan", "opencl"])
    func lostAlways(device: String) async throws {
        let fault = device == "vulkan" ? "vkQueueSubmit:error=-4:1" : "clEnqueueNDRangeKernel:error=-36:1"
        let outcome = try await run(try Workplace(), device, fault)
        let run = try outcome.run()
        #expect(outcome.exitCode == 1, "\(outcome.errors)")
        #expect(run.measurements.count == 2)
        let word = device == "vulkan" ? "VK_ERROR_DEVICE_LOST" : "CL_INVALID_COMMAND_QUEUE"
        #expect(run.measurements.allSatisfy { $0.status == .failed && $0.message?.contains(word) == true })
    }

    @Test("what stops executing after it was verified has no time")
    func idle() async throws {
        let place = try Workplace()
        let outcome = try await run(
            place, "opencl", "clEnqueueNDRangeKernel:idle:3", environment: ["JOULEMARK_FAULT_KERNEL": "swiglu_stage"])
        let run = try outcome.run()
        #expect(outcome.exitCode == 3, "\(outcome.errors)")
        #expect(run.comparisons.isEmpty)
        let idle = try #require(run.measurements.first { $0.strategy == "fused" })
        #expect(idle.status == .incorrect && idle.time == nil && idle.verification?.passed == true)
        #expect(idle.message?.contains("wrong after it was timed: 'y' holds nan") == true, "\(idle.message ?? "")")
        #expect(run.measurements.first { $0.strategy == "unfused" }?.status == .ok)
    }

    @Test(
        "a clock that cannot be right gives way to the host's",
        arguments: [
            ("opencl", "clGetEventProfilingInfo:end:30"), ("opencl", "clGetEventProfilingInfo:fast=10:1"),
            ("vulkan", "vkGetQueryPoolResults:fast=10:1"),
        ])
    func clocks(device: String, fault: String) async throws {
        let outcome = try await run(try Workplace(), device, fault)
        let run = try outcome.run()
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        for measurement in run.measurements {
            let time = try #require(measurement.time)
            #expect(time.clock == "host" && time.clockDoubt?.contains("the device's clock") == true)
            #expect(time.median > 0 && time.median < 60)
        }
    }

    @Test(
        "each call that fails is an error that names it, and never the end of the program",
        arguments: ["opencl", "vulkan"])
    func eachCall(device: String) async throws {
        let file = device == "opencl" ? "OpenCL/OpenCLFunctions.swift" : "Vulkan/VulkanCommands.swift"
        let source = try String(
            contentsOf: Self.root.appendingPathComponent("Sources/Backends/\(file)"), encoding: .utf8)
        let prefix = device == "opencl" ? "cl" : "vk"
        let functions = Set(
            source.split(separator: "\"").map(String.init).filter {
                $0.hasPrefix(prefix) && $0.allSatisfy { $0.isLetter || $0.isNumber }
            }
        ).sorted()
        #expect(functions.count > 15)
        let place = try Workplace()
        var failed = 0
        for function in functions {
            let outcome = try await run(
                place, device, "\(function):error=\(device == "opencl" ? -5 : -3):1",
                ["--verify-only", "--strategy", "fused"])
            #expect(
                !outcome.isKilled && [0, 1, 3, 4].contains(outcome.exitCode),
                "\(function): \(outcome.exitCode) \(outcome.errors)")
            guard outcome.exitCode != 0 else { continue }
            failed += 1
            let message =
                outcome.exitCode == 4 ? outcome.errors : try outcome.run().measurements.compactMap(\.message).joined()
            #expect(!message.isEmpty, "\(function)")
        }
        InjectedFaults.tell("calls of \(device) that fail, \(failed) of them with consequences", functions)
        #expect(failed > functions.count / 4)
    }
}
