import FoundationEssentials
import Platform
import Power
import Results
import TestSupport
import Testing

@Suite("The perf power unit and NVML")
struct PerfAndNVMLTests {
    private func addUnit(_ machine: SimulatedMachine, events: Bool) {
        let unit = "/sys/bus/event_source/devices/power"
        machine.system.set(unit + "/type", .text("32\n"))
        machine.system.set(unit + "/cpumask", .text("0\n"))
        guard events else { return }
        for (event, config) in [
            ("energy-pkg", "event=0x02"), ("energy-ram", "event=0x03"), ("energy-cores", "event=0x01"),
        ] {
            machine.system.set(unit + "/events/\(event)", .text(config + "\n"))
            machine.system.set(unit + "/events/\(event).scale", .text("2.3283064365386962890625e-10\n"))
            machine.system.set(unit + "/events/\(event).unit", .text("Joules\n"))
        }
    }

    @Test("package and dram of perf make the total where powercap is not there")
    func perf() throws {
        let machine = SimulatedMachine()
        addUnit(machine, events: true)
        let counters = [2: 35.0, 3: 5.0, 1: 20.0].mapValues { watts in
            SimulatedCounter(unit: 0x1p-32, update: 0.001, start: 0) { _ in watts }
        }
        machine.system.servePerf { config, time in counters[Int(config)].map { UInt64($0.units(at: time)) } }
        let session = try machine.session()
        #expect(session.accounting?.included == ["perf/energy-pkg@cpu0", "perf/energy-ram@cpu0"])
        #expect(abs(try #require(machine.measure(request(), session: session).averageWatts) - 40) <= 0.2)
    }

    @Test("a unit without events is missing, and one in another machine's tree is not opened")
    func noEvents() throws {
        let machine = SimulatedMachine()
        addUnit(machine, events: false)
        #expect(try machine.session(mode: .auto).sources.isEmpty)
        let findings = Diagnosis(tree: machine.tree, time: machine.clock, finders: [PerfPMU()]).findings()
        #expect(findings.first { $0.id == "perf" }?.state == .missing)
        addUnit(machine, events: true)
        let session = try machine.session(mode: .auto)
        #expect(session.sources.allSatisfy { $0.state == .missing })
        #expect(session.accounting?.included == [])
    }

    @Test(
        "an NVML library that is opened at run time gives its GPU's energy by PCI address, and what holds its clocks back"
    )
    func nvml() throws {
        let library = "/tmp/joulemark-nvml-\(UInt64(MonotonicClock.now() * 1e9)).so"
        defer { try? FileManager.default.removeItem(atPath: library) }
        let source = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/nvml/fake-nvml.c").path
        let compiler = try PowerMonitor(tree: SysfsTree(root: "/nowhere"), time: RealTime(), finders: [])
            .meter(command: ["clang", "-shared", "-fPIC", "-o", library, source])
        try #require(compiler.exitCode == 0)
        let device = SimulatedMachine.graphics(pciAddress: "0000:65:00.0")
        let session = try EnergySession(
            tree: SysfsTree(root: "/nowhere"), time: RealTime(), mode: .measured, devices: [device],
            finders: [NVML(libraries: [library])])
        #expect(session.accounting?.included == ["nvml/0000:65:00.0/energy"])
        #expect(session.sources.map(\.kind) == [.counter, .sensor, .sensor])
        let energy = session.measure(request(device: "vulkan:0", target: 0.03, minimumWindow: 1, limit: 20)) {
            seconds in
            let begin = MonotonicClock.now()
            RealTime().sleep(until: begin + seconds)
            return MeasuredWindow(begin: begin, end: MonotonicClock.now(), iterations: 10)
        }
        // The library's counter advances at 150 W in steps of 20 ms.
        #expect(abs(try #require(energy.averageWatts) - 150) <= 3)
        #expect(energy.provenance == .measured)
        #expect(NVML(libraries: [library]).conditions().first?.throttling == ["power limit"])
        #expect(NVML(libraries: ["libdoes-not-exist.so"]).sources(in: SysfsTree(root: "/nowhere")).isEmpty)
    }
}
