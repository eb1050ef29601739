import Power
import Results
import Statistics
import TestSupport

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
        let session = try session(devices: devices, mode: mode)
        return measure(request, session: session, workNoise: workNoise)
    }

    /// The same within a session.
    func measure(_ request: EnergyRequest, session: EnergySession, workNoise: Double = 0) -> EnergyRecord {
        var generator = SeededGenerator(seed: request.seed, purpose: "worker")
        return session.measure(request) { seconds in
            work(seconds: seconds, execution: request.medianSeconds, noise: workNoise, generator: &generator)
        }
    }

    /// A session on this machine, without the real machine's NVML.
    func session(
        devices: [DeviceRecord] = [SimulatedMachine.processor], mode: EnergySession.Mode = .measured,
        timeLimit: Double = .infinity
    ) throws -> EnergySession {
        try EnergySession(
            tree: tree, time: clock, mode: mode, devices: devices,
            finders: [Powercap(), Hwmon(), PerfPMU(), PowerSupply()], timeLimit: timeLimit)
    }
}
