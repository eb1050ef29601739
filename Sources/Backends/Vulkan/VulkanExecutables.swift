import CVulkan
import Kernels
import Results

/// The questions about compiled pipelines of VK_KHR_pipeline_executable_properties.
@safe struct VulkanExecutableCommands {
    static let extensionName = VK_KHR_PIPELINE_EXECUTABLE_PROPERTIES_EXTENSION_NAME

    fileprivate let properties: PFN_vkGetPipelineExecutablePropertiesKHR
    fileprivate let statistics: PFN_vkGetPipelineExecutableStatisticsKHR
    fileprivate let representations: PFN_vkGetPipelineExecutableInternalRepresentationsKHR

    /// `nil` where the driver lacks one.
    init?(_ device: VkDevice, _ instance: VulkanInstanceCommands) {
        guard let properties = unsafe instance.getDeviceProcAddr(device, "vkGetPipelineExecutablePropertiesKHR"),
            let statistics = unsafe instance.getDeviceProcAddr(device, "vkGetPipelineExecutableStatisticsKHR"),
            let representations = unsafe instance.getDeviceProcAddr(
                device, "vkGetPipelineExecutableInternalRepresentationsKHR")
        else { return nil }
        unsafe self.properties = unsafeBitCast(properties, to: PFN_vkGetPipelineExecutablePropertiesKHR.self)
        unsafe self.statistics = unsafeBitCast(statistics, to: PFN_vkGetPipelineExecutableStatisticsKHR.self)
        unsafe self.representations = unsafeBitCast(
            representations, to: PFN_vkGetPipelineExecutableInternalRepresentationsKHR.self)
    }
}

/// What a driver tells of a pipeline that was made to be asked about. A compute pipeline is one executable; where a
/// driver makes several forms of it, the first is the one that runs.
@safe struct VulkanExecutable {
    let subgroupSize: Int
    let statistics: [(name: String, value: Double)]
    let listings: [CompiledStageRecord.Listing]

    /// - Parameter disassembles: whether texts are asked for too.
    init(
        _ context: VulkanContext, _ commands: VulkanExecutableCommands, _ pipeline: borrowing VulkanHandle,
        disassembles: Bool
    ) throws(BackendError) {
        let device = unsafe context.handle
        var info = unsafe VkPipelineInfoKHR()
        unsafe info.sType = VK_STRUCTURE_TYPE_PIPELINE_INFO_KHR
        unsafe info.pipeline = pipeline.rawValue
        var properties = unsafe VkPipelineExecutablePropertiesKHR()
        unsafe properties.sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_PROPERTIES_KHR
        let executables = unsafe try vulkanList(of: properties, "vkGetPipelineExecutablePropertiesKHR") { count, list in
            unsafe commands.properties(device, &info, &count, list)
        }
        guard let first = unsafe executables.first else {
            throw BackendError(.driver, "vkGetPipelineExecutablePropertiesKHR gave no executable")
        }
        subgroupSize = unsafe Int(first.subgroupSize)

        var executable = unsafe VkPipelineExecutableInfoKHR()
        unsafe executable.sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INFO_KHR
        unsafe executable.pipeline = pipeline.rawValue
        var statistic = unsafe VkPipelineExecutableStatisticKHR()
        unsafe statistic.sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_STATISTIC_KHR
        let told = unsafe try vulkanList(of: statistic, "vkGetPipelineExecutableStatisticsKHR") { count, list in
            unsafe commands.statistics(device, &executable, &count, list)
        }
        statistics = unsafe told.map { unsafe (vulkanString($0.name), Self.number($0)) }
        listings = disassembles ? unsafe try Self.listings(device, commands, &executable) : []
    }

    private static func number(_ statistic: VkPipelineExecutableStatisticKHR) -> Double {
        switch unsafe statistic.format {
        case VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_BOOL32_KHR: unsafe Double(statistic.value.b32)
        case VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_INT64_KHR: unsafe Double(statistic.value.i64)
        case VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_UINT64_KHR: unsafe Double(statistic.value.u64)
        default: unsafe statistic.value.f64
        }
    }

    /// The driver is asked how long the texts are, then for the texts.
    private static func listings(
        _ device: VkDevice, _ commands: VulkanExecutableCommands, _ executable: inout VkPipelineExecutableInfoKHR
    ) throws(BackendError) -> [CompiledStageRecord.Listing] {
        let call = "vkGetPipelineExecutableInternalRepresentationsKHR"
        var representation = unsafe VkPipelineExecutableInternalRepresentationKHR()
        unsafe representation.sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INTERNAL_REPRESENTATION_KHR
        var forms = unsafe try vulkanList(of: representation, call) { count, list in
            unsafe commands.representations(device, &executable, &count, list)
        }
        let total = unsafe forms.reduce(0) { unsafe $0 + $1.dataSize }
        guard total > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: total)
        var result = VK_SUCCESS
        var listings: [CompiledStageRecord.Listing] = []
        unsafe bytes.withUnsafeMutableBytes { bytes in
            var offset = 0
            for index in unsafe forms.indices {
                unsafe forms[index].pData = bytes.baseAddress.map { unsafe $0 + offset }
                unsafe offset += forms[index].dataSize
            }
            var count = unsafe UInt32(forms.count)
            result = unsafe forms.withUnsafeMutableBufferPointer {
                unsafe commands.representations(device, &executable, &count, $0.baseAddress)
            }
            for index in unsafe forms.indices {
                let form = unsafe forms[index]
                guard unsafe form.isText != 0 else { continue }
                let text = unsafe UnsafeRawBufferPointer(start: form.pData, count: form.dataSize).prefix { $0 != 0 }
                unsafe listings.append(
                    CompiledStageRecord.Listing(
                        name: vulkanString(unsafe form.name), text: String(decoding: unsafe text, as: UTF8.self)))
            }
        }
        try vulkanCheck(result, call)
        return listings
    }
}

