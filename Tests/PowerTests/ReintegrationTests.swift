import FoundationEssentials
import Platform
import Power
import Results
import TestSupport
import Testing

@Suite("The raw readings in a result file")
struct ReintegrationTests {
    @Test(
        "integrated again by an independent script they give the stated joules to 1e-9",
        arguments: ["counter", "sensor"])
    func reintegration(_ kind: String) throws {
        let machine = SimulatedMachine()
        let load = machine.loadFollowing(idle: 20, busy: 73)
        if kind == "counter" {
            let start = 4_294_967_296 * SimulatedCounter.raplUnit - 900
            machine.addZone("intel-rapl:0", name: "package-0", counter: .rapl(noise: 0.02, start: start, power: load))
            machine.addZone(
                "intel-rapl:0:0", name: "dram",
                counter: SimulatedCounter(unit: 1e-6, update: 0.017, noise: 0.1, seed: 9) { _ in 6 })
        } else {
            machine.addSensor(update: 0.05, looks: 0.02) { time in load(time) + (Int(time * 7) % 3 == 0 ? 1 : 0) }
        }
        let session = try machine.session()
        session.keepsReadings = true
        var run = RunRecord(
            tool: ToolRecord(version: "0", commit: nil, arguments: []), startedAt: "2026-01-01T00:00:00Z",
            host: HostRecord(
                operatingSystem: "simulated", kernel: "none",
                cpu: CPURecord(model: "simulated", physicalCores: 1, logicalCores: 1, isa: []), memoryBytes: 0,
                governor: nil, virtualization: nil))
        for index in UInt64(1)...2 {
            let energy = machine.measure(
                request(minimumWindow: 2, limit: 60, seed: index), session: session, workNoise: 0.05)
            #expect(energy.windows.count >= 2)
            var measurement = MeasurementRecord(
                family: "f", strategy: "s\(index)", workload: "w", parameters: [:], device: "cpu:0", precision: "f32",
                seed: 1, status: .ok)
            measurement.energy = energy
            run.measurements.append(measurement)
        }
        run.powerSources = session.sources
        run.energyAccounting = session.accounting
        run.meterTrace = session.trace

        let file = "/tmp/joulemark-reintegration-\(kind)-\(UInt64(MonotonicClock.now() * 1e9)).json"
        try JSONEncoder().encode(run).write(to: URL(filePath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "reintegrate.py").path
        let status = try PowerMonitor(tree: SysfsTree(root: "/nowhere"), time: RealTime(), finders: [])
            .meter(command: ["python3", script, file]).exitCode
        #expect(status == 0)

        // The script must notice a joule that is not there.
        run.measurements[0].energy?.grossJoules? *= 1.000_001
        try JSONEncoder().encode(run).write(to: URL(filePath: file))
        let other = try PowerMonitor(tree: SysfsTree(root: "/nowhere"), time: RealTime(), finders: [])
            .meter(command: ["python3", script, file]).exitCode
        #expect(other == 1)
    }
}
