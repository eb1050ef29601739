import Glibc
import Power
import Results
import TestSupport
import Testing

@Suite("Condition of a device")
struct DeviceConditionTests {
    private let clock = SimulatedClock()

    private func device(isHost: Bool, pciAddress: String? = nil) -> DeviceRecord {
        DeviceRecord(
            id: "x:0", backend: "x", name: "Example", vendor: "Example", driver: "1", apiVersion: "1",
            pciAddress: pciAddress, computeUnits: 4, memoryBytes: 1 << 30, features: [], isHostProcessor: isHost)
    }

    private func tree(_ files: [String: SimulatedFile]) -> SysfsTree {
        SysfsTree(root: "/sys", system: SimulatedSystem(files, clock: clock))
    }

    @Test(
        "a processor's clock is the mean of its cores, its temperature the hottest package's, its events are added up")
    func processor() {
        let cores = "/sys/devices/system/cpu"
        let conditions = DeviceConditions(
            device(isHost: true),
            tree: tree([
                "\(cores)/cpu0/cpufreq/scaling_cur_freq": .text("3000000\n"),
                "\(cores)/cpu1/cpufreq/scaling_cur_freq": .text("2000000\n"),
                "\(cores)/cpu0/thermal_throttle/core_throttle_count": .text("4\n"),
                "\(cores)/cpu1/thermal_throttle/core_throttle_count": .text("1\n"),
                "\(cores)/cpu0/thermal_throttle/package_throttle_count": .text("2\n"),
                "\(cores)/cpufreq/boost": .text("1\n"),
                "/sys/class/thermal/thermal_zone0/type": .text("acpitz\n"),
                "/sys/class/thermal/thermal_zone0/temp": .text("99000\n"),
                "/sys/class/thermal/thermal_zone1/type": .text("x86_pkg_temp\n"),
                "/sys/class/thermal/thermal_zone1/temp": .text("71500\n"),
            ]))
        #expect(
            conditions.read()
                == DeviceCondition(clockHertz: 2.5e9, celsius: 71.5, throttleEvents: 7, isThrottled: nil))
        #expect(conditions.unknown == [])
    }

    @Test("a graphics device's condition comes from its own place on PCI, and its throttle status is a status")
    func graphics() {
        let place = "/sys/bus/pci/devices/0000:03:00.0"
        let files: [String: SimulatedFile] = [
            "\(place)/hwmon/hwmon5/freq1_input": .text("1800000000\n"),
            "\(place)/hwmon/hwmon5/temp1_input": .text("64000\n"),
            "\(place)/drm/card0/gt/gt0/throttle_reason_status": .text("1\n"),
            "/sys/bus/pci/devices/0000:04:00.0/hwmon/hwmon6/temp1_input": .text("90000\n"),
        ]
        let conditions = DeviceConditions(device(isHost: false, pciAddress: "0000:03:00.0"), tree: tree(files))
        #expect(
            conditions.read()
                == DeviceCondition(clockHertz: 1.8e9, celsius: 64, throttleEvents: nil, isThrottled: true))
    }

    @Test("where sysfs shows no clock, the vendor's library is asked for the device with that address")
    func library() {
        let known = GPUCondition(
            pciAddress: "0000:03:00.0", coreMegahertz: 1980, memoryMegahertz: 2600, celsius: 55,
            throttling: ["power limit"])
        let conditions = DeviceConditions(device(isHost: false, pciAddress: "0000:03:00.0"), tree: tree([:])) {
            { [known] }
        }
        #expect(conditions.read() == DeviceCondition(clockHertz: 1.98e9, celsius: 55, isThrottled: true))
        let other = DeviceConditions(device(isHost: false, pciAddress: "0000:09:00.0"), tree: tree([:])) {
            { [known] }
        }
        #expect(other.read() == DeviceCondition())
    }

    @Test("what the machine does not show is said, and a file that cannot be read is not a zero")
    func nothing() {
        let files: [String: SimulatedFile] = [
            "/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq": .fault(EACCES),
            "/sys/class/thermal/thermal_zone0/type": .text("x86_pkg_temp\n"),
            "/sys/class/thermal/thermal_zone0/temp": .text("warm\n"),
        ]
        let conditions = DeviceConditions(device(isHost: true), tree: tree(files))
        #expect(conditions.read() == DeviceCondition())
        #expect(conditions.unknown.count == 3)
    }

    @Test("counts that no machine reaches are unknown, and their sum traps nowhere", arguments: [Int64.max, .min, -1])
    func absurdCounts(_ count: Int64) {
        let folder = "/sys/devices/system/cpu/cpu0/thermal_throttle"
        let conditions = DeviceConditions(
            device(isHost: true),
            tree: tree([
                "\(folder)/core_throttle_count": .text("\(count)\n"),
                "\(folder)/package_throttle_count": .text("\(count)\n"),
            ]))
        #expect(conditions.read() == DeviceCondition())
    }

    @Test("steal time is the eighth figure of the first line, in clock ticks")
    func steal() throws {
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        let system = SimulatedSystem(
            ["/proc/stat": .text("cpu  10 20 30 40 50 60 70 250 90 0\ncpu0 1 2 3 4 5 6 7 8 9 0\n")], clock: clock)
        #expect(StealTime(system: system).seconds() == 250 / ticks)
        for text in ["", "cpu 1 2 3\n", "intr 1 2 3 4 5 6 7 8 9\n"] {
            let other = SimulatedSystem(["/proc/stat": .text(text)], clock: clock)
            #expect(StealTime(system: other).seconds() == nil, "\(text)")
        }
    }
}
