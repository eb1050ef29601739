import Foundation
import Results
import TestSupport
import Testing

@Suite("Machines unlike this one")
struct MachineTests {
    /// Nothing of a user's environment, and no library behind the names that the loaders have.
    static func bare(_ place: Workplace) throws -> [String: String] {
        for name in [
            "libOpenCL.so.1", "libOpenCL.so", "libvulkan.so.1", "libvulkan.so", "libhwloc.so.15", "libnvidia-ml.so.1",
            "libnvidia-ml.so",
        ] {
            try place.write(name, Data())
        }
        return ["LD_LIBRARY_PATH": place.url.path]
    }

    @Test("the program needs the C and C++ libraries and nothing else")
    func dependencies() async throws {
        let place = try Workplace()
        let list = try await place.start([ProgramUnderTest.path], program: "/usr/bin/ldd").outcome()
        let names = list.text.split(separator: "\n").compactMap { line in
            line.split { $0 == " " || $0 == "\t" }.first?.split(separator: "/").last.map(String.init)
        }
        #expect(names.contains("libc.so.6"))
        for name in names {
            #expect(
                ["linux-vdso", "libc", "libm", "libstdc++", "libgcc_s", "ld-linux-x86-64", "ld-linux-aarch64"]
                    .contains(String(name.prefix { $0 != "." })), "\(name)")
        }
    }

    @Test("moved alone to a machine with neither OpenCL nor Vulkan it says what is missing and profiles the processor")
    func moved() async throws {
        let place = try Workplace()
        let program = place.path("moved program")
        try FileManager.default.copyItem(atPath: ProgramUnderTest.path, toPath: program)
        let environment = try Self.bare(place)

        let devices = try await place.start(["devices"], program: program, environment: environment).outcome()
        #expect(devices.exitCode == 0, "\(devices.errors)")
        #expect(devices.text.contains("cpu:0"))
        #expect(devices.text.contains("libOpenCL.so.1") && devices.text.contains("libvulkan.so.1"))

        let profile = try await place.start(
            ["profile", "--family", "attention", "--shape", "Lq=16,Lk=16,D=16,Hq=1,Hkv=1", "--json", "-"]
                + ProfileTests.brief, program: program, environment: environment
        ).outcome()
        #expect(profile.exitCode == 0, "\(profile.errors)")
        let run = try profile.run()
        #expect(Set(run.devices.map(\.backend)) == ["cpu"])
        #expect(Set(run.unavailableBackends.map(\.backend)) == ["opencl", "vulkan"])
        #expect(run.unavailableBackends.allSatisfy { !$0.reason.isEmpty })
    }

    @Test("loaders without a driver: the reason is given, and the processor is still there")
    func noDrivers() async throws {
        let nowhere = "/nonexistent"
        let environment = ["OCL_ICD_VENDORS": nowhere, "VK_ICD_FILENAMES": nowhere, "VK_DRIVER_FILES": nowhere]
        let outcome = try await Workplace().joulemark(["devices", "--json", "-"], environment: environment)
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        let listing = try JSONDecoder().decode(DevicesFile.self, from: outcome.output)
        #expect(listing.devices.filter { $0.frameworks == nil }.map(\.backend) == ["cpu"])
        #expect(Set(listing.unavailableBackends.map(\.backend)) == ["opencl", "vulkan"])
    }

    /// What `devices --json` writes.
    struct DevicesFile: Decodable {
        let devices: [DeviceRecord]
        let unavailableBackends: [UnavailableBackend]
    }

    @Test("a package that draws 50 W is measured as 50 W, within 1 %")
    func fiftyWatts() async throws {
        let place = try Workplace()
        let tree = try await LiveSysfs(place, ["intel-rapl:0=package-0,50"])
        let outcome = try await place.joulemark([
            "profile", "--family", "attention", "--shape", "Hq=2,Hkv=2,Lq=128,Lk=128,D=64", "--device", "cpu",
            "--sysfs",
            "tree", "--time-limit", "2", "--min-window", "1", "--json", "-",
        ])
        try await tree.end()
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        for measurement in try outcome.run().measurements {
            let energy = try #require(measurement.energy)
            #expect(energy.provenance == .measured, "\(energy.reason ?? "")")
            let watts = try #require(energy.averageWatts)
            #expect(abs(watts - 50) <= 0.5, "\(measurement.strategy): \(watts) W")
        }
    }
}
