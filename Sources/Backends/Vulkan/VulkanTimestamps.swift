import CVulkan

/// A pool of timestamp queries.
@safe struct VulkanTimestamps: ~Copyable {
    let pool: VulkanHandle
    let capacity: Int
    private let context: VulkanContext

    init(_ context: VulkanContext, capacity: Int) throws(BackendError) {
        self.context = context
        self.capacity = capacity
        var info = unsafe VkQueryPoolCreateInfo()
        unsafe info.sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO
        unsafe info.queryType = VK_QUERY_TYPE_TIMESTAMP
        unsafe info.queryCount = UInt32(capacity)
        let commands = context.commands
        pool = unsafe try context.own("vkCreateQueryPool", commands.destroyQueryPool) { created in
            unsafe commands.createQueryPool(context.handle, &info, nil, created)
        }
    }

    /// The first `count` timestamps in ticks. All must have been written.
    func ticks(count: Int) throws(BackendError) -> [UInt64] {
        var ticks = [UInt64](repeating: 0, count: count)
        guard count > 0 else { return ticks }
        let result = unsafe ticks.withUnsafeMutableBytes { bytes in
            unsafe context.commands.getQueryPoolResults(
                context.handle, pool.rawValue, 0, UInt32(count), bytes.count, bytes.baseAddress, 8,
                VK_QUERY_RESULT_64_BIT.rawValue | VK_QUERY_RESULT_WAIT_BIT.rawValue)
        }
        try vulkanCheck(result, "vkGetQueryPoolResults")
        return ticks
    }
}

/// How a device's ticks become seconds.
package struct VulkanClock {
    let secondsPerTick: Double
    let validBits: UInt32

    /// `nil` when the queue has no clock.
    init?(_ device: VulkanPhysicalDevice) {
        guard device.timestampValidBits > 0, device.properties.limits.timestampPeriod > 0 else { return nil }
        validBits = device.timestampValidBits
        secondsPerTick = Double(device.properties.limits.timestampPeriod) * 1e-9
    }

    package init(secondsPerTick: Double, validBits: UInt32) {
        self.secondsPerTick = secondsPerTick
        self.validBits = validBits
    }

    /// Seconds from one timestamp to a later one. The counter has `validBits` bits, and may have wrapped once.
    package func seconds(from begin: UInt64, to end: UInt64) -> Double {
        let mask = validBits >= 64 ? UInt64.max : (1 << UInt64(validBits)) - 1
        return Double((end &- begin) & mask) * secondsPerTick
    }
}
