import CVulkan

/// The descriptor sets of one run: which buffers each dispatch sees.
@safe struct VulkanDescriptorSets: ~Copyable {
    @safe struct Set {
        let handle: VkDescriptorSet
    }

    /// One a dispatch, in order. Borrowed from the pool.
    let sets: [Set]
    private let pool: VulkanHandle

    init(
        _ context: VulkanContext, _ dispatches: [(pipeline: VulkanPipeline, buffers: [VulkanBuffer])]
    ) throws(BackendError) {
        let commands = context.commands
        var size = VkDescriptorPoolSize()
        size.type = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER
        size.descriptorCount = UInt32(max(1, dispatches.reduce(0) { $0 + $1.buffers.count }))
        let pool = unsafe try context.own("vkCreateDescriptorPool", commands.destroyDescriptorPool) { created in
            unsafe withUnsafePointer(to: &size) { size in
                var info = unsafe VkDescriptorPoolCreateInfo()
                unsafe info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO
                unsafe info.maxSets = UInt32(dispatches.count)
                unsafe info.poolSizeCount = 1
                unsafe info.pPoolSizes = size
                return unsafe commands.createDescriptorPool(context.handle, &info, nil, created)
            }
        }
        var sets: [Set] = []
        for (pipeline, buffers) in dispatches {
            let set = try Self.allocate(context, pool, pipeline)
            for (binding, buffer) in buffers.enumerated() { Self.bind(context, set, binding, buffer) }
            sets.append(set)
        }
        self.pool = pool
        self.sets = sets
    }

    private static func allocate(
        _ context: VulkanContext, _ pool: borrowing VulkanHandle, _ pipeline: VulkanPipeline
    ) throws(BackendError) -> Set {
        var layout = unsafe VkDescriptorSetLayout?.some(pipeline.compiled.setLayout.rawValue)
        let poolHandle = unsafe pool.rawValue
        var created: VkDescriptorSet?
        let result = unsafe withUnsafePointer(to: &layout) { layout in
            var info = unsafe VkDescriptorSetAllocateInfo()
            unsafe info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO
            unsafe info.descriptorPool = poolHandle
            unsafe info.descriptorSetCount = 1
            unsafe info.pSetLayouts = layout
            return unsafe context.commands.allocateDescriptorSets(context.handle, &info, &created)
        }
        try vulkanCheck(result, "vkAllocateDescriptorSets")
        guard let set = unsafe created else { throw BackendError(.driver, "vkAllocateDescriptorSets gave no set") }
        return unsafe Set(handle: set)
    }

    private static func bind(_ context: VulkanContext, _ set: Set, _ binding: Int, _ buffer: VulkanBuffer) {
        var info = unsafe VkDescriptorBufferInfo()
        unsafe info.buffer = buffer.handle.rawValue
        // Whole vectors of four floats, even at the end.
        let largest = Int(context.physicalDevice.properties.limits.maxStorageBufferRange)
        unsafe info.range = VkDeviceSize(min(buffer.allocatedBytes, largest))
        unsafe withUnsafePointer(to: &info) { info in
            var write = unsafe VkWriteDescriptorSet()
            unsafe write.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET
            unsafe write.dstSet = set.handle
            unsafe write.dstBinding = UInt32(binding)
            unsafe write.descriptorCount = 1
            unsafe write.descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER
            unsafe write.pBufferInfo = info
            unsafe context.commands.updateDescriptorSets(context.handle, 1, &write, 0, nil)
        }
    }
}
