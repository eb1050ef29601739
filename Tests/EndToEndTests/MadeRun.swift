import Foundation
import Results
import Statistics

/// Runs whose times and joules are known, for commands that read runs.
struct MadeRun {
    /// Seconds of each strategy.
    var seconds = ["unfused": 2e-3, "flash": 1e-3]
    /// Joules of each strategy over its seconds.
    var watts = 50.0
    var provenance = EnergyProvenance.measured
    var processor = "Example CPU"
    var inputSeed: UInt64 = 7
    /// Of the noise.
    var seed: UInt64 = 1
    var status: [String: MeasurementStatus] = [:]

    var record: RunRecord {
        let cpu = CPURecord(model: processor, physicalCores: 8, logicalCores: 16, isa: ["avx2"])
        let host = HostRecord(
            operatingSystem: "Example Linux", kernel: "6.1", cpu: cpu, memoryBytes: 1 << 34, governor: "performance",
            virtualization: nil)
        var run = RunRecord(
            tool: ToolRecord(version: "0.1.0", commit: nil, arguments: ["profile"]),
            startedAt: "2026-03-01T12:00:0\(seed % 10)Z", host: host)
        run.finishedAt = "2026-03-01T12:05:00Z"
        run.measurements = seconds.sorted { $0.key < $1.key }.map { measurement($0.key, $0.value) }
        return run
    }

    private func measurement(_ strategy: String, _ seconds: Double) -> MeasurementRecord {
        var record = MeasurementRecord(
            family: "attention", strategy: strategy, workload: "llama3-8b-prefill-512", parameters: ["D": 128],
            device: "cpu:0", precision: "f32", seed: inputSeed, status: status[strategy] ?? .ok)
        guard record.status == .ok else { return record }
        var generator = SeededGenerator(seed: seed, purpose: strategy)
        let samples = (0..<80).map { _ in seconds * (1 + 0.004 * generator.normal()) }
        let summary = SampleSummary(samples)
        record.time = TimeRecord(
            median: summary?.median ?? seconds, interval: summary?.interval, relativeNoise: 0.004, samples: 80,
            warmups: 2, stopReason: "noise", cold: true, clock: "host", hostMedian: seconds, stages: [],
            sampleSeconds: samples)
        record.work = WorkRecord(flops: 1e9, minimumBytes: 1e6, strategyBytes: 2e6)
        var energy = EnergyRecord(provenance: provenance)
        energy.grossJoules = seconds * watts
        energy.interval = Interval(seconds * watts * 0.995, seconds * watts * 1.005)
        energy.resolved = true
        record.energy = energy
        record.derived = DerivedRecord(flopsPerSecond: 1e9 / seconds, bytesPerSecond: 2e6 / seconds)
        return record
    }
}

extension Workplace {
    /// Writes a run's result file.
    @discardableResult
    func write(_ name: String, _ run: MadeRun) throws -> String {
        try RunFile.write(run.record, to: path(name))
        return name
    }
}
