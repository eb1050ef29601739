import Glibc
import Platform
import Power
import Results
import Statistics
import TestSupport
import Testing

@Suite("Watching a machine", .serialized)
struct MonitorRealTimeTests {
    private func liveTree() -> LiveTree {
        let tree = LiveTree()
        tree.addZone("intel-rapl:0", name: "package-0", power: .constant(watts: 30))
        tree.addZone("intel-rapl:0:0", name: "dram", power: .constant(watts: 4))
        tree.start()
        return tree
    }

    @Test("a command's joules, watts and time come with intervals, and its exit code is passed on")
    func command() throws {
        let tree = liveTree()
        defer { tree.stop() }
        let monitor = try PowerMonitor(sysfs: tree.root)
        let energy = try monitor.meter(command: ["sh", "-c", "sleep 2; exit 7"])
        #expect(energy.exitCode == 7)
        #expect(energy.provenance == .measured)
        #expect(energy.secondsInterval.lower <= energy.seconds && energy.seconds <= energy.secondsInterval.upper)
        let joules = try #require(energy.energy.totalJoules)
        let watts = try #require(energy.energy.totalWatts)
        #expect(abs(watts - 34) <= 0.34)
        #expect(abs(joules / energy.seconds - 34) <= 0.34)
        #expect(try #require(energy.joulesInterval).contains(34 * energy.seconds))
        #expect(energy.energy.sources.filter(\.isIncluded).count == 2)
    }

    @Test("a command's watts agree with the profiler's within their intervals")
    func agreement() throws {
        let tree = liveTree()
        defer { tree.stop() }
        let monitored = try PowerMonitor(sysfs: tree.root).meter(command: ["sleep", "2"])
        let session = try EnergySession(sysfs: tree.root, mode: .measured, devices: [SimulatedMachine.processor])
        let measured = session.measure(request(execution: 0.01, target: 0.05, minimumWindow: 1, limit: 8)) { seconds in
            let begin = MonotonicClock.now()
            RealTime().sleep(until: begin + seconds)
            // Executions of 10 ms exactly, the last one cut off.
            let end = MonotonicClock.now()
            return WindowRecord(begin: begin, end: end, iterations: max(Int((end - begin) * 100), 1))
        }
        let watts = try #require(monitored.energy.wattsInterval)
        let profiled = try #require(measured.averageWatts)
        let halfWidth = try #require(measured.interval).width / 2 / (try #require(measured.grossJoules)) * profiled
        #expect(watts.lower <= profiled + halfWidth && profiled - halfWidth <= watts.upper)
    }

    @Test("a command that a signal ends has 128 + the signal; one that is not there is an error with its name")
    func endings() throws {
        let monitor = try PowerMonitor(tree: SysfsTree(root: "/nowhere"), time: RealTime(), finders: [])
        let killed = try monitor.meter(command: ["sh", "-c", "kill -TERM $$"])
        #expect(killed.exitCode == 128 + SIGTERM)
        #expect(killed.provenance == .unavailable)
        #expect(killed.energy.totalJoules == nil)
        #expect(killed.energy.reason?.contains("no power source") == true)
        do {
            _ = try monitor.meter(command: ["/nowhere/at-all"])
            Issue.record("expected an error")
        } catch {
            #expect(error.code == .notStartable)
            #expect(error.description.contains("/nowhere/at-all"))
        }
    }

    @Test("live readings show every source's watts, and a reason in place of those that cannot be read")
    func readings() throws {
        let machine = SimulatedMachine()
        machine.addZone("intel-rapl:0", name: "package-0", counter: .rapl { _ in 30 })
        machine.addZone("intel-rapl:0:0", name: "core", counter: .rapl(start: 9) { _ in 11 })
        machine.system.set("/sys/class/hwmon/hwmon0/name", .text("power_meter\n"))
        machine.system.set("/sys/class/hwmon/hwmon0/power1_average", .fault(EACCES))
        let monitor = try PowerMonitor(
            tree: machine.tree, time: machine.clock, finders: [Powercap(), Hwmon()])
        monitor.start()
        defer { monitor.stop() }
        for _ in 0..<3 {
            machine.clock.sleep(until: machine.clock.now() + 1)
            let reading = monitor.reading()
            #expect(abs(try #require(reading.totalWatts) - 30) <= 0.3)
            let core = try #require(reading.sources.first { $0.domain == "core" })
            #expect(abs(try #require(core.watts) - 11) <= 0.11)
            #expect(!core.isIncluded)
            let locked = try #require(reading.sources.first { $0.source.hasPrefix("hwmon") })
            #expect(locked.watts == nil && locked.joules == nil)
            #expect(locked.reason?.contains("permission denied") == true)
        }
    }
}
