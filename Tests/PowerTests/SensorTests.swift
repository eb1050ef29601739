import Glibc
import Power
import Results
import Statistics
import TestSupport
import Testing

extension SimulatedMachine {
    /// A hwmon chip with one power file of a sensor that is updated every `update` seconds.
    ///
    /// It shows the mean power of the last `looks` seconds before the update, in steps of a milliwatt.
    func addSensor(
        chip: String = "hwmon3", name: String = "power_meter", file: String = "power1_input", update: Double,
        looks: Double, power: @escaping PowerProfile
    ) {
        let folder = "/sys/class/hwmon/\(chip)"
        system.set(folder + "/name", .text(name + "\n"))
        system.set(
            folder + "/" + file,
            .live { time in
                let moment = (time / update).rounded(.down) * update
                let steps = 50
                let mean =
                    (0..<steps).reduce(0.0) { sum, step in
                        sum + power(moment - looks * (Double(step) + 0.5) / Double(steps))
                    } / Double(steps)
                return "\(UInt64((mean * 1000).rounded()) * 1000)\n"
            })
    }
}

@Suite("Sensors of hwmon")
struct SensorTests {
    @Test("a sensor with an average only, and one with an instantaneous reading only, are integrated")
    func eitherFile() throws {
        for (file, looks) in [("power1_average", 1.0), ("power1_input", 0.02)] {
            let machine = SimulatedMachine()
            machine.addSensor(
                file: file, update: 0.05, looks: looks, power: machine.loadFollowing(idle: 20, busy: 80))
            machine.system.set("/sys/class/hwmon/hwmon3/power1_average_interval", .text("1000\n"))
            let energy = try machine.measure(request(limit: 200))
            #expect(energy.provenance == .integrated)
            #expect(abs(try #require(energy.averageWatts) - 100) <= 1)
            #expect(try #require(energy.interval).contains(1))
            #expect(abs(try #require(energy.idleWatts) - 20) <= 0.4)
        }
    }

    @Test("an average that is switched off gives way to the instantaneous reading beside it")
    func disabledAverage() throws {
        let machine = SimulatedMachine()
        machine.addSensor(update: 0.05, looks: 0.02) { _ in 42 }
        machine.system.set("/sys/class/hwmon/hwmon3/power1_average", .fault(ENODATA))
        let session = try machine.session()
        #expect(session.sources.map(\.path) == ["/sys/class/hwmon/hwmon3/power1_input"])
        #expect(abs(try #require(machine.measure(request(), session: session).averageWatts) - 42) <= 0.42)
    }

    @Test(
        "ENODATA and EPERM are told apart, and neither is 0 W",
        arguments: [(ENODATA, "missing"), (EPERM, "permission")])
    func faults(_ fault: Int32, _ state: String) throws {
        let machine = SimulatedMachine()
        machine.system.set("/sys/class/hwmon/hwmon0/name", .text("power_meter\n"))
        machine.system.set("/sys/class/hwmon/hwmon0/power1_average", .fault(fault))
        let session = try machine.session(mode: .auto)
        #expect(session.sources.map(\.state.rawValue) == [state])
        #expect(session.sources[0].reason?.isEmpty == false)
        #expect(machine.measure(request(), session: session).provenance == .modelled)
    }

    @Test("a sensor that vanishes in the middle of the run makes the rest of its windows invalid")
    func vanishes() throws {
        let machine = SimulatedMachine()
        machine.addSensor(update: 0.05, looks: 0.02) { _ in 42 }
        let path = "/sys/class/hwmon/hwmon3/power1_input"
        let text = String(decoding: try machine.system.contents(of: path, limit: 64), as: UTF8.self)
        machine.system.set(
            path, .decided { $0 < 1020 ? .success(text) : .failure(SystemFault(ENOENT)) })
        let energy = try machine.measure(request())
        #expect(energy.windows.allSatisfy { $0.end < 1020.5 })
        #expect(energy.reason?.contains("not there") == true)
        if let watts = energy.averageWatts { #expect(abs(watts - 42) < 0.42) }
    }

    @Test("a device in reset answers errors for a moment: reading is tried again")
    func transient() throws {
        let machine = SimulatedMachine()
        let counter = SimulatedCounter.rapl { _ in 50 }
        machine.addZone("intel-rapl:0", name: "package-0", counter: counter)
        let calls = CallCounter()
        machine.system.set(
            "/sys/class/powercap/intel-rapl:0/energy_uj",
            .decided { time in
                // Every seventh reading while work is done fails once.
                time > 1006 && calls.next().isMultiple(of: 7)
                    ? .failure(SystemFault(EBUSY)) : .success(counter.microjoules(at: time))
            })
        let energy = try machine.measure(request())
        #expect(energy.resolved)
        #expect(energy.reason == nil)
    }

    @Test(
        "a 100 W square wave seen by a sensor that looks 25 of every 100 ms: the interval holds the truth or the result is imprecise",
        arguments: [0.1, 0.2, 0.05, 0.0973, 0.0333])
    func partTime(_ period: Double) throws {
        for seed in UInt64(1)...10 {
            let energy = try partTimeEnergy(period, target: 0.01, seed: seed)
            if energy.resolved {
                let interval = try #require(energy.interval)
                #expect(
                    interval.contains(50 * period), "period \(period), seed \(seed): \(interval) without \(50 * period)"
                )
            } else {
                #expect(energy.reason?.contains("imprecise") == true || energy.provenance == .unavailable)
            }
        }
    }

