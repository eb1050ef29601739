import CVulkan

/// A buffer with memory of its own.
@safe final class VulkanBuffer {
    enum Place {
        /// The device's own memory; mapped as well where host and device share it.
        case device(mapped: Bool)
        /// The host's memory, mapped, that the device copies from and to.
        case host
    }

    /// Bytes that were asked for.
    let byteCount: Int
    /// `byteCount` rounded up to whole words, as fills need it, and at least one.
    let allocatedBytes: Int
    let handle: VulkanHandle
    private let memory: VulkanMemory

    init(_ context: VulkanContext, byteCount: Int, place: Place) throws(BackendError) {
        self.byteCount = byteCount
        let allocated = max(16, (byteCount + 15) & ~15)
        allocatedBytes = allocated
        var info = unsafe VkBufferCreateInfo()
        unsafe info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO
        unsafe info.size = VkDeviceSize(allocated)
        unsafe info.usage =
            VK_BUFFER_USAGE_STORAGE_BUFFER_BIT.rawValue | VK_BUFFER_USAGE_TRANSFER_SRC_BIT.rawValue
            | VK_BUFFER_USAGE_TRANSFER_DST_BIT.rawValue
        let commands = context.commands
        handle = unsafe try context.own("vkCreateBuffer (\(byteCount) bytes)", commands.destroyBuffer) { created in
            unsafe commands.createBuffer(context.handle, &info, nil, created)
        }
        memory = try VulkanMemory(context, buffer: handle, place: place)
        try vulkanCheck(
            unsafe commands.bindBufferMemory(context.handle, handle.rawValue, memory.handle.rawValue, 0),
            "vkBindBufferMemory")
    }

    var isMapped: Bool { unsafe memory.address != nil }

    /// Copies into mapped memory.
    func store(_ bytes: RawSpan) {
        guard let address = unsafe memory.address else { return }
        unsafe bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            unsafe address.copyMemory(from: start, byteCount: min(source.count, allocatedBytes))
        }
    }

    /// Copies out of mapped memory.
    func load(into bytes: inout [UInt8], at offset: Int, count: Int) {
        guard let address = unsafe memory.address, offset + count <= bytes.count, count <= allocatedBytes else {
            return
        }
        unsafe bytes.withUnsafeMutableBytes { target in
            guard let start = target.baseAddress else { return }
            unsafe (start + offset).copyMemory(from: address, byteCount: count)
        }
    }
}

/// Memory of a device, mapped where that was asked for. Freed, and thereby unmapped, with the value.
@safe struct VulkanMemory: ~Copyable {
    let handle: VulkanHandle
    /// Where the host sees it, coherently; `nil` when it does not.
    let address: UnsafeMutableRawPointer?

    init(_ context: VulkanContext, buffer: borrowing VulkanHandle, place: VulkanBuffer.Place) throws(BackendError) {
        var needs = VkMemoryRequirements()
        unsafe context.commands.getBufferMemoryRequirements(context.handle, buffer.rawValue, &needs)
        guard let type = Self.type(for: place, allowed: needs.memoryTypeBits, context.physicalDevice.memoryTypes) else {
            throw BackendError(.unsupported, "the driver has no memory for a storage buffer in this place")
        }
        var info = unsafe VkMemoryAllocateInfo()
        unsafe info.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO
        unsafe info.allocationSize = needs.size
        unsafe info.memoryTypeIndex = type.index
        let commands = context.commands
        let handle = unsafe try context.own("vkAllocateMemory (\(needs.size) bytes)", commands.freeMemory) { created in
            unsafe commands.allocateMemory(context.handle, &info, nil, created)
        }
        var mapped: UnsafeMutableRawPointer?
        if type.isMapped {
            try vulkanCheck(
                unsafe commands.mapMemory(context.handle, handle.rawValue, 0, needs.size, 0, &mapped), "vkMapMemory")
        }
        self.handle = handle
        unsafe address = unsafe mapped
    }

    /// The first type that has everything wished for; then, what can be done without is left out.
    private static func type(
        for place: VulkanBuffer.Place, allowed: UInt32, _ types: [VkMemoryType]
    ) -> (index: UInt32, isMapped: Bool)? {
        let device = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT.rawValue
        let visible = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT.rawValue | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT.rawValue
        let cached = VK_MEMORY_PROPERTY_HOST_CACHED_BIT.rawValue
        let wishes: [UInt32] =
            switch place {
            case .device(mapped: true): [device | visible | cached, device | visible, device, 0]
            case .device(mapped: false): [device, 0]
            case .host: [visible | cached, visible]
            }
        for wish in wishes {
            let index = types.indices.first { index in
                allowed & (1 << UInt32(index)) != 0 && types[index].propertyFlags & wish == wish
            }
            if let index { return (UInt32(index), wish & visible == visible) }
        }
        return nil
    }
}
