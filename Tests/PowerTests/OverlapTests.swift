import Power
import Results
import TestSupport
import Testing

@Suite("Overlapping domains make one total")
struct OverlapTests {
    private func addDomains(_ machine: SimulatedMachine, psys: Bool) {
        machine.addZone("intel-rapl:0", name: "package-0", counter: .rapl(seed: 1) { _ in 40 })
        machine.addZone("intel-rapl:0:0", name: "core", counter: .rapl(seed: 2, start: 7000) { _ in 25 })
        machine.addZone("intel-rapl:0:1", name: "uncore", counter: .rapl(seed: 3, start: 900) { _ in 5 })
        machine.addZone("intel-rapl:0:2", name: "dram", counter: .rapl(seed: 4, start: 5000) { _ in 6 })
        if psys { machine.addZone("intel-rapl:1", name: "psys", counter: .rapl(seed: 5, start: 90_000) { _ in 60 }) }
        machine.addZone("intel-rapl-mmio:0", name: "package-0", counter: .rapl(seed: 6, start: 3) { _ in 40 })
        // What a real tree has besides: the control type's own folder, and links that lead in circles.
        machine.system.set("/sys/class/powercap/intel-rapl/enabled", .text("1\n"))
        machine.system.set("/sys/class/powercap/intel-rapl:0/subsystem/intel-rapl:0/energy_uj", .text("1\n"))
        machine.system.set("/sys/class/powercap/intel-rapl:0/device/enabled", .text("1\n"))
    }

