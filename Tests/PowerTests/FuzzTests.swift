import FoundationEssentials
import Glibc
import Power
import Results
import Statistics
import TestSupport
import Testing

/// Contents that no driver writes and every reader meets some day. The same for every run; `JOULEMARK_FUZZ_SEED` gives
/// others.
@Suite("Files of sysfs that hold anything")
struct FuzzTests {
    private static let seed =
        ProcessInfo.processInfo.environment["JOULEMARK_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1

    private static let listed: [[UInt8]] = [
        "", "\n", " ", "-5\n", "-", "+5\n", "NaN\n", "inf\n", "1e9\n", "0x10\n", "12 34\n", "12\n34\n", "९\n", "1.5\n",
        "99999999999999999999\n", "-99999999999999999999\n", "9223372036854775808\n", String(repeating: "1", count: 64),
        String(repeating: "7", count: 5000), "12\u{0}\n", "\u{0}", "\r\n", "12\r\n", "\t12\n", "package-0\n",
    ].map { Array($0.utf8) }

    /// Bytes that are no number, by a rule of the test's own: something else than digits, or too many of them.
    private static func garbage(_ generator: inout SeededGenerator) -> [UInt8] {
        if generator.uniform() < 0.3 { return listed[Int(generator.next() % UInt64(listed.count))] }
        let alphabet = Array("0123456789 -+.eEx\n\u{0}\r\t".utf8) + [0x80, 0xFF, 0xC3]
        while true {
            let count = Int(generator.next() % 40)
            let bytes = (0..<count).map { _ in alphabet[Int(generator.next() % UInt64(alphabet.count))] }
            var digits = bytes[...]
            while let last = digits.last, last == 10 || last == 32 { digits.removeLast() }
            let isNumber =
                !digits.isEmpty && digits.allSatisfy { (48...57).contains($0) }
                && Int64(String(decoding: digits, as: UTF8.self)) != nil
            if !isNumber { return bytes }
        }
    }

    @Test("no content traps or passes for a number, in any file of any kind of source")
    func contents() throws {
        var generator = SeededGenerator(seed: Self.seed, purpose: "contents")
        for bytes in Self.listed + (0..<150).map({ _ in Self.garbage(&generator) }) {
            let machine = SimulatedMachine()
            let files = [
                "class/powercap/intel-rapl:0/energy_uj", "class/hwmon/hwmon0/power1_average",
                "class/hwmon/hwmon1/energy1_input", "class/hwmon/hwmon2/in1_input", "class/hwmon/hwmon2/curr1_input",
                "class/power_supply/BAT0/voltage_now", "class/power_supply/BAT0/current_now",
                // Beside the values: names, ranges, limits, intervals, labels, descriptions.
                "class/powercap/intel-rapl:0/max_energy_range_uj",
                "class/powercap/intel-rapl:0/constraint_0_max_power_uw", "class/powercap/intel-rapl:0/name",
                "class/hwmon/hwmon0/power1_average_interval", "class/hwmon/hwmon2/in1_label",
                "bus/event_source/devices/power/type", "bus/event_source/devices/power/cpumask",
                "bus/event_source/devices/power/events/energy-pkg",
                "bus/event_source/devices/power/events/energy-pkg.scale", "devices/system/cpu/cpu0/cpufreq/boost",
                "devices/system/cpu/cpu0/cpufreq/scaling_governor", "devices/system/cpu/cpu0/cpufreq/scaling_max_freq",
                "devices/system/cpu/cpu0/thermal_throttle/package_throttle_count",
            ]
            for file in files { machine.system.set("/sys/" + file, .bytes(bytes)) }
            machine.system.add([
                "/sys/class/hwmon/hwmon0/name": .text("power_meter\n"),
                "/sys/class/hwmon/hwmon1/name": .text("xe\n"), "/sys/class/hwmon/hwmon2/name": .text("ina3221\n"),
                "/sys/class/power_supply/BAT0/type": .text("Battery\n"),
                "/sys/class/power_supply/BAT0/status": .text("Discharging\n"),
            ])
            // A battery's number may have a minus sign: "-5" is one there.
            let isNegative = bytes.first == UInt8(ascii: "-")
            let session = try machine.session(mode: .auto)
            for source in session.sources where !(isNegative && source.id.hasPrefix("power_supply")) {
                #expect(source.state != .ok, "\(bytes) passed as a number of \(source.id)")
                #expect(source.reason?.isEmpty == false)
            }
            _ = Diagnosis(tree: machine.tree, time: machine.clock, finders: [Powercap(), Hwmon()]).examine()
        }
    }

    /// Numbers that are numbers, and that no machine shows.
    private static let extremes = [Int64.max, .max - 1, .min, .min + 1, 1 << 53, -1, 0].map { "\($0)\n" }

    /// A machine on which every file that is read as a number has a plausible one.
    private static func plausible() -> (machine: SimulatedMachine, files: [String]) {
        let machine = SimulatedMachine()
        let cores = ["cpu0", "cpu1"].map { "devices/system/cpu/" + $0 }
        var files: [String: String] = [
            "class/powercap/intel-rapl:0/energy_uj": "5000000",
            "class/powercap/intel-rapl:0/max_energy_range_uj": "262143328850",
            "class/powercap/intel-rapl:0/constraint_0_max_power_uw": "65000000",
            "class/powercap/intel-rapl:0/constraint_1_power_limit_uw": "65000000",
            "class/hwmon/hwmon0/power1_average": "42000000", "class/hwmon/hwmon0/power1_average_interval": "1000",
            "class/hwmon/hwmon0/energy1_input": "5", "class/hwmon/hwmon1/energy1_input": "5",
            "class/hwmon/hwmon2/in1_input": "12000", "class/hwmon/hwmon2/curr1_input": "1000",
            "class/power_supply/BAT0/voltage_now": "12000000", "class/power_supply/BAT0/current_now": "1000000",
            "class/power_supply/BAT1/power_now": "9000000", "class/power_supply/AC/online": "0",
            "bus/event_source/devices/power/type": "32", "bus/event_source/devices/power/cpumask": "0",
            "bus/event_source/devices/power/events/energy-pkg.scale": "2.3e-10",
            "devices/system/cpu/intel_pstate/no_turbo": "1", "class/thermal/thermal_zone0/temp": "71000",
            "bus/pci/devices/0000:03:00.0/hwmon/hwmon1/freq1_input": "1800000000",
            "bus/pci/devices/0000:03:00.0/hwmon/hwmon1/temp1_input": "64000",
            "bus/pci/devices/0000:03:00.0/drm/card0/gt/gt0/throttle_reason_status": "1",
        ]
        for core in cores {
            for name in ["scaling_cur_freq", "scaling_max_freq", "cpuinfo_max_freq", "boost"] {
                files["\(core)/cpufreq/\(name)"] = "3000000"
            }
            files[core + "/thermal_throttle/core_throttle_count"] = "4"
            files[core + "/thermal_throttle/package_throttle_count"] = "2"
            files[core + "/topology/physical_package_id"] = "0"
        }
        for (file, text) in files { machine.system.set("/sys/" + file, .text(text + "\n")) }
        machine.system.add([
            "/sys/class/powercap/intel-rapl:0/name": .text("package-0\n"),
            "/sys/class/hwmon/hwmon0/name": .text("power_meter\n"), "/sys/class/hwmon/hwmon1/name": .text("xe\n"),
            "/sys/class/hwmon/hwmon2/name": .text("ina3221\n"),
            "/sys/class/thermal/thermal_zone0/type": .text("x86_pkg_temp\n"),
            "/sys/class/power_supply/BAT0/type": .text("Battery\n"),
            "/sys/class/power_supply/BAT0/status": .text("Discharging\n"),
            "/sys/class/power_supply/BAT1/type": .text("Battery\n"),
            "/sys/class/power_supply/BAT1/status": .text("Discharging\n"),
            "/sys/class/power_supply/AC/type": .text("Mains\n"),
            "/sys/bus/event_source/devices/power/events/energy-pkg": .text("event=0x02\n"),
            "/sys/bus/event_source/devices/power/events/energy-pkg.unit": .text("Joules\n"),
        ])
        machine.system.servePerf { _, time in UInt64(max(time, 0) * 1e12) }
        machine.system.link("/sys/class/hwmon/hwmon1/device", to: "/sys/devices/pci0000:00/0000:03:00.0")
        return (machine, files.keys.sorted() + ["../proc/sys/kernel/perf_event_paranoid"])
    }

    @Test("the largest and the smallest numbers trap nowhere, in any file alone and in all together")
    func extremeNumbers() throws {
        let devices = [SimulatedMachine.processor, SimulatedMachine.graphics(pciAddress: "0000:03:00.0")]
        let names = Self.plausible().files
        for text in Self.extremes {
            for changed in names.map({ [$0] }) + [names] {
                let machine = Self.plausible().machine
                for name in changed {
                    let file = name.hasPrefix("../") ? String(name.dropFirst(2)) : "/sys/" + name
                    machine.system.set(file, .text(text))
                    #expect(try machine.tree.integer(file) == Int64(text.dropLast()))
                }
                let session = try machine.session(devices: devices, mode: .auto)
                #expect(Set(session.sources.map(\.id)).count == session.sources.count)
                for device in devices {
                    let energy = machine.measure(
                        request(device: device.id, minimumWindow: 0.5, limit: 8), session: session)
                    let joules = [energy.grossJoules, energy.interval?.lower, energy.interval?.upper].compactMap(\.self)
                    #expect(joules.allSatisfy { $0.isFinite && $0 >= 0 }, "\(changed): \(text)")
                    // What is not finite cannot be written.
                    _ = try JSONEncoder().encode(energy)
                    let conditions = DeviceConditions(device, tree: machine.tree) { nil }
                    #expect(conditions.read().throttleEvents ?? 0 >= 0)
                }
                _ = try JSONEncoder().encode(session.sources)
                _ = Diagnosis(tree: machine.tree, time: machine.clock, finders: [Powercap(), Hwmon(), PerfPMU()])
                    .examine()
            }
        }
    }

    @Test("a counter whose file holds anything from time to time gives its true power or none")
    func nowAndThen() throws {
        for round in UInt64(0)..<20 {
            let machine = SimulatedMachine()
            let counter = SimulatedCounter.rapl { _ in 50 }
            let seed = Self.seed &+ round
            machine.addZone("intel-rapl:0", name: "package-0", counter: counter)
            // From one reading in a hundred to most of them; after the source was looked at first, so that it is used
            // at all.
            let share = 0.01 * Double(1 + round * 2 + round * round / 8)
            let calls = CallCounter()
            machine.system.set(
                "/sys/class/powercap/intel-rapl:0/energy_uj",
                .decidedBytes { time in
                    var generator = SeededGenerator(seed: seed, purpose: "\(calls.next())")
                    guard time > 1002, generator.uniform() < share else {
                        return .success(Array(counter.microjoules(at: time).utf8))
                    }
                    let faults = [ENOENT, EIO, EACCES, ENODATA, EBUSY]
                    return generator.uniform() < 0.3
                        ? .failure(SystemFault(faults[Int(generator.next() % 5)]))
                        : .success(Self.garbage(&generator))
                })
            let energy = try machine.measure(request(minimumWindow: 1, limit: 30))
            for window in energy.windows {
                let joules = try #require(window.grossJoules)
                #expect(abs(joules / (window.end - window.begin) - 50) < 0.5, "seed \(seed)")
            }
            if let joules = energy.grossJoules {
                #expect(abs(joules - 0.5) < 0.005, "seed \(seed)")
                #expect(energy.provenance == .measured)
            } else {
                #expect(energy.provenance == .unavailable && energy.reason?.isEmpty == false)
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
