import Power
import Results
import Statistics
import TestSupport
import Testing

/// A request as the profiler makes it.
func request(
    device: String = "cpu:0", execution: Double = 0.01, target: Double = 0.01, minimumWindow: Double = 5,
    limit: Double = 60, seed: UInt64 = 1
) -> EnergyRequest {
    EnergyRequest(
        deviceID: device, work: WorkRecord(flops: 1e9, minimumBytes: 1e6, strategyBytes: 2e6), medianSeconds: execution,
        targetRelativeError: target, minimumWindowSeconds: minimumWindow, timeLimitSeconds: limit, seed: seed)
}

extension SimulatedMachine {
    /// Measures a simulated worker's executions as the profiler would.
    func measure(
        _ request: EnergyRequest, devices: [DeviceRecord] = [SimulatedMachine.processor],
        mode: EnergySession.Mode = .measured, workNoise: Double = 0
    ) throws -> EnergyRecord {
        let session = try EnergySession(tree: tree, time: clock, mode: mode, devices: devices)
        var generator = SeededGenerator(seed: request.seed, purpose: "worker")
        return session.measure(request) { seconds in
            work(seconds: seconds, execution: request.medianSeconds, noise: workNoise, generator: &generator)
        }
    }
}

@Suite("A package counter at constant power")
struct CounterTests {
    @Test("50 W, 1 ms updates, 5 s windows: the error is at most 0.5 %")
    func constantPower() throws {
        let machine = SimulatedMachine()
        machine.addZone("intel-rapl:0", name: "package-0", counter: .rapl { _ in 50 })
        let energy = try machine.measure(request())
        #expect(energy.provenance == .measured)
        #expect(energy.resolved)
        let watts = try #require(energy.averageWatts)
        #expect(abs(watts - 50) / 50 <= 0.005)
        let joules = try #require(energy.grossJoules)
        #expect(abs(joules - 0.5) / 0.5 <= 0.005)
    }
}
