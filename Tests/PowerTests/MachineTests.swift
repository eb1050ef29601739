import Glibc
import Platform
import Power
import Results
import Statistics
import TestSupport
import Testing

/// Machines that people have, as `Tests/Fixtures/machines` describes them.
@Suite("Machines that people have")
struct MachineTests {
    private func machine(_ name: String) throws -> SimulatedMachine {
        let machine = SimulatedMachine()
        machine.add(try MachineDescription(named: name))
        return machine
    }

    private func doctor(_ machine: SimulatedMachine) -> Examination {
        Diagnosis(tree: machine.tree, time: machine.clock, finders: [Powercap(), Hwmon(), PowerSupply()]).examine()
    }

    @Test(
        "the total is that of what feeds the machine or its processor, and nothing else is in it",
        arguments: [
            ("corsair-psu", 214.0, 1), ("zenpower", 25.71, 2), ("amd-energy", 200, 2), ("jetson-orin", 15, 3),
            ("jetson-thor", 36, 1), ("macsmc", 12.4, 1), ("ibmpowernv", 640, 1), ("hsmp", 355, 2),
            ("guest-one-second", 12.5, 1), ("amdgpu-twelve-milliwatt", 23, 1),
        ])
    func total(_ name: String, _ watts: Double, _ sources: Int) throws {
        let machine = try machine(name)
        // A device behind every PCI address that any of the machines has gets none of the host's watts.
        let cards = ["0000:00:14.0", "0000:00:18.3"].enumerated().map {
            SimulatedMachine.graphics(id: "vulkan:\($0)", pciAddress: $1)
        }
        let session = try machine.session(devices: [SimulatedMachine.processor] + cards)
        #expect(session.sources.filter { $0.devices == ["cpu:0"] }.count == sources)
        #expect(session.sources.allSatisfy { $0.devices.isEmpty || $0.devices == ["cpu:0"] })
        let energy = machine.measure(request(minimumWindow: 2, limit: 120), session: session)
        #expect(abs(try #require(energy.averageWatts) / watts - 1) <= 0.01)
        #expect(try #require(energy.interval).contains(watts * 0.01), "\(String(describing: energy.interval))")
        #expect(doctor(machine).isMeasurable)
    }

    @Test("of a processor with counters of sockets and of cores the cores are shown beside the total")
    func cores() throws {
        let machine = try machine("amd-energy")
        let energy = try machine.measure(request(minimumWindow: 2))
        let cores = energy.domains.filter { $0.source.hasSuffix("energy1") || $0.source.hasSuffix("energy4") }
        #expect(cores.count == 2 && cores.allSatisfy { abs($0.joules / 0.01 - 1) < 0.02 })
    }

    @Test("where RAPL counts the sockets, the driver that counts them too is left out as a copy")
    func socketsTwice() throws {
        let machine = try machine("amd-energy")
        machine.addZone("intel-rapl:0", name: "package-0", counter: .rapl(seed: 1) { _ in 100 })
        machine.addZone("intel-rapl:1", name: "package-1", counter: .rapl(seed: 2, start: 7) { _ in 100 })
        #expect(try machine.session().accounting?.included == ["powercap/intel-rapl:0", "powercap/intel-rapl:1"])
        // Half of the sockets are no total, and the driver reads both.
        machine.system.set("/sys/class/powercap/intel-rapl:1/energy_uj", .fault(EIO))
        let sockets = try machine.session().accounting?.included ?? []
        #expect(sockets.count == 2 && sockets.allSatisfy { $0.contains("amd_energy") })
    }

    @Test(
        "a meter that answers an error value gives a fault and never a number; measured energy that is required is refused"
    )
    func errorValue() throws {
        let machine = try machine("acpi-error-value")
        let session = try machine.session(mode: .auto)
        #expect(session.sources.map(\.state) == [.nonsense])
        #expect(session.sources[0].reason?.contains("0xFFFFFFFF") == true)
        #expect(machine.measure(request(), session: session).provenance == .modelled)
        #expect(throws: PowerError.self) { try machine.session() }
        #expect(!doctor(machine).isMeasurable)
    }

    @Test(
        "error values of every width and unit are faults, in every kind of sensor",
        arguments: [
            "4294967295", "4294967295000", "2147483647", "2147483647000", "9223372036854775807", "18446744073709551615",
            "-1", "65535000000",
        ])
    func errorValues(_ value: String) throws {
        let places = [
            "/sys/class/hwmon/hwmon0/power1_input", "/sys/class/hwmon/hwmon0/power1_average",
            "/sys/class/power_supply/BAT0/power_now",
        ]
        for place in places {
            let machine = SimulatedMachine()
            machine.system.set("/sys/class/hwmon/hwmon0/name", .text("power_meter\n"))
            machine.system.set("/sys/class/power_supply/BAT0/type", .text("Battery\n"))
            machine.system.set("/sys/class/power_supply/BAT0/status", .text("Discharging\n"))
            machine.system.set(place, .text(value + "\n"))
            let session = try machine.session(mode: .auto)
            let isBattery = place.contains("BAT0")
            // A battery may well tell the current out of it with a minus sign.
            #expect(session.accounting?.included == [], "\(place) \(value)")
            #expect(session.sources.allSatisfy { $0.state != .ok } || isBattery, "\(place) \(value)")
        }
    }

