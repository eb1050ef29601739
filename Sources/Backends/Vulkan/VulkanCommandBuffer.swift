import CVulkan

/// A command buffer with the fence that tells when the device has done it. Used again and again: record, submit, wait.
@safe final class VulkanCommandBuffer {
    private let context: VulkanContext
    private let pool: VulkanHandle
    private let fence: VulkanHandle
    private let handle: VkCommandBuffer
    private(set) var isPending = false

    /// Long enough for any batch on a software device; a device that takes longer hangs.
    private static let timeoutNanoseconds: UInt64 = 600_000_000_000

    init(_ context: VulkanContext) throws(BackendError) {
        self.context = context
        let commands = context.commands
        var poolInfo = unsafe VkCommandPoolCreateInfo()
        unsafe poolInfo.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO
        unsafe poolInfo.flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT.rawValue
        unsafe poolInfo.queueFamilyIndex = context.physicalDevice.queueFamily
        pool = unsafe try context.own("vkCreateCommandPool", commands.destroyCommandPool) { created in
            unsafe commands.createCommandPool(context.handle, &poolInfo, nil, created)
        }
        var fenceInfo = unsafe VkFenceCreateInfo()
        unsafe fenceInfo.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO
        fence = unsafe try context.own("vkCreateFence", commands.destroyFence) { created in
            unsafe commands.createFence(context.handle, &fenceInfo, nil, created)
        }
        var info = unsafe VkCommandBufferAllocateInfo()
        unsafe info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO
        unsafe info.commandPool = pool.rawValue
        unsafe info.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY
        unsafe info.commandBufferCount = 1
        var created: VkCommandBuffer?
        try vulkanCheck(
            unsafe commands.allocateCommandBuffers(context.handle, &info, &created), "vkAllocateCommandBuffers")
        guard let created = unsafe created else {
            throw BackendError(.driver, "vkAllocateCommandBuffers gave no buffer")
        }
        unsafe handle = unsafe created
    }

    deinit {
        if isPending { unsafe _ = context.commands.deviceWaitIdle(context.handle) }
    }

    /// Records what `body` calls. Everything that earlier submissions wrote is seen.
    func record(_ body: (VulkanRecorder) -> Void) throws(BackendError) {
        var info = unsafe VkCommandBufferBeginInfo()
        unsafe info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO
        unsafe info.flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT.rawValue
        try vulkanCheck(unsafe context.commands.beginCommandBuffer(handle, &info), "vkBeginCommandBuffer")
        let recorder = unsafe VulkanRecorder(handle: handle, commands: context.commands)
        recorder.barrier()
        body(recorder)
        try vulkanCheck(unsafe context.commands.endCommandBuffer(handle), "vkEndCommandBuffer")
    }

    func submit() throws(BackendError) {
        var fences = unsafe VkFence?.some(fence.rawValue)
        try vulkanCheck(unsafe context.commands.resetFences(context.handle, 1, &fences), "vkResetFences")
        var buffers = unsafe VkCommandBuffer?.some(handle)
        let result = unsafe withUnsafePointer(to: &buffers) { buffers in
            var info = unsafe VkSubmitInfo()
            unsafe info.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO
            unsafe info.commandBufferCount = 1
            unsafe info.pCommandBuffers = buffers
            return unsafe context.commands.queueSubmit(context.queue, 1, &info, fence.rawValue)
        }
        try vulkanCheck(result, "vkQueueSubmit")
        isPending = true
    }

    func wait() throws(BackendError) {
        guard isPending else { return }
        var fences = unsafe VkFence?.some(fence.rawValue)
        let result = unsafe context.commands.waitForFences(
            context.handle, 1, &fences, VkBool32(VK_TRUE), Self.timeoutNanoseconds)
        if result == VK_TIMEOUT {
            throw BackendError(.driver, "vkWaitForFences: the device has not answered for 600 s; it hangs")
        }
        isPending = false
        try vulkanCheck(result, "vkWaitForFences")
    }

    /// Records, submits and waits.
    func execute(_ body: (VulkanRecorder) -> Void) throws(BackendError) {
        try record(body)
        try submit()
        try wait()
    }
}

