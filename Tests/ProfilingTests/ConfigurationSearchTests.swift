import Backends
import Foundation
import Kernels
import Profiling
import Results
import Statistics
import TestSupport
import Testing

@Suite("Search among configurations")
struct ConfigurationSearchTests {
    /// 4096 configurations, of which every one is a program of its own, but for those with C = 15, which cannot run.
    private static let description = """
        {"strategy": "bowl", "summary": "A test's own.", "precisions": ["f32"],
         "tunables": {"A": {"values": [\(list)], "default": 0}, "B": {"values": [\(list)], "default": 0},
                      "C": {"values": [\(list)], "default": 0}},
         "constraints": ["C != 15"],
         "stages": [{"name": "swiglu", "reads": ["gate", "up"], "writes": ["y"],
                     "workGroups": ["1"], "workGroupSize": [64]}]}
        """
    private static let list = (0..<16).map(String.init).joined(separator: ", ")

    private func space() throws -> ConfigurationSpace {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("bowl \(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(
            atPath: "\(folder)/swiglu/bowl", withIntermediateDirectories: true)
        try Self.description.write(
            toFile: "\(folder)/swiglu/bowl/strategy.json", atomically: true, encoding: .utf8)
        try "JOULEMARK_STAGE { y[0] = A + B + C; }".write(
            toFile: "\(folder)/swiglu/bowl/swiglu.cl", atomically: true, encoding: .utf8)
        let catalogue = try Catalogue(try .builtIn(adding: [folder]))
        let limits = DeviceLimits(
            backend: "opencl", computeUnits: 2, sharedMemoryBytes: 1 << 20, maxWorkGroupSize: 1024,
            maxWorkGroups: [1 << 30, 1 << 30, 1 << 30], maxBufferBytes: 1 << 30, memoryBytes: 1 << 32, subgroupSize: 8,
            lastLevelCacheBytes: 1 << 20, precisions: [.f32])
        return try ConfigurationSpace(
            try catalogue.strategy("bowl", of: catalogue.family("swiglu")),
            WorkloadCase(family: "swiglu", parameters: ["T": 4, "D": 4]), catalogue: catalogue, limits: limits,
            isHot: false)
    }

    /// Its least, 1, is in one place alone.
    private func cost(_ configuration: StrategyConfiguration) -> Double {
        let offsets = zip(["A", "B", "C"], [11, 4, 7]).map { Double((configuration.tunables[$0] ?? 0) - $1) }
        return 1 + offsets.map { $0 * $0 }.reduce(0, +)
    }

    @Test("around the best so far it finds better ones than as many that are drawn at random")
    func local() throws {
        let space = try space()
        var wins = 0
        for seed in 0..<20 as Range<UInt64> {
            var search = ConfigurationSearch(space, limit: 60, stepSize: 7, seed: seed)
            var tried: [StrategyConfiguration] = []
            while true {
                let next = search.next(best: tried.sorted { cost($0) < cost($1) })
                if next.isEmpty { break }
                tried += next
            }
            #expect(tried.count == 60 && Set(tried).count == 60)
            #expect(tried.allSatisfy { $0.tunables["C"] != 15 }, "what cannot run costs no try")
            var generator = SeededGenerator(seed: seed, purpose: "configurations")
            var other = space
            let drawn = other.draw(60, using: &generator)
            let found = tried.map(cost).min() ?? .infinity, random = drawn.map(cost).min() ?? .infinity
            if found < random { wins += 1 }
        }
        #expect(wins >= 18, "\(wins) of 20")
    }

    @Test("of few, all are tried at once")
    func exhaustive() throws {
        var search = ConfigurationSearch(try space(), limit: 5000, stepSize: 7, seed: 1)
        let all = search.next(best: [])
        #expect(all.count == 15 * 16 * 16 - 1, "all but the default and those that cannot run")
        #expect(search.next(best: all).isEmpty)
        #expect(search.space.others.count == 16 * 16)
    }
}