    @Test("an error value among good ones costs its readings and nothing else")
    func errorValueInBetween() throws {
        let machine = SimulatedMachine()
        machine.system.set("/sys/class/hwmon/hwmon0/name", .text("power_meter\n"))
        let calls = CallCounter()
        machine.system.set(
            "/sys/class/hwmon/hwmon0/power1_input",
            .live { _ in calls.next().isMultiple(of: 5) ? "4294967295000\n" : "42000000\n" })
        let energy = try machine.measure(request())
        #expect(abs(try #require(energy.averageWatts) - 42) <= 0.01)
    }

    @Test("a meter that reads 0 W is dead: the doctor says so, the model takes over, and required energy is refused")
    func zero() throws {
        let machine = try machine("acpi-zero")
        let examination = doctor(machine)
        #expect(!examination.isMeasurable)
        let finding = try #require(examination.findings.first { $0.id.contains("power_meter") })
        #expect(finding.state == .stale && finding.why?.contains("0 W") == true)
        #expect(throws: PowerError.self) { try machine.session() }
        let energy = try machine.measure(request(), mode: .auto)
        #expect(energy.provenance == .modelled && energy.reason?.contains("0 W") == true)
        // Beside a live one it is no obstacle.
        machine.add(try MachineDescription(named: "macsmc"), as: "hwmon1")
        #expect(try machine.session().accounting?.included == ["hwmon/macsmc_hwmon@macsmc-hwmon/power1"])
    }

    @Test("an averaging interval of 300 s is believed: refused where it resolves nothing, used where there is time")
    func longAverage() throws {
        let machine = try machine("acpi-averages-300s")
        #expect(throws: PowerError.self) { try machine.session(timeLimit: 60) }
        let finding = try #require(doctor(machine).findings.first { $0.id.contains("power_meter") })
        #expect(finding.state == .stale && finding.why?.contains("averages over 300 s") == true)
        #expect(finding.fix?.contains("--time-limit 7") == true)
        let short = try machine.session(mode: .auto, timeLimit: 60)
        #expect(machine.measure(request(limit: 60), session: short).provenance == .modelled)
        let long = try machine.measure(request(limit: 4000))
        #expect(abs(try #require(long.averageWatts) - 130) <= 0.01)
        // 130 W idle and 130 W under load leave nothing, and nothing is printed as 0, not as what rounding leaves.
        #expect(long.netJoules == 0 && long.netInterval?.lower == 0)
        let monitor = try PowerMonitor(tree: machine.tree, time: machine.clock, finders: [Hwmon()])
        #expect(monitor.slowSources.count == 1)
    }

    @Test("twelve milliwatts are no processor's: where RAPL may not be read, its fix is told and nothing is measured")
    func twelveMilliwatts() throws {
        let machine = try machine("amdgpu-twelve-milliwatt")
        machine.system.set("/sys/devices/virtual/powercap/intel-rapl/intel-rapl:0/energy_uj", .fault(EACCES))
        let devices = [SimulatedMachine.processor, SimulatedMachine.graphics(pciAddress: "0000:74:00.0")]
        let session = try machine.session(devices: devices, mode: .auto)
        #expect(session.accounting?.included == [])
        let sensor = try #require(session.sources.first { $0.id.contains("amdgpu") })
        #expect(sensor.state == .nonsense && sensor.reason?.contains("mW") == true)
        let reason = try #require(machine.measure(request(), session: session).reason)
        #expect(reason.contains("powercap/intel-rapl:0") && reason.contains("udev"))
    }

