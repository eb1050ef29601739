import Results
import Statistics

/// Runs as the profiler would record them, with invented but plausible figures: three devices, three attention
/// workloads.
struct SampleRun {
    enum Energy {
        case measured, modelled, unavailable
    }

    var energy = Energy.measured
    /// Adds a wrong, a failed and a skipped measurement.
    var hasProblems = false
    var isInterrupted = false
    var seed: UInt64 = 7
    var processor = "AMD EPYC 7B13"

    static let workloads: [(name: String, queries: Int, keys: Int, heads: Int, size: Int)] = [
        ("gpt2-small-prefill-512", 512, 512, 12, 64), ("llama3-8b-prefill-512", 512, 512, 32, 128),
        ("llama3-8b-decode-4k", 1, 4096, 32, 128),
    ]

    /// Id, GFLOP/s peak, GB/s peak, GFLOP/s of unfused, speed-up of flash by workload.
    private static let devices:
        [(id: String, name: String, rate: Double, bandwidth: Double, attained: Double, gains: [Double])] = [
            ("cpu:0", "AMD EPYC 7B13 (2 cores)", 182e9, 19.6e9, 52e9, [1.62, 2.14, 1.08]),
            ("opencl:0", "pthread-AMD EPYC 7B13", 96e9, 17.2e9, 11e9, [1.35, 1.71, 0.62]),
            ("vulkan:0", "llvmpipe (LLVM 15.0.6, 256 bits)", 41e9, 14.1e9, 3.4e9, [0.81, 1.004, 0.93]),
        ]

    func record() -> RunRecord {
        var run = RunRecord(
            tool: ToolRecord(
                version: "0.1.0", commit: "4f1c2ab", arguments: ["profile", "--suite", "quick", "--seed", "\(seed)"]),
            startedAt: "2026-03-04T09:12:0\(seed % 10)Z",
            host: HostRecord(
                operatingSystem: "Debian GNU/Linux 12 (bookworm)", kernel: "6.1.0-28-amd64",
                cpu: CPURecord(model: processor, physicalCores: 1, logicalCores: 2, isa: ["baseline", "avx2"]),
                memoryBytes: 8_324_927_488, governor: nil, virtualization: "kvm"))
        run.finishedAt = isInterrupted ? nil : "2026-03-04T09:14:31Z"
        run.interrupted = isInterrupted
        run.devices = Self.devices.map(device)
        run.unavailableBackends = []
        run.powerSources = powerSources()
        run.energyAccounting = accounting()
        var generator = SeededGenerator(seed: seed)
        for (index, workload) in Self.workloads.enumerated() {
            for device in Self.devices {
                for strategy in ["unfused", "flash"] {
                    let gain = strategy == "flash" ? device.gains[index] : 1
                    run.measurements.append(
                        measurement(
                            strategy, workload, device.id, rate: device.attained * gain,
                            peaks: (device.rate, device.bandwidth), &generator))
                }
            }
        }
        run.comparisons = comparisons(run.measurements)
        if hasProblems { addProblems(to: &run) }
        if isInterrupted { run.measurements.removeLast(4) }
        return run
    }

    /// A run over lengths of the cache: flash loses at the shortest by a quarter, and wins at the longest by as much.
    func lengths() -> RunRecord {
        var run = record()
        run.measurements = []
        var generator = SeededGenerator(seed: seed)
        let device = Self.devices[0]
        for (index, keys) in [1024, 2048, 4096, 8192].enumerated() {
            for strategy in ["unfused", "flash"] {
                let gain = strategy == "flash" ? [0.8, 0.93, 1.08, 1.25][index] : 1
                run.measurements.append(
                    measurement(
                        strategy, ("Lk=\(keys)", 1, keys, 32, 128), device.id, rate: 3e9 * gain,
                        peaks: (device.rate, device.bandwidth), &generator))
            }
        }
        run.comparisons = comparisons(run.measurements)
        return run
    }

    // MARK: Parts

    private func device(
        _ entry: (id: String, name: String, rate: Double, bandwidth: Double, attained: Double, gains: [Double])
    ) -> DeviceRecord {
        let backend = String(entry.id.prefix { $0 != ":" })
        var device = DeviceRecord(
            id: entry.id, backend: backend, name: entry.name, vendor: backend == "vulkan" ? "Mesa" : "AuthenticAMD",
            driver: ["cpu": "native", "opencl": "PoCL 3.1", "vulkan": "llvmpipe 22.3.6"][backend] ?? "",
            apiVersion: "1.3",
            pciAddress: nil, computeUnits: 2, memoryBytes: 8_324_927_488, features: ["f16 storage", "sub-groups of 8"],
            isHostProcessor: true)
        device.peaks = PeaksRecord(flopsPerSecond: entry.rate, bytesPerSecond: entry.bandwidth)
        return device
    }

