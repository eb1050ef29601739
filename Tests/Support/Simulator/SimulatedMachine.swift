import Power
import Results
import Statistics
import Synchronization

/// A machine whose counters follow a simulated clock and the work that a simulated worker does.
package final class SimulatedMachine: Sendable {
    package let clock = SimulatedClock()
    package let system: SimulatedSystem
    private let spans = Mutex<[(begin: Double, end: Double)]>([])

    package init() {
        let clock = clock
        system = SimulatedSystem(now: { clock.now() })
    }

    package var tree: SysfsTree { SysfsTree(root: "/sys", system: system) }

    /// The moment at which the work began that goes on at `time`; `nil` when the machine is idle then.
    package func workBegan(at time: Double) -> Double? {
        spans.withLock { spans in
            spans.last { $0.begin <= time && time < $0.end }?.begin
        }
    }

    /// `idle` watts, and `busy` watts more while work is done.
    package func loadFollowing(idle: Double, busy: Double) -> PowerProfile {
        { [weak self] time in idle + (self?.workBegan(at: time) == nil ? 0 : busy) }
    }

    /// A worker that repeats executions of `execution` seconds, the length of each jittered by `noise`.
    package func work(
        seconds: Double, execution: Double, noise: Double = 0, generator: inout SeededGenerator
    ) -> WindowRecord {
        // The request takes a moment to reach the worker, and the answer to come back.
        clock.sleep(until: clock.now() + 0.000_3 + 0.000_9 * generator.uniform())
        let begin = clock.now()
        spans.withLock { $0.append((begin, .infinity)) }
        var (end, iterations) = (begin, 0)
        while end - begin < seconds {
            end += execution * max(1 + noise * generator.normal(), 0.01)
            iterations += 1
        }
        clock.sleep(until: end)
        spans.withLock { $0[$0.count - 1].end = end }
        clock.sleep(until: end + 0.000_2 + 0.000_6 * generator.uniform())
        return WindowRecord(begin: begin, end: end, iterations: iterations)
    }

    /// Adds a RAPL zone. `max` is what `max_energy_range_uj` holds; `nil` leaves the file out.
    package func addZone(
        _ zone: String, name: String?, max: String? = "262143328850", counter: SimulatedCounter
    ) {
        let folder = "/sys/class/powercap/\(zone)"
        system.set(folder + "/energy_uj", .live { counter.microjoules(at: $0) })
        if let name { system.set(folder + "/name", .text(name + "\n")) }
        if let max { system.set(folder + "/max_energy_range_uj", .text(max + "\n")) }
    }

    /// The host's processor as a device record.
    package static let processor = DeviceRecord(
        id: "cpu:0", backend: "cpu", name: "Simulated processor", vendor: "Simulated", driver: "none",
        apiVersion: "none", pciAddress: nil, computeUnits: 4, memoryBytes: 1 << 30, features: [],
        isHostProcessor: true)

    /// A graphics card as a device record.
    package static func graphics(id: String = "vulkan:0", pciAddress: String?) -> DeviceRecord {
        DeviceRecord(
            id: id, backend: "vulkan", name: "Simulated graphics", vendor: "Simulated", driver: "none",
            apiVersion: "1.3", pciAddress: pciAddress, computeUnits: 4, memoryBytes: 1 << 30, features: [],
            isHostProcessor: false)
    }
}

extension SimulatedCounter {
    /// The unit of Intel's package counters: 2⁻¹⁴ J.
    package static let raplUnit = 1.0 / 16384

    /// A counter as Intel's processors have it.
    package static func rapl(
        noise: Double = 0, seed: UInt64 = 1, start: Double = 12_345.678_9, power: @escaping PowerProfile
    ) -> SimulatedCounter {
        SimulatedCounter(
            unit: raplUnit, modulus: 4_294_967_296, update: 0.001, noise: noise, seed: seed, start: start, power: power)
    }
}