    @Test(
        "the same with a target of 30 %: there are intervals, and at most one in ten misses the truth")
    func partTimeRoughly() throws {
        var (missed, all) = (0, 0)
        for period in [0.1, 0.0973, 0.0333] {
            for seed in UInt64(1)...20 {
                let energy = try partTimeEnergy(period, target: 0.3, seed: seed)
                guard let interval = energy.interval else { continue }
                all += 1
                if !interval.contains(50 * period) { missed += 1 }
            }
        }
        #expect(missed * 10 <= all && all >= 50, "\(missed) of \(all)")
    }

    /// The wave is the work's: it begins with each window, 100 W and 0 W in turn, 50 W on average.
    private func partTimeEnergy(_ period: Double, target: Double, seed: UInt64) throws -> EnergyRecord {
        let machine = SimulatedMachine()
        machine.addSensor(update: 0.1, looks: 0.025) { time in
            guard let began = machine.workBegan(at: time) else { return 10 }
            let phase = (time - began) / period
            return phase - phase.rounded(.down) < 0.5 ? 100 : 0
        }
        return try machine.measure(
            request(execution: period, target: target, minimumWindow: 3, limit: 40, seed: seed))
    }

    @Test("volts times amperes of an INA sensor make watts")
    func railProduct() throws {
        let machine = SimulatedMachine()
        let folder = "/sys/class/hwmon/hwmon1"
        machine.system.set(folder + "/name", .text("ina3221\n"))
        machine.system.set(folder + "/in1_label", .text("VDD_IN\n"))
        machine.system.set(folder + "/in1_input", .text("5000\n"))
        machine.system.set(folder + "/curr1_input", .text("2400\n"))
        machine.system.set(folder + "/in2_label", .text("VDD_CPU\n"))
        machine.system.set(folder + "/in2_input", .text("5000\n"))
        machine.system.set(folder + "/curr2_input", .text("1000\n"))
        // The sum of the currents, and the voltage of the first shunt in microvolts: no rail.
        machine.system.set(folder + "/in4_input", .text("24000\n"))
        machine.system.set(folder + "/curr4_input", .text("3400\n"))
        let session = try machine.session()
        #expect(session.sources.filter { $0.id.contains("ina3221") }.count == 2)
        #expect(abs(try #require(machine.measure(request(), session: session).averageWatts) - 12) <= 0.12)
    }

    @Test(
        "two chips of one name are two sources, whatever number the day gives them",
        arguments: [
            ("power_meter", ["ACPI000D:00", "ACPI000D:01"], ["@ACPI000D:00", "@ACPI000D:01"]),
            ("ina3221", ["i2c-1/1-0040", "i2c-1/1-0041"], ["@1-0040", "@1-0041"]),
            (
                "ina226", ["pci0000:00/0000:00:15.0/i2c-1/1-0040", "pci0000:00/0000:00:15.0/i2c-1/1-0041"],
                ["@0000:00:15.0@1-0040", "@0000:00:15.0@1-0041"]
            ),
            ("power_meter", [nil, nil], ["@hwmon3", "@hwmon4"]),
        ])
    func twins(_ name: String, _ devices: [String?], _ places: [String]) throws {
        for chips in [["hwmon3", "hwmon4"], ["hwmon4", "hwmon3"]] {
            let machine = SimulatedMachine()
            for ((chip, device), watts) in zip(zip(chips, devices), [42.0, 17.0]) {
                machine.addSensor(chip: chip, name: name, update: 0.05, looks: 0.02) { _ in watts }
                if let device { machine.system.link("/sys/class/hwmon/\(chip)/device", to: "/sys/devices/" + device) }
            }
            let session = try machine.session(mode: .auto)
            #expect(session.sources.map(\.id).sorted() == places.map { "hwmon/\(name)\($0)/power1" })
            guard name == "power_meter", devices[0] != nil else { continue }
            // One of them is the total: it is not counted twice.
            #expect(session.accounting?.included == ["hwmon/power_meter@ACPI000D:00/power1"])
            #expect(abs(try #require(machine.measure(request(), session: session).averageWatts) - 42) <= 0.42)
        }
    }

