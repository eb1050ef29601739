import CVulkan
import Kernels
import Results

/// What a driver says about one of its devices before it is opened. Borrows the instance's handle: use it no longer.
@safe struct VulkanPhysicalDevice {
    let handle: VkPhysicalDevice
    let extensions: Set<String>
    let properties: VkPhysicalDeviceProperties
    let memory: VkPhysicalDeviceMemoryProperties
    let features: VulkanFeatures
    /// The queue family that dispatches go to.
    let queueFamily: UInt32
    /// Valid bits of that family's timestamps; 0 when it has no clock.
    let timestampValidBits: UInt32
    let driver: String
    let pciAddress: String?
    let computeUnits: Int?
    private let subgroupSize: Int
    private let maxAllocationBytes: Int

    /// `nil` when the device speaks less than Vulkan 1.1 or has no compute queue.
    init?(_ handle: VkPhysicalDevice, _ commands: VulkanInstanceCommands) throws(BackendError) {
        let query = unsafe VulkanPropertyQuery(handle: handle, commands: commands)
        properties = query.properties()
        guard VulkanVersion(rawValue: properties.apiVersion) >= VulkanVersion(1, 1) else { return nil }
        guard let family = query.computeQueueFamily() else { return nil }
        unsafe self.handle = unsafe handle
        (queueFamily, timestampValidBits) = family
        extensions = try query.extensions()
        memory = query.memory()
        features = VulkanFeatures(query, extensions: extensions, properties: properties)
        driver = query.driver(extensions, properties)
        pciAddress = query.pciAddress(extensions)
        computeUnits = query.computeUnits(extensions, properties)
        subgroupSize = query.subgroupSize()
        maxAllocationBytes = query.maxAllocationBytes()
    }

    /// True when the device is the host's processor, as lavapipe is.
    var isHostProcessor: Bool { properties.deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU }

    /// True when host and device share their memory, so that mapping it costs no copy.
    var hasUnifiedMemory: Bool {
        isHostProcessor || properties.deviceType == VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU
    }

    func record(index: Int) -> DeviceRecord {
        var record = DeviceRecord(
            id: "vulkan:\(index)", backend: "vulkan", name: vulkanString(properties.deviceName),
            vendor: Self.vendors[properties.vendorID] ?? "0x" + String(properties.vendorID, radix: 16),
            driver: driver, apiVersion: VulkanVersion(rawValue: properties.apiVersion).description,
            pciAddress: pciAddress, computeUnits: computeUnits, memoryBytes: memoryBytes,
            features: features.names + (timestampValidBits > 0 ? ["timestamps-\(timestampValidBits)-bit"] : []),
            isHostProcessor: isHostProcessor)
        let sizes = limits.subgroupSizes
        record.subgroupSizes =
            sizes.lowerBound == sizes.upperBound ? [subgroupSize] : [sizes.lowerBound, sizes.upperBound]
        record.matrixProducts = features.matrixUnits.isAvailable ? features.matrixUnits.products : nil
        return record
    }

    var limits: DeviceLimits {
        let limits = properties.limits
        return DeviceLimits(
            backend: "vulkan", computeUnits: computeUnits ?? Self.assumedComputeUnits,
            sharedMemoryBytes: Int(limits.maxComputeSharedMemorySize),
            maxWorkGroupSize: Int(limits.maxComputeWorkGroupInvocations),
            // Larger grids than a dispatch has are divided.
            maxWorkGroups: Array(repeating: Int(Int32.max), count: 3),
            maxBufferBytes: min(Int(limits.maxStorageBufferRange), maxAllocationBytes),
            memoryBytes: memoryBytes ?? 0, subgroupSize: subgroupSize, lastLevelCacheBytes: lastLevelCacheBytes,
            precisions: Precision.allCases.filter { $0.byteCount == 4 || features.storesHalf },
            subgroupSizes: features.subgroupSizes,
            features: features.known.union(isHostProcessor ? [.hostProcessor] : []).union(
                hasUnifiedMemory ? [.unifiedMemory] : []),
            vendor: vendor, matrixShapes: features.matrixUnits.shapes)
    }

    /// Mesa's driver for Apple's devices says that it is Mesa's.
    private var vendor: DeviceVendor? {
        DeviceVendor(pciVendor: Int(properties.vendorID))
            ?? (vulkanString(properties.deviceName).hasPrefix("Apple") ? .apple : nil)
    }

    /// Where the driver does not tell: it only steers how finely work is split.
    private static let assumedComputeUnits = 16

    /// The largest heap on the device.
    private var memoryBytes: Int? {
        memoryHeaps.filter { $0.flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT.rawValue != 0 }.map { Int($0.size) }.max()
    }

    private var memoryHeaps: [VkMemoryHeap] {
        var heaps = memory.memoryHeaps
        return unsafe withUnsafeBytes(of: &heaps) {
            unsafe Array($0.bindMemory(to: VkMemoryHeap.self).prefix(Int(memory.memoryHeapCount)))
        }
    }

    /// Types of memory in the driver's order, which puts the better ones first.
    var memoryTypes: [VkMemoryType] {
        var types = memory.memoryTypes
        return unsafe withUnsafeBytes(of: &types) {
            unsafe Array($0.bindMemory(to: VkMemoryType.self).prefix(Int(memory.memoryTypeCount)))
        }
    }

    /// Vulkan does not tell the size of caches. The host's processor has those of the CPU backend (the C library names
    /// what a whole socket has, 256 MiB for a core that reaches 32).
    private var lastLevelCacheBytes: Int {
        isHostProcessor ? CPUTopology.current().lastLevelCacheBytes : DeviceLimits.assumedLastLevelCacheBytes
    }

    private static let vendors: [UInt32: String] = [
        0x1002: "AMD", 0x1010: "Imagination", 0x106b: "Apple", 0x10de: "NVIDIA", 0x13b5: "Arm", 0x14e4: "Broadcom",
        0x5143: "Qualcomm", 0x8086: "Intel", 0x10005: "Mesa",
    ]
}
