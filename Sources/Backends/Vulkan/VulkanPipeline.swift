import CVulkan
import Platform

/// A stage with what its dispatch needs. Those that differ in arguments and grid only share what is compiled.
final class VulkanPipeline {
    let compiled: VulkanCompiledStage
    let stage: VulkanStage
    let grid: VulkanGrid
    /// Seconds of its shortest dispatch that was a submission of its own; `nil` before the first.
    var knownSeconds: Double?

    /// - Parameters:
    ///   - cache: where compiled forms are looked for and kept.
    ///   - largestGrid: work-groups that a dispatch has at most.
    ///   - others: pipelines of the same device.
    init(
        _ context: VulkanContext, _ stage: VulkanStage, cache: VulkanPipelineCache?, largestGrid: VulkanGrid.Size,
        sharingWith others: some Sequence<VulkanPipeline>
    ) throws(BackendError) {
        let grid = VulkanGrid((stage.workGroups[0], stage.workGroups[1], stage.workGroups[2]), largest: largestGrid)
        self.stage = stage
        self.grid = grid
        if let twin = others.first(where: { $0.stage.compilesLike(stage) && $0.grid.isDivided == grid.isDivided }) {
            compiled = twin.compiled
        } else {
            compiled = try VulkanCompiledStage(context, stage, isDivided: grid.isDivided, cache: cache)
        }
    }
}

/// A stage compiled for a device.
@safe final class VulkanCompiledStage {
    let pipeline: VulkanHandle
    let layout: VulkanHandle
    let setLayout: VulkanHandle

    /// - Parameters:
    ///   - isDivided: whether its dispatches are parts of a grid.
    ///   - captures: flags that have the driver keep what its compiler says.
    ///   - cache: where compiled forms are looked for and kept.
    init(
        _ context: VulkanContext, _ stage: VulkanStage, isDivided: Bool, captures: UInt32 = 0,
        cache: VulkanPipelineCache? = nil
    ) throws(BackendError) {
        setLayout = try Self.makeSetLayout(context, bufferCount: stage.bufferCount)
        layout = try Self.makeLayout(context, setLayout, argumentBytes: 4 * stage.arguments.count)
        let flags = captures | (isDivided ? VK_PIPELINE_CREATE_DISPATCH_BASE_BIT.rawValue : 0)
        let begin = MonotonicClock.now()
        pipeline = try Self.makePipeline(context, stage, layout, flags: flags, cache: cache)
        cache?.note(compilationSeconds: MonotonicClock.now() - begin)
    }

    private static func makeSetLayout(_ context: VulkanContext, bufferCount: Int) throws(BackendError) -> VulkanHandle {
        let bindings = unsafe (0..<bufferCount).map { index in
            var binding = unsafe VkDescriptorSetLayoutBinding()
            unsafe binding.binding = UInt32(index)
            unsafe binding.descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER
            unsafe binding.descriptorCount = 1
            unsafe binding.stageFlags = VK_SHADER_STAGE_COMPUTE_BIT.rawValue
            return unsafe binding
        }
        let commands = context.commands
        return unsafe try context.own("vkCreateDescriptorSetLayout", commands.destroyDescriptorSetLayout) { created in
            unsafe bindings.withUnsafeBufferPointer { bindings in
                var info = unsafe VkDescriptorSetLayoutCreateInfo()
                unsafe info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO
                unsafe info.bindingCount = UInt32(bindings.count)
                unsafe info.pBindings = bindings.baseAddress
                return unsafe commands.createDescriptorSetLayout(context.handle, &info, nil, created)
            }
        }
    }

