import CVulkan
import FoundationEssentials
import Glibc
import Platform

/// What a driver keeps of the pipelines that it compiled, in a file for each device and driver, so that a later process
/// need not compile them again: `$XDG_CACHE_HOME/joulemark/pipelines`.
///
/// The cache is a convenience: what goes wrong with its file is nobody's error. The driver checks what it is given
/// (Vulkan specification, section 10.6), and a digest at the file's end that it is whole.
@safe final class VulkanPipelineCache {
    /// Compilations are written once they took this long together, and with the device's end.
    private static let secondsWorthKeeping = 0.5

    private let context: VulkanContext
    private let cache: VulkanHandle
    /// `nil` where no folder can be written.
    private let file: String?
    private var unsavedSeconds = 0.0

    /// - Parameter folder: where the file lies; `nil`: with the user's other caches.
    /// - Throws: when the driver has no memory for it.
    init(_ context: VulkanContext, folder: String? = nil) throws(BackendError) {
        self.context = context
        let folder = folder ?? CacheFolder.existing("pipelines")
        file = folder.map { "\($0)/\(Self.name(context.physicalDevice)).bin" }
        cache = try Self.make(context, from: file.flatMap(Self.contents) ?? [])
    }

    var handle: VkPipelineCache { unsafe cache.rawValue }

    /// Keeps what a compilation left, when enough has come together.
    func note(compilationSeconds seconds: Double) {
        unsavedSeconds += seconds
        if unsavedSeconds > Self.secondsWorthKeeping { save() }
    }

    deinit { if unsavedSeconds > 0 { save() } }

    /// Merged with what other processes have written since.
    private func save() {
        unsavedSeconds = 0
        guard let file else { return }
        if let others = Self.contents(of: file), let other = try? Self.make(context, from: others) {
            var source: VkPipelineCache? = unsafe other.rawValue
            _ = unsafe context.commands.mergePipelineCaches(context.handle, cache.rawValue, 1, &source)
        }
        var count = 0
        guard unsafe context.commands.getPipelineCacheData(context.handle, cache.rawValue, &count, nil) == VK_SUCCESS,
            count > 0
        else { return }
        var bytes = [UInt8](repeating: 0, count: count)
        guard unsafe context.commands.getPipelineCacheData(context.handle, cache.rawValue, &count, &bytes) == VK_SUCCESS
        else { return }
        bytes = Array(bytes.prefix(count))
        bytes += Self.digest(bytes)
        try? Data(bytes).write(to: URL(filePath: file), options: .atomic)
    }

    /// The driver's data in a file; `nil` where there is none, or not all of it.
    private static func contents(of file: String) -> [UInt8]? {
        guard let data = FileManager.default.contents(atPath: file), data.count > digestLength else { return nil }
        let bytes = [UInt8](data.dropLast(digestLength))
        return digest(bytes) == [UInt8](data.suffix(digestLength)) ? bytes : nil
    }

    private static let digestLength = digest([]).count

    private static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var digest = ContentDigest()
        digest.add(bytes)
        return Array(digest.hexadecimal.utf8)
    }

    /// Of the device and of the driver's build.
    private static func name(_ device: VulkanPhysicalDevice) -> String {
        let properties = device.properties
        var digest = ContentDigest()
        digest.add("\(properties.vendorID) \(properties.deviceID) \(properties.driverVersion) \(device.driver)")
        digest.add(unsafe withUnsafeBytes(of: properties.pipelineCacheUUID) { unsafe [UInt8]($0) })
        return digest.hexadecimal
    }

    private static func make(_ context: VulkanContext, from bytes: [UInt8]) throws(BackendError) -> VulkanHandle {
        let commands = context.commands
        return unsafe try context.own("vkCreatePipelineCache", commands.destroyPipelineCache) { created in
            unsafe bytes.withUnsafeBytes { bytes in
                var info = unsafe VkPipelineCacheCreateInfo()
                unsafe info.sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO
                unsafe info.initialDataSize = bytes.count
                unsafe info.pInitialData = bytes.baseAddress
                return unsafe commands.createPipelineCache(context.handle, &info, nil, created)
            }
        }
    }
}
