import Backends
import Foundation
import Kernels
import TestSupport

/// A folder of the user's with strategies of `swiglu` that are functions in Python.
final class PythonFixture {
    let folder: String

    /// - Parameter sources: by the strategy's name, with the stage `gate_up`.
    init(_ sources: [String: String], framework: String = "numpy") throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("python \(UUID().uuidString)").path
        for (name, source) in sources {
            let place = "\(folder)/swiglu/\(name)"
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            let definition = """
                {"strategy": "\(name)", "summary": "A test's own.", "precisions": ["f32"],
                 "python": {"framework": "\(framework)"},
                 "stages": [{"name": "gate_up", "reads": ["gate", "up"], "writes": ["y"]}]}
                """
            try definition.write(toFile: "\(place)/strategy.json", atomically: true, encoding: .utf8)
            try source.write(toFile: "\(place)/gate_up.py", atomically: true, encoding: .utf8)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// What the device makes of the strategy: the outputs' bytes, or the error.
    func run(_ name: String, on device: any Device) throws -> [UInt8] { try runTwice(name, on: device).output }

    /// How long two repetitions took.
    func times(_ name: String, on device: any Device) throws -> RunTimes { try runTwice(name, on: device).times }

    private func runTwice(_ name: String, on device: any Device) throws -> (output: [UInt8], times: RunTimes) {
        let catalogue = try Catalogue(try .builtIn(adding: [folder]))
        let family = try catalogue.family("swiglu")
        let plan = try catalogue.strategy(name, of: family).plan(
            family: family, parameters: try family.parameters(overriding: ["T": 3, "D": 5]), precision: .f32,
            limits: device.limits)
        let pipeline = try device.makePipeline(plan.stages[0], sources: catalogue.library)
        defer { device.release(pipeline) }
        var buffers: [BufferID] = []
        defer { buffers.forEach(device.release) }
        for _ in 0..<3 {
            let buffer = try device.makeBuffer(byteCount: 60)
            buffers.append(buffer)
            try device.fill(buffer, pattern: Float(2).bitPattern)
        }
        let times = try device.run(
            [Dispatch(pipeline: pipeline, buffers: buffers)], repetitions: 2, timing: .repetitions)
        return (try device.read(buffers[2], byteCount: 60), times)
    }
}
