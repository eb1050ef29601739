import Kernels
import Results

/// What the frameworks of a Python interpreter reach: NumPy and SciPy on the host's processor, PyTorch on its devices.
public struct PythonBackend: Backend {
    private static let listingSeconds = 45.0

    public let name = Strategy.runtimeBackend
    private let settings: PythonSettings
    private let processor: ProcessorSettings

    /// - Parameter processor: how many threads libraries use.
    public init(_ settings: PythonSettings = PythonSettings(), processor: ProcessorSettings = ProcessorSettings()) {
        self.settings = settings
        self.processor = processor
    }

    public func devices() -> Result<[DeviceRecord], BackendError> {
        do throws(BackendError) {
            let runtime = try RuntimeProcess(settings)
            defer { runtime.close() }
            let listing = try runtime.ask(
                "list", RuntimeMessages.Nothing(), within: Self.listingSeconds, RuntimeMessages.Listing.self)
            try Self.check(listing.protocolVersion)
            let topology = try processor.topology()
            return .success(
                listing.devices.enumerated().map { PythonDescription($1, index: $0, topology: topology).record })
        } catch {
            return .failure(error)
        }
    }

    public func open(index: Int) throws(BackendError) -> any Device {
        let topology = try processor.topology()
        let runtime = try RuntimeProcess(settings)
        let opened = try runtime.ask(
            "open", RuntimeMessages.Open(index: index, threads: topology.cores.count), RuntimeMessages.Opened.self)
        try Self.check(opened.protocolVersion)
        return PythonDevice(
            runtime, PythonDescription(opened.device, index: index, topology: topology), opened)
    }

    private static func check(_ version: Int) throws(BackendError) {
        guard version != RuntimeMessages.protocolVersion else { return }
        throw BackendError(
            .missing,
            "the runtime speaks version \(version) of the protocol, expected \(RuntimeMessages.protocolVersion)")
    }
}

/// What a runtime's device is, as the record and the limits say it.
struct PythonDescription {
    /// What kernels of a device are told that does not say how large its cache is: more than most have.
    private static let usualCacheBytes = 128 << 20
    private static let frameworkNames = ["numpy": "NumPy", "torch": "PyTorch"]

    let device: RuntimeMessages.FoundDevice
    let index: Int
    let topology: CPUTopology

    init(_ device: RuntimeMessages.FoundDevice, index: Int, topology: CPUTopology) {
        self.device = device
        self.index = index
        self.topology = topology
    }

    private var isHostProcessor: Bool { device.name == nil }

    /// The framework that owns the tensors, then its companions.
    private var modules: [String] {
        device.frameworks.keys.sorted {
            (Self.frameworkNames[$0] == nil ? 1 : 0, $0) < (Self.frameworkNames[$1] == nil ? 1 : 0, $1)
        }
    }

    var record: DeviceRecord {
        let processor = ProcessorInformation.current
        let framework = modules.first ?? ""
        let version = device.frameworks[framework] ?? ""
        let place = isHostProcessor ? "" : " \(device.target)"
        var record = DeviceRecord(
            id: "\(Strategy.runtimeBackend):\(index)", backend: Strategy.runtimeBackend,
            name: device.name ?? processor.model, vendor: device.vendor ?? processor.vendor,
            driver: "Python \(device.python), \(device.executable)",
            apiVersion: "\(Self.frameworkNames[framework] ?? framework) \(version)\(place)",
            pciAddress: device.pciAddress, computeUnits: isHostProcessor ? topology.cores.count : device.computeUnits,
            memoryBytes: isHostProcessor ? HostMemory.byteCount : device.memoryBytes,
            features: modules.map { "\($0) \(device.frameworks[$0] ?? "")" }, isHostProcessor: isHostProcessor)
        record.frameworks = modules
        return record
    }

    func limits(precisions: [Precision]) -> DeviceLimits {
        let memory = isHostProcessor ? HostMemory.byteCount : device.memoryBytes ?? HostMemory.byteCount
        var limits = DeviceLimits(
            backend: Strategy.runtimeBackend,
            computeUnits: isHostProcessor ? topology.cores.count : device.computeUnits ?? 1,
            sharedMemoryBytes: topology.secondLevelCacheBytes, maxWorkGroupSize: 1 << 20,
            maxWorkGroups: Array(repeating: Int(Int32.max), count: 3), maxBufferBytes: memory, memoryBytes: memory,
            subgroupSize: 1,
            lastLevelCacheBytes: isHostProcessor
                ? topology.lastLevelCacheBytes : device.cacheBytes ?? Self.usualCacheBytes,
            precisions: precisions, features: isHostProcessor ? [.hostProcessor, .unifiedMemory] : [])
        limits.frameworks = modules
        return limits
    }
}
