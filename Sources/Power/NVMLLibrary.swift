import CPlatform
import Platform

/// NVIDIA's management library, opened at run time. A function that it lacks makes what depends on it unsupported.
///
/// Calls are safe from any thread, as NVML documents.
@safe final class NVMLLibrary: @unchecked Sendable {
    private let library: DynamicLibrary
    private let handle: joulemark_nvml_handle
    private let pci: joulemark_nvml_get_pci
    private let energy: joulemark_nvml_get_large?
    private let power: joulemark_nvml_get_small?
    private let fields: joulemark_nvml_get_fields?
    private let clock: joulemark_nvml_get_kind?
    private let temperature: joulemark_nvml_get_kind?
    private let throttling: joulemark_nvml_get_large?
    let deviceCount: Int

    /// - Throws: What the loader says, or that the driver does not run.
    convenience init(_ names: [String]) throws(PowerError) {
        do throws(DynamicLibrary.LoadError) {
            try self.init(opening: names)
        } catch {
            throw PowerError(.notReadable, error.description)
        }
        guard deviceCount >= 0 else {
            throw PowerError(.notReadable, "the library is there, but the driver does not answer")
        }
    }

    private init(opening names: [String]) throws(DynamicLibrary.LoadError) {
        let library = try DynamicLibrary(names)
        let start = try library.function("nvmlInit_v2", as: joulemark_nvml_init.self)
        let count = unsafe try library.function("nvmlDeviceGetCount_v2", as: joulemark_nvml_count.self)
        unsafe handle = try library.function("nvmlDeviceGetHandleByIndex_v2", as: joulemark_nvml_handle.self)
        unsafe pci = try library.function("nvmlDeviceGetPciInfo_v3", as: joulemark_nvml_get_pci.self)
        unsafe energy = try? library.function(
            "nvmlDeviceGetTotalEnergyConsumption", as: joulemark_nvml_get_large.self)
        unsafe power = try? library.function("nvmlDeviceGetPowerUsage", as: joulemark_nvml_get_small.self)
        unsafe fields = try? library.function("nvmlDeviceGetFieldValues", as: joulemark_nvml_get_fields.self)
        unsafe clock = try? library.function("nvmlDeviceGetClockInfo", as: joulemark_nvml_get_kind.self)
        unsafe temperature = try? library.function("nvmlDeviceGetTemperature", as: joulemark_nvml_get_kind.self)
        // The second name is the first one's before version 12.2, deprecated since 13.0.
        unsafe throttling =
            (try? library.function("nvmlDeviceGetCurrentClocksEventReasons", as: joulemark_nvml_get_large.self))
            ?? (try? library.function(
                "nvmlDeviceGetCurrentClocksThrottleReasons", as: joulemark_nvml_get_large.self))
        self.library = library
        var devices: UInt32 = 0
        deviceCount = unsafe start() == 0 && count(&devices) == 0 ? Int(devices) : -1
    }

    /// `0000:03:00.0`, or `nil` when the device does not answer.
    func pciAddress(_ index: Int) -> String? {
        var place = joulemark_nvml_pci()
        guard let device = unsafe device(index), unsafe pci(device, &place) == 0 else { return nil }
        return Self.hexadecimal(place.domain, 4) + ":" + Self.hexadecimal(place.bus, 2) + ":"
            + Self.hexadecimal(place.device, 2) + ".0"
    }

    /// Millijoules since the driver was loaded.
    func energy(_ index: Int) -> Result<Double, ReadFault> {
        var millijoules: UInt64 = 0
        return unsafe call(index, energy) { unsafe $1($0, &millijoules) }.map { Double(millijoules) }
    }

    /// Milliwatts, averaged over a second on Ampere (but GA100) and newer parts.
    func averagePower(_ index: Int) -> Result<Double, ReadFault> {
        var milliwatts: UInt32 = 0
        return unsafe call(index, power) { unsafe $1($0, &milliwatts) }.map { Double(milliwatts) }
    }

    /// Milliwatts now.
    func instantPower(_ index: Int) -> Result<Double, ReadFault> {
        var field = joulemark_nvml_field()
        field.fieldId = UInt32(JOULEMARK_NVML_FIELD_POWER_INSTANT)
        let answer = unsafe call(index, fields) { unsafe $1($0, 1, &field) }
        return answer.flatMap {
            guard field.result == 0, field.valueType == Int32(JOULEMARK_NVML_VALUE_UNSIGNED_INT) else {
                return .failure(Self.fault(field.result == 0 ? 3 : field.result))
            }
            return .success(Double(unsafe field.value.small))
        }
    }

