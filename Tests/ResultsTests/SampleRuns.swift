import Results
import Statistics

/// Builds runs whose times and joules are known.
enum SampleRuns {
    static func run(_ measurements: [MeasurementRecord] = [], model: String = "Example CPU") -> RunRecord {
        let cpu = CPURecord(model: model, physicalCores: 8, logicalCores: 16, isa: ["baseline", "avx2"])
        let host = HostRecord(
            operatingSystem: "Debian GNU/Linux 12", kernel: "6.1.0", cpu: cpu, memoryBytes: 16 << 30,
            governor: "performance", virtualization: nil)
        var run = RunRecord(
            tool: ToolRecord(version: "0.1.0", commit: nil, arguments: ["profile", "--suite", "quick"]),
            startedAt: "2026-03-01T12:00:00Z", host: host)
        run.finishedAt = "2026-03-01T12:05:00Z"
        run.measurements = measurements
        return run
    }

    /// Samples around `seconds` with white noise.
    static func samples(_ seconds: Double, noise: Double = 0.01, count: Int = 60, seed: UInt64) -> [Double] {
        var generator = SeededGenerator(seed: seed, purpose: "\(seconds)")
        return (0..<count).map { _ in seconds * (1 + noise * generator.normal()) }
    }

    static func measurement(
        strategy: String, seconds: Double, joules: Double? = nil, provenance: EnergyProvenance = .measured,
        joulesError: Double = 0.01, strategyBytes: Double = 2e6, workload: String = "llama3-8b-prefill-1k",
        device: String = "cpu:0", noise: Double = 0.01, seed: UInt64 = 1
    ) -> MeasurementRecord {
        var record = MeasurementRecord(
            family: "attention", strategy: strategy, workload: workload, parameters: ["L": 1024, "D": 128],
            device: device, precision: "f32", seed: 7, status: .ok)
        let samples = samples(seconds, noise: noise, seed: seed)
        let summary = SampleSummary(samples)
        record.time = TimeRecord(
            median: summary?.median ?? seconds, interval: summary?.interval, relativeNoise: summary?.relativeNoise,
            samples: samples.count, warmups: 2, stopReason: StopReason.noise.rawValue, cold: true, clock: "host",
            hostMedian: summary?.median, stages: [StageTimeRecord(name: "whole", median: seconds)],
            sampleSeconds: samples)
        record.work = WorkRecord(flops: 1e9, minimumBytes: 1e6, strategyBytes: strategyBytes)
        record.verification = VerificationRecord(
            maxAbsoluteError: 1e-6, relativeL2: 1e-7, normalizedMeanSquaredError: 1e-14, tolerance: 1e-9, passed: true)
        var energy = EnergyRecord(
            provenance: joules == nil ? .unavailable : provenance, reason: joules == nil ? "no counter" : nil)
        energy.grossJoules = joules
        energy.interval = joules.map { Interval($0 * (1 - joulesError), $0 * (1 + joulesError)) }
        energy.resolved = joules != nil
        record.energy = energy
        record.derived = DerivedRecord(flopsPerSecond: 1e9 / seconds, bytesPerSecond: strategyBytes / seconds)
        record.derived?.flopsPerJoule = joules.map { 1e9 / $0 }
        return record
    }
}
