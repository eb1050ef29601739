import Power
import Results
import Statistics
import TestSupport
import Testing

@Suite("A package counter at 50 W")
struct CounterTests {
    private static let modulus = 4_294_967_296 * SimulatedCounter.raplUnit

    private func measure(_ counter: SimulatedCounter, max: String? = "262143999938", seed: UInt64 = 1) throws
        -> EnergyRecord
    {
        let machine = SimulatedMachine()
        machine.addZone("intel-rapl:0", name: "package-0", max: max, counter: counter)
        return try machine.measure(request(seed: seed))
    }

    @Test("5 s windows with 1 ms updates are off by at most 0.5 %")
    func constantPower() throws {
        let energy = try measure(.rapl { _ in 50 })
        #expect(energy.provenance == .measured)
        #expect(energy.resolved)
        #expect(energy.windows.allSatisfy { $0.end - $0.begin >= 5 })
        let watts = try #require(energy.averageWatts)
        #expect(abs(watts - 50) / 50 <= 0.005)
        for window in energy.windows {
            let joules = try #require(window.grossJoules)
            #expect(abs(joules / (window.end - window.begin) - 50) <= 0.25)
        }
    }

    @Test("of 100 seeded runs with 1 % noise at least 93 intervals hold the truth")
    func coverage() throws {
        var hits = 0
        for seed in UInt64(1)...100 {
            let machine = SimulatedMachine()
            // The machine's power wanders by 1 % from second to second, so that every window has a mean of its own.
            var generator = SeededGenerator(seed: seed, purpose: "power")
            let watts = (0..<200).map { _ in 50 * (1 + 0.01 * generator.normal()) }
            machine.addZone(
                "intel-rapl:0", name: "package-0", counter: .rapl { time in watts[min(Int(time - 1000), 199)] })
            let energy = try machine.measure(request(seed: seed), workNoise: 0)
            let interval = try #require(energy.interval)
            // 50 W for the 10 ms of an execution.
            if interval.contains(0.5) { hits += 1 }
        }
        #expect(hits >= 93, "only \(hits) of 100 intervals hold the truth")
    }

    @Test("a wrap in mid-window costs at most one unit a window")
    func wrap() throws {
        let plain = try measure(.rapl(start: 1000) { _ in 50 })
        // 3 s of idle and rests, then 5 s windows: the counter wraps inside the second one.
        let wrapping = try measure(.rapl(start: Self.modulus - 50 * 9) { _ in 50 })
        let (first, second) = (try #require(plain.grossJoules), try #require(wrapping.grossJoules))
        #expect(plain.windows.count == wrapping.windows.count)
        #expect(wrapping.reason == nil)
        #expect(wrapping.windows.contains { ($0.begin + 0.1...$0.end - 0.1).contains(1000 + 9) })
        for (one, other) in zip(plain.windows, wrapping.windows) {
            let (expected, found) = (try #require(one.grossJoules), try #require(other.grossJoules))
            #expect(abs(expected - found) <= SimulatedCounter.raplUnit)
        }
        #expect(abs(first - second) < SimulatedCounter.raplUnit)
    }

    @Test("two wraps between two readings are invalid, never a number")
    func twoWraps() throws {
        let machine = SimulatedMachine()
        machine.addZone("intel-rapl:0", name: "package-0", counter: .rapl { _ in 2000 })
        machine.system.set("/sys/class/powercap/intel-rapl:0/constraint_0_max_power_uw", .text("600000000\n"))
        let session = try machine.session()
        let energy = session.measure(request(limit: 2000)) { _ in
            let begin = machine.clock.now() + 0.001
            // The meter's thread does not get a turn for long enough for the counter to go round twice.
            machine.clock.stall(until: begin + 2.5 * Self.modulus / 2000)
            return WindowRecord(begin: begin, end: machine.clock.now(), iterations: 10)
        }
        #expect(energy.provenance == .unavailable)
        #expect(energy.grossJoules == nil)
        #expect(energy.reason?.contains("wrapped more than once") == true)
    }

    @Test("a package that draws what it was allowed, far above its thermal design power, is believed")
    func limitAboveDesignPower() throws {
        let machine = SimulatedMachine()
        machine.addZone("intel-rapl:0", name: "package-0", counter: .rapl { _ in 150 })
        let zone = "/sys/class/powercap/intel-rapl:0/"
        machine.system.set(zone + "constraint_0_max_power_uw", .text("28000000\n"))
        machine.system.set(zone + "constraint_0_power_limit_uw", .text("200000000\n"))
        let energy = try machine.measure(request())
        #expect(abs(try #require(energy.averageWatts) - 150) <= 1.5)
    }

    @Test("a reset to 0 makes that window invalid and no other, and nothing negative")
    func reset() throws {
        let machine = SimulatedMachine()
        let counter = SimulatedCounter.rapl { _ in 50 }
        let resetAt = 1000.0 + 12
        machine.addZone("intel-rapl:0", name: "package-0", counter: counter)
        machine.system.set(
            "/sys/class/powercap/intel-rapl:0/energy_uj",
            .live { time in
                let offset = time < resetAt ? 0 : counter.units(at: resetAt)
                return "\(UInt64((counter.units(at: time) - offset) * SimulatedCounter.raplUnit * 1e6))\n"
            })
        let energy = try machine.measure(request())
        #expect(energy.reason?.contains("reset") == true)
        #expect(energy.windows.allSatisfy { ($0.grossJoules ?? 0) > 0 })
        #expect(energy.windows.allSatisfy { !($0.begin...$0.end).contains(resetAt) })
        let watts = try #require(energy.averageWatts)
        #expect(abs(watts - 50) <= 0.25)
    }

    @Test("two alternating values are invalid, never a number")
    func alternating() throws {
        let machine = SimulatedMachine()
        let counter = SimulatedCounter.rapl { _ in 50 }
        machine.addZone("intel-rapl:0", name: "package-0", counter: counter)
        machine.system.set(
            "/sys/class/powercap/intel-rapl:0/energy_uj",
            .live { time in
                // A hypervisor that shows now one socket's counter, now the other's.
                let other = Int(time * 200).isMultiple(of: 2) ? 0.0 : 4000e6
                return "\(UInt64(counter.units(at: time) * SimulatedCounter.raplUnit * 1e6 + other))\n"
            })
        let energy = try machine.measure(request())
        #expect(energy.provenance == .unavailable)
        #expect(energy.grossJoules == nil)
    }

    @Test(
        "with the range missing, 0 or no number, a decrease is invalid and not corrected", arguments: [nil, "0", "x"])
    func unknownRange(_ max: String?) throws {
        let machine = SimulatedMachine()
        machine.addZone(
            "intel-rapl:0", name: "package-0", max: max, counter: .rapl(start: Self.modulus - 50 * 12) { _ in 50 })
        let energy = try machine.measure(request())
        #expect(energy.reason?.contains("went back") == true)
        #expect(energy.windows.allSatisfy { ($0.grossJoules ?? 0) > 0 })
        #expect((energy.grossJoules ?? 1) > 0)
    }
}
