import CVulkan
import Glibc

/// The questions about a physical device, one function each.
@safe struct VulkanPropertyQuery {
    let handle: VkPhysicalDevice
    let commands: VulkanInstanceCommands

    func properties() -> VkPhysicalDeviceProperties {
        var answer = unsafe VkPhysicalDeviceProperties2()
        unsafe answer.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2
        unsafe commands.getPhysicalDeviceProperties2(handle, &answer)
        return unsafe answer.properties
    }

    /// Has the driver fill `structure`, whose `sType` is set.
    func properties<Structure>(_ structure: Structure) -> Structure {
        var structure = structure
        var answer = unsafe VkPhysicalDeviceProperties2()
        unsafe answer.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2
        unsafe withUnsafeMutablePointer(to: &structure) { pointer in
            unsafe answer.pNext = UnsafeMutableRawPointer(pointer)
            unsafe commands.getPhysicalDeviceProperties2(handle, &answer)
        }
        return structure
    }

    /// Has the driver fill `structure`, whose `sType` is set.
    func features<Structure>(_ structure: Structure) -> Structure {
        var structure = structure
        var answer = unsafe VkPhysicalDeviceFeatures2()
        unsafe answer.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2
        unsafe withUnsafeMutablePointer(to: &structure) { pointer in
            unsafe answer.pNext = UnsafeMutableRawPointer(pointer)
            unsafe commands.getPhysicalDeviceFeatures2(handle, &answer)
        }
        return structure
    }

    func memory() -> VkPhysicalDeviceMemoryProperties {
        var answer = VkPhysicalDeviceMemoryProperties()
        unsafe commands.getPhysicalDeviceMemoryProperties(handle, &answer)
        return answer
    }

    func extensions() throws(BackendError) -> Set<String> {
        let call = "vkEnumerateDeviceExtensionProperties"
        let list = unsafe try vulkanList(of: VkExtensionProperties(), call) { count, list in
            unsafe commands.enumerateDeviceExtensionProperties(handle, nil, &count, list)
        }
        return Set(list.map { vulkanString($0.extensionName) })
    }

    /// A family with a clock is better than one without; a family for compute alone better than one that draws, because
    /// a desktop's watchdog looks at the latter.
    func computeQueueFamily() -> (index: UInt32, timestampValidBits: UInt32)? {
        var count: UInt32 = 0
        unsafe commands.getPhysicalDeviceQueueFamilyProperties(handle, &count, nil)
        var families = [VkQueueFamilyProperties](repeating: VkQueueFamilyProperties(), count: Int(count))
        unsafe families.withUnsafeMutableBufferPointer { buffer in
            unsafe commands.getPhysicalDeviceQueueFamilyProperties(handle, &count, buffer.baseAddress)
        }
        func rank(_ family: VkQueueFamilyProperties) -> Int {
            let draws = family.queueFlags & VK_QUEUE_GRAPHICS_BIT.rawValue != 0
            return (family.timestampValidBits > 0 ? 2 : 0) + (draws ? 0 : 1)
        }
        let able = families.enumerated().filter { _, family in
            family.queueFlags & VK_QUEUE_COMPUTE_BIT.rawValue != 0
        }
        guard let best = able.max(by: { rank($0.element) < rank($1.element) }) else { return nil }
        return (UInt32(best.offset), best.element.timestampValidBits)
    }

    func subgroupSize() -> Int {
        var structure = unsafe VkPhysicalDeviceSubgroupProperties()
        unsafe structure.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES
        return unsafe max(1, Int(properties(structure).subgroupSize))
    }

    func maxAllocationBytes() -> Int {
        var structure = unsafe VkPhysicalDeviceMaintenance3Properties()
        unsafe structure.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES
        return unsafe Int(clamping: properties(structure).maxMemoryAllocationSize)
    }

    func driver(_ extensions: Set<String>, _ device: VkPhysicalDeviceProperties) -> String {
        let isCore = VulkanVersion(rawValue: device.apiVersion) >= VulkanVersion(1, 2)
        guard isCore || extensions.contains(VK_KHR_DRIVER_PROPERTIES_EXTENSION_NAME) else {
            return VulkanVersion(rawValue: device.driverVersion).description
        }
        var structure = unsafe VkPhysicalDeviceDriverProperties()
        unsafe structure.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES
        let answer = unsafe properties(structure)
        let (name, version) = unsafe (vulkanString(answer.driverName), vulkanString(answer.driverInfo))
        return version.isEmpty ? name : "\(name) \(version)"
    }

    func pciAddress(_ extensions: Set<String>) -> String? {
        guard extensions.contains(VK_EXT_PCI_BUS_INFO_EXTENSION_NAME) else { return nil }
        var structure = unsafe VkPhysicalDevicePCIBusInfoPropertiesEXT()
        unsafe structure.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PCI_BUS_INFO_PROPERTIES_EXT
        let answer = unsafe properties(structure)
        func hexadecimal(_ value: UInt32, _ width: Int) -> String {
            let digits = String(value, radix: 16)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return
            unsafe "\(hexadecimal(answer.pciDomain, 4)):\(hexadecimal(answer.pciBus, 2)):\(hexadecimal(answer.pciDevice, 2)).\(answer.pciFunction)"
    }

    /// Multiprocessors (NVIDIA), compute units (AMD) or the host's processors. Vulkan itself has no such figure: `nil`
    /// where no extension tells it.
    func computeUnits(_ extensions: Set<String>, _ device: VkPhysicalDeviceProperties) -> Int? {
        if device.deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU {
            return Self.known(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        }
        if extensions.contains(VK_NV_SHADER_SM_BUILTINS_EXTENSION_NAME) {
            var structure = unsafe VkPhysicalDeviceShaderSMBuiltinsPropertiesNV()
            unsafe structure.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_SM_BUILTINS_PROPERTIES_NV
            return unsafe Self.known(Int(properties(structure).shaderSMCount))
        }
        if extensions.contains(VK_AMD_SHADER_CORE_PROPERTIES_EXTENSION_NAME) {
            var structure = unsafe VkPhysicalDeviceShaderCorePropertiesAMD()
            unsafe structure.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_CORE_PROPERTIES_AMD
            let answer = unsafe properties(structure)
            return unsafe Self.known(
                Int(answer.shaderEngineCount) * Int(answer.shaderArraysPerEngineCount)
                    * Int(answer.computeUnitsPerShaderArray))
        }
        return nil
    }

    /// A driver that says 0 does not know.
    private static func known(_ count: Int) -> Int? { count > 0 ? count : nil }
}
