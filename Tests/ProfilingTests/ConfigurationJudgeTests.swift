import Kernels
import Profiling
import Results
import TestSupport
import Testing

@Suite("Judging configurations")
struct ConfigurationJudgeTests {
    private static let configurations = [8, 16, 32].map { StrategyConfiguration(tunables: ["BLOCK_M": $0]) }

    private func strategy() throws -> Strategy {
        let catalogue = try Catalogue.shared()
        return try catalogue.strategy("flash", of: catalogue.family("attention"))
    }

    private func measurement(
        _ strategy: String, seconds: Double, joules: Double?, status: MeasurementStatus = .ok
    ) -> MeasurementRecord {
        var record = MeasurementRecord(
            family: "attention", strategy: strategy, workload: "w", parameters: [:], device: "cpu:0", precision: "f32",
            seed: 0, status: status)
        guard status == .ok else { return record }
        record.time = TimeRecord(
            median: seconds, interval: nil, relativeNoise: nil, samples: 1, warmups: 0, stopReason: "", cold: false,
            clock: "", hostMedian: nil, stages: [], sampleSeconds: [])
        var energy = EnergyRecord(provenance: .measured)
        energy.grossJoules = joules
        record.energy = energy
        return record
    }

    /// The default at the head of each group, as it is when configurations are measured.
    private func run(_ measurements: [MeasurementRecord]) -> RunRecord {
        var run = RunRecord(
            tool: ToolRecord(version: "0", commit: nil, arguments: []), startedAt: "2026-01-01T00:00:00Z",
            host: HostRecord(
                operatingSystem: "", kernel: "", cpu: CPURecord(model: "", physicalCores: 1, logicalCores: 1, isa: []),
                memoryBytes: 0, governor: nil, virtualization: nil))
        run.measurements = measurements
        return run
    }

    @Test("a group is held against its own default: the machine may have been slower when another had its turn")
    func groups() throws {
        let judge = ConfigurationJudge(strategy: try strategy(), objective: .time)
        let found = judge.judged(
            Self.configurations,
            run([
                measurement("flash", seconds: 1, joules: nil),
                measurement("flash BLOCK_M=8", seconds: 0.8, joules: nil),
                measurement("flash", seconds: 2, joules: nil),
                measurement("flash BLOCK_M=16", seconds: 1, joules: nil),
                measurement("flash BLOCK_M=32", seconds: 0, joules: nil, status: .incorrect),
            ]))
        #expect(found.map(\.configuration.tunables["BLOCK_M"]) == [16, 8, 32])
        #expect(found.map(\.configuration.ratio) == [2, 1.25, nil])
        #expect(found.last?.configuration.status == .incorrect)
    }

    @Test("a first look without everyone's joules goes by time, and states the ratios that it has")
    func fewJoules() throws {
        let judge = ConfigurationJudge(strategy: try strategy(), objective: .energy)
        func look(_ joulesOf16: Double?) throws -> [ConfigurationJudge.Look] {
            judge.ranked(
                Self.configurations,
                run([
                    measurement("flash", seconds: 1, joules: 10),
                    measurement("flash BLOCK_M=8", seconds: 0.9, joules: 5),
                    measurement("flash BLOCK_M=16", seconds: 0.5, joules: joulesOf16),
                    measurement("flash BLOCK_M=32", seconds: 0.7, joules: 8),
                ]))
        }
        let whole = try look(20)
        #expect(whole.map(\.configuration.tunables["BLOCK_M"]) == [8, 32, 16])
        let found = try look(nil)
        #expect(found.map(\.configuration.tunables["BLOCK_M"]) == [16, 32, 8])
        #expect(found.map(\.configuration.ratio) == [nil, 1.25, 2])
        #expect(found.allSatisfy { $0.figure != nil })
    }

    @Test("the best has to beat a right default beyond doubt; without one, its own figure decides")
    func best() throws {
        let judge = ConfigurationJudge(strategy: try strategy(), objective: .time)
        func best(default status: MeasurementStatus, verdict: String) -> [String: Int]? {
            var run = run([
                measurement("flash", seconds: 1, joules: nil, status: status),
                measurement("flash BLOCK_M=8", seconds: 0.9, joules: nil),
                measurement("flash BLOCK_M=16", seconds: 0.5, joules: nil),
            ])
            var comparison = ComparisonRecord(
                family: "attention", workload: "w", device: "cpu:0", precision: "f32", baseline: "flash",
                strategy: "flash BLOCK_M=8", speedup: 1 / 0.9, trafficRatio: 1)
            comparison.timeVerdict = verdict
            if status == .ok { run.comparisons = [comparison] }
            return judge.best(Self.configurations, run)?.tunables
        }
        #expect(best(default: .ok, verdict: "faster") == ["BLOCK_M": 8])
        #expect(best(default: .ok, verdict: "unresolved") == nil)
        #expect(best(default: .failed, verdict: "") == ["BLOCK_M": 16])
    }
}