    private func measurement(
        _ strategy: String, _ workload: (name: String, queries: Int, keys: Int, heads: Int, size: Int),
        _ device: String,
        rate: Double, peaks: (flops: Double, bytes: Double), _ generator: inout SeededGenerator
    ) -> MeasurementRecord {
        var record = MeasurementRecord(
            family: "attention", strategy: strategy, workload: workload.name,
            parameters: [
                "B": 1, "Hq": workload.heads, "Lq": workload.queries, "Lk": workload.keys, "D": workload.size,
            ],
            device: device, precision: "f32", seed: seed, status: .ok)
        record.codePath = device == "cpu:0" ? "avx2" : nil
        let pairs =
            workload.queries == 1 ? Double(workload.keys) : Double(workload.queries * (workload.queries + 1)) / 2
        let flops = 4 * Double(workload.heads) * pairs * Double(workload.size)
        let minimum = 4 * Double(workload.heads * workload.size * (2 * workload.queries + 2 * workload.keys))
        let scores = 4 * Double(workload.heads * workload.queries * workload.keys)
        record.work = WorkRecord(
            flops: flops, minimumBytes: minimum, strategyBytes: minimum + (strategy == "unfused" ? 4 * scores : 0))
        record.verification = VerificationRecord(
            maxAbsoluteError: 3.1e-7, relativeL2: 2.2e-7, normalizedMeanSquaredError: 4.8e-14, tolerance: 1e-11,
            passed: true)
        let attainable = min(peaks.flops, flops / minimum * peaks.bytes)
        let rate = min(rate, 0.93 * attainable)
        let samples = (0..<24).map { _ in flops / rate * (1 + 0.008 * abs(generator.normal())) }
        let middle = median(samples) ?? 0
        record.time = time(middle, samples, strategy, isHost: device == "cpu:0")
        record.energy = energyRecord(middle, &generator)
        var derived = DerivedRecord(
            flopsPerSecond: flops / middle, bytesPerSecond: (record.work?.strategyBytes ?? 0) / middle)
        derived.fractionOfRoofline = flops / middle / attainable
        if let joules = record.energy?.grossJoules {
            derived.flopsPerJoule = flops / joules
            derived.netFlopsPerJoule = record.energy?.netJoules.map { flops / $0 }
            derived.energyDelayProduct = joules * middle
            derived.joulesPerToken = joules / Double(workload.queries)
        }
        record.derived = derived
        return record
    }

    private func time(_ middle: Double, _ samples: [Double], _ strategy: String, isHost: Bool) -> TimeRecord {
        let stages =
            strategy == "flash"
            ? [StageTimeRecord(name: "flash", median: middle * 0.99)]
            : [("scores", 0.44), ("softmax", 0.17), ("values", 0.36)].map {
                StageTimeRecord(name: $0.0, median: middle * $0.1)
            }
        return TimeRecord(
            median: middle, interval: SampleSummary(samples)?.interval, relativeNoise: 0.0061, samples: samples.count,
            warmups: 2, stopReason: "noise", cold: true, clock: isHost ? "host" : "device", hostMedian: middle * 1.02,
            stages: stages,
            sampleSeconds: samples)
    }

    private func energyRecord(_ seconds: Double, _ generator: inout SeededGenerator) -> EnergyRecord {
        guard energy != .unavailable else {
            return EnergyRecord(
                provenance: .unavailable,
                reason:
                    "/sys/class/powercap is empty: a virtual machine without power counters; energy was switched off")
        }
        let isModelled = energy == .modelled
        var record = EnergyRecord(
            provenance: isModelled ? .modelled : .measured,
            reason: isModelled ? "no power counter on this machine" : nil)
        let watts = 41.5 + 2 * generator.normal()
        let gross = watts * seconds
        record.grossJoules = gross
        record.idleJoules = 18.2 * seconds
        record.netJoules = gross - 18.2 * seconds
        record.interval = Interval(gross * (isModelled ? 0.7 : 0.985), gross * (isModelled ? 1.35 : 1.016))
        record.resolved = !isModelled
        record.averageWatts = watts
        record.idleWatts = 18.2
        record.windowSeconds = 4.2
        record.iterations = Int(4.2 / seconds)
        if !isModelled { record.domains = [DomainEnergy(source: "powercap:intel-rapl:0", joules: gross)] }
        return record
    }

