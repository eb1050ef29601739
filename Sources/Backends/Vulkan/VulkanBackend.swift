import Results

/// Devices that a Vulkan driver offers, 1.1 or newer. The loader is opened at run time.
public struct VulkanBackend: Backend {
    /// Ways that a driver may lead to and that tests take on purpose.
    public struct Options: Sendable {
        /// Turns on the validation layer, synchronisation validation included, and collects what it says.
        public var validation: VulkanValidationLog?
        /// Copies through staging buffers even where host and device share their memory.
        public var alwaysStages = false
        /// Times by the host's clock even where the device has one.
        public var ignoresTimestamps = false
        /// Work that is known to take longer goes in several submissions, as far as it is several dispatches. A tenth
        /// of what the shortest watchdogs allow (about 5 s on Linux and on NVIDIA devices with a display).
        public var longestSubmissionSeconds = 0.5
        /// Work-groups along an axis that a dispatch has at most, where that is fewer than the driver takes: larger
        /// grids go in parts.
        public var largestDispatch = UInt32.max

        /// Where compiled pipelines are kept; `nil`: with the user's other caches.
        public var pipelineCacheFolder: String?

        public init() {}
    }

    public let name = "vulkan"
    private let options: Options

    public init(_ options: Options = Options()) { self.options = options }

    public func devices() -> Result<[DeviceRecord], BackendError> {
        do throws(BackendError) {
            let instance = try VulkanInstance(validation: options.validation)
            let records = try instance.physicalDevices().enumerated().map { $1.record(index: $0) }
            guard !records.isEmpty else {
                throw BackendError(
                    .missing,
                    "no Vulkan driver offers a device; apt-get install mesa-vulkan-drivers, or the vendor's driver")
            }
            return .success(records)
        } catch {
            return .failure(error)
        }
    }

    public func open(index: Int) throws(BackendError) -> any Device {
        let instance = try VulkanInstance(validation: options.validation)
        return try VulkanDevice(try VulkanContext(instance, index: index), index: index, options: options)
    }
}
