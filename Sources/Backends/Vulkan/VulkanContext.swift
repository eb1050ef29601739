import CVulkan

/// An open device with its queue and the functions of its driver. Every handle of the device keeps it alive.
@safe final class VulkanContext {
    let physicalDevice: VulkanPhysicalDevice
    let handle: VkDevice
    let queue: VkQueue
    let commands: VulkanDeviceCommands
    /// `nil` when the driver does not have VK_EXT_calibrated_timestamps.
    let calibratedTimestamps: PFN_vkGetCalibratedTimestampsEXT?
    /// `nil` when the driver tells nothing of what it compiles.
    let executables: VulkanExecutableCommands?
    /// Outlives the device: stored properties go after `deinit`.
    private let instance: VulkanInstance

    init(_ instance: consuming VulkanInstance, index: Int) throws(BackendError) {
        let devices = try instance.physicalDevices()
        guard devices.indices.contains(index) else {
            throw BackendError(.missing, "there is no device vulkan:\(index); Vulkan has \(devices.count) here")
        }
        physicalDevice = devices[index]
        let created = unsafe try Self.create(physicalDevice, instance.commands)
        unsafe handle = unsafe created
        do {
            commands = unsafe try VulkanDeviceCommands(created, instance.commands)
        } catch {
            throw error
        }
        let isCalibrated = physicalDevice.extensions.contains(VulkanCalibration.extensionName)
        let function =
            isCalibrated ? unsafe instance.commands.getDeviceProcAddr(created, "vkGetCalibratedTimestampsEXT") : nil
        unsafe calibratedTimestamps = unsafe function.map {
            unsafe unsafeBitCast($0, to: PFN_vkGetCalibratedTimestampsEXT.self)
        }
        executables =
            physicalDevice.features.tellsExecutables
            ? unsafe VulkanExecutableCommands(created, instance.commands) : nil
        var found: VkQueue?
        unsafe commands.getDeviceQueue(created, physicalDevice.queueFamily, 0, &found)
        guard let queue = unsafe found else {
            unsafe commands.destroyDevice(created, nil)
            throw BackendError(.driver, "vkGetDeviceQueue gave no queue")
        }
        unsafe self.queue = unsafe queue
        self.instance = instance
    }

    deinit {
        unsafe _ = commands.deviceWaitIdle(handle)
        unsafe commands.destroyDevice(handle, nil)
    }

    /// Creates the device with one queue and with what kernels may use of it.
    private static func create(
        _ physicalDevice: VulkanPhysicalDevice, _ commands: VulkanInstanceCommands
    ) throws(BackendError) -> VkDevice {
        let enabled = VulkanEnabledFeatures(physicalDevice)
        var priority: Float = 1
        var created: VkDevice?
        let result = unsafe withUnsafePointer(to: &priority) { priority in
            var queue = unsafe VkDeviceQueueCreateInfo()
            unsafe queue.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO
            unsafe queue.queueFamilyIndex = physicalDevice.queueFamily
            unsafe queue.queueCount = 1
            unsafe queue.pQueuePriorities = priority
            return unsafe withUnsafePointer(to: &queue) { queue in
                unsafe withCStrings(enabled.extensions) { extensions in
                    var info = unsafe VkDeviceCreateInfo()
                    unsafe info.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO
                    unsafe info.pNext = enabled.structures.first
                    unsafe info.queueCreateInfoCount = 1
                    unsafe info.pQueueCreateInfos = queue
                    unsafe info.enabledExtensionCount = UInt32(extensions.count)
                    unsafe info.ppEnabledExtensionNames = extensions.baseAddress
                    return unsafe commands.createDevice(physicalDevice.handle, &info, nil, &created)
                }
            }
        }
        try vulkanCheck(result, "vkCreateDevice")
        guard let device = unsafe created else { throw BackendError(.driver, "vkCreateDevice gave no device") }
        return unsafe device
    }

    /// Pointers to two values at a time.
    private static func withUnsafeMutablePointers<First, Second, Result>(
        _ first: inout First, _ second: inout Second,
        _ body: (UnsafeMutablePointer<First>, UnsafeMutablePointer<Second>) -> Result
    ) -> Result {
        unsafe withUnsafeMutablePointer(to: &first) { first in
            unsafe withUnsafeMutablePointer(to: &second) { second in unsafe body(first, second) }
        }
    }

    /// Has `create` make a handle, and owns it.
    func own(
        _ call: String, _ destroy: @escaping VulkanDestroy,
        _ create: (UnsafeMutablePointer<OpaquePointer?>) -> VkResult
    ) throws(BackendError) -> VulkanHandle {
        var created: OpaquePointer?
        try vulkanCheck(unsafe create(&created), call)
        guard let handle = unsafe created else { throw BackendError(.driver, "\(call) gave nothing") }
        return unsafe VulkanHandle(handle, context: self, destroy: destroy)
    }
}

/// A handle that belongs to a device: a buffer, a pipeline, a fence. Destroyed with the value.
@safe struct VulkanHandle: ~Copyable {
    let rawValue: OpaquePointer
    private let context: VulkanContext
    private let destroy: VulkanDestroy

    fileprivate init(_ rawValue: OpaquePointer, context: VulkanContext, destroy: @escaping VulkanDestroy) {
        unsafe self.rawValue = unsafe rawValue
        self.context = context
        unsafe self.destroy = unsafe destroy
    }

    deinit { unsafe destroy(context.handle, rawValue, nil) }
}
