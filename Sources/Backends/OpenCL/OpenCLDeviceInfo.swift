import COpenCL
import Kernels
import Results

/// What a driver tells of a device. A query that fails gives `nil`: what it would have said is then left out.
struct OpenCLDeviceInfo {
    private let library: OpenCLLibrary
    private let device: OpenCLLibrary.Device

    init(_ library: OpenCLLibrary, _ device: OpenCLLibrary.Device) {
        self.library = library
        self.device = device
    }

    // MARK: Queries

    private func text(_ parameter: CInt) -> String? {
        unsafe text(library.functions.getDeviceInfo, device.id, parameter)
    }

    private func platformText(_ parameter: CInt) -> String? {
        unsafe text(library.functions.getPlatformInfo, device.platform, parameter)
    }

    private func text(_ query: OpenCLFunctions.InfoQuery, _ object: OpaquePointer, _ parameter: CInt) -> String? {
        var byteCount = 0
        guard unsafe query(object, cl_uint(parameter), 0, nil, &byteCount) == CL_SUCCESS, byteCount > 0 else {
            return nil
        }
        var bytes = [UInt8](repeating: 0, count: byteCount)
        guard unsafe query(object, cl_uint(parameter), byteCount, &bytes, nil) == CL_SUCCESS else { return nil }
        let words = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        return words.joined(separator: " ")
    }

    /// A value of the C type `Value`, which must be the one that the specification gives for the parameter.
    private func value<Value: BitwiseCopyable>(_ parameter: CInt, _ initial: Value) -> Value? {
        var value = initial
        let size = MemoryLayout<Value>.size
        let status = unsafe library.functions.getDeviceInfo(device.id, cl_uint(parameter), size, &value, nil)
        return status == CL_SUCCESS ? value : nil
    }

    private func integer(_ parameter: CInt) -> Int? { value(parameter, cl_uint(0)).map { Int($0) } }
    private func size(_ parameter: CInt) -> Int? { value(parameter, 0) }
    private func long(_ parameter: CInt) -> Int? { value(parameter, cl_ulong(0)).map { Int(clamping: $0) } }
    private func flag(_ parameter: CInt) -> Bool { integer(parameter) == Int(CL_TRUE) }

    // MARK: What follows from them

    private var extensions: Set<String> {
        Set((text(CL_DEVICE_EXTENSIONS) ?? "").split(separator: " ").map(String.init))
    }

    var isHostProcessor: Bool {
        (value(CL_DEVICE_TYPE, cl_device_type(0)) ?? 0) & cl_device_type(CL_DEVICE_TYPE_CPU) != 0
    }

    /// True when the driver has a compiler and the device can be used now.
    var isUsable: Bool { flag(CL_DEVICE_AVAILABLE) && flag(CL_DEVICE_COMPILER_AVAILABLE) }

    var isLittleEndian: Bool { flag(CL_DEVICE_ENDIAN_LITTLE) }

    /// The platform's name and the driver's version.
    private var driver: String {
        [platformText(CL_PLATFORM_NAME), text(CL_DRIVER_VERSION)].compactMap { $0 }.joined(separator: " ")
    }

    func record(index: Int) -> DeviceRecord {
        return DeviceRecord(
            id: "\(OpenCLBackend.backendName):\(index)", backend: OpenCLBackend.backendName,
            name: text(CL_DEVICE_NAME) ?? "unnamed OpenCL device", vendor: text(CL_DEVICE_VENDOR) ?? "unknown",
            driver: driver, apiVersion: text(CL_DEVICE_VERSION) ?? "unknown",
            pciAddress: pciAddress, computeUnits: integer(CL_DEVICE_MAX_COMPUTE_UNITS),
            memoryBytes: long(CL_DEVICE_GLOBAL_MEM_SIZE), features: features, isHostProcessor: isHostProcessor)
    }

    var limits: DeviceLimits {
        // The API has no limit of the grid; CUDA's lies below NVIDIA's driver.
        let largest = Int(Int32.max)
        let isNVIDIA = integer(CL_DEVICE_VENDOR_ID) == 0x10DE
        return DeviceLimits(
            backend: OpenCLBackend.backendName, computeUnits: integer(CL_DEVICE_MAX_COMPUTE_UNITS) ?? 1,
            sharedMemoryBytes: long(CL_DEVICE_LOCAL_MEM_SIZE) ?? 0,
            maxWorkGroupSize: size(CL_DEVICE_MAX_WORK_GROUP_SIZE) ?? 1,
            maxWorkGroups: isNVIDIA ? [largest, 65_535, 65_535] : [largest, largest, largest],
            maxBufferBytes: long(CL_DEVICE_MAX_MEM_ALLOC_SIZE) ?? 0, memoryBytes: long(CL_DEVICE_GLOBAL_MEM_SIZE) ?? 0,
            subgroupSize: subgroupSize, lastLevelCacheBytes: lastLevelCacheBytes,
            // Halves are stored through vload_half and vstore_half, which every device has, bfloat16 as integers.
            precisions: Precision.allCases, features: known,
            vendor: integer(CL_DEVICE_VENDOR_ID).flatMap { DeviceVendor(pciVendor: $0) })
    }

