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
        let findings = Diagnosis(tree: machine.tree, time: machine.clock, finders: [Powercap()]).examine().findings
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
}
