import Platform
import Power
import Results
import TestSupport
import Testing

@Suite("A live tree in real time", .serialized)
struct LiveTreeRealTimeTests {
    @Test(
        "a counter that advances at 50 W every millisecond is reported as 50 W ± 0.5 % over 5 s, and the meter costs at most 1 % of a core"
    )
    func fiftyWatts() throws {
        let tree = LiveTree()
        tree.addZone("intel-rapl:0", name: "package-0", power: .constant(watts: 50))
        tree.start()
        defer { tree.stop() }
        let session = try EnergySession(sysfs: tree.root, mode: .measured, devices: [SimulatedMachine.processor])
        session.start()
        defer { session.stop() }
        let energy = session.measure(request(minimumWindow: 5, limit: 14)) { seconds in
            let begin = MonotonicClock.now()
            RealTime().sleep(until: begin + seconds)
            return WindowRecord(begin: begin, end: MonotonicClock.now(), iterations: Int(seconds * 100))
        }
        let watts = try #require(energy.averageWatts)
        // 0.5 %, and what the simulation's own lateness can do to both edges of a window.
        let allowance = 0.25 + 20 * tree.largestLateness
        #expect(abs(watts - 50) <= allowance)
        #expect(!energy.windows.isEmpty && energy.windows.allSatisfy { $0.end - $0.begin >= 5 })
        #expect(energy.provenance == .measured)
        let fraction = try #require(session.accounting?.meterCoreFraction)
        #expect(fraction <= 0.01, "the meter's thread takes \(fraction) of a core")
    }
}
