import Foundation
import Glibc
import Results
import Statistics
import TestSupport
import Testing

@Suite("Energy, from outside", .serialized)
struct EnergyTests {
    static let shape = ["--family", "attention", "--shape", "Hq=2,Hkv=2,Lq=128,Lk=128,D=64", "--device", "cpu"]

    /// What `monitor --json FILE -- COMMAND` writes.
    private struct Metered: Decodable {
        struct Reading: Decodable {
            struct Source: Decodable {
                let source: String
                let joules: Double?
                let watts: Double?
                let reason: String?
            }

            let sources: [Source]
            let totalJoules: Double?
            let totalWatts: Double?
            let wattsInterval: Interval?
            let reason: String?
        }

        let exitCode: Int32
        let seconds: Double
        let energy: Reading
        let netJoules: Double?
        let provenance: EnergyProvenance
        let accounting: EnergyAccounting?
    }

    private static func decode<Value: Decodable>(_ type: Value.Type, _ place: Workplace, _ file: String) throws -> Value
    {
        try JSONDecoder().decode(type, from: Data(contentsOf: place.url.appendingPathComponent(file)))
    }

    // MARK: Counters that may not be read

    /// A tree with a counter that only root may read, and the program as somebody else runs it.
    private func locked() throws -> (place: Workplace, run: @Sendable ([String]) async throws -> Outcome) {
        let place = try Workplace()
        let zone = place.path("tree/class/powercap/intel-rapl:0")
        try FileManager.default.createDirectory(atPath: zone, withIntermediateDirectories: true)
        try Data("package-0\n".utf8).write(to: URL(fileURLWithPath: zone + "/name"))
        try Data("1234567\n".utf8).write(to: URL(fileURLWithPath: zone + "/energy_uj"))
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: zone + "/energy_uj")
        let program = place.path("joulemark")
        try FileManager.default.copyItem(atPath: ProgramUnderTest.path, toPath: program)
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: place.url.path)
        let other = ["--reuid=65534", "--regid=65534", "--clear-groups", program]
        return (
            place,
            { arguments in
                guard getuid() == 0 else { return try await place.start(arguments, program: program).outcome() }
                return try await place.start(other + arguments, program: "/usr/bin/setpriv").outcome()
            }
        )
    }

    @Test(
        "measured energy that is required and not permitted: exit code 6, the rule word for word, and nothing written")
    func required() async throws {
        let (place, run) = try locked()
        let before = place.files
        let outcome = try await run(
            ["profile"] + Self.shape + ["--energy", "measured", "--sysfs", "tree", "--json", "run.json"])
        #expect(outcome.exitCode == 6, "\(outcome.errors)")
        #expect(outcome.errorLines.count == 1)
        #expect(outcome.errors.contains("powercap/intel-rapl:0: permission denied"))
        #expect(outcome.errors.contains("SUBSYSTEM==\"powercap\"") && outcome.errors.contains("/etc/udev/rules.d/"))
        #expect(place.files == before)
    }

    @Test("the doctor tells permission from absence and gives the rule; in JSON no counter has a number")
    func doctor() async throws {
        let (place, run) = try locked()
        let text = try await run(["doctor", "--sysfs", "tree"])
        #expect(text.exitCode == 0)
        #expect(text.text.contains("Joules cannot be measured here") && text.text.contains("≈"))
        #expect(text.text.contains("permission: counter, package") && text.text.contains("udev"))
        #expect(!text.text.contains(" 0 J") && !text.text.contains(" 0 W"))
        let json = try await run(["doctor", "--sysfs", "tree", "--json", "-"])
        let listing = try #require(try JSONSerialization.jsonObject(with: json.output) as? [String: Any])
        let findings = try #require(listing["findings"] as? [[String: Any]])
        let counter = try #require(findings.first { $0["id"] as? String == "powercap/intel-rapl:0" })
        #expect(counter["state"] as? String == "permission" && counter["why"] as? String == "permission denied")
        #expect(findings.allSatisfy { finding in !finding.values.contains { $0 is NSNumber } })
        #expect(findings.contains { $0["id"] as? String == "power_supply" && $0["state"] as? String == "missing" })
        let accounting = try #require(listing["accounting"] as? [String: Any])
        #expect((accounting["included"] as? [Any])?.isEmpty == true)
        _ = place
    }

    @Test("watching without a counter that can be read is exit code 6; a command still runs, its energy unknown, not 0")
    func monitor() async throws {
        let (place, run) = try locked()
        let watching = try await run(["monitor", "--count", "1", "--sysfs", "tree"])
        #expect(watching.exitCode == 6 && watching.errors.contains("joulemark doctor"))
        let command = try await run(
            ["monitor", "--sysfs", "tree", "--json", "m.json", "--", "/bin/sh", "-c", "echo out; exit 3"])
        #expect(command.exitCode == 3 && command.text == "out\n")
        #expect(command.errors.contains("energy unknown: ") && command.errors.contains("permission denied"))
        #expect(!command.errors.contains(" 0 J") && !command.errors.contains(" W"))
        let metered = try Self.decode(Metered.self, place, "m.json")
        #expect(metered.provenance == .unavailable && metered.energy.totalJoules == nil && metered.netJoules == nil)
        #expect(metered.energy.reason?.contains("permission denied") == true)
        #expect(metered.energy.sources.allSatisfy { $0.joules == nil && $0.watts == nil && $0.reason != nil })
    }

    // MARK: No counters at all

    @Test("without any source a run has its times, and joules that are modelled, marked ≈ in every form")
    func modelled() async throws {
        let place = try Workplace()
        try FileManager.default.createDirectory(atPath: place.path("empty"), withIntermediateDirectories: true)
        let outcome = try await place.joulemark(
            ["profile"] + Self.shape + [
                "--sysfs", "empty", "--time-limit", "0.2", "--json", "run.json", "--html", "run.html", "--csv",
                "run.csv", "--markdown", "run.md", "--trace", "run.trace",
            ])
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        let run = try RunFile.read(place.path("run.json"))
        #expect(run.measurements.count >= 2 && run.meterTrace == nil)
        for measurement in run.measurements {
            #expect(try #require(measurement.time).median > 0)
            #expect(measurement.energy?.provenance == .modelled && measurement.energy?.resolved == false)
            #expect(measurement.energy?.reason?.contains("10.1109/IPDPS.2013.77") == true)
        }
        for row in outcome.text.split(separator: "\n") where row.contains("FLOP/J") {
            #expect(row.split(separator: "≈ ").count >= 3, "\(row)")
        }
        let markdown = try String(contentsOf: place.url.appendingPathComponent("run.md"), encoding: .utf8)
        #expect(markdown.split(separator: "\n").filter { $0.hasPrefix("| attention/") && $0.contains("≈ ") }.count >= 2)
        let page = try String(contentsOf: place.url.appendingPathComponent("run.html"), encoding: .utf8)
        #expect(page.contains(">≈ "))
        let csv = try String(contentsOf: place.url.appendingPathComponent("run.csv"), encoding: .utf8)
        #expect(csv.split(separator: "\n").dropFirst().allSatisfy { $0.contains(",modelled,") })
    }

    @Test("with --energy off joules are null with the reason, in every measurement")
    func off() async throws {
        let place = try Workplace()
        let outcome = try await place.joulemark(
            ["profile"] + Self.shape + ["--time-limit", "0.1", "--energy", "off", "--json", "-"])
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        for measurement in try outcome.run().measurements {
            #expect(measurement.energy?.grossJoules == nil && measurement.derived?.flopsPerJoule == nil)
            #expect(measurement.energy?.reason?.contains("--energy off") == true)
        }
    }

    // MARK: Live counters

    @Test("what --meter-samples keeps, integrated again by a script, is the joules that the run states, to 1e-9")
    func meterSamples() async throws {
        let place = try Workplace()
        let tree = try await LiveSysfs(
            place, ["intel-rapl:0=package-0,square:20:80:0.07,wrap=6", "intel-rapl:0:0=dram,6,update=0.02"])
        let profile =
            ["profile"] + Self.shape + ["--sysfs", "tree", "--time-limit", "1.5", "--min-window", "0.2", "--quiet"]
        let outcome = try await place.joulemark(profile + ["--meter-samples", "--json", "run.json"])
        let without = try await place.joulemark(profile + ["--strategy", "unfused", "--json", "without.json"])
        try await tree.end()
        #expect(outcome.exitCode == 0 && without.exitCode == 0, "\(outcome.errors) \(without.errors)")
        let run = try RunFile.read(place.path("run.json"))
        #expect(run.meterTrace?.sources.map(\.source) == ["powercap/intel-rapl:0", "powercap/intel-rapl:0:0"])
        #expect(run.measurements.allSatisfy { $0.energy?.provenance == .measured })
        #expect(try #require(run.energyAccounting?.meterCoreFraction) > 0)
        #expect(try RunFile.read(place.path("without.json")).meterTrace == nil)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("reintegrate.py").path
        let check = try await place.start([script, "run.json"], program: "/usr/bin/python3").outcome()
        #expect(check.exitCode == 0, "\(check.text)\(check.errors)")
        #expect(check.text.hasPrefix("\(run.measurements.count) measurements"))
    }

    @Test("a metered command and a profile agree about one tree within their intervals; the exit code is the command's")
    func agreement() async throws {
        let place = try Workplace()
        let tree = try await LiveSysfs(place, ["intel-rapl:0=package-0,square:20:80:0.05", "intel-rapl:0:0=dram,6"])
        let command = try await place.joulemark(
            ["monitor", "--sysfs", "tree", "--json", "m.json", "--", "/bin/sh", "-c", "sleep 2; exit 7"])
        let profile = try await place.joulemark(
            ["profile"] + Self.shape + [
                "--strategy", "unfused", "--sysfs", "tree", "--time-limit", "6", "--min-window", "1", "--json", "-",
                "--quiet",
            ])
        let watching = try await place.joulemark(
            ["monitor", "--sysfs", "tree", "--count", "3", "--interval", "0.5", "--json", "-"])
        try await tree.end()
        #expect(command.exitCode == 7)
        let metered = try Self.decode(Metered.self, place, "m.json")
        let watts = try #require(metered.energy.wattsInterval)
        #expect(Self.widened(watts, seconds: 2).contains(56), "\(watts)")
        #expect(metered.exitCode == 7 && metered.provenance == .measured)
        #expect(command.errors.contains(" J ") && command.errors.contains("of one core"))
        #expect(metered.accounting?.included == ["powercap/intel-rapl:0", "powercap/intel-rapl:0:0"])

        let energy = try #require(try profile.run().measurements.first?.energy)
        let profiled = try #require(energy.averageWatts)
        // The profile's interval is of joules an execution, whose length varies; its windows' watts are what is
        // compared.
        let windows = try energy.windows.map { try #require($0.grossJoules) / ($0.end - $0.begin) }
        let spread = try #require(windows.max()) - (try #require(windows.min()))
        let known = Self.widened(watts, seconds: 2)
        #expect(
            known.lower <= profiled + spread && profiled - spread <= known.upper, "\(watts) and \(profiled) ± \(spread)"
        )
        // Windows of a second and more, whose phases are independent.
        let seconds = Double(windows.count).squareRoot()
        #expect(Self.widened(Interval(profiled, profiled), seconds: seconds).contains(56), "\(profiled)")

        let lines = watching.text.split(separator: "\n")
        #expect(lines.count == 3)
        for line in lines {
            let reading = try JSONDecoder().decode(Metered.Reading.self, from: Data(line.utf8))
            let interval = try #require(reading.wattsInterval)
            #expect(Self.widened(interval, seconds: 0.5).contains(56), "\(interval)")
        }
    }

    /// By what the mean of a window of the square wave, 20 to 80 W in 0.05 s, may differ from the wave's: half a period
    /// more of one of its halves, 30 W in 0.025 s, and 10 ms by which a busy machine writes the counters late at 56 W.
    private static func widened(_ interval: Interval, seconds: Double) -> Interval {
        let watts = (30 * 0.025 + 56 * 0.01) / seconds
        return Interval(interval.lower - watts, interval.upper + watts)
    }

    // MARK: Machines that people have

    private static let swiglu = [
        "--family", "swiglu", "--device", "cpu", "--shape", "T=16,D=64", "--strategy", "unfused",
    ]

    @Test(
        "the doctor and the monitor agree about what a machine is fed with",
        arguments: [
            ("corsair-psu", "corsairpsu", 214.0), ("zenpower", "zenpower", 25.71), ("amd-energy", "amd_energy", 200),
            ("jetson-orin", "ina3221", 15), ("jetson-thor", "ina238", 36), ("macsmc", "macsmc_hwmon", 12.4),
            ("ibmpowernv", "ibmpowernv", 640), ("hsmp", "amd_hsmp_hwmon", 355),
        ])
    func machines(_ name: String, _ driver: String, _ watts: Double) async throws {
        let place = try Workplace()
        let tree = try await LiveSysfs(place, machine: name)
        let doctor = try await place.joulemark(["doctor", "--sysfs", "tree"])
        let watching = try await place.joulemark(
            ["monitor", "--sysfs", "tree", "--count", "2", "--interval", "1.5"])
        try await tree.end()
        #expect(doctor.text.contains("Joules can be measured here") && doctor.text.contains("hwmon/\(driver)"))
        let lines = watching.text.split(separator: "\n")
        #expect(lines.count == 2 && lines.allSatisfy { $0.hasPrefix("total ") && $0.count < 600 }, "\(watching.text)")
        let total = try #require(lines.last?.split(separator: " ").dropFirst().first.flatMap { Double($0) })
        // A busy machine writes the simulated counters late: by a tenth of a second and more, of 1.5.
        #expect(abs(total / watts - 1) < 0.12, "\(watching.text)")
    }

    @Test("a profile on a machine with a power supply that tells: its watts, and idle power before and after")
    func powerSupply() async throws {
        let place = try Workplace()
        let tree = try await LiveSysfs(place, machine: "corsair-psu")
        let profile = try await place.joulemark(
            ["profile"] + Self.swiglu + ["--sysfs", "tree", "--energy", "measured", "--json", "-", "--quiet"])
        try await tree.end()
        #expect(profile.exitCode == 0, "\(profile.errors)")
        let energy = try #require(try profile.run().measurements.first?.energy)
        #expect(abs(try #require(energy.averageWatts) / 214 - 1) < 0.01 && energy.idleWatts != nil)
    }

    @Test("meters that tell nothing: the doctor says why, the model takes over, and required energy ends with 6")
    func deadMeters() async throws {
        for (name, words) in [
            ("acpi-error-value", "0xFFFFFFFF"), ("acpi-zero", "0 W"), ("acpi-averages-300s", "averages over 300 s"),
        ] {
            let place = try Workplace()
            let tree = try await LiveSysfs(place, machine: name)
            let doctor = try await place.joulemark(["doctor", "--sysfs", "tree"])
            let common = ["profile"] + Self.swiglu + ["--sysfs", "tree", "--time-limit", "0.5", "--quiet"]
            let modelled = try await place.joulemark(common + ["--json", "-"])
            let required = try await place.joulemark(common + ["--energy", "measured", "--json", "required.json"])
            try await tree.end()
            #expect(
                doctor.text.contains("Joules cannot be measured here") && doctor.text.contains(words), "\(doctor.text)")
            let energy = try #require(try modelled.run().measurements.first?.energy)
            #expect(energy.provenance == .modelled && energy.reason?.contains(words) == true, "\(energy.reason ?? "")")
            #expect(required.exitCode == 6, "\(required.errors)")
        }
    }

    @Test("a source that dies before anything is measured: the results stay, and required energy ends with 6")
    func diesEarly() async throws {
        let place = try Workplace()
        let tree = try await LiveSysfs(place, ["hwmon0/power1_input=power_meter,90,update=0.05"])
        let running = try place.start(
            ["profile"] + Self.swiglu + [
                "--sysfs", "tree", "--time-limit", "2", "--energy", "measured", "--json", "run.json",
            ])
        // By now it has been characterised; metering comes after the samples.
        try await Task.sleep(for: .seconds(2.2))
        try await tree.end()
        try place.write("tree/class/hwmon/hwmon0/power1_input", Data("4294967295000\n".utf8))
        let outcome = try await running.outcome()
        let run = try RunFile.read(place.path("run.json"))
        let measured = run.measurements.filter { $0.energy?.grossJoules != nil }
        #expect(outcome.exitCode == (measured.isEmpty ? 6 : 0), "\(outcome.errors)")
        #expect(measured.allSatisfy { abs(($0.energy?.averageWatts ?? 0) - 90) < 1 })
    }

    @Test(
        "a guest's folder of powercap given as the tree: 12.5 W lie within the interval, and net joules are none below 0"
    )
    func guest() async throws {
        let place = try Workplace()
        let tree = try await LiveSysfs(place, machine: "guest-one-second")
        let profile = try await place.joulemark(
            ["profile"] + Self.swiglu + ["--sysfs", "tree/class/powercap", "--json", "-", "--quiet"])
        try await tree.end()
        let energy = try #require(try profile.run().measurements.first?.energy)
        #expect(energy.provenance == .measured)
        let seconds = try #require(energy.windowSeconds) / Double(try #require(energy.iterations))
        let interval = try #require(energy.interval)
        #expect(interval.contains(12.5 * seconds), "\(interval) and \(12.5 * seconds)")
        if let net = energy.netJoules { #expect(net >= 0) }
    }

    // MARK: The model

    /// A run of which every energy follows given coefficients, with 1 % of noise.
    private func write(_ place: Workplace, _ name: String, device: DeviceRecord, points: Int, seed: UInt64) throws {
        var run = RunRecord(
            tool: ToolRecord(version: "0", commit: nil, arguments: []), startedAt: "2026-01-01T00:00:00Z",
            host: HostRecord(
                operatingSystem: "", kernel: "", cpu: CPURecord(model: "", physicalCores: 1, logicalCores: 1, isa: []),
                memoryBytes: 0, governor: nil, virtualization: nil))
        run.devices = [device]
        var generator = SeededGenerator(seed: seed)
        for index in 0..<points {
            let work = WorkRecord(
                flops: 1e9 * (1 + 9 * generator.uniform()), minimumBytes: 1,
                strategyBytes: 1e7 * (1 + 99 * generator.uniform()))
            let seconds = 0.01 * (1 + 9 * generator.uniform())
            var measurement = MeasurementRecord(
                family: "attention", strategy: "s", workload: "w\(index)", parameters: [:], device: device.id,
                precision: "f32", seed: 0, status: .ok)
            measurement.work = work
            var energy = EnergyRecord(provenance: .measured)
            energy.resolved = true
            energy.grossJoules =
                (60e-12 * work.flops + 250e-12 * work.strategyBytes + 12 * seconds) * (1 + 0.01 * generator.normal())
            (energy.windowSeconds, energy.iterations) = (100 * seconds, 100)
            measurement.energy = energy
            run.measurements.append(measurement)
        }
        try RunFile.write(run, to: place.path(name))
    }

    @Test("a model fitted to runs shows what it misses, goes to a file, and is what a profile without counters uses")
    func fit() async throws {
        let place = try Workplace()
        try FileManager.default.createDirectory(atPath: place.path("empty"), withIntermediateDirectories: true)
        let devices = try await place.joulemark(["devices", "--json", "-"]).output
        let device = try #require(
            try JSONDecoder().decode(MachineTests.DevicesFile.self, from: devices).devices.first { $0.id == "cpu:0" })
        try write(place, "a.json", device: device, points: 20, seed: 1)
        try write(place, "b.json", device: device, points: 20, seed: 2)
        let fit = try await place.joulemark(["doctor", "--fit", "a.json", "b.json", "--model", "m.json"])
        #expect(fit.exitCode == 0, "\(fit.errors)")
        #expect(fit.text.contains(device.name) && fit.text.contains("of 40 measurements"))
        let residuals = fit.text.split(separator: "\n").filter { $0.contains("measured ") && $0.contains("model ≈ ") }
        #expect(residuals.count == 40 && residuals.allSatisfy { $0.hasSuffix("%") })
        let again = try await place.joulemark(["doctor", "--fit", "b.json", "--model", "m.json", "--json", "-"])
        let listing = try #require(try JSONSerialization.jsonObject(with: again.output) as? [String: Any])
        #expect(((listing["fits"] as? [[String: Any]])?.first?["residuals"] as? [Any])?.count == 20)

        let profile = try await place.joulemark(
            ["profile"] + Self.shape + [
                "--sysfs", "empty", "--time-limit", "0.1", "--energy-model", "m.json", "--json", "-",
            ])
        #expect(profile.exitCode == 0, "\(profile.errors)")
        for measurement in try profile.run().measurements {
            let (energy, work) = (try #require(measurement.energy), try #require(measurement.work))
            #expect(energy.provenance == .modelled && energy.reason?.contains("a fit to 20 measured energies") == true)
            let truth =
                60e-12 * work.flops + 250e-12 * work.strategyBytes + 12 * (try #require(measurement.time).median)
            #expect(abs(try #require(energy.grossJoules) / truth - 1) < 0.05)
            #expect(try #require(energy.interval).contains(truth))
        }
    }

    @Test(
        "a fit from too few runs, from modelled ones or from none is refused, and so is a model that nobody could have fitted"
    )
    func refusals() async throws {
        let place = try Workplace()
        let device = DeviceRecord(
            id: "cpu:0", backend: "cpu", name: "Example", vendor: "", driver: "", apiVersion: "", pciAddress: nil,
            computeUnits: 1, memoryBytes: 1, features: [], isHostProcessor: true)
        try write(place, "few.json", device: device, points: 5, seed: 3)
        var run = try RunFile.read(place.path("few.json"))
        for index in run.measurements.indices { run.measurements[index].energy?.provenance = .modelled }
        try RunFile.write(run, to: place.path("modelled.json"))
        try place.write("negative.json", Data(Self.model(joulesPerByte: "-1e-12").utf8))
        try place.write("incomplete.json", Data(#"{"schemaVersion": 1, "fitted": {}}"#.utf8))
        let before = place.files
        let cases: [(line: [String], names: [String])] = [
            (["doctor", "--fit", "few.json", "--model", "m.json"], ["Example", "5", "at least 6"]),
            (["doctor", "--fit", "modelled.json"], ["no resolved measured energy"]),
            (["doctor", "--fit"], ["--fit", "RUN.json"]), (["doctor", "few.json"], ["few.json", "--fit"]),
            (["doctor", "--model", "m.json"], ["--model", "--fit"]),
            (["profile", "--energy-model", "negative.json"], ["negative.json", "processor.joulesPerByte", "-1e-12"]),
            (["profile", "--energy-model", "incomplete.json"], ["incomplete.json", "processor", "missing"]),
            (["profile", "--energy-model", "none.json"], ["none.json", "No such file"]),
        ]
        for (line, names) in cases {
            let outcome = try await place.joulemark(line)
            #expect(outcome.exitCode == 64, "\(line): \(outcome.errors)")
            #expect(outcome.errorLines.count == 1 && outcome.output.isEmpty)
            for name in names { #expect(outcome.errors.contains(name), "\(line): \(outcome.errors)") }
        }
        #expect(place.files == before)
    }

    private static func model(joulesPerByte: String) -> String {
        let part = """
            {"joulesPerFlop": 1e-11, "joulesPerByte": \(joulesPerByte), "constantWatts": 10, "source": "nobody",
             "relativeResidual": null}
            """
        return #"{"schemaVersion": 1, "fitted": {}, "processor": \#(part), "accelerator": \#(part)}"#
    }
}
