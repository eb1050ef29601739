import CVulkan

/// What a device is created with: the features that kernels may use, each where it is offered, and the extensions that
/// these belong to.
struct VulkanEnabledFeatures: ~Copyable {
    let structures: VulkanStructureChain
    let extensions: [String]

    init(_ device: VulkanPhysicalDevice) {
        let features = device.features
        var chain = VulkanStructureChain()
        var names: [String] = []
        func use(_ name: String) { if device.extensions.contains(name) { names.append(name) } }

        var storage = unsafe VkPhysicalDevice16BitStorageFeatures()
        unsafe storage.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_16BIT_STORAGE_FEATURES
        unsafe storage.storageBuffer16BitAccess = features.storesHalf ? 1 : 0
        unsafe chain.append(storage)
        if features.computesHalf || features.computesBytes {
            var arithmetic = unsafe VkPhysicalDeviceShaderFloat16Int8Features()
            unsafe arithmetic.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_FLOAT16_INT8_FEATURES
            unsafe arithmetic.shaderFloat16 = features.computesHalf ? 1 : 0
            unsafe arithmetic.shaderInt8 = features.computesBytes ? 1 : 0
            unsafe chain.append(arithmetic)
            use(VK_KHR_SHADER_FLOAT16_INT8_EXTENSION_NAME)
        }
        if features.subgroupSizes != nil {
            var control = unsafe VkPhysicalDeviceSubgroupSizeControlFeatures()
            unsafe control.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES
            unsafe control.subgroupSizeControl = 1
            unsafe control.computeFullSubgroups = 1
            unsafe chain.append(control)
            use(VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME)
        }
        if features.multipliesPackedBytes {
            var products = unsafe VkPhysicalDeviceShaderIntegerDotProductFeatures()
            unsafe products.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_INTEGER_DOT_PRODUCT_FEATURES
            unsafe products.shaderIntegerDotProduct = 1
            unsafe chain.append(products)
            use(VK_KHR_SHADER_INTEGER_DOT_PRODUCT_EXTENSION_NAME)
        }
        if features.matrixUnits.isAvailable {
            var model = unsafe VkPhysicalDeviceVulkanMemoryModelFeatures()
            unsafe model.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_MEMORY_MODEL_FEATURES
            unsafe model.vulkanMemoryModel = 1
            unsafe chain.append(model)
            use(VK_KHR_VULKAN_MEMORY_MODEL_EXTENSION_NAME)
            var matrices = unsafe VkPhysicalDeviceCooperativeMatrixFeaturesKHR()
            unsafe matrices.sType = VkStructureType(rawValue: JOULEMARK_COOPERATIVE_MATRIX_FEATURES)
            unsafe matrices.cooperativeMatrix = 1
            unsafe chain.append(matrices)
            use(VulkanMatrixUnits.extensionName)
        }
        if features.matrixUnits.hasBFloat16 {
            var brain = unsafe VkPhysicalDeviceShaderBfloat16FeaturesKHR()
            unsafe brain.sType = VkStructureType(rawValue: JOULEMARK_BFLOAT16_FEATURES)
            unsafe brain.shaderBFloat16Type = 1
            unsafe brain.shaderBFloat16CooperativeMatrix = 1
            unsafe chain.append(brain)
            use(VulkanMatrixUnits.bfloat16ExtensionName)
        }
        if features.tellsExecutables {
            var executables = unsafe VkPhysicalDevicePipelineExecutablePropertiesFeaturesKHR()
            unsafe executables.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PIPELINE_EXECUTABLE_PROPERTIES_FEATURES_KHR
            unsafe executables.pipelineExecutableInfo = 1
            unsafe chain.append(executables)
            use(VulkanExecutableCommands.extensionName)
        }
        use(VulkanCalibration.extensionName)
        structures = chain
        extensions = names
    }
}