    /// A GPU's driver tells of a compute unit's cache as readily as of the shared one: 672 KiB on a card with 32 MiB.
    private var lastLevelCacheBytes: Int {
        let told = long(CL_DEVICE_GLOBAL_MEM_CACHE_SIZE) ?? 0
        return isHostProcessor ? told : max(told, DeviceLimits.assumedLastLevelCacheBytes)
    }

    /// What strategies can ask for.
    private var known: Set<DeviceFeature> {
        let byExtension: [(String, DeviceFeature)] = [
            ("cl_khr_fp16", .f16Arithmetic), ("cl_khr_fp64", .f64Arithmetic), ("cl_khr_subgroups", .subgroupArithmetic),
            ("cl_khr_subgroup_ballot", .subgroupBallot), ("cl_khr_subgroup_shuffle", .subgroupShuffle),
            ("cl_khr_integer_dot_product", .integerDotProduct),
        ]
        let extensions = extensions
        var known = Set(byExtension.filter { extensions.contains($0.0) }.map(\.1))
        if isHostProcessor { known.insert(.hostProcessor) }
        if flag(CL_DEVICE_HOST_UNIFIED_MEMORY) { known.insert(.unifiedMemory) }
        return known
    }

    private var features: [String] {
        let extensions = extensions
        var features: [String] = []
        if extensions.contains("cl_khr_fp16") { features.append("fp16 arithmetic") }
        if extensions.contains("cl_khr_fp64") { features.append("fp64") }
        if extensions.contains("cl_khr_subgroups") || (integer(CL_DEVICE_MAX_NUM_SUB_GROUPS) ?? 0) > 0 {
            features.append(subgroupSize > 1 ? "subgroups of \(subgroupSize)" : "subgroups")
        }
        if extensions.contains("cl_khr_integer_dot_product") { features.append("int8 dot product") }
        if flag(CL_DEVICE_HOST_UNIFIED_MEMORY) { features.append("unified memory") }
        switch integer(CL_DEVICE_LOCAL_MEM_TYPE) {
        case Int(CL_LOCAL): features.append("dedicated local memory")
        case Int(CL_GLOBAL): features.append("local memory in global memory")
        default: break
        }
        if let version = text(CL_DEVICE_OPENCL_C_VERSION) { features.append(version) }
        if let workaround = OpenCLWorkaround.needed(driver) { features.append(workaround.note) }
        return features
    }

    /// Lanes that execute together, by the vendors' queries; 1 where there is none.
    private var subgroupSize: Int {
        let extensions = extensions
        if extensions.contains("cl_nv_device_attribute_query"), let size = integer(CL_DEVICE_WARP_SIZE_NV) {
            return size
        }
        if extensions.contains("cl_amd_device_attribute_query"), let size = integer(CL_DEVICE_WAVEFRONT_WIDTH_AMD) {
            return size
        }
        // Intel compiles a kernel for one of several sizes and lists them, smallest first.
        if extensions.contains("cl_intel_required_subgroup_size") {
            let sizes = value(CL_DEVICE_SUB_GROUP_SIZES_INTEL, InlineArray<1, Int>(repeating: 0))
            return max(sizes?[0] ?? 1, 1)
        }
        return 1
    }

    /// cl_khr_pci_bus_info, cl_nv_device_attribute_query or cl_amd_device_attribute_query, whichever the device has.
    private var pciAddress: String? {
        let extensions = extensions
        if extensions.contains("cl_khr_pci_bus_info"),
            let info = value(CL_DEVICE_PCI_BUS_INFO_KHR, cl_device_pci_bus_info_khr())
        {
            return Self.pciAddress(
                domain: Int(info.pci_domain), bus: Int(info.pci_bus), device: Int(info.pci_device),
                function: Int(info.pci_function))
        }
        // cl_nv_device_attribute_query: bus 0x4008, slot 0x4009 (device × 8 + function), domain 0x400A.
        if extensions.contains("cl_nv_device_attribute_query"), let bus = integer(0x4008), let slot = integer(0x4009) {
            return Self.pciAddress(domain: integer(0x400A) ?? 0, bus: bus, device: slot >> 3, function: slot & 7)
        }
        // cl_device_topology_amd, 24 bytes: the type, then in its last three the bus, device and function.
        if extensions.contains("cl_amd_device_attribute_query"),
            let topology = value(CL_DEVICE_TOPOLOGY_AMD, InlineArray<24, UInt8>(repeating: 0)),
            topology[0] == UInt8(CL_DEVICE_TOPOLOGY_TYPE_PCIE_AMD)
        {
            return Self.pciAddress(
                domain: 0, bus: Int(topology[21]), device: Int(topology[22]), function: Int(topology[23]))
        }
        return nil
    }

    /// As sysfs writes it: `0000:01:00.0`.
    static func pciAddress(domain: Int, bus: Int, device: Int, function: Int) -> String {
        func hexadecimal(_ value: Int, digits: Int) -> String {
            let text = String(value, radix: 16)
            return String(repeating: "0", count: max(digits - text.count, 0)) + text
        }
        return hexadecimal(domain, digits: 4) + ":" + hexadecimal(bus, digits: 2) + ":"
            + hexadecimal(device, digits: 2) + "." + hexadecimal(function, digits: 1)
    }
}
