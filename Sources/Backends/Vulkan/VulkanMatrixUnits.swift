import CVulkan
import Kernels
import Results

/// What a device's matrix units do, as VK_KHR_cooperative_matrix tells it.
struct VulkanMatrixUnits {
    /// Every product of sub-groups or work-groups that the driver lists, in its order.
    let products: [MatrixProductRecord]
    /// Kernels may multiply matrices of bfloat16.
    let hasBFloat16: Bool

    static let extensionName = "VK_KHR_cooperative_matrix"
    static let bfloat16ExtensionName = "VK_KHR_shader_bfloat16"

    /// Without any where the driver lacks the extension, or has it for other stages than compute alone.
    init(_ query: VulkanPropertyQuery, extensions: Set<String>) {
        guard extensions.contains(Self.extensionName), Self.isOffered(query) else {
            (products, hasBFloat16) = ([], false)
            return
        }
        products = (try? query.matrixProducts()) ?? []
        var structure = unsafe VkPhysicalDeviceShaderBfloat16FeaturesKHR()
        unsafe structure.sType = VkStructureType(rawValue: JOULEMARK_BFLOAT16_FEATURES)
        let answer = unsafe extensions.contains(Self.bfloat16ExtensionName) ? query.features(structure) : structure
        hasBFloat16 =
            unsafe answer.shaderBFloat16Type != 0 && answer.shaderBFloat16CooperativeMatrix != 0
    }

    var isAvailable: Bool { !products.isEmpty }

    /// Those that kernels have a word for: of a sub-group, summed as they are in 32 bits.
    var shapes: [MatrixShape] {
        products.compactMap { product in
            guard product.scope == "subgroup", !product.saturates, product.sum == product.result,
                product.a == product.b,
                let rate = Self.rates[product.a + product.sum], rate != .matrixBF16F32 || hasBFloat16
            else { return nil }
            return MatrixShape(rate, m: product.m, n: product.n, k: product.k)
        }
    }

    private static let rates: [String: ArithmeticRate] = [
        "f16f32": .matrixF16F32, "bf16f32": .matrixBF16F32, "s8s32": .matrixS8S32,
    ]

    private static func isOffered(_ query: VulkanPropertyQuery) -> Bool {
        var features = unsafe VkPhysicalDeviceCooperativeMatrixFeaturesKHR()
        unsafe features.sType = VkStructureType(rawValue: JOULEMARK_COOPERATIVE_MATRIX_FEATURES)
        var properties = unsafe VkPhysicalDeviceCooperativeMatrixPropertiesKHR()
        unsafe properties.sType = VkStructureType(rawValue: JOULEMARK_COOPERATIVE_MATRIX_PROPERTIES)
        let stages = unsafe query.properties(properties).cooperativeMatrixSupportedStages
        return unsafe query.features(features).cooperativeMatrix != 0
            && stages & VK_SHADER_STAGE_COMPUTE_BIT.rawValue != 0
    }
}

extension VulkanPropertyQuery {
    fileprivate func matrixProducts() throws(BackendError) -> [MatrixProductRecord] {
        guard let enumerate = unsafe commands.getPhysicalDeviceCooperativeMatrixProperties else { return [] }
        var entry = unsafe VkCooperativeMatrixPropertiesKHR()
        unsafe entry.sType = VkStructureType(rawValue: JOULEMARK_COOPERATIVE_MATRIX_ENTRY)
        let list = unsafe try vulkanList(of: entry, "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR") {
            count, list in
            unsafe enumerate(handle, &count, list)
        }
        return unsafe list.map { unsafe MatrixProductRecord($0) }
    }
}

extension MatrixProductRecord {
    fileprivate init(_ entry: VkCooperativeMatrixPropertiesKHR) {
        unsafe self.init(
            m: Int(entry.MSize), n: Int(entry.NSize), k: Int(entry.KSize), a: Self.name(entry.AType.rawValue),
            b: Self.name(entry.BType.rawValue), sum: Self.name(entry.CType.rawValue),
            result: Self.name(entry.ResultType.rawValue), scope: Self.scopes[entry.scope.rawValue] ?? "other",
            saturates: entry.saturatingAccumulation != 0)
    }

    private static func name(_ component: UInt32) -> String {
        extendedComponents[component]
            ?? (components.indices.contains(Int(component)) ? components[Int(component)] : "type \(component)")
    }

    /// By their numbers in Vulkan.
    private static let components = ["f16", "f32", "f64", "s8", "s16", "s32", "s64", "u8", "u16", "u32", "u64"]
    private static let extendedComponents: [UInt32: String] = [
        JOULEMARK_COMPONENT_BFLOAT16: "bf16", 1_000_491_002: "f8e4m3", 1_000_491_003: "f8e5m2",
    ]
    private static let scopes: [UInt32: String] = [1: "device", 2: "workgroup", 3: "subgroup", 5: "queue family"]
}
