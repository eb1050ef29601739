import Glibc
import Power
import Results
import TestSupport
import Testing

@Suite("Counters that cannot be read")
struct PermissionTests {
    private func lockedMachine(_ fault: Int32 = EACCES) -> SimulatedMachine {
        let machine = SimulatedMachine()
        machine.addZone("intel-rapl:0", name: "package-0", counter: .rapl { _ in 50 })
        machine.system.set("/sys/class/powercap/intel-rapl:0/energy_uj", .fault(fault))
        return machine
    }

    @Test("state 'permission' with the rule that mends it, and no joules", arguments: [EACCES, EPERM])
    func permission(_ fault: Int32) throws {
        let machine = lockedMachine(fault)
        let session = try machine.session(mode: .auto)
        let source = try #require(session.sources.first)
        #expect(source.state == .permission)
        let reason = try #require(source.reason)
        #expect(reason.contains("udev") && reason.contains("SUBSYSTEM==\"powercap\"") && reason.contains("setcap"))
        let energy = machine.measure(request(), session: session)
        #expect(energy.provenance == .modelled)
        #expect(energy.grossJoules != 0)
        #expect(energy.reason?.contains("permission denied") == true)
    }

    @Test("measured energy that is required and not to be had is the error 'not readable', with the reason")
    func required() {
        let machine = lockedMachine()
        do {
            _ = try machine.session(mode: .measured)
            Issue.record("expected an error")
        } catch let error as PowerError {
            #expect(error.code == .notReadable)
            #expect(error.description.contains("permission denied") && error.description.contains("udev"))
        } catch {
            Issue.record("expected a PowerError, found \(error)")
        }
    }

    @Test("the doctor says why and how to mend it, apart from each other")
    func doctor() throws {
        let machine = lockedMachine()
        let findings = Diagnosis(tree: machine.tree, time: machine.clock, finders: [Powercap()]).findings()
        let finding = try #require(findings.first { $0.id == "powercap/intel-rapl:0" })
        #expect(finding.state == .permission)
        #expect(finding.why == "permission denied")
        #expect(finding.fix?.contains("/etc/udev/rules.d/") == true)
    }

    @Test("without any source the run has modelled energy that differs between strategies, or none with --energy off")
    func nothing() throws {
        let machine = SimulatedMachine()
        machine.system.set("/sys/class/dmi/id/sys_vendor", .text("QEMU\n"))
        let session = try machine.session(mode: .auto)
        #expect(session.sources.isEmpty)
        var fused = request()
        fused.work.strategyBytes = 1e6
        let (unfusedEnergy, fusedEnergy) = (
            machine.measure(request(), session: session), machine.measure(fused, session: session)
        )
        #expect(unfusedEnergy.provenance == .modelled)
        #expect(unfusedEnergy.windows.isEmpty)
        #expect(!unfusedEnergy.resolved)
        #expect(try #require(unfusedEnergy.grossJoules) > (try #require(fusedEnergy.grossJoules)))

        let off = try machine.measure(request(), mode: .off)
        #expect(off.provenance == .unavailable)
        #expect(off.grossJoules == nil)
        #expect(off.reason?.contains("--energy off") == true)
        #expect(throws: PowerError.self) { try machine.session(mode: .measured) }
    }

    @Test("no content of a counter's file traps or yields a number that is not there")
    func fuzz() throws {
        var generator = SystemRandomNumberGenerator()
        var contents: [[UInt8]] = [
            "", "\n", " ", "-5\n", "-", "NaN\n", "1e9\n", "0x10\n", "12 34\n", "12\n34\n", "+5\n", "९\n",
            "99999999999999999999999999999999\n", "9223372036854775808\n", "-9223372036854775808\n",
            String(repeating: "1", count: 100_000),
        ].map { Array($0.utf8) }
        contents.append([0x31, 0x00, 0x32])
        contents.append([0x00])
        for _ in 0..<500 {
            let length = Int.random(in: 0...40, using: &generator)
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            // What happens to be a number is no test of what is not.
            if !bytes.contains(where: { !(0x30...0x39).contains($0) && $0 != 10 && $0 != 32 }) { continue }
            contents.append(bytes)
        }
        for bytes in contents {
            let machine = SimulatedMachine()
            machine.addZone("intel-rapl:0", name: "package-0", counter: .rapl { _ in 50 })
            machine.system.set("/sys/class/powercap/intel-rapl:0/energy_uj", .bytes(bytes))
            machine.system.set("/sys/class/hwmon/hwmon0/name", .text("power_meter\n"))
            machine.system.set("/sys/class/hwmon/hwmon0/power1_average", .bytes(bytes))
            machine.system.set("/sys/class/power_supply/BAT0/type", .text("Battery\n"))
            machine.system.set("/sys/class/power_supply/BAT0/status", .text("Discharging\n"))
            machine.system.set("/sys/class/power_supply/BAT0/power_now", .bytes(bytes))
            for file in ["name", "max_energy_range_uj", "constraint_0_max_power_uw"] {
                machine.system.set("/sys/class/powercap/intel-rapl:1/\(file)", .bytes(bytes))
            }
            let session = try machine.session(mode: .auto)
            let isBatterysNumber = session.sources.contains { $0.id.hasPrefix("power_supply") && $0.state == .ok }
            if !isBatterysNumber {
                #expect(session.sources.allSatisfy { $0.state != .ok }, "\(bytes.prefix(40)) passed as a number")
                #expect(session.accounting?.included == [])
            }
        }
    }

    @Test("contents that turn bad in the middle of a measurement never yield a number from the bad part")
    func turnsBad() throws {
        let bad: [Result<String, SystemFault>] = [
            .success(""), .success("abc\n"), .success("-1\n"), .success(String(repeating: "9", count: 63)),
            .failure(SystemFault(ENOENT)), .failure(SystemFault(EIO)), .failure(SystemFault(ENODATA)),
            .failure(SystemFault(EACCES)),
        ]
        for content in bad {
            let machine = SimulatedMachine()
            let counter = SimulatedCounter.rapl { _ in 50 }
            machine.addZone("intel-rapl:0", name: "package-0", counter: counter)
            machine.system.set(
                "/sys/class/powercap/intel-rapl:0/energy_uj",
                .decided { time in time > 1015 ? content : .success(counter.microjoules(at: time)) })
            let energy = try machine.measure(request())
            #expect(energy.windows.allSatisfy { $0.end < 1015.1 })
            if let watts = energy.averageWatts { #expect(abs(watts - 50) < 0.5) }
            #expect(energy.reason != nil)
        }
    }
}
