import FoundationEssentials
import Platform
import Power
import Results
import Statistics
import TestSupport
import Testing

@Suite("The energy model")
struct EnergyModelTests {
    /// A run whose energies follow known coefficients, with relative noise.
    private func run(
        points: Int, noise: Double = 0, proportional: Bool = false, provenance: EnergyProvenance = .measured
    )
        -> RunRecord
    {
        var run = RunRecord(
            tool: ToolRecord(version: "0", commit: nil, arguments: []), startedAt: "2026-01-01T00:00:00Z",
            host: HostRecord(
                operatingSystem: "", kernel: "", cpu: CPURecord(model: "", physicalCores: 1, logicalCores: 1, isa: []),
                memoryBytes: 0, governor: nil, virtualization: nil))
        run.devices = [SimulatedMachine.processor]
        var generator = SeededGenerator(seed: 4)
        for index in 0..<points {
            let size = Double(index + 1)
            let work = WorkRecord(
                flops: 1e9 * size * (proportional ? 1 : 1 + generator.uniform()), minimumBytes: 1,
                strategyBytes: 1e8 * size * (proportional ? 1 : 1 + 5 * generator.uniform()))
            let seconds = 0.01 * size * (proportional ? 1 : 1 + generator.uniform())
            var measurement = MeasurementRecord(
                family: "f", strategy: "s", workload: "w\(index)", parameters: [:], device: "cpu:0", precision: "f32",
                seed: 0, status: .ok)
            measurement.work = work
            var energy = EnergyRecord(provenance: provenance)
            energy.resolved = true
            energy.grossJoules =
                (50e-12 * work.flops + 300e-12 * work.strategyBytes + 15 * seconds) * (1 + noise * generator.normal())
            energy.windowSeconds = 100 * seconds
            energy.iterations = 100
            measurement.energy = energy
            run.measurements.append(measurement)
        }
        return run
    }

    @Test("coefficients that made the energies are found again, with residuals of 0")
    func exact() throws {
        let fit = try #require(try EnergyModel.fit([run(points: 20)]).fits.first)
        #expect(abs(fit.coefficients.joulesPerFlop / 50e-12 - 1) < 1e-6)
        #expect(abs(fit.coefficients.joulesPerByte / 300e-12 - 1) < 1e-6)
        #expect(abs(fit.coefficients.constantWatts / 15 - 1) < 1e-6)
        #expect(fit.residuals.count == 20)
        #expect(fit.residuals.allSatisfy { abs($0.relative) < 1e-6 })
    }

    @Test(
        "with 2 % of noise the residuals are about 2 %, no coefficient is negative, and modelled records carry an interval"
    )
    func noisy() throws {
        let fit = try #require(try EnergyModel.fit([run(points: 60, noise: 0.02)]).fits.first)
        let spread = try #require(fit.coefficients.relativeResidual)
        #expect(spread > 0.01 && spread < 0.03)
        let coefficients = fit.coefficients
        #expect(min(coefficients.joulesPerFlop, coefficients.joulesPerByte, coefficients.constantWatts) >= 0)
        let model = EnergyModel(
            fitted: [fit.device: coefficients], processor: EnergyModel.default.processor,
            accelerator: EnergyModel.default.accelerator)
        let work = WorkRecord(flops: 1e9, minimumBytes: 1, strategyBytes: 1e8)
        let record = model.record(
            device: SimulatedMachine.processor, work: work, seconds: 0.01, because: "nothing to read")
        #expect(record.provenance == .modelled)
        #expect(record.reason?.contains("a fit to 60 measured energies") == true)
        #expect(try #require(record.interval).contains(50e-12 * 1e9 + 300e-12 * 1e8 + 0.15))
    }

    @Test("energies that follow neither operations, bytes nor time are refused, and the message says by how much")
    func unfittable() throws {
        var run = run(points: 6)
        // The most work takes the least energy: what fits that misses all others by nearly everything.
        for index in 0..<6 { run.measurements[index].energy?.grossJoules = index == 5 ? 1 : 100 }
        do {
            _ = try EnergyModel.fit([run])
            Issue.record("expected an error")
        } catch {
            #expect(error.code == .notFittable)
            #expect(error.description.contains("the best fit misses the measured energies by 1"))
        }
    }

    @Test("a file whose model misses its own measurements by more than all of them is refused, naming the key")
    func uselessFile() throws {
        let file = "/tmp/joulemark-model-\(UInt64(MonotonicClock.now() * 1e9)).json"
        defer { try? FileManager.default.removeItem(atPath: file) }
        for (residual, isRefused) in [(1.5, true), (1.0, false), (0.2, false)] {
            var model = EnergyModel.default
            model.processor.relativeResidual = residual
            try Data(try model.text().utf8).write(to: URL(filePath: file))
            do {
                #expect(try EnergyModel.read(file) == model)
                #expect(!isRefused)
            } catch {
                #expect(isRefused)
                #expect(error.code == .invalidFile)
                #expect(error.description.contains("processor.relativeResidual: found 1.5, expected at most 1.0"))
            }
        }
    }

    @Test("no modelled interval holds joules below 0")
    func interval() throws {
        var model = EnergyModel.default
        for residual in [0.1, 0.5, 0.8, 1] {
            model.processor.relativeResidual = residual
            let record = model.record(
                device: SimulatedMachine.processor, work: WorkRecord(flops: 1e9, minimumBytes: 1, strategyBytes: 1e8),
                seconds: 0.01, because: "nothing to read")
            let (interval, joules) = (try #require(record.interval), try #require(record.grossJoules))
            #expect(interval.lower >= 0 && interval.contains(joules))
            #expect(interval.upper == joules * (1 + 2 * residual))
        }
    }

    @Test("too few points, points in one proportion, and modelled points are refused")
    func refused() {
        for runs in [
            [run(points: 5)], [run(points: 20, proportional: true)], [run(points: 20, provenance: .modelled)], [],
        ] {
            #expect(throws: PowerError.self) { try EnergyModel.fit(runs) }
        }
    }
}