    @Test("a guest's counter that moves once a second: the interval holds 12.5 W, and net joules are not told from 0")
    func slowCounter() throws {
        for seed in UInt64(1)...8 {
            for root in ["/sys", "/sys/class/powercap"] {
                let machine = try machine("guest-one-second")
                machine.clock.sleep(until: 1000 + 0.13 * Double(seed))
                let session = try EnergySession(
                    tree: SysfsTree(root: root, system: machine.system), time: machine.clock, mode: .measured,
                    devices: [SimulatedMachine.processor], finders: [Powercap()])
                #expect(session.accounting?.included == ["powercap/intel-rapl:0"])
                let update = try #require(session.sources.first?.updateIntervalSeconds)
                #expect(abs(update - 1) < 0.05)
                for limit in [8.0, 30, 120] {
                    let energy = machine.measure(
                        request(minimumWindow: 0.25, limit: limit, seed: seed), session: session)
                    let interval = try #require(energy.interval, "\(limit) s: \(energy.reason ?? "")")
                    #expect(interval.contains(0.125), "\(limit) s, seed \(seed): \(interval)")
                    if let net = energy.netJoules { #expect(net >= 0) }
                    if let net = energy.netInterval { #expect(net.lower == 0) }
                }
            }
        }
    }

    @Test("of a duplicate whose original is dead, the living one counts", arguments: ["frozen", "closed"])
    func livingCopy(_ original: String) throws {
        let machine = SimulatedMachine()
        machine.addZone("intel-rapl:0", name: "package-0", counter: .rapl { _ in original == "frozen" ? 0 : 40 })
        if original == "closed" {
            machine.system.set("/sys/class/powercap/intel-rapl:0/energy_uj", .fault(EACCES))
        }
        machine.addZone("intel-rapl-mmio:0", name: "package-0", counter: .rapl(start: 5) { _ in 40 })
        let session = try machine.session()
        #expect(session.accounting?.included == ["powercap/intel-rapl-mmio:0"])
        #expect(abs(try #require(machine.measure(request(), session: session).averageWatts) - 40) <= 0.2)
    }

    @Test("a source that dies during the run gives way to the next one, and that to the model")
    func nextSource() throws {
        let machine = SimulatedMachine()
        machine.addZone("intel-rapl:0", name: "package-0", counter: .rapl { _ in 50 })
        machine.addSensor(update: 0.05, looks: 0.02) { _ in 90 }
        let session = try machine.session(mode: .auto)
        #expect(try abs(#require(machine.measure(request(limit: 20), session: session).averageWatts) - 50) <= 0.5)
        machine.system.set("/sys/class/powercap/intel-rapl:0/energy_uj", .fault(ENOENT))
        let next = machine.measure(request(limit: 20), session: session)
        #expect(next.provenance == .integrated)
        #expect(abs(try #require(next.averageWatts) - 90) <= 0.9)
        machine.system.set("/sys/class/hwmon/hwmon3/power1_input", .text("0\n"))
        let last = machine.measure(request(limit: 20), session: session)
        #expect(last.provenance == .modelled)
    }

    @Test("a time limit for one window gives a wide interval that holds the truth, not nothing")
    func fewWindows() throws {
        let machine = SimulatedMachine()
        machine.addZone("intel-rapl:0", name: "package-0", counter: .rapl { _ in 50 })
        let energy = try machine.measure(request(minimumWindow: 0.25, limit: 0.5))
        let interval = try #require(energy.interval)
        #expect(!energy.resolved && energy.provenance == .measured)
        #expect(interval.contains(0.5) && interval.width >= 0.1)
    }

    @Test(
        "one window of a sensor that is updated twice a second gives an interval of its own readings, not of everything"
    )
    func oneWindowOfASensor() throws {
        let machine = try machine("corsair-psu")
        let energy = try machine.measure(request(minimumWindow: 0.25, limit: 5))
        let interval = try #require(energy.interval)
        #expect(energy.windows.count < 3 && interval.contains(2.14) && interval.width < 1.5, "\(interval)")
    }

    @Test("firmware that speaks SCMI names what it shows: the system, else the sockets, else nothing is known")
    func scmi() throws {
        for (labels, included) in [
            (["SYS", "CPU0", "GPU"], ["power1"]), (["socket0", "socket1", "cpu0", "dimm"], ["power1", "power2"]),
            (["big", "little", "gpu"], ["power1", "power2"]), (["a", "b"], []),
        ] {
            let machine = SimulatedMachine()
            machine.system.set("/sys/class/hwmon/hwmon0/name", .text("scmi_sensors\n"))
            for (index, label) in labels.enumerated() {
                machine.system.set("/sys/class/hwmon/hwmon0/power\(index + 1)_label", .text(label + "\n"))
                machine.system.set("/sys/class/hwmon/hwmon0/power\(index + 1)_input", .text("5000000\n"))
            }
            let session = try machine.session(mode: .auto)
            #expect(session.accounting?.included == included.map { "hwmon/scmi_sensors/\($0)" }, "\(labels)")
        }
    }
}

extension SimulatedMachine {
    /// Adds the first hwmon chip of a description under another number.
    fileprivate func add(_ machine: MachineDescription, as number: String) {
        for (path, entry) in machine.entries {
            let path = "/sys/" + path.replacing("hwmon/hwmon0", with: "hwmon/\(number)")
            switch entry {
            case .file(let text): system.set(path, .text(text + "\n"))
            case .link(let target): system.link(path, to: target.replacing("hwmon/hwmon0", with: "hwmon/\(number)"))
            case .counter, .sensor:
                if case .sensor(let sensor) = entry { system.set(path, .live { sensor.text(at: $0) }) }
            }
        }
    }
}
