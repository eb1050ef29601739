import CVulkan
import Synchronization

/// What the validation layer said, for tests that expect silence.
public final class VulkanValidationLog: Sendable {
    private let collected = Mutex<[String]>([])

    public init() {}

    /// Every warning and error so far, in order.
    public var messages: [String] { collected.withLock { $0 } }

    func append(_ message: String) { collected.withLock { $0.append(message) } }
}

/// The messenger that fills a ``VulkanValidationLog``, taken down with the value.
@safe struct VulkanMessenger: ~Copyable {
    private let instance: VkInstance
    private let handle: VkDebugUtilsMessengerEXT
    private let destroy: PFN_vkDestroyDebugUtilsMessengerEXT
    /// Kept alive as long as the layer holds its address.
    private let log: VulkanValidationLog

    init(_ log: VulkanValidationLog, instance: VkInstance, library: borrowing VulkanLibrary) throws(BackendError) {
        let create = unsafe try library.function(
            "vkCreateDebugUtilsMessengerEXT", of: instance, as: PFN_vkCreateDebugUtilsMessengerEXT.self)
        let destroy = unsafe try library.function(
            "vkDestroyDebugUtilsMessengerEXT", of: instance, as: PFN_vkDestroyDebugUtilsMessengerEXT.self)
        var info = unsafe Self.info(log)
        var created: VkDebugUtilsMessengerEXT?
        try vulkanCheck(unsafe create(instance, &info, nil, &created), "vkCreateDebugUtilsMessengerEXT")
        guard let handle = unsafe created else {
            throw BackendError(.driver, "vkCreateDebugUtilsMessengerEXT gave no messenger")
        }
        unsafe self.instance = instance
        unsafe self.handle = handle
        unsafe self.destroy = destroy
        self.log = log
    }

    deinit { unsafe destroy(instance, handle, nil) }

    /// Warnings and errors of validation, delivered to `log`, which must outlive the messenger made from this.
    static func info(_ log: VulkanValidationLog) -> VkDebugUtilsMessengerCreateInfoEXT {
        var info = unsafe VkDebugUtilsMessengerCreateInfoEXT()
        unsafe info.sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT
        unsafe info.messageSeverity =
            VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT.rawValue
            | VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT.rawValue
        unsafe info.messageType =
            VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT.rawValue
            | VK_DEBUG_UTILS_MESSAGE_TYPE_PERFORMANCE_BIT_EXT.rawValue
        unsafe info.pUserData = Unmanaged.passUnretained(log).toOpaque()
        unsafe info.pfnUserCallback = { _, _, data, user in
            if let user = unsafe user, let text = unsafe data?.pointee.pMessage {
                unsafe Unmanaged<VulkanValidationLog>.fromOpaque(user).takeUnretainedValue()
                    .append(String(cString: text))
            }
            return VkBool32(VK_FALSE)
        }
        return unsafe info
    }
}
