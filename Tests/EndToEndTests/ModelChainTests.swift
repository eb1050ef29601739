import Foundation
import Results
import Statistics
import TestSupport
import Testing

/// `joulemark model NAME --chain`: blocks in one go beside the sum of their kernels.
@Suite("Blocks in one go, from outside", .serialized)
struct ModelChainTests {
    private static let block = [
        "attention norm", "queries, keys, values", "heads and cache", "attention", "merged heads", "attention output",
        "feed-forward norm", "gate", "up", "activation", "down",
    ]

    @Test("a block's time stands beside the sum of its kernels', and what is beyond 10 % is flagged and explained")
    func block() async throws {
        let place = try Workplace()
        try FileManager.default.createDirectory(atPath: place.path("empty"), withIntermediateDirectories: true)
        let outcome = try await place.joulemark([
            "model", "tiny", "--models", ModelTests.models, "--context", "32", "--chain", "1", "--device", "cpu:0",
            "--device", "opencl:0", "--sysfs", "empty", "--time-limit", "0.3", "--min-window", "0.05", "--no-history",
            "--quiet", "--no-color", "--json", "run.json",
        ])
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        let run = try RunFile.read(place.path("run.json"))
        let points = try #require(run.models?.first).points
        #expect(points.map(\.device) == ["cpu:0", "opencl:0"])
        let words = outcome.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for point in points {
            try check(point, run)
            let chain = try #require(point.chain)
            #expect(chain.isFlagged == (chain.explanation != nil))
            if let explanation = chain.explanation {
                #expect(words.contains(explanation.dropFirst().prefix(40)), "\(explanation)")
            }
        }
        #expect(words.components(separatedBy: "a block in one go").count == 3)
        #expect(
            words.components(separatedBy: "beyond 10 %").count - 1
                == points.filter { $0.chain?.isFlagged == true }.count)
    }

    /// Holds what the result says of a chain against the measurements that it was made of.
    private func check(_ point: ModelPointRecord, _ run: RunRecord) throws {
        let chain = try #require(point.chain)
        let own = run.measurements.filter { $0.device == point.device }
        let whole = try #require(own.first { $0.family == "chain" })
        #expect(whole.strategy == "tiny" && whole.verification?.passed == true)
        let tokens = 32.0
        let seconds = try #require(whole.time?.median) / tokens
        let layers = Self.block.map { name in point.layers.first { $0.name == name } }.compactMap(\.self)
        #expect(layers.count == Self.block.count)
        let parts = try layers.reduce(0) { sum, layer in
            let kernel = try #require(
                own.first {
                    $0.family == layer.family && $0.strategy == layer.strategy && $0.workload == layer.workload
                })
            return sum + (try #require(kernel.time?.median)) / tokens
        }
        #expect(chain.blocks == 1 && chain.problem == nil)
        #expect(abs(try #require(chain.seconds) / seconds - 1) < 1e-12)
        #expect(abs(try #require(chain.partsSeconds) / parts - 1) < 1e-12)
        let ratio = try #require(chain.ratio)
        #expect(abs(ratio.factor / (seconds / parts) - 1) < 1e-12)
        #expect(try #require(ratio.interval).contains(ratio.factor))
        #expect(chain.isFlagged == (abs(ratio.factor - 1) > 0.1))
        #expect(chain.links.map(\.name) == Self.block)
        #expect(chain.links.allSatisfy { $0.seconds > 0 && $0.secondsAlone > 0 })
        // Without counters joules are modelled, on either side.
        #expect(chain.provenance == .modelled)
        #expect(try #require(chain.joules) > 0 && #require(chain.partsJoules) > 0)
        let error = try #require(chain.error)
        #expect(error > 0 && error < 1e-5)
    }
}
