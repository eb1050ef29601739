import CVulkan

/// Functions of an instance.
@safe struct VulkanInstanceCommands {
    let enumeratePhysicalDevices: PFN_vkEnumeratePhysicalDevices
    let getPhysicalDeviceProperties2: PFN_vkGetPhysicalDeviceProperties2
    let getPhysicalDeviceFeatures2: PFN_vkGetPhysicalDeviceFeatures2
    let getPhysicalDeviceMemoryProperties: PFN_vkGetPhysicalDeviceMemoryProperties
    let getPhysicalDeviceQueueFamilyProperties: PFN_vkGetPhysicalDeviceQueueFamilyProperties
    let enumerateDeviceExtensionProperties: PFN_vkEnumerateDeviceExtensionProperties
    let createDevice: PFN_vkCreateDevice
    let getDeviceProcAddr: PFN_vkGetDeviceProcAddr
    /// `nil` when no driver here has VK_KHR_cooperative_matrix.
    let getPhysicalDeviceCooperativeMatrixProperties: PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR?

    init(_ instance: borrowing VulkanInstanceHandle) throws(BackendError) {
        unsafe enumeratePhysicalDevices = try instance.function("vkEnumeratePhysicalDevices")
        unsafe getPhysicalDeviceProperties2 = try instance.function("vkGetPhysicalDeviceProperties2")
        unsafe getPhysicalDeviceFeatures2 = try instance.function("vkGetPhysicalDeviceFeatures2")
        unsafe getPhysicalDeviceMemoryProperties = try instance.function("vkGetPhysicalDeviceMemoryProperties")
        unsafe getPhysicalDeviceQueueFamilyProperties = try instance.function(
            "vkGetPhysicalDeviceQueueFamilyProperties")
        unsafe enumerateDeviceExtensionProperties = try instance.function("vkEnumerateDeviceExtensionProperties")
        unsafe createDevice = try instance.function("vkCreateDevice")
        unsafe getDeviceProcAddr = try instance.function("vkGetDeviceProcAddr")
        unsafe getPhysicalDeviceCooperativeMatrixProperties = instance.library.function(
            ifPresent: "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR", of: instance.rawValue,
            as: PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR.self)
    }
}

extension VulkanInstanceHandle {
    /// The function `name` as the type that is asked for, which must be its C type.
    fileprivate func function<Function>(_ name: String) throws(BackendError) -> Function {
        unsafe try library.function(name, of: rawValue, as: Function.self)
    }
}

/// What every function that destroys a handle of a device looks like.
typealias VulkanDestroy = @convention(c) (VkDevice?, OpaquePointer?, UnsafePointer<VkAllocationCallbacks>?) -> Void

/// Functions of a device, asked of its driver directly so that no call passes the loader.
@safe struct VulkanDeviceCommands {
    let destroyDevice: PFN_vkDestroyDevice
    let getDeviceQueue: PFN_vkGetDeviceQueue
    let deviceWaitIdle: PFN_vkDeviceWaitIdle
    let queueSubmit: PFN_vkQueueSubmit

    let allocateMemory: PFN_vkAllocateMemory
    let freeMemory: VulkanDestroy
    let mapMemory: PFN_vkMapMemory
    let createBuffer: PFN_vkCreateBuffer
    let destroyBuffer: VulkanDestroy
    let getBufferMemoryRequirements: PFN_vkGetBufferMemoryRequirements
    let bindBufferMemory: PFN_vkBindBufferMemory

    let createShaderModule: PFN_vkCreateShaderModule
    let destroyShaderModule: VulkanDestroy
    let createDescriptorSetLayout: PFN_vkCreateDescriptorSetLayout
    let destroyDescriptorSetLayout: VulkanDestroy
    let createPipelineLayout: PFN_vkCreatePipelineLayout
    let destroyPipelineLayout: VulkanDestroy
    let createPipelineCache: PFN_vkCreatePipelineCache
    let destroyPipelineCache: VulkanDestroy
    let mergePipelineCaches: PFN_vkMergePipelineCaches
    let getPipelineCacheData: PFN_vkGetPipelineCacheData
    let createComputePipelines: PFN_vkCreateComputePipelines
    let destroyPipeline: VulkanDestroy
    let createDescriptorPool: PFN_vkCreateDescriptorPool
    let destroyDescriptorPool: VulkanDestroy
    let allocateDescriptorSets: PFN_vkAllocateDescriptorSets
    let updateDescriptorSets: PFN_vkUpdateDescriptorSets

