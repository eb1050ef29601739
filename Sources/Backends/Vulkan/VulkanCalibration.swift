import CPlatform
import CVulkan
import Results

/// Checks a device's clock against the host's by pairs of timestamps that the driver takes of both at once
/// (VK_EXT_calibrated_timestamps).
@safe final class VulkanCalibration {
    /// A reading of both clocks at one moment.
    private struct Pair {
        let ticks: UInt64
        let hostSeconds: Double
        /// How far apart the two readings may lie.
        let deviation: Double
    }

    /// Pairs closer together than this say too little about a rate.
    private static let shortestSpan = 0.1
    static let extensionName = VK_EXT_CALIBRATED_TIMESTAMPS_EXTENSION_NAME

    private let function: PFN_vkGetCalibratedTimestampsEXT
    private let context: VulkanContext
    private let clock: VulkanClock
    private let first: Pair

    /// - Returns: `nil` when the driver does not have the extension or gives no pair.
    init?(_ context: VulkanContext, _ clock: VulkanClock) {
        guard let function = unsafe context.calibratedTimestamps,
            let first = unsafe Self.pair(function, context)
        else { return nil }
        unsafe self.function = unsafe function
        self.context = context
        self.clock = clock
        self.first = first
    }

    /// What the clock is, checked since the device was opened; waits until that was long enough ago.
    func describe(_ record: DeviceClockRecord) -> DeviceClockRecord {
        var record = record
        joulemark_sleep_until(first.hostSeconds + Self.shortestSpan)
        guard let second = unsafe Self.pair(function, context), second.hostSeconds > first.hostSeconds else {
            record.reason = "the driver gave no second pair of calibrated timestamps"
            return record
        }
        record.rate = clock.seconds(from: first.ticks, to: second.ticks) / (second.hostSeconds - first.hostSeconds)
        record.deviationSeconds = max(first.deviation, second.deviation)
        record.reason = nil
        return record
    }

    private static func pair(_ function: PFN_vkGetCalibratedTimestampsEXT, _ context: VulkanContext) -> Pair? {
        var infos = unsafe [VkCalibratedTimestampInfoEXT(), VkCalibratedTimestampInfoEXT()]
        for (index, domain) in [VK_TIME_DOMAIN_DEVICE_EXT, VK_TIME_DOMAIN_CLOCK_MONOTONIC_EXT].enumerated() {
            unsafe infos[index].sType = VK_STRUCTURE_TYPE_CALIBRATED_TIMESTAMP_INFO_EXT
            unsafe infos[index].timeDomain = domain
        }
        var stamps: [UInt64] = [0, 0]
        var deviation: UInt64 = 0
        guard unsafe function(context.handle, 2, &infos, &stamps, &deviation) == VK_SUCCESS else { return nil }
        return Pair(ticks: stamps[0], hostSeconds: Double(stamps[1]) * 1e-9, deviation: Double(deviation) * 1e-9)
    }
}
