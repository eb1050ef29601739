import CVulkan
import Kernels

/// What a device can do beyond Vulkan 1.1's minimum, as far as kernels may use it.
struct VulkanFeatures {
    /// Kernels may load and store 16-bit values in storage buffers.
    let storesHalf: Bool
    /// Kernels may compute with 16-bit floats.
    let computesHalf: Bool
    /// The driver tells what its compiler made of a pipeline.
    let tellsExecutables: Bool
    /// Kernels may compute with 8-bit integers.
    let computesBytes: Bool
    /// Kernels may sum products of four packed 8-bit integers at a time.
    let multipliesPackedBytes: Bool
    /// Kernels may ask for what VK_KHR_cooperative_matrix's shaders need of memory.
    let hasMemoryModel: Bool
    /// Sizes that a compute stage may require of its sub-groups; `nil` when it cannot.
    let subgroupSizes: ClosedRange<Int>?
    let matrixUnits: VulkanMatrixUnits
    /// What strategies can ask for.
    let known: Set<DeviceFeature>
    /// Names for the device's record, sorted.
    let names: [String]

    init(_ query: VulkanPropertyQuery, extensions: Set<String>, properties: VkPhysicalDeviceProperties) {
        let version = VulkanVersion(rawValue: properties.apiVersion)
        func has(_ name: String, coreIn core: VulkanVersion? = nil) -> Bool {
            if let core, version >= core { return true }
            return extensions.contains(name)
        }
        var storage = unsafe VkPhysicalDevice16BitStorageFeatures()
        unsafe storage.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_16BIT_STORAGE_FEATURES
        storesHalf = unsafe query.features(storage).storageBuffer16BitAccess != 0

        var names: [String] = storesHalf ? ["fp16-storage"] : []
        if has(VK_KHR_SHADER_FLOAT16_INT8_EXTENSION_NAME, coreIn: VulkanVersion(1, 2)) {
            var structure = unsafe VkPhysicalDeviceShaderFloat16Int8Features()
            unsafe structure.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_FLOAT16_INT8_FEATURES
            let answer = unsafe query.features(structure)
            computesHalf = unsafe answer.shaderFloat16 != 0
            if computesHalf { names.append("fp16-arithmetic") }
            computesBytes = unsafe answer.shaderInt8 != 0
            if computesBytes { names.append("int8-arithmetic") }
        } else {
            (computesHalf, computesBytes) = (false, false)
        }
        if has(VK_KHR_VULKAN_MEMORY_MODEL_EXTENSION_NAME, coreIn: VulkanVersion(1, 2)) {
            var structure = unsafe VkPhysicalDeviceVulkanMemoryModelFeatures()
            unsafe structure.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_MEMORY_MODEL_FEATURES
            hasMemoryModel = unsafe query.features(structure).vulkanMemoryModel != 0
        } else {
            hasMemoryModel = false
        }
        let controlsSubgroups = has(VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME, coreIn: VulkanVersion(1, 3))
        subgroupSizes = controlsSubgroups ? Self.subgroupSizes(query) : nil
        matrixUnits = VulkanMatrixUnits(query, extensions: hasMemoryModel ? extensions : [])
        // Where a card has no instruction for it, its driver writes it out, which is slower than floats; so do drivers
        // of processors, on which kernels for it are tested.
        var hasDotInstruction = properties.deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU
        if has(VK_KHR_SHADER_INTEGER_DOT_PRODUCT_EXTENSION_NAME, coreIn: VulkanVersion(1, 3)) {
            var features = unsafe VkPhysicalDeviceShaderIntegerDotProductFeatures()
            unsafe features.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_INTEGER_DOT_PRODUCT_FEATURES
            multipliesPackedBytes = unsafe query.features(features).shaderIntegerDotProduct != 0
            var structure = unsafe VkPhysicalDeviceShaderIntegerDotProductProperties()
            unsafe structure.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_INTEGER_DOT_PRODUCT_PROPERTIES
            let answer = unsafe query.properties(structure)
            let isAccelerated = unsafe answer.integerDotProduct4x8BitPackedSignedAccelerated != 0
            names.append(isAccelerated ? "int8-dot-accelerated" : "int8-dot")
            hasDotInstruction = hasDotInstruction || isAccelerated
        } else {
            multipliesPackedBytes = false
        }
        if extensions.contains(VulkanExecutableCommands.extensionName) {
            var structure = unsafe VkPhysicalDevicePipelineExecutablePropertiesFeaturesKHR()
            unsafe structure.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PIPELINE_EXECUTABLE_PROPERTIES_FEATURES_KHR
            tellsExecutables = unsafe query.features(structure).pipelineExecutableInfo != 0
        } else {
            tellsExecutables = false
        }
        let subgroups = Self.subgroupOperations(query)
        names += subgroups.map(\.name)
        known = Set(
            subgroups.compactMap(\.feature) + (computesHalf ? [.f16Arithmetic] : [])
                + (multipliesPackedBytes && hasDotInstruction ? [.integerDotProduct] : []))
        let byExtension = [
            "VK_KHR_cooperative_matrix": "cooperative-matrix-khr", "VK_NV_cooperative_matrix": "cooperative-matrix-nv",
            "VK_NV_cooperative_matrix2": "cooperative-matrix-2-nv",
            "VK_EXT_calibrated_timestamps": "calibrated-timestamps",
            "VK_KHR_calibrated_timestamps": "calibrated-timestamps",
            "VK_EXT_subgroup_size_control": "subgroup-size-control", "VK_EXT_memory_budget": "memory-budget",
        ]
        names += byExtension.filter { extensions.contains($0.key) }.values
        self.names = Set(names).sorted()
    }