    let createCommandPool: PFN_vkCreateCommandPool
    let destroyCommandPool: VulkanDestroy
    let allocateCommandBuffers: PFN_vkAllocateCommandBuffers
    let beginCommandBuffer: PFN_vkBeginCommandBuffer
    let endCommandBuffer: PFN_vkEndCommandBuffer
    let bindPipeline: PFN_vkCmdBindPipeline
    let bindDescriptorSets: PFN_vkCmdBindDescriptorSets
    let pushConstants: PFN_vkCmdPushConstants
    let dispatch: PFN_vkCmdDispatch
    let dispatchBase: PFN_vkCmdDispatchBase
    let pipelineBarrier: PFN_vkCmdPipelineBarrier
    let copyBuffer: PFN_vkCmdCopyBuffer
    let fillBuffer: PFN_vkCmdFillBuffer
    let writeTimestamp: PFN_vkCmdWriteTimestamp
    let resetQueryPool: PFN_vkCmdResetQueryPool

    let createQueryPool: PFN_vkCreateQueryPool
    let destroyQueryPool: VulkanDestroy
    let getQueryPoolResults: PFN_vkGetQueryPoolResults
    let createFence: PFN_vkCreateFence
    let destroyFence: VulkanDestroy
    let resetFences: PFN_vkResetFences
    let waitForFences: PFN_vkWaitForFences

    init(_ device: VkDevice, _ instance: VulkanInstanceCommands) throws(BackendError) {
        func load<Function>(_ name: String) throws(BackendError) -> Function {
            guard let function = unsafe instance.getDeviceProcAddr(device, name) else {
                throw BackendError(.missing, "the Vulkan driver has no function '\(name)'")
            }
            return unsafe unsafeBitCast(function, to: Function.self)
        }
        unsafe destroyDevice = try load("vkDestroyDevice")
        unsafe getDeviceQueue = try load("vkGetDeviceQueue")
        unsafe deviceWaitIdle = try load("vkDeviceWaitIdle")
        unsafe queueSubmit = try load("vkQueueSubmit")
        unsafe allocateMemory = try load("vkAllocateMemory")
        unsafe freeMemory = try load("vkFreeMemory")
        unsafe mapMemory = try load("vkMapMemory")
        unsafe createBuffer = try load("vkCreateBuffer")
        unsafe destroyBuffer = try load("vkDestroyBuffer")
        unsafe getBufferMemoryRequirements = try load("vkGetBufferMemoryRequirements")
        unsafe bindBufferMemory = try load("vkBindBufferMemory")
        unsafe createShaderModule = try load("vkCreateShaderModule")
        unsafe destroyShaderModule = try load("vkDestroyShaderModule")
        unsafe createDescriptorSetLayout = try load("vkCreateDescriptorSetLayout")
        unsafe destroyDescriptorSetLayout = try load("vkDestroyDescriptorSetLayout")
        unsafe createPipelineLayout = try load("vkCreatePipelineLayout")
        unsafe destroyPipelineLayout = try load("vkDestroyPipelineLayout")
        unsafe createPipelineCache = try load("vkCreatePipelineCache")
        unsafe destroyPipelineCache = try load("vkDestroyPipelineCache")
        unsafe mergePipelineCaches = try load("vkMergePipelineCaches")
        unsafe getPipelineCacheData = try load("vkGetPipelineCacheData")
        unsafe createComputePipelines = try load("vkCreateComputePipelines")
        unsafe destroyPipeline = try load("vkDestroyPipeline")
        unsafe createDescriptorPool = try load("vkCreateDescriptorPool")
        unsafe destroyDescriptorPool = try load("vkDestroyDescriptorPool")
        unsafe allocateDescriptorSets = try load("vkAllocateDescriptorSets")
        unsafe updateDescriptorSets = try load("vkUpdateDescriptorSets")
        unsafe createCommandPool = try load("vkCreateCommandPool")
        unsafe destroyCommandPool = try load("vkDestroyCommandPool")
        unsafe allocateCommandBuffers = try load("vkAllocateCommandBuffers")
        unsafe beginCommandBuffer = try load("vkBeginCommandBuffer")
        unsafe endCommandBuffer = try load("vkEndCommandBuffer")
        unsafe bindPipeline = try load("vkCmdBindPipeline")
        unsafe bindDescriptorSets = try load("vkCmdBindDescriptorSets")
        unsafe pushConstants = try load("vkCmdPushConstants")
        unsafe dispatch = try load("vkCmdDispatch")
        unsafe dispatchBase = try load("vkCmdDispatchBase")
        unsafe pipelineBarrier = try load("vkCmdPipelineBarrier")
        unsafe copyBuffer = try load("vkCmdCopyBuffer")
        unsafe fillBuffer = try load("vkCmdFillBuffer")
        unsafe writeTimestamp = try load("vkCmdWriteTimestamp")
        unsafe resetQueryPool = try load("vkCmdResetQueryPool")
        unsafe createQueryPool = try load("vkCreateQueryPool")
        unsafe destroyQueryPool = try load("vkDestroyQueryPool")
        unsafe getQueryPoolResults = try load("vkGetQueryPoolResults")
        unsafe createFence = try load("vkCreateFence")
        unsafe destroyFence = try load("vkDestroyFence")
        unsafe resetFences = try load("vkResetFences")
        unsafe waitForFences = try load("vkWaitForFences")
    }
}
