import CVulkan
import Platform

/// The Vulkan loader, opened at run time: nothing links it.
@safe struct VulkanLibrary: ~Copyable {
    private let library: DynamicLibrary
    private let getInstanceProcAddr: PFN_vkGetInstanceProcAddr

    /// - Throws: ``BackendError`` with code `missing`, naming the package.
    init() throws(BackendError) {
        do throws(DynamicLibrary.LoadError) {
            let library = try DynamicLibrary(["libvulkan.so.1"])
            unsafe getInstanceProcAddr = try library.function(
                "vkGetInstanceProcAddr", as: PFN_vkGetInstanceProcAddr.self)
            self.library = library
        } catch {
            throw BackendError(.missing, "no Vulkan loader (\(error)); apt-get install libvulkan1")
        }
    }

    /// The function `name`, cast to `type`, which must be its C type; `nil` when this loader does not have it.
    func function<Function>(ifPresent name: String, of instance: VkInstance?, as type: Function.Type) -> Function? {
        guard let function = unsafe getInstanceProcAddr(instance, name) else { return nil }
        return unsafe unsafeBitCast(function, to: type)
    }

    func function<Function>(
        _ name: String, of instance: VkInstance?, as type: Function.Type
    ) throws(BackendError) -> Function {
        if let function = unsafe function(ifPresent: name, of: instance, as: type) { return function }
        throw BackendError(.missing, "the Vulkan loader has no function '\(name)'; Vulkan 1.1 or newer is needed")
    }
}

/// Calls an enumerating function twice, as Vulkan wants: for the count, then for the items.
func vulkanList<Item>(
    of initial: Item, _ call: String, _ enumerate: (inout UInt32, UnsafeMutablePointer<Item>?) -> VkResult
) throws(BackendError) -> [Item] {
    var count: UInt32 = 0
    try vulkanCheck(enumerate(&count, nil), call)
    guard count > 0 else { return [] }
    var items = [Item](repeating: initial, count: Int(count))
    let result = unsafe items.withUnsafeMutableBufferPointer { buffer in
        unsafe enumerate(&count, buffer.baseAddress)
    }
    try vulkanCheck(result, call)
    return Array(items.prefix(Int(count)))
}
