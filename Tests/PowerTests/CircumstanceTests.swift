import FoundationEssentials
import Platform
import Power
import Results
import Statistics
import TestSupport
import Testing

@Suite("What happens while windows run")
struct CircumstanceTests {
    @Test("a window in which the machine slept is invalid and says so; the others count")
    func suspension() throws {
        let machine = SimulatedMachine()
        machine.addZone("intel-rapl:0", name: "package-0", counter: .rapl { _ in 50 })
        let session = try machine.session()
        var generator = SeededGenerator(seed: 1)
        var (calls, slept) = (0, 0.0)
        let energy = session.measure(request(minimumWindow: 2)) { seconds in
            calls += 1
            guard calls == 3 else { return machine.work(seconds: seconds, execution: 0.01, generator: &generator) }
            let first = machine.work(seconds: seconds / 2, execution: 0.01, generator: &generator)
            machine.clock.suspend(seconds: 3600)
            slept = machine.clock.now()
            let second = machine.work(seconds: seconds / 2, execution: 0.01, generator: &generator)
            return WindowRecord(
                begin: first.begin, end: second.end, iterations: first.iterations + second.iterations)
        }
        #expect(energy.windows.count >= 5)
        #expect(energy.windows.allSatisfy { !($0.begin...$0.end).contains(slept) })
        #expect(energy.reason?.contains("1 invalid window(s): the machine slept for 3600 s meanwhile") == true)
        #expect(abs(try #require(energy.averageWatts) - 50) <= 0.25)
    }

    @Test(
        "windows whose readings are gone when they are integrated for good are invalid, and not blamed on the time limit"
    )
    func lostReadings() throws {
        let machine = SimulatedMachine()
        machine.addZone("intel-rapl:0", name: "package-0", counter: .rapl { _ in 50 })
        let session = try machine.session()
        var generator = SeededGenerator(seed: 1)
        var calls = 0
        let energy = session.measure(request(minimumWindow: 2)) { seconds in
            calls += 1
            // A measurement within another one: at its end the readings before it are forgotten.
            if calls == 4 { _ = machine.measure(request(minimumWindow: 0.1, limit: 2), session: session) }
            return machine.work(seconds: seconds, execution: 0.01, generator: &generator)
        }
        #expect(energy.windows.count == 2)
        #expect(!energy.resolved)
        let reason = try #require(energy.reason)
        #expect(
            reason.contains("3 invalid window(s): powercap/intel-rapl:0: no reading on both sides of the window's edge")
        )
        #expect(reason.contains("only 2 of 5 windows are valid"))
        #expect(!reason.contains("time limit"))
    }

    @Test("live watts over a time in which the machine slept are unknown, with that reason")
    func suspensionWhileWatching() throws {
        let machine = SimulatedMachine()
        machine.addZone("intel-rapl:0", name: "package-0", counter: .rapl { _ in 30 })
        let monitor = try PowerMonitor(tree: machine.tree, time: machine.clock, finders: [Powercap()])
        monitor.start()
        defer { monitor.stop() }
        var watts: [Double?] = []
        for round in 0..<4 {
            machine.clock.sleep(until: machine.clock.now() + 0.5)
            if round == 2 { machine.clock.suspend(seconds: 20) }
            machine.clock.sleep(until: machine.clock.now() + 0.5)
            let reading = monitor.reading()
            watts.append(reading.totalWatts)
            if round == 2 {
                #expect(reading.reason?.contains("slept") == true)
                #expect(reading.sources.allSatisfy { $0.watts == nil && $0.joules == nil })
            }
        }
        #expect(watts.map { $0 == nil } == [false, false, true, false])
    }

    @Test("the kernel's clocks differ by no sleep that there was not")
    func realClocks() {
        let before = RealTime().suspendedSeconds()
        for _ in 0..<2000 { #expect(abs(RealTime().suspendedSeconds() - before) < 0.02) }
        #expect(before > -0.001)
    }

    @Test("windows in which the processor's thermal events went up are marked, and only those")
    func heat() throws {
        let machine = SimulatedMachine()
        machine.addZone("intel-rapl:0", name: "package-0", counter: .rapl { _ in 50 })
        machine.system.add([
            "/sys/devices/system/cpu/cpu0/topology/physical_package_id": .text("0\n"),
            "/sys/devices/system/cpu/cpu0/thermal_throttle/package_throttle_count": .live { time in
                // Events from before the run; one more in the middle of the second window.
                time < 1014 ? "41\n" : "42\n"
            },
        ])
        let energy = try machine.measure(request())
        let marked = energy.windows.filter { $0.throttling?.isEmpty == false }
        #expect(marked.count == 1 && energy.windows.count >= 5)
        #expect(marked.allSatisfy { ($0.begin...$0.end).contains(1014) })
        #expect(energy.windows.allSatisfy { $0.throttling != nil })
        #expect(
            energy.reason
                == "clocks were held back in 1 of \(energy.windows.count) windows by: the processor's temperature")
    }

    @Test("where nothing tells about throttling it is unknown, and not denied")
    func unknownHeat() throws {
        let machine = SimulatedMachine()
        machine.addZone("intel-rapl:0", name: "package-0", counter: .rapl { _ in 50 })
        #expect(try machine.measure(request()).windows.allSatisfy { $0.throttling == nil })
    }

    @Test("an error that a device in reset gives at the start passes; one that stays makes the source missing")
    func transientAtStart() throws {
        let machine = SimulatedMachine()
        let counter = SimulatedCounter.rapl { _ in 50 }
        for (zone, until) in [("intel-rapl:0", 1000.4), ("intel-rapl:1", Double.infinity)] {
            machine.addZone(zone, name: zone == "intel-rapl:0" ? "package-0" : "psys", counter: counter)
            machine.system.set(
                "/sys/class/powercap/\(zone)/energy_uj",
                .decided { $0 < until ? .failure(SystemFault(16)) : .success(counter.microjoules(at: $0)) })
        }
        let session = try machine.session()
        #expect(session.sources.map(\.state) == [.ok, .missing])
        #expect(session.sources[1].reason?.contains("busy") == true)
    }

    @Test("a counter that wraps while it is looked at first is not taken for one that shows too little")
    func wrapAtStart() throws {
        let machine = SimulatedMachine()
        let modulus = 4_294_967_296 * SimulatedCounter.raplUnit
        machine.addZone("intel-rapl:0", name: "package-0", counter: .rapl { _ in 40 })
        machine.addZone(
            "intel-rapl:1", name: "psys", max: "262143999938", counter: .rapl(start: modulus - 0.6) { _ in 60 })
        #expect(try machine.session().accounting?.included == ["powercap/intel-rapl:1"])
    }
}