extension VulkanDevice {
    /// Compiles the stage once more, in a pipeline that keeps what its compiler says, and asks.
    func inspect(
        _ stage: StagePlan, sources: KernelLibrary, disassembles: Bool
    ) throws(BackendError) -> CompiledStageRecord {
        let checked = try VulkanStage(stage, sources: sources)
        try check(stage, checked)
        guard let commands = context.executables else {
            _ = try VulkanCompiledStage(context, checked, isDivided: false)
            var silent = CompiledStageRecord(
                figures: CompilerFigures(
                    unavailable: "the driver does not have \(VulkanExecutableCommands.extensionName)"))
            silent.figures.add(sharedMemoryOf: checked)
            silent.figures.subgroupSize = .told(Double(limits.subgroupSize))
            return silent
        }
        var captures = VK_PIPELINE_CREATE_CAPTURE_STATISTICS_BIT_KHR.rawValue
        if disassembles { captures |= VK_PIPELINE_CREATE_CAPTURE_INTERNAL_REPRESENTATIONS_BIT_KHR.rawValue }
        let compiled = try VulkanCompiledStage(context, checked, isDivided: false, captures: captures)
        let executable = try VulkanExecutable(context, commands, compiled.pipeline, disassembles: disassembles)
        var record = CompiledStageRecord(figures: CompilerFigures(executable.statistics, driver: record.driver))
        record.statistics = Dictionary(executable.statistics.map { ($0.name, $0.value) }) { first, _ in first }
        record.listings = executable.listings
        if executable.subgroupSize > 0 { record.figures.subgroupSize = .told(Double(executable.subgroupSize)) }
        if record.figures.sharedMemoryBytes.value == nil { record.figures.add(sharedMemoryOf: checked) }
        return record
    }
}

extension CompilerFigures {
    /// A driver's statistic that is one of these figures, by its name in lower case.
    private static let meanings:
        [String: (figure: any WritableKeyPath<CompilerFigures, CompilerFigure> & Sendable, unit: String?)] = [
            // RADV
            "vgprs": (\.registers, "vector registers"), "spilled vgprs": (\.spills, "vector registers"),
            "scratch size": (\.scratchBytes, "bytes a sub-group"), "lds size": (\.sharedMemoryBytes, nil),
            "subgroups per simd": (\.occupancy, "sub-groups a SIMD unit"), "instructions": (\.instructions, nil),
            "inverse throughput": (\.cycles, "cycles of throughput"), "code size": (\.codeBytes, nil),
            // NVK
            "number of gprs": (\.registers, nil), "spills to memory": (\.spills, "instructions"),
            "slm size": (\.scratchBytes, "bytes a work-item"),
            "max warps/sm": (\.occupancy, "sub-groups a multiprocessor"),
            "instruction count": (\.instructions, nil), "static cycle count": (\.cycles, nil),
            // Turnip
            "registers used": (\.registers, "registers of four"), "stp count": (\.spills, "instructions"),
            "max waves per core": (\.occupancy, "sub-groups a core"),
            // Honeykrisp
            "gprs": (\.registers, "16-bit halves"), "spills": (\.spills, "instructions"),
            "scratch": (\.scratchBytes, nil),
            "threads": (\.occupancy, "work-items a core"), "alu": (\.cycles, "cycles of arithmetic"),
            // ANV
            "max live registers": (\.registers, nil), "spill count": (\.spills, "instructions"),
            "scratch memory size": (\.scratchBytes, nil), "workgroup memory size": (\.sharedMemoryBytes, nil),
            "cycle count": (\.cycles, nil),
            // NVIDIA
            "register count": (\.registers, nil), "local memory size": (\.scratchBytes, "bytes a work-item"),
            "shared memory size": (\.sharedMemoryBytes, nil), "binary size": (\.codeBytes, nil),
        ]

    /// - Parameter driver: who told them, for what is missing.
    init(_ statistics: [(name: String, value: Double)], driver: String) {
        self.init(unavailable: "\(driver) does not tell")
        for (name, value) in statistics {
            guard let (figure, unit) = Self.meanings[name.lowercased()] else { continue }
            self[keyPath: figure] = .told(value, unit: unit)
        }
    }

    /// The sizes of the module's shared variables, where the driver tells nothing.
    mutating func add(sharedMemoryOf stage: VulkanStage) {
        guard let bytes = stage.sharedMemoryBytes else { return }
        sharedMemoryBytes = .computed(Double(bytes), from: "the sizes of the module's shared variables")
    }
}