/// The commands that go into a command buffer while it is recorded.
@safe struct VulkanRecorder {
    fileprivate let handle: VkCommandBuffer
    fileprivate let commands: VulkanDeviceCommands

    fileprivate init(handle: VkCommandBuffer, commands: VulkanDeviceCommands) {
        unsafe self.handle = unsafe handle
        self.commands = commands
    }

    /// What follows starts when all before is done, and sees what it wrote.
    func barrier() {
        let stages = VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT.rawValue | VK_PIPELINE_STAGE_TRANSFER_BIT.rawValue
        let writes = VK_ACCESS_SHADER_WRITE_BIT.rawValue | VK_ACCESS_TRANSFER_WRITE_BIT.rawValue
        let reads = VK_ACCESS_SHADER_READ_BIT.rawValue | VK_ACCESS_TRANSFER_READ_BIT.rawValue
        barrier(from: (stages, writes), to: (stages, reads | writes))
    }

    /// What the device wrote is seen by the host once the fence is passed.
    func barrierToHost() {
        let stages = VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT.rawValue | VK_PIPELINE_STAGE_TRANSFER_BIT.rawValue
        let writes = VK_ACCESS_SHADER_WRITE_BIT.rawValue | VK_ACCESS_TRANSFER_WRITE_BIT.rawValue
        barrier(from: (stages, writes), to: (VK_PIPELINE_STAGE_HOST_BIT.rawValue, VK_ACCESS_HOST_READ_BIT.rawValue))
    }

    private func barrier(from source: (stages: UInt32, access: UInt32), to target: (stages: UInt32, access: UInt32)) {
        var barrier = unsafe VkMemoryBarrier()
        unsafe barrier.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER
        unsafe barrier.srcAccessMask = source.access
        unsafe barrier.dstAccessMask = target.access
        unsafe commands.pipelineBarrier(handle, source.stages, target.stages, 0, 1, &barrier, 0, nil, 0, nil)
    }

    func dispatch(_ pipeline: VulkanPipeline, _ set: VulkanDescriptorSets.Set) {
        guard !pipeline.grid.parts.isEmpty else { return }
        unsafe commands.bindPipeline(handle, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline.compiled.pipeline.rawValue)
        var sets = unsafe VkDescriptorSet?.some(set.handle)
        unsafe commands.bindDescriptorSets(
            handle, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline.compiled.layout.rawValue, 0, 1, &sets, 0, nil)
        let arguments = pipeline.stage.arguments
        if !arguments.isEmpty {
            unsafe arguments.withUnsafeBytes { bytes in
                unsafe commands.pushConstants(
                    handle, pipeline.compiled.layout.rawValue, VK_SHADER_STAGE_COMPUTE_BIT.rawValue, 0,
                    UInt32(bytes.count),
                    bytes.baseAddress)
            }
        }
        for (base, size) in pipeline.grid.parts {
            if pipeline.grid.isDivided {
                unsafe commands.dispatchBase(handle, base.x, base.y, base.z, size.x, size.y, size.z)
            } else {
                unsafe commands.dispatch(handle, size.x, size.y, size.z)
            }
        }
    }

    func copy(_ source: VulkanBuffer, at sourceOffset: Int, to target: VulkanBuffer, at targetOffset: Int, count: Int) {
        var region = VkBufferCopy()
        region.srcOffset = VkDeviceSize(sourceOffset)
        region.dstOffset = VkDeviceSize(targetOffset)
        region.size = VkDeviceSize(count)
        unsafe commands.copyBuffer(handle, source.handle.rawValue, target.handle.rawValue, 1, &region)
    }

    func fill(_ buffer: VulkanBuffer, pattern: UInt32) {
        unsafe commands.fillBuffer(handle, buffer.handle.rawValue, 0, VkDeviceSize(buffer.allocatedBytes), pattern)
    }

    func resetTimestamps(_ queries: borrowing VulkanTimestamps) {
        unsafe commands.resetQueryPool(handle, queries.pool.rawValue, 0, UInt32(queries.capacity))
    }

    /// The time at which all before is done.
    func timestamp(_ queries: borrowing VulkanTimestamps, index: Int) {
        unsafe commands.writeTimestamp(
            handle, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, queries.pool.rawValue, UInt32(index))
    }
}
