import CVulkan

/// Structures that extend another by `pNext`, owned together: what a device is created with.
@safe struct VulkanStructureChain: ~Copyable {
    private var allocations: [UnsafeMutableRawPointer]

    init() { unsafe allocations = [] }

    deinit { unsafe allocations.forEach { unsafe $0.deallocate() } }

    /// The first structure; `nil` when there is none.
    var first: UnsafeRawPointer? { unsafe allocations.first.map { UnsafeRawPointer($0) } }

    /// Copies a structure of Vulkan's, which begins with `sType` and `pNext`, to the end of the chain.
    mutating func append<Structure: BitwiseCopyable>(_ structure: Structure) {
        let allocation = UnsafeMutableRawPointer.allocate(
            byteCount: MemoryLayout<Structure>.size, alignment: MemoryLayout<Structure>.alignment)
        unsafe allocation.initializeMemory(as: Structure.self, to: structure)
        unsafe allocation.assumingMemoryBound(to: VkBaseOutStructure.self).pointee.pNext = nil
        if let last = unsafe allocations.last {
            unsafe last.assumingMemoryBound(to: VkBaseOutStructure.self).pointee.pNext =
                allocation.assumingMemoryBound(to: VkBaseOutStructure.self)
        }
        unsafe allocations.append(allocation)
    }
}