    private static func makeLayout(
        _ context: VulkanContext, _ setLayout: borrowing VulkanHandle, argumentBytes: Int
    ) throws(BackendError) -> VulkanHandle {
        let commands = context.commands
        let sets = unsafe [VkDescriptorSetLayout?.some(setLayout.rawValue)]
        var range = VkPushConstantRange()
        range.stageFlags = VK_SHADER_STAGE_COMPUTE_BIT.rawValue
        range.size = UInt32(argumentBytes)
        return unsafe try context.own("vkCreatePipelineLayout", commands.destroyPipelineLayout) { created in
            unsafe sets.withUnsafeBufferPointer { sets in
                unsafe withUnsafePointer(to: &range) { range in
                    var info = unsafe VkPipelineLayoutCreateInfo()
                    unsafe info.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO
                    unsafe info.setLayoutCount = 1
                    unsafe info.pSetLayouts = sets.baseAddress
                    unsafe info.pushConstantRangeCount = argumentBytes > 0 ? 1 : 0
                    unsafe info.pPushConstantRanges = range
                    return unsafe commands.createPipelineLayout(context.handle, &info, nil, created)
                }
            }
        }
    }

    private static func makeModule(_ context: VulkanContext, _ stage: VulkanStage) throws(BackendError) -> VulkanHandle
    {
        let commands = context.commands
        return unsafe try context.own("\(stage.source): vkCreateShaderModule", commands.destroyShaderModule) {
            created in
            unsafe stage.module.words.withUnsafeBufferPointer { words in
                var info = unsafe VkShaderModuleCreateInfo()
                unsafe info.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO
                unsafe info.codeSize = 4 * words.count
                unsafe info.pCode = words.baseAddress
                return unsafe commands.createShaderModule(context.handle, &info, nil, created)
            }
        }
    }

    private static func makePipeline(
        _ context: VulkanContext, _ stage: VulkanStage, _ layout: borrowing VulkanHandle, flags: UInt32,
        cache: VulkanPipelineCache?
    ) throws(BackendError) -> VulkanHandle {
        let module = try makeModule(context, stage)
        let (moduleHandle, layoutHandle) = unsafe (module.rawValue, layout.rawValue)
        let entries = stage.constants.enumerated().map { index, constant in
            VkSpecializationMapEntry(constantID: constant.id, offset: UInt32(4 * index), size: 4)
        }
        let values = stage.constants.map(\.bits)
        var subgroups = unsafe VkPipelineShaderStageRequiredSubgroupSizeCreateInfo()
        unsafe subgroups.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO
        let subgroupSize = context.physicalDevice.features.subgroupSizes == nil ? nil : stage.subgroupSize
        unsafe subgroups.requiredSubgroupSize = subgroupSize ?? 0
        let commands = context.commands
        return unsafe try context.own("\(stage.source): vkCreateComputePipelines", commands.destroyPipeline) {
            created in
            unsafe entries.withUnsafeBufferPointer { entries in
                unsafe values.withUnsafeBufferPointer { values in
                    var constants = unsafe VkSpecializationInfo()
                    unsafe constants.mapEntryCount = UInt32(entries.count)
                    unsafe constants.pMapEntries = entries.baseAddress
                    unsafe constants.dataSize = 4 * values.count
                    unsafe constants.pData = UnsafeRawPointer(values.baseAddress)
                    return unsafe withUnsafePointers(to: &constants, &subgroups) { constants, subgroups in
                        unsafe stage.module.entryPoint.withCString { name in
                            var info = unsafe VkComputePipelineCreateInfo()
                            unsafe info.sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO
                            unsafe info.flags = flags
                            unsafe info.stage.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO
                            if subgroupSize != nil {
                                unsafe info.stage.pNext = UnsafeRawPointer(subgroups)
                                unsafe info.stage.flags =
                                    VK_PIPELINE_SHADER_STAGE_CREATE_REQUIRE_FULL_SUBGROUPS_BIT.rawValue
                            }
                            unsafe info.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT
                            unsafe info.stage.module = moduleHandle
                            unsafe info.stage.pName = name
                            unsafe info.stage.pSpecializationInfo = constants
                            unsafe info.layout = layoutHandle
                            return unsafe commands.createComputePipelines(
                                context.handle, cache?.handle, 1, &info, nil, created)
                        }
                    }
                }
            }
        }
    }
}

private func withUnsafePointers<First, Second, Result>(
    to first: inout First, _ second: inout Second, _ body: (UnsafePointer<First>, UnsafePointer<Second>) -> Result
) -> Result {
    unsafe withUnsafePointer(to: &first) { first in
        unsafe withUnsafePointer(to: &second) { second in unsafe body(first, second) }
    }
}