    @Test("package 40, core 25, uncore 5, dram 6 and an MMIO copy total 46 W; with psys at 60 W they total 60 W")
    func total() throws {
        for (psys, expected) in [(false, 46.0), (true, 60.0)] {
            let machine = SimulatedMachine()
            addDomains(machine, psys: psys)
            let session = try machine.session()
            let energy = machine.measure(request(), session: session)
            let watts = try #require(energy.averageWatts)
            #expect(abs(watts - expected) <= 0.005 * expected)
            let copy = try #require(session.sources.first { $0.id == "powercap/intel-rapl-mmio:0" })
            #expect(copy.state == .duplicate)
            let accounting = try #require(session.accounting)
            #expect(
                accounting.included
                    == (psys ? ["powercap/intel-rapl:1"] : ["powercap/intel-rapl:0", "powercap/intel-rapl:0:2"]))
            #expect(accounting.rule.contains("powercap/intel-rapl-mmio:0"))
            #expect(accounting.rule.contains(psys ? "psys" : "not added"))
            // Parts are shown although they are not added.
            #expect(
                energy.domains.contains { $0.source == "powercap/intel-rapl:0:0" && abs($0.joules - 0.25) < 0.0025 })
        }
    }

    @Test("a copy that cannot be read does not keep its readable original from being the total; the doctor says both")
    func unreadableCopy() throws {
        let machine = SimulatedMachine()
        addDomains(machine, psys: false)
        machine.system.set("/sys/class/powercap/intel-rapl-mmio:0/energy_uj", .fault(13))
        let session = try machine.session()
        #expect(session.accounting?.included == ["powercap/intel-rapl:0", "powercap/intel-rapl:0:2"])
        let copy = try #require(session.sources.first { $0.id == "powercap/intel-rapl-mmio:0" })
        #expect(copy.state == .duplicate)
        let findings = Diagnosis(tree: machine.tree, time: machine.clock, finders: [Powercap()]).examine().findings
        let finding = try #require(findings.first { $0.id == copy.id })
        #expect(finding.state == .duplicate)
        #expect(
            finding.why
                == "reads the same energy as powercap/intel-rapl:0; it cannot be read itself: permission denied")
        #expect(finding.fix?.contains("udev") == true)
        // Where the original cannot be read, the copy is none.
        machine.system.set("/sys/class/powercap/intel-rapl:0/energy_uj", .fault(13))
        let blocked = try machine.session(mode: .auto)
        #expect(blocked.sources.first { $0.id == copy.id }?.state == .permission)
        #expect(blocked.accounting?.included == [])
    }

    /// Two sockets of 40 W with 5 W of memory each, and psys domains beside them.
    private func twoRoots(_ platforms: [(zone: String, name: String, counter: SimulatedCounter)]) -> SimulatedMachine {
        let machine = SimulatedMachine()
        for index in 0...1 {
            let (seed, start) = (UInt64(index), Double(1000 * index))
            machine.addZone(
                "intel-rapl:\(index)", name: "package-\(index)",
                counter: .rapl(seed: seed + 1, start: start + 10) { _ in 40 })
            machine.addZone(
                "intel-rapl:\(index):0", name: "dram", counter: .rapl(seed: seed + 3, start: start + 400) { _ in 5 })
        }
        for platform in platforms { machine.addZone(platform.zone, name: platform.name, counter: platform.counter) }
        return machine
    }

    private static let sums = [
        "powercap/intel-rapl:0", "powercap/intel-rapl:0:0", "powercap/intel-rapl:1", "powercap/intel-rapl:1:0",
    ]

    @Test("psys of two root packages, at 60 and 70 W, total 130 W; one that shows nothing is no root")
    func rootPackages() throws {
        let first = SimulatedCounter.rapl(seed: 7, start: 9000) { _ in 60 }
        let second = SimulatedCounter.rapl(seed: 8, start: 77) { _ in 70 }
        let both = twoRoots([("intel-rapl:2", "psys", first), ("intel-rapl:3", "psys-1", second)])
        let session = try both.session()
        let accounting = try #require(session.accounting)
        #expect(accounting.included == ["powercap/intel-rapl:2", "powercap/intel-rapl:3"])
        #expect(accounting.rule.contains("one of each root package"))
        #expect(abs(try #require(both.measure(request(), session: session).averageWatts) - 130) <= 0.65)

        let all = SimulatedCounter.rapl(seed: 8, start: 77) { _ in 120 }
        let one = twoRoots([
            ("intel-rapl:2", "psys", SimulatedCounter.rapl(start: 3) { _ in 0 }), ("intel-rapl:3", "psys-1", all),
        ])
        #expect(try one.session().accounting?.included == ["powercap/intel-rapl:3"])
    }

    @Test("psys domains that show the power of one machine at the same times count once")
    func mirroredRoots() throws {
        let counter = SimulatedCounter.rapl(noise: 0.01, seed: 7, start: 9000) { _ in 120 }
        let machine = twoRoots([("intel-rapl:2", "psys", counter), ("intel-rapl:3", "psys-1", counter)])
        let session = try machine.session()
        #expect(session.accounting?.included == ["powercap/intel-rapl:2"])
        #expect(session.sources.first { $0.id == "powercap/intel-rapl:3" }?.state == .duplicate)
    }

    @Test(
        "where it cannot be told what several psys domains are together, packages and dram are added, and the rule says why"
    )
    func undecidedRoots() throws {
        let first = SimulatedCounter.rapl(seed: 7, start: 9000) { _ in 60 }
        let second = SimulatedCounter.rapl(seed: 8, start: 77) { _ in 70 }
        let unreadable = twoRoots([("intel-rapl:2", "psys", first), ("intel-rapl:3", "psys-1", second)])
        unreadable.system.set("/sys/class/powercap/intel-rapl:3/energy_uj", .fault(13))
        let unnamed = twoRoots([("intel-rapl:2", "psys", first), ("intel-rapl:3", "psys", second)])
        // Less than its own package draws.
        let unwired = twoRoots([
            ("intel-rapl:2", "psys", first), ("intel-rapl:3", "psys-1", .rapl(start: 3) { _ in 30 }),
        ])
        for (machine, why) in [
            (unreadable, "powercap/intel-rapl:3, one of 2, cannot be used"),
            (unnamed, "it is not known which packages"), (unwired, "powercap/intel-rapl:3, one of 2, cannot be used"),
        ] {
            let session = try machine.session()
            #expect(session.accounting?.included == Self.sums)
            #expect(session.accounting?.rule.contains("psys is not used: " + why) == true)
            #expect(abs(try #require(machine.measure(request(), session: session).averageWatts) - 90) <= 0.45)
        }
        // One that shows less than both sockets is not the whole.
        let partial = twoRoots([("intel-rapl:2", "psys", first)])
        #expect(try partial.session().accounting?.included == Self.sums)
    }

    @Test("psys that shows less than the package it should contain is nonsense, and not the total")
    func unwiredPsys() throws {
        let machine = SimulatedMachine()
        machine.addZone("intel-rapl:0", name: "package-0", counter: .rapl { _ in 40 })
        machine.addZone("intel-rapl:1", name: "psys", counter: .rapl(start: 10) { _ in 2 })
        let session = try machine.session()
        #expect(session.sources.first { $0.domain == "psys" }?.state == .nonsense)
        #expect(session.accounting?.included == ["powercap/intel-rapl:0"])
    }

    @Test(
        "two mirrored dies count once",
        arguments: [["package-0-die-0", "package-0-die-1"], ["package-0", "package-1"]])
    func mirroredDies(_ names: [String]) throws {
        let machine = SimulatedMachine()
        let counter = SimulatedCounter.rapl(noise: 0.01) { _ in 40 }
        for (index, name) in names.enumerated() { machine.addZone("intel-rapl:\(index)", name: name, counter: counter) }
        let session = try machine.session()
        #expect(session.sources.map(\.state) == [.ok, .duplicate])
        let watts = try #require(machine.measure(request(), session: session).averageWatts)
        #expect(abs(watts - 40) <= 0.2)
    }

    @Test("two sockets of 40 W with 1 % independent jitter count twice, even when their counters started together")
    func twoSockets() throws {
        let machine = SimulatedMachine()
        for index in 0...1 {
            machine.addZone(
                "intel-rapl:\(index)", name: "package-\(index)",
                counter: .rapl(noise: 0.01, seed: UInt64(index) + 1, start: 1) { _ in 40 })
        }
        let session = try machine.session()
        #expect(session.sources.map(\.state) == [.ok, .ok])
        let watts = try #require(machine.measure(request(), session: session).averageWatts)
        #expect(abs(watts - 80) <= 0.4)
    }

    @Test("both sockets' dram is counted, zone intel-rapl:a is found, package-0-die-1 is parsed")
    func zones() throws {
        let machine = SimulatedMachine()
        machine.addZone("intel-rapl:0", name: "package-0-die-0", counter: .rapl(seed: 1, start: 10) { _ in 30 })
        machine.addZone("intel-rapl:0:0", name: "dram", counter: .rapl(seed: 2, start: 20) { _ in 5 })
        machine.addZone("intel-rapl:a", name: "package-0-die-1", counter: .rapl(seed: 3, start: 30) { _ in 20 })
        machine.addZone("intel-rapl:a:0", name: "dram", counter: .rapl(seed: 4, start: 40) { _ in 7 })
        let session = try machine.session()
        #expect(session.sources.map(\.domain) == ["package", "dram", "package", "dram"])
        #expect(session.sources.allSatisfy { $0.state == .ok })
        let watts = try #require(machine.measure(request(), session: session).averageWatts)
        #expect(abs(watts - 62) <= 0.31)
    }

    @Test("a guest's tree holds energy_uj alone, without name, range or newline, and an empty child")
    func guestTree() throws {
        let machine = SimulatedMachine()
        let counter = SimulatedCounter.rapl { _ in 12 }
        machine.system.set(
            "/sys/class/powercap/intel-rapl:0/energy_uj",
            .live { String(counter.microjoules(at: $0).dropLast()) })
        machine.system.set("/sys/class/powercap/intel-rapl:0/intel-rapl:0:0/.keep", .text(""))
        let session = try machine.session()
        #expect(session.sources.map(\.id) == ["powercap/intel-rapl:0"])
        let watts = try #require(machine.measure(request(), session: session).averageWatts)
        #expect(abs(watts - 12) <= 0.06)
    }

    @Test("zones that are nested in their package's folder and not linked beside it are found")
    func nestedZones() throws {
        let machine = SimulatedMachine()
        machine.addZone("intel-rapl:0", name: "package-0", counter: .rapl { _ in 40 })
        machine.addZone("intel-rapl:0/intel-rapl:0:1", name: "dram", counter: .rapl(start: 5) { _ in 6 })
        let session = try machine.session()
        #expect(session.accounting?.included == ["powercap/intel-rapl:0", "powercap/intel-rapl:0:1"])
    }

    @Test("a package that cannot be read leaves no total made of the other one alone")
    func incompleteTotal() throws {
        let machine = SimulatedMachine()
        machine.addZone("intel-rapl:0", name: "package-0", counter: .rapl { _ in 40 })
        machine.addZone("intel-rapl:1", name: "package-1", counter: .rapl(start: 77) { _ in 40 })
        machine.system.set("/sys/class/powercap/intel-rapl:1/energy_uj", .fault(5))
        #expect(throws: PowerError.self) { try machine.session() }
        let energy = try machine.measure(request(), mode: .auto)
        #expect(energy.provenance == .modelled)
    }
}