    @Test("a chip that is alone is known by its device too, so that another one beside it does not change its id")
    func only() throws {
        let machine = SimulatedMachine()
        machine.addSensor(update: 0.05, looks: 0.02) { _ in 42 }
        #expect(try machine.session().sources.map(\.id) == ["hwmon/power_meter/power1"])
        machine.system.link("/sys/class/hwmon/hwmon3/device", to: "/sys/devices/LNXSYSTM:00/ACPI000D:00")
        #expect(try machine.session().sources.map(\.id) == ["hwmon/power_meter@ACPI000D:00/power1"])
    }

    @Test("files whose number is none that a channel has are left alone")
    func strangeChannels() throws {
        let machine = SimulatedMachine()
        let folder = "/sys/class/hwmon/hwmon3"
        machine.system.set(folder + "/name", .text("xe\n"))
        for channel in ["9223372036854775807", "-9223372036854775808", "-1", "+1", "05", ""] {
            for file in ["energy\(channel)_input", "power\(channel)_average", "curr\(channel)_input"] {
                machine.system.set("\(folder)/\(file)", .text("5\n"))
            }
        }
        #expect(try machine.session(mode: .auto).sources.isEmpty)
    }

    @Test("the averaging interval that a driver states is believed, however long; one of 0 or less states none")
    func statedInterval() throws {
        for (interval, isResolvable) in [
            ("9223372036854775807", false), ("300000", false), ("60001", true), ("0", true), ("-1", true),
            ("1000", true),
        ] {
            let machine = SimulatedMachine()
            machine.addSensor(file: "power1_average", update: 0.05, looks: 1) { _ in 42 }
            machine.system.set("/sys/class/hwmon/hwmon3/power1_average_interval", .text(interval + "\n"))
            let energy = try machine.measure(request(limit: 400))
            #expect((energy.grossJoules != nil) == isResolvable, "\(interval)")
            if let watts = energy.averageWatts { #expect(abs(watts - 42) <= 0.42, "\(interval)") }
            #expect(isResolvable || energy.reason?.contains("it averages over") == true)
        }
    }

    @Test("amdgpu of a chip with processor and graphics speaks for both, where RAPL does not")
    func processorWithGraphics() throws {
        let machine = SimulatedMachine()
        machine.addSensor(chip: "hwmon4", name: "amdgpu", update: 0.05, looks: 0.05) { _ in 18 }
        machine.system.set("/sys/class/hwmon/hwmon4/in1_label", .text("vddnb\n"))
        machine.system.link("/sys/class/hwmon/hwmon4/device", to: "/sys/devices/pci0000:00/0000:00:08.1/0000:05:00.0")
        let devices = [SimulatedMachine.processor, SimulatedMachine.graphics(pciAddress: "0000:05:00.0")]
        let alone = try machine.session(devices: devices)
        #expect(alone.accounting?.included == ["hwmon/amdgpu@0000:05:00.0/power1"])
        #expect(alone.sources.first?.devices == ["cpu:0", "vulkan:0"])
        machine.addZone("intel-rapl:0", name: "package-0", counter: .rapl { _ in 20 })
        #expect(try machine.session(devices: devices).accounting?.included == ["powercap/intel-rapl:0"])
    }

    @Test("a graphics card's own counter is its total; the host's energy is shown beside it and not added")
    func graphics() throws {
        let machine = SimulatedMachine()
        machine.addZone("intel-rapl:0", name: "package-0", counter: .rapl { _ in 30 })
        let folder = "/sys/class/hwmon/hwmon7"
        machine.system.set(folder + "/name", .text("xe\n"))
        let card = SimulatedCounter(unit: 1e-6, update: 0.002, power: machine.loadFollowing(idle: 15, busy: 105))
        let chip = SimulatedCounter(unit: 1e-6, update: 0.002, start: 5) { _ in 90 }
        machine.system.set(folder + "/energy1_input", .live { card.microjoules(at: $0) })
        machine.system.set(folder + "/energy2_input", .live { chip.microjoules(at: $0) })
        machine.system.set(folder + "/energy1_label", .text("card\n"))
        machine.system.set(folder + "/energy2_label", .text("pkg\n"))
        machine.system.link(folder + "/device", to: "/sys/devices/pci0000:00/0000:00:01.0/0000:03:00.0")
        let device = SimulatedMachine.graphics(pciAddress: "0000:03:00.0")
        let session = try machine.session(devices: [SimulatedMachine.processor, device])
        let energy = machine.measure(request(device: "vulkan:0"), session: session)
        #expect(abs(try #require(energy.averageWatts) - 120) <= 0.6)
        #expect(energy.domains.contains { $0.source == "powercap/intel-rapl:0" })
        #expect(
            session.accounting?.rule.contains("not added: hwmon/xe@0000:03:00.0/energy2, powercap/intel-rapl:0") == true
        )
        let other = SimulatedMachine.graphics(id: "vulkan:1", pciAddress: "0000:04:00.0")
        let without = try machine.session(devices: [other], mode: .auto)
        #expect(machine.measure(request(device: "vulkan:1"), session: without).provenance == .modelled)
    }
}