    private static func subgroupSizes(_ query: VulkanPropertyQuery) -> ClosedRange<Int>? {
        var control = unsafe VkPhysicalDeviceSubgroupSizeControlFeatures()
        unsafe control.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES
        var sizes = unsafe VkPhysicalDeviceSubgroupSizeControlProperties()
        unsafe sizes.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_PROPERTIES
        let (features, answer) = unsafe (query.features(control), query.properties(sizes))
        let compute = VK_SHADER_STAGE_COMPUTE_BIT.rawValue
        guard unsafe features.subgroupSizeControl != 0, unsafe features.computeFullSubgroups != 0,
            unsafe answer.requiredSubgroupSizeStages & compute != 0,
            unsafe answer.minSubgroupSize <= answer.maxSubgroupSize
        else { return nil }
        return unsafe Int(answer.minSubgroupSize)...Int(answer.maxSubgroupSize)
    }

    private typealias SubgroupOperation = (bit: VkSubgroupFeatureFlagBits, name: String, feature: DeviceFeature?)

    /// What sub-groups of a compute stage can do.
    private static func subgroupOperations(_ query: VulkanPropertyQuery) -> [SubgroupOperation] {
        var structure = unsafe VkPhysicalDeviceSubgroupProperties()
        unsafe structure.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES
        let answer = unsafe query.properties(structure)
        guard unsafe answer.supportedStages & VK_SHADER_STAGE_COMPUTE_BIT.rawValue != 0 else { return [] }
        let operations: [SubgroupOperation] = [
            (VK_SUBGROUP_FEATURE_ARITHMETIC_BIT, "subgroup-arithmetic", .subgroupArithmetic),
            (VK_SUBGROUP_FEATURE_BALLOT_BIT, "subgroup-ballot", .subgroupBallot),
            (VK_SUBGROUP_FEATURE_SHUFFLE_BIT, "subgroup-shuffle", .subgroupShuffle),
            (VK_SUBGROUP_FEATURE_CLUSTERED_BIT, "subgroup-clustered", nil),
        ]
        return operations.filter { unsafe answer.supportedOperations & $0.bit.rawValue != 0 }
    }
}
