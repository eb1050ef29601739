import CVulkan

/// A Vulkan instance with the functions that enumerate and describe devices; destroyed with the value.
@safe struct VulkanInstance: ~Copyable {
    private let messenger: VulkanMessenger?
    private let handle: VulkanInstanceHandle
    let commands: VulkanInstanceCommands

    static let validationLayer = "VK_LAYER_KHRONOS_validation"

    /// - Parameter validation: turns the validation layer on, synchronisation validation included, and collects what it
    ///   says.
    /// - Throws: ``BackendError`` with code `missing` when there is no loader, no driver or no layer: names the
    ///   package.
    init(validation: VulkanValidationLog?) throws(BackendError) {
        let library = try VulkanLibrary()
        let supported = try Self.supportedVersion(library)
        guard supported >= VulkanVersion(1, 1) else {
            throw BackendError(
                .missing, "the Vulkan loader speaks \(supported); 1.1 or newer is needed: apt-get install libvulkan1")
        }
        let created = unsafe try Self.create(
            library, version: min(supported, VulkanVersion(1, 3)), validation: validation)
        let handle = unsafe try VulkanInstanceHandle(created, library)
        let commands = try VulkanInstanceCommands(handle)
        messenger =
            if let validation {
                unsafe try VulkanMessenger(validation, instance: handle.rawValue, library: handle.library)
            } else {
                nil
            }
        self.handle = handle
        self.commands = commands
    }

    /// The loader's version. A loader of 1.0 lacks the question.
    private static func supportedVersion(_ library: borrowing VulkanLibrary) throws(BackendError) -> VulkanVersion {
        let enumerate = unsafe library.function(
            ifPresent: "vkEnumerateInstanceVersion", of: nil, as: PFN_vkEnumerateInstanceVersion.self)
        guard let enumerate = unsafe enumerate else { return VulkanVersion(1, 0) }
        var version: UInt32 = 0
        try vulkanCheck(unsafe enumerate(&version), "vkEnumerateInstanceVersion")
        return VulkanVersion(rawValue: version)
    }

    private static func create(
        _ library: borrowing VulkanLibrary, version: VulkanVersion, validation: VulkanValidationLog?
    ) throws(BackendError) -> VkInstance {
        let createInstance = unsafe try library.function("vkCreateInstance", of: nil, as: PFN_vkCreateInstance.self)
        let layers = validation == nil ? [] : [validationLayer]
        let extensions =
            validation == nil ? [] : [VK_EXT_DEBUG_UTILS_EXTENSION_NAME, VK_EXT_VALIDATION_FEATURES_EXTENSION_NAME]
        var created: VkInstance?
        var application = unsafe VkApplicationInfo()
        unsafe application.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO
        unsafe application.apiVersion = version.rawValue
        let enabled = [VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT]
        let result = unsafe withUnsafePointer(to: &application) { application in
            unsafe enabled.withUnsafeBufferPointer { enabled in
                var features = unsafe VkValidationFeaturesEXT()
                unsafe features.sType = VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT
                unsafe features.enabledValidationFeatureCount = UInt32(enabled.count)
                unsafe features.pEnabledValidationFeatures = enabled.baseAddress
                return unsafe withUnsafePointer(to: &features) { features in
                    unsafe withCStrings(layers) { layers in
                        unsafe withCStrings(extensions) { extensions in
                            var info = unsafe VkInstanceCreateInfo()
                            unsafe info.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO
                            if validation != nil { unsafe info.pNext = UnsafeRawPointer(features) }
                            unsafe info.pApplicationInfo = application
                            unsafe info.enabledLayerCount = UInt32(layers.count)
                            unsafe info.ppEnabledLayerNames = layers.baseAddress
                            unsafe info.enabledExtensionCount = UInt32(extensions.count)
                            unsafe info.ppEnabledExtensionNames = extensions.baseAddress
                            return unsafe createInstance(&info, nil, &created)
                        }
                    }
                }
            }
        }
        try vulkanCheck(result, "vkCreateInstance")
        guard let handle = unsafe created else { throw BackendError(.driver, "vkCreateInstance gave no instance") }
        return unsafe handle
    }

    /// The devices that this backend can use, in the driver's order: those of Vulkan 1.1 or newer with a compute queue.
    func physicalDevices() throws(BackendError) -> [VulkanPhysicalDevice] {
        let handles = unsafe try vulkanList(of: VkPhysicalDevice?.none, "vkEnumeratePhysicalDevices") { count, list in
            unsafe commands.enumeratePhysicalDevices(handle.rawValue, &count, list)
        }
        var devices: [VulkanPhysicalDevice] = []
        for index in unsafe handles.indices {
            guard let candidate = unsafe handles[index] else { continue }
            if let device = unsafe try VulkanPhysicalDevice(candidate, commands) { devices.append(device) }
        }
        return devices
    }
}

/// Owns the `VkInstance` and the library that its functions lie in.
@safe struct VulkanInstanceHandle: ~Copyable {
    let rawValue: VkInstance
    let library: VulkanLibrary
    private let destroy: PFN_vkDestroyInstance

    init(_ rawValue: VkInstance, _ library: consuming VulkanLibrary) throws(BackendError) {
        unsafe destroy = try library.function("vkDestroyInstance", of: rawValue, as: PFN_vkDestroyInstance.self)
        unsafe self.rawValue = unsafe rawValue
        self.library = library
    }

    deinit { unsafe destroy(rawValue, nil) }
}

/// Calls `body` with the strings as C wants a list of them.
func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) -> Result
) -> Result {
    var bytes: [CChar] = []
    var offsets: [Int] = []
    for string in strings {
        offsets.append(bytes.count)
        bytes += string.utf8CString
    }
    return unsafe bytes.withUnsafeBufferPointer { bytes in
        let pointers = unsafe offsets.map { offset in unsafe bytes.baseAddress.map { unsafe $0 + offset } }
        return unsafe pointers.withUnsafeBufferPointer { unsafe body($0) }
    }
}