    /// Clocks, temperature and what holds the clocks back.
    func condition(_ index: Int) -> GPUCondition {
        var (core, memory, degrees): (UInt32, UInt32, UInt32) = (0, 0, 0)
        let hasCore = unsafe call(index, clock) {
            unsafe $1($0, Int32(JOULEMARK_NVML_CLOCK_SM), &core)
        }
        let hasMemory = unsafe call(index, clock) {
            unsafe $1($0, Int32(JOULEMARK_NVML_CLOCK_MEMORY), &memory)
        }
        let hasDegrees = unsafe call(index, temperature) {
            unsafe $1($0, Int32(JOULEMARK_NVML_TEMPERATURE_GPU), &degrees)
        }
        return GPUCondition(
            pciAddress: pciAddress(index), coreMegahertz: (try? hasCore.get()).map { Double(core) },
            memoryMegahertz: (try? hasMemory.get()).map { Double(memory) },
            celsius: (try? hasDegrees.get()).map { Double(degrees) },
            throttling: throttling(index))
    }

    /// What holds the clocks back now, in words; `nil` when the library does not say.
    func throttling(_ index: Int) -> [String]? {
        var reasons: UInt64 = 0
        let answer = unsafe call(index, throttling) { unsafe $1($0, &reasons) }
        return (try? answer.get()).map { GPUCondition.throttlingReasons(reasons) }
    }

    private func device(_ index: Int) -> joulemark_nvml_device? {
        var device: joulemark_nvml_device?
        return unsafe handle(UInt32(index), &device) == 0 ? device : nil
    }

    private func call<Function>(
        _ index: Int, _ function: Function?, _ body: (joulemark_nvml_device, Function) -> Int32
    ) -> Result<Void, ReadFault> {
        guard let function else { return .failure(Self.fault(3)) }
        guard let device = unsafe device(index) else { return .failure(.absent) }
        let code = unsafe body(device, function)
        return code == 0 ? .success(()) : .failure(Self.fault(code))
    }

    private static func fault(_ code: Int32) -> ReadFault {
        switch Int(code) {
        case JOULEMARK_NVML_NOT_SUPPORTED: .disabled
        case JOULEMARK_NVML_NO_PERMISSION: .permission
        case JOULEMARK_NVML_GPU_IS_LOST: .absent
        default: .failed("NVML error \(code)")
        }
    }

    private static func hexadecimal(_ value: UInt32, _ digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(digits - text.count, 0)) + text
    }
}

/// What a GPU's clocks, temperature and limits are at a moment. An unknown is `nil`.
public struct GPUCondition: Sendable, Equatable {
    public var pciAddress: String?
    public var coreMegahertz: Double?
    public var memoryMegahertz: Double?
    public var celsius: Double?
    /// What holds the clocks back, in words; empty when nothing does.
    public var throttling: [String]?

    package init(
        pciAddress: String? = nil, coreMegahertz: Double? = nil, memoryMegahertz: Double? = nil, celsius: Double? = nil,
        throttling: [String]? = nil
    ) {
        self.pciAddress = pciAddress
        self.coreMegahertz = coreMegahertz
        self.memoryMegahertz = memoryMegahertz
        self.celsius = celsius
        self.throttling = throttling
    }

    /// The bits of `nvmlClocksEventReasons` that slow a busy GPU down: SwPowerCap, HwSlowdown, SwThermalSlowdown,
    /// HwThermalSlowdown, HwPowerBrakeSlowdown. By the header HwSlowdown may also show while clocks change. Those of an
    /// idle GPU, of clocks that somebody set, and of GPUs that share one clock (SyncBoost), which is how that machine
    /// runs, are left out.
    static func throttlingReasons(_ bits: UInt64) -> [String] {
        let names: [(bit: UInt64, name: String)] = [
            (0x4, "power limit"), (0x8, "hardware slowdown"), (0x20, "software thermal slowdown"),
            (0x40, "hardware thermal slowdown"), (0x80, "power brake"),
        ]
        return names.filter { bits & $0.bit != 0 }.map(\.name)
    }
}