    private func powerSources() -> [PowerSourceRecord] {
        let path = "/sys/class/powercap/intel-rapl:0/energy_uj"
        switch energy {
        case .measured:
            var source = PowerSourceRecord(
                id: "powercap:intel-rapl:0", kind: .counter, domain: "package", path: path, state: .ok,
                devices: ["cpu:0"])
            source.updateIntervalSeconds = 0.00098
            source.quantumJoules = 61.035e-6
            source.readLatencySeconds = 12.4e-6
            return [
                source,
                PowerSourceRecord(
                    id: "powercap:intel-rapl-mmio:0", kind: .counter, domain: "package", path: path, state: .duplicate,
                    reason: "the same counter as intel-rapl:0 by another way"),
            ]
        case .modelled, .unavailable:
            return [
                PowerSourceRecord(
                    id: "powercap:intel-rapl:0", kind: .counter, domain: "package", path: path, state: .permission,
                    reason: "energy_uj is readable by root only; run: sudo chmod o+r \(path)")
            ]
        }
    }

    private func accounting() -> EnergyAccounting? {
        switch energy {
        case .measured:
            EnergyAccounting(
                rule:
                    "every package and every dram once; intel-rapl-mmio:0 is the same counter as intel-rapl:0 and left out",
                included: ["powercap:intel-rapl:0"], meterCoreFraction: 0.0031)
        case .modelled:
            EnergyAccounting(
                rule: "no counter can be read, so energy is modelled from FLOPs, bytes and time", included: ["model"],
                meterCoreFraction: nil)
        case .unavailable: nil
        }
    }

    private func comparisons(_ measurements: [MeasurementRecord]) -> [ComparisonRecord] {
        var result: [ComparisonRecord] = []
        for fused in measurements where fused.strategy == "flash" {
            let unfused = measurements.first {
                $0.strategy == "unfused" && $0.workload == fused.workload && $0.device == fused.device
            }
            guard let unfused, let before = unfused.time, let after = fused.time, let work = unfused.work,
                let less = fused.work
            else { continue }
            let ratio = before.median / after.median
            var comparison = ComparisonRecord(
                family: fused.family, workload: fused.workload, device: fused.device, precision: fused.precision,
                baseline: "unfused", strategy: "flash", speedup: ratio,
                trafficRatio: work.strategyBytes / less.strategyBytes)
            let interval = Interval(ratio * 0.975, ratio * 1.022)
            comparison.speedupInterval = interval
            comparison.timeVerdict = interval.lower > 1 ? "faster" : interval.upper < 1 ? "slower" : "unresolved"
            if let dear = unfused.energy?.grossJoules, let cheap = fused.energy?.grossJoules {
                let energyRatio = dear / cheap
                let interval = Interval(energyRatio * 0.95, energyRatio * 1.05)
                comparison.energyRatio = energyRatio
                comparison.energyRatioInterval = interval
                comparison.energyProvenance = fused.energy?.provenance
                comparison.energyVerdict =
                    interval.lower > 1 ? "cheaper" : interval.upper < 1 ? "costlier" : "unresolved"
            }
            result.append(comparison)
        }
        return result
    }

    private func addProblems(to run: inout RunRecord) {
        run.unavailableBackends = [
            UnavailableBackend(
                backend: "vulkan",
                reason: "libvulkan.so.1 is not installed; install it with: apt install libvulkan1 mesa-vulkan-drivers")
        ]
        for (index, status) in [MeasurementStatus.incorrect, .failed, .skipped].enumerated() {
            var copy = run.measurements[index]
            copy.strategy = ["flash-split-kv", "flash-gqa-packed", "fused-scores"][index]
            copy.status = status
            copy.message =
                [
                    "17 of 393216 elements differ, first at o[0,3,511,0]",
                    "compiler: <source>:41:7: error: use of undeclared identifier 'Hkv' && \"x\" </script><b>bold</b>",
                    "requires D % 16 == 0; found D=24",
                ][index]
            if status == .incorrect {
                copy.verification = VerificationRecord(
                    maxAbsoluteError: 0.71, relativeL2: 0.084, normalizedMeanSquaredError: 7.1e-3, tolerance: 1e-11,
                    passed: false)
            } else {
                copy.verification = nil
                copy.time = nil
                copy.energy = nil
                copy.derived = nil
            }
            run.measurements.append(copy)
        }
    }
}
