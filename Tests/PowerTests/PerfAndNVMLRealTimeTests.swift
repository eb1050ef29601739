import FoundationEssentials
import Platform
import Power
import Results
import TestSupport
import Testing

@Suite("The perf power unit and NVML")
struct PerfAndNVMLRealTimeTests {
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

    @Test(
        "a scale that no counter has is nonsense, and the doctor can say so", arguments: ["1e-40", "1e300", "inf", "0"])
    func absurdScale(_ scale: String) throws {
        let machine = SimulatedMachine()
        addUnit(machine, events: true)
        for event in ["energy-pkg", "energy-ram", "energy-cores"] {
            machine.system.set("/sys/bus/event_source/devices/power/events/\(event).scale", .text(scale + "\n"))
        }
        let counter = SimulatedCounter(unit: 0x1p-32, update: 0.001, start: 0) { _ in 35 }
        machine.system.servePerf { _, time in UInt64(counter.units(at: time)) }
        let findings = Diagnosis(tree: machine.tree, time: machine.clock, finders: [PerfPMU()]).examine().findings
        #expect(findings.filter { $0.id.hasPrefix("perf/") }.map(\.state) == [.nonsense, .nonsense, .nonsense])
    }

    @Test("a unit without events is missing, and one in another machine's tree is not opened")
    func noEvents() throws {
        let machine = SimulatedMachine()
        addUnit(machine, events: false)
        #expect(try machine.session(mode: .auto).sources.isEmpty)
        let findings = Diagnosis(tree: machine.tree, time: machine.clock, finders: [PerfPMU()]).examine().findings
        #expect(findings.first { $0.id == "perf" }?.state == .missing)
        addUnit(machine, events: true)
        let session = try machine.session(mode: .auto)
        #expect(session.sources.allSatisfy { $0.state == .missing })
        #expect(session.accounting?.included == [])
    }

    /// A management library, compiled with some settings.
    private func library(_ settings: String...) throws -> String {
        let library = "/tmp/joulemark-nvml-\(UInt64(MonotonicClock.now() * 1e9)).so"
        let source = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/nvml/fake-nvml.c").path
        let compiler = try PowerMonitor(tree: SysfsTree(root: "/nowhere"), time: RealTime(), finders: [])
            .meter(command: ["clang", "-shared", "-fPIC", "-o", library, source] + settings.map { "-D" + $0 })
        try #require(compiler.exitCode == 0)
        return library
    }

    private func session(_ library: String) throws -> EnergySession {
        try EnergySession(
            tree: SysfsTree(root: "/nowhere"), time: RealTime(), mode: .measured,
            devices: [SimulatedMachine.graphics(pciAddress: "0000:65:00.0")], finders: [NVML(libraries: [library])])
    }

    private func measure(_ session: EnergySession) -> EnergyRecord {
        session.measure(request(device: "vulkan:0", target: 0.03, minimumWindow: 1.5, limit: 12)) { seconds in
            let begin = MonotonicClock.now()
            RealTime().sleep(until: begin + seconds)
            return WindowRecord(begin: begin, end: MonotonicClock.now(), iterations: 10)
        }
    }

    @Test(
        "an NVML library that is opened at run time gives its GPU's energy by PCI address, and what holds its clocks back"
    )
    func nvml() throws {
        let library = try library()
        defer { try? FileManager.default.removeItem(atPath: library) }
        let session = try session(library)
        #expect(session.accounting?.included == ["nvml/0000:65:00.0/energy"])
        #expect(session.sources.map(\.kind) == [.counter, .sensor, .sensor])
        let energy = measure(session)
        // The library's counter advances at 150 W in steps of 20 ms.
        #expect(abs(try #require(energy.averageWatts) - 150) <= 3)
        #expect(energy.provenance == .measured)
        #expect(energy.windows.allSatisfy { $0.throttling == ["power limit"] })
        let count = energy.windows.count
        #expect(
            energy.reason?.contains("clocks were held back in \(count) of \(count) windows by: power limit") == true)
        #expect(energy.reason?.contains("disagree") == false)
        #expect(NVML(libraries: [library]).conditions().first?.throttling == ["power limit"])
        #expect(NVML(libraries: ["libdoes-not-exist.so"]).sources(in: SysfsTree(root: "/nowhere")).isEmpty)
    }

    @Test("a counter at 150 W beside a sensor that shows 120 W: they disagree by 20 %, and the record says so")
    func disagreement() throws {
        // The reasons of an idle GPU and of clocks that somebody set are no throttling.
        let library = try library("MILLIWATTS=120000", "EVENT_REASONS=0x103", "REASONS=0x40")
        defer { try? FileManager.default.removeItem(atPath: library) }
        let energy = measure(try session(library))
        #expect(abs(try #require(energy.averageWatts) - 150) <= 3)
        let reason = try #require(energy.reason)
        #expect(reason.contains("nvml/0000:65:00.0/energy counts 1"))
        #expect(reason.contains("nvml/0000:65:00.0/power-instant shows 120 W: they disagree by "))
        #expect(energy.windows.allSatisfy { $0.throttling == [] })
        #expect(!reason.contains("held back"))
    }
}
