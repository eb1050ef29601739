import Glibc
import Power
import Results
import TestSupport
import Testing

@Suite("Cards that are counted at several levels, and batteries")
struct CardTests {
    private static let address = "0000:03:00.0"
    private let device = SimulatedMachine.graphics(pciAddress: Self.address)

    private func addChip(_ machine: SimulatedMachine, _ number: Int, name: String, watts: Double, channel: Int = 1) {
        let folder = "/sys/class/hwmon/hwmon\(number)"
        let counter = SimulatedCounter(
            unit: 1e-6, update: 0.002, seed: UInt64(number), start: Double(100 * number + channel)
        ) { _ in watts }
        machine.system.set(folder + "/name", .text(name + "\n"))
        machine.system.set(folder + "/energy\(channel)_input", .live { counter.microjoules(at: $0) })
        machine.system.link(folder + "/device", to: "/sys/devices/pci0000:00/0000:00:01.0/" + Self.address)
    }

    private func watts(_ machine: SimulatedMachine, _ session: EnergySession) throws -> Double {
        try #require(machine.measure(request(device: "vulkan:0"), session: session).averageWatts)
    }

    @Test(
        "the tiles i915_gt0 and i915_gt1 are not added to the card that contains them, in whatever order they are found"
    )
    func tiles() throws {
        for order in [[2, 3, 4], [4, 3, 2], [3, 2, 4]] {
            let machine = SimulatedMachine()
            addChip(machine, order[0], name: "i915", watts: 100)
            addChip(machine, order[1], name: "i915_gt0", watts: 45)
            addChip(machine, order[2], name: "i915_gt1", watts: 40)
            let session = try machine.session(devices: [device])
            #expect(session.accounting?.included == ["hwmon/i915@\(Self.address)/energy1"])
            #expect(session.accounting?.rule.contains("not added: hwmon/i915_gt0") == true)
            #expect(abs(try watts(machine, session) - 100) <= 0.5)
        }
    }

    @Test("tiles alone are added to each other; without the card's own counter, which is there, they are no total")
    func tilesAlone() throws {
        let machine = SimulatedMachine()
        addChip(machine, 3, name: "i915_gt0", watts: 45)
        addChip(machine, 4, name: "i915_gt1", watts: 40)
        let session = try machine.session(devices: [device])
        #expect(session.accounting?.included.count == 2)
        #expect(abs(try watts(machine, session) - 85) <= 0.5)
        addChip(machine, 2, name: "i915", watts: 100)
        machine.system.set("/sys/class/hwmon/hwmon2/energy1_input", .fault(EACCES))
        let blocked = try machine.session(devices: [device], mode: .auto)
        #expect(blocked.accounting?.included == [])
        let energy = machine.measure(request(device: "vulkan:0"), session: blocked)
        #expect(energy.provenance == .modelled)
        #expect(energy.reason?.contains("hwmon/i915@") == true && energy.reason?.contains("permission") == true)
    }

    @Test("xe's package is a part of its card; where there is no counter of the card it stands for it")
    func packageOfCard() throws {
        let machine = SimulatedMachine()
        addChip(machine, 2, name: "xe", watts: 90, channel: 2)
        #expect(
            try machine.session(devices: [device]).accounting?.included == ["hwmon/xe@\(Self.address)/energy2"])
        addChip(machine, 2, name: "xe", watts: 120, channel: 1)
        #expect(
            try machine.session(devices: [device]).accounting?.included == ["hwmon/xe@\(Self.address)/energy1"])
        machine.system.set("/sys/class/hwmon/hwmon2/energy1_input", .fault(EPERM))
        #expect(try machine.session(devices: [device], mode: .auto).accounting?.included == [])
    }

    private func addBattery(_ machine: SimulatedMachine, _ name: String, _ files: [String: String]) {
        for (file, content) in files {
            machine.system.set("/sys/class/power_supply/\(name)/\(file)", .text(content + "\n"))
        }
    }

    @Test("two batteries that are both discharged are added; a mouse's is none of the machine's")
    func batteries() throws {
        let machine = SimulatedMachine()
        addBattery(machine, "BAT0", ["type": "Battery", "status": "Discharging", "power_now": "6000000"])
        addBattery(
            machine, "BAT1",
            ["type": "Battery", "status": "Discharging", "voltage_now": "12000000", "current_now": "-750000"])
        addBattery(
            machine, "mouse",
            ["type": "Battery", "scope": "Device", "status": "Discharging", "power_now": "200000"])
        let session = try machine.session()
        #expect(session.sources.map(\.id) == ["power_supply/BAT0", "power_supply/BAT1"])
        let energy = machine.measure(request(limit: 120), session: session)
        #expect(energy.provenance == .integrated)
        #expect(abs(try #require(energy.averageWatts) - 15) <= 0.15)
    }

    @Test("a battery that is charged says nothing about what the machine draws")
    func charging() throws {
        let machine = SimulatedMachine()
        addBattery(machine, "BAT0", ["type": "Battery", "status": "Charging", "power_now": "30000000"])
        let session = try machine.session(mode: .auto)
        #expect(session.sources.map(\.state) == [.missing])
        #expect(machine.measure(request(), session: session).provenance == .modelled)
    }
}
