import Glibc
import Power
import Results
import TestSupport
import Testing

@Suite("What the doctor says of the machine")
struct HostConditionsTests {
    private static let cpus = "/sys/devices/system/cpu"

    private func finding(_ id: String, _ files: [String: SimulatedFile]) -> Finding? {
        let machine = SimulatedMachine()
        machine.system.add(files)
        return Diagnosis(tree: machine.tree, time: machine.clock, finders: []).examine().findings.first { $0.id == id }
    }

    @Test(
        "a governor that follows the load is a notice with the command; 'performance' on all is right; none is missing")
    func governor() throws {
        func file(_ cpu: Int) -> String { "\(Self.cpus)/cpu\(cpu)/cpufreq/scaling_governor" }
        let mixed = try #require(
            finding("governor", [file(0): .text("performance\n"), file(1): .text("powersave\n")]))
        #expect(mixed.state == .notice && mixed.found == "performance, powersave")
        #expect(
            mixed.fix == "echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor")
        let steady = finding("governor", [file(0): .text("performance\n"), file(1): .text("performance\n")])
        #expect(steady?.state == .ok && steady?.fix == nil)
        #expect(finding("governor", [:])?.state == .missing)
        #expect(finding("governor", [file(0): .fault(EIO)])?.state == .missing)
    }

    @Test(
        "turbo is told by three files with two senses",
        arguments: [
            ("intel_pstate/no_turbo", "1\n", Finding.State.ok), ("intel_pstate/no_turbo", "0\n", .notice),
            ("cpufreq/boost", "0\n", .ok), ("cpufreq/boost", "1\n", .notice), ("cpu0/cpufreq/boost", "1\n", .notice),
        ])
    func turbo(_ file: String, _ content: String, _ state: Finding.State) throws {
        let turbo = try #require(finding("turbo", ["\(Self.cpus)/\(file)": .text(content)]))
        #expect(turbo.state == state)
        #expect(turbo.found == (state == .ok ? "off" : "on"))
        if state == .notice {
            let off = file.hasSuffix("no_turbo") ? "1" : "0"
            let place = file.hasPrefix("cpu0") ? "cpu*/cpufreq/boost" : file
            #expect(turbo.fix == "echo \(off) | sudo tee \(Self.cpus)/\(place)")
        }
    }

    @Test("turbo that cannot be read is not called on or off", arguments: ["", "x\n"])
    func unknownTurbo(_ content: String) {
        #expect(finding("turbo", ["\(Self.cpus)/cpufreq/boost": .text(content)]) == nil)
        #expect(finding("turbo", [:]) == nil)
    }

    @Test("clocks that somebody holds down are a notice with the limit, the best and the command")
    func clocks() throws {
        var files: [String: SimulatedFile] = [:]
        for cpu in 0...1 {
            let folder = "\(Self.cpus)/cpu\(cpu)/cpufreq"
            files["\(folder)/cpuinfo_max_freq"] = .text("3400000\n")
            files["\(folder)/scaling_max_freq"] = .text(cpu == 1 ? "1200000\n" : "3400000\n")
            files["\(folder)/scaling_cur_freq"] = .text(cpu == 1 ? "1200000\n" : "2801000\n")
        }
        let held = try #require(finding("clocks", files))
        #expect(held.state == .notice)
        #expect(held.found == "now 1.20 GHz to 2.80 GHz, limit 1.20 GHz of 3.40 GHz")
        #expect(held.fix?.hasPrefix("echo 3400000 | sudo tee ") == true)
        files["\(Self.cpus)/cpu1/cpufreq/scaling_max_freq"] = .text("3400000\n")
        #expect(finding("clocks", files)?.state == .ok)
        #expect(finding("clocks", [:]) == nil)
    }

    @Test("a slow clock source, heat and battery power are notices")
    func others() throws {
        let clock = try #require(
            finding(
                "clock source",
                ["/sys/devices/system/clocksource/clocksource0/current_clocksource": .text("hpet\n")]))
        #expect(clock.state == .notice && clock.found == "hpet")
        let heat = try #require(
            finding("thermal throttling", ["\(Self.cpus)/cpu0/thermal_throttle/package_throttle_count": .text("17\n")]))
        #expect(heat.state == .notice && heat.found == "17 events since boot")
        let supplies = "/sys/class/power_supply"
        let battery: [String: SimulatedFile] = [
            "\(supplies)/BAT0/type": .text("Battery\n"), "\(supplies)/AC/type": .text("Mains\n"),
            "\(supplies)/AC/online": .text("0\n"),
        ]
        #expect(finding("supply", battery)?.state == .notice)
        // Charged through USB-C, a notebook may have no supply of the type Mains.
        let charged = [
            "\(supplies)/BAT0/type": SimulatedFile.text("Battery\n"), "\(supplies)/ucsi/type": .text("USB\n"),
            "\(supplies)/ucsi/online": .text("1\n"),
        ]
        #expect(finding("supply", charged)?.state == .ok)
        #expect(
            finding("supply", ["\(supplies)/ucsi/type": .text("USB\n"), "\(supplies)/ucsi/online": .text("0\n")]) == nil
        )
    }

    @Test(
        "a virtual machine is told by its hypervisor, its maker or the processor's flags",
        arguments: [
            ("/sys/hypervisor/type", "xen\n", "xen"), ("/sys/class/dmi/id/sys_vendor", "QEMU\n", "QEMU"),
            ("/sys/class/dmi/id/product_name", "VMware7,1\n", "VMware"),
            ("/proc/cpuinfo", "processor: 0\nflags\t\t: fpu vme hypervisor lahf_lm\n", "a hypervisor"),
        ])
    func virtualization(_ file: String, _ content: String, _ name: String) throws {
        let found = try #require(finding("virtualisation", [file: .text(content)]))
        #expect(found.state == .notice && found.found == name)
    }

    @Test("bare metal is no virtual machine")
    func bareMetal() throws {
        let files: [String: SimulatedFile] = [
            "/sys/class/dmi/id/sys_vendor": .text("Dell Inc.\n"),
            "/proc/cpuinfo": .text("flags\t\t: fpu vme lahf_lm\n"),
        ]
        #expect(finding("virtualisation", files)?.state == .ok)
    }

    @Test(
        "perf_event_paranoid above 0 needs a permission, and the rule is given",
        arguments: [(-1, Finding.State.ok), (0, .ok), (1, .permission), (2, .permission), (4, .permission)])
    func paranoia(_ level: Int, _ state: Finding.State) throws {
        let found = try #require(
            finding("perf_event_paranoid", ["/proc/sys/kernel/perf_event_paranoid": .text("\(level)\n")]))
        #expect(found.state == state && found.found == "\(level)")
        #expect((found.fix?.contains("sysctl.d") == true) == (state == .permission))
    }

    @Test("a kernel without perf events is missing them")
    func noPerf() { #expect(finding("perf_event_paranoid", [:])?.state == .missing) }

    @Test("the summary names what the host's total is made of, or why there is none, and every card apart")
    func summary() throws {
        let machine = SimulatedMachine()
        func examine() -> Examination {
            Diagnosis(tree: machine.tree, time: machine.clock, finders: [Powercap(), Hwmon()]).examine()
        }
        let nothing = examine()
        #expect(!nothing.isMeasurable)
        #expect(nothing.accounting.rule == "host: no total, because no power source speaks for the host.")
        machine.addZone("intel-rapl:0", name: "package-0", counter: .rapl { _ in 40 })
        machine.system.add([
            "/sys/class/hwmon/hwmon3/name": .text("amdgpu\n"),
            "/sys/class/hwmon/hwmon3/power1_average": .fault(EPERM),
        ])
        machine.system.link("/sys/class/hwmon/hwmon3/device", to: "/sys/devices/pci0000:00/0000:03:00.0")
        let found = examine()
        #expect(found.isMeasurable)
        #expect(found.accounting.included == ["powercap/intel-rapl:0"])
        #expect(found.accounting.rule.contains("host: powercap/intel-rapl:0 (package)."))
        #expect(found.accounting.rule.contains("card at 0000:03:00.0: no total, because hwmon/amdgpu"))
    }
}
