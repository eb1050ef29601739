import CVulkan

/// The one place where a `VkResult` becomes an error.
extension BackendError {
    /// - Parameter call: the function that answered, such as `vkAllocateMemory`.
    init(_ result: VkResult, call: String) {
        let name = Self.vulkanNames[result.rawValue] ?? "VkResult \(result.rawValue)"
        switch result {
        case VK_ERROR_OUT_OF_HOST_MEMORY, VK_ERROR_OUT_OF_DEVICE_MEMORY, VK_ERROR_TOO_MANY_OBJECTS,
            VK_ERROR_OUT_OF_POOL_MEMORY, VK_ERROR_FRAGMENTED_POOL, VK_ERROR_MEMORY_MAP_FAILED:
            self.init(.outOfMemory, "\(call): \(name)")
        case VK_ERROR_INCOMPATIBLE_DRIVER:
            self.init(
                .missing,
                "\(call): \(name): no Vulkan driver is installed; apt-get install mesa-vulkan-drivers, or the vendor's")
        case VK_ERROR_LAYER_NOT_PRESENT:
            self.init(.missing, "\(call): \(name): apt-get install vulkan-validationlayers")
        case VK_ERROR_EXTENSION_NOT_PRESENT, VK_ERROR_FEATURE_NOT_PRESENT:
            self.init(.unsupported, "\(call): \(name)")
        case VK_ERROR_INVALID_SHADER_NV:
            self.init(.compilation, "\(call): \(name)")
        case VK_ERROR_DEVICE_LOST:
            self.init(
                .driver,
                "\(call): \(name): the driver gave the device up, as it does when a dispatch outlasts its watchdog or reads outside its buffers; the kernel's log (dmesg) says which"
            )
        default: self.init(.driver, "\(call): \(name)")
        }
    }

    private static let vulkanNames: [Int32: String] = [
        VK_NOT_READY.rawValue: "VK_NOT_READY",
        VK_TIMEOUT.rawValue: "VK_TIMEOUT",
        VK_INCOMPLETE.rawValue: "VK_INCOMPLETE",
        VK_ERROR_OUT_OF_HOST_MEMORY.rawValue: "VK_ERROR_OUT_OF_HOST_MEMORY",
        VK_ERROR_OUT_OF_DEVICE_MEMORY.rawValue: "VK_ERROR_OUT_OF_DEVICE_MEMORY",
        VK_ERROR_INITIALIZATION_FAILED.rawValue: "VK_ERROR_INITIALIZATION_FAILED",
        VK_ERROR_DEVICE_LOST.rawValue: "VK_ERROR_DEVICE_LOST",
        VK_ERROR_MEMORY_MAP_FAILED.rawValue: "VK_ERROR_MEMORY_MAP_FAILED",
        VK_ERROR_LAYER_NOT_PRESENT.rawValue: "VK_ERROR_LAYER_NOT_PRESENT",
        VK_ERROR_EXTENSION_NOT_PRESENT.rawValue: "VK_ERROR_EXTENSION_NOT_PRESENT",
        VK_ERROR_FEATURE_NOT_PRESENT.rawValue: "VK_ERROR_FEATURE_NOT_PRESENT",
        VK_ERROR_INCOMPATIBLE_DRIVER.rawValue: "VK_ERROR_INCOMPATIBLE_DRIVER",
        VK_ERROR_TOO_MANY_OBJECTS.rawValue: "VK_ERROR_TOO_MANY_OBJECTS",
        VK_ERROR_FRAGMENTED_POOL.rawValue: "VK_ERROR_FRAGMENTED_POOL",
        VK_ERROR_UNKNOWN.rawValue: "VK_ERROR_UNKNOWN",
        VK_ERROR_OUT_OF_POOL_MEMORY.rawValue: "VK_ERROR_OUT_OF_POOL_MEMORY",
        VK_ERROR_INVALID_SHADER_NV.rawValue: "VK_ERROR_INVALID_SHADER_NV",
    ]
}

/// - Throws: when `result` is an error. Positive results such as `VK_INCOMPLETE` pass.
func vulkanCheck(_ result: VkResult, _ call: String) throws(BackendError) {
    if result.rawValue < 0 { throw BackendError(result, call: call) }
}

/// A Vulkan version, as its bits are packed: 7 of major (below 3 of variant), 10 of minor, 12 of patch.
struct VulkanVersion: Comparable, CustomStringConvertible {
    let rawValue: UInt32

    init(rawValue: UInt32) { self.rawValue = rawValue }
    init(_ major: UInt32, _ minor: UInt32) { rawValue = major << 22 | minor << 12 }

    var description: String { "\(rawValue >> 22 & 0x7f).\(rawValue >> 12 & 0x3ff).\(rawValue & 0xfff)" }

    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A C array of characters as Vulkan's structures hold names, up to its NUL.
func vulkanString<Characters>(_ characters: Characters) -> String {
    unsafe withUnsafeBytes(of: characters) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}
