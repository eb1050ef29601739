import Foundation
import Models
import Results
import TestSupport
import Testing

@Suite("Models in numbers")
struct CountTests {
    private struct Count: Decodable {
        struct Work: Decodable {
            let flops: Double
            let bytes: Double
        }

        let parameters: Double
        let active: Double
        let prefill: Work
        let decode: Work
    }

    /// What the independent script counts.
    private static func counted(batch: Int, context: Int) throws -> [String: Count] {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "count_models.py")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", script.path, "\(batch)", "\(context)", "4"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return try JSONDecoder().decode([String: Count].self, from: data)
    }

    private static func isNear(_ found: Double, _ expected: Double) -> Bool { abs(found / expected - 1) < 1e-6 }

    @Test(
        "parameters, FLOPs and bytes a token are those of an independent count from the published configurations",
        arguments: [(1, 512), (3, 200)])
    func counts(batch: Int, context: Int) throws {
        let expected = try Self.counted(batch: batch, context: context)
        let library = ModelLibrary.builtIn
        #expect(Set(library.modelNames) == Set(expected.keys))
        var request = ModelRequest()
        request.phases = ModelPhase.allCases
        request.batch = batch
        request.contexts = [context]
        for (name, count) in expected {
            let plan = try ModelPlan(
                try library.model(name), nil, request, library: library, catalogue: try .shared())
            let points = plan.composed(from: nil).points
            #expect(points.map(\.phase) == [.prefill, .decode])
            for (point, work) in zip(points, [count.prefill, count.decode]) {
                #expect(Self.isNear(point.parameters, count.parameters), "\(name)")
                #expect(Self.isNear(point.activeParameters, count.active), "\(name)")
                #expect(Self.isNear(point.flops, work.flops), "\(name), \(point.phase): \(point.flops), \(work.flops)")
                #expect(
                    Self.isNear(point.minimumBytes, work.bytes),
                    "\(name), \(point.phase): \(point.minimumBytes), \(work.bytes)")
            }
        }
    }

    @Test("parameters are those that the models are known for")
    func published() throws {
        let known = [
            ("gpt2-small", 124_439_808.0), ("qwen3-0.6b", 596_049_920), ("llama-3.2-1b", 1_235_814_400),
            ("llama-3-8b", 8_030_261_248), ("mixtral-8x7b", 46_702_792_704), ("qwen3-30b-a3b", 30_532_122_624),
            ("mamba-130m", 129_135_360),
        ]
        let library = ModelLibrary.builtIn
        func first(_ name: String) throws -> ModelPointRecord {
            let plan = try ModelPlan(
                try library.model(name), nil, ModelRequest(), library: library, catalogue: try .shared())
            return try #require(plan.composed(from: nil).points.first)
        }
        for (name, parameters) in known { #expect(try first(name).parameters == parameters, "\(name)") }
        #expect(abs(try first("mixtral-8x7b").activeParameters / 12.9e9 - 1) < 0.005)
    }
}
