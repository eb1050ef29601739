import Kernels
import Results

/// What a runtime's device is, as the record and the limits say it.
struct RuntimeDescription {
    /// What kernels of a device are told that does not say how large its cache is: more than most have.
    private static let usualCacheBytes = 128 << 20
    private static let frameworkNames = ["numpy": "NumPy", "torch": "PyTorch", "jax": "JAX", "cupy": "CuPy"]

    let device: RuntimeMessages.FoundDevice
    let backend: String
    let index: Int
    let topology: CPUTopology

    init(_ device: RuntimeMessages.FoundDevice, backend: String, index: Int, topology: CPUTopology) {
        self.device = device
        self.backend = backend
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

    private var driver: String {
        device.driver ?? device.python.map { "Python \($0), \(device.executable ?? "")" } ?? backend
    }

    /// The framework with its version, and what it calls the device.
    private var interface: String {
        let framework = modules.first.map { "\(Self.frameworkNames[$0] ?? $0) \(device.frameworks[$0] ?? "")" }
        let place = isHostProcessor && framework != nil ? nil : device.target
        return [framework, place].compactMap(\.self).joined(separator: " ")
    }

    var record: DeviceRecord {
        let processor = ProcessorInformation.current
        var record = DeviceRecord(
            id: "\(backend):\(index)", backend: backend,
            name: device.name ?? processor.model, vendor: device.vendor ?? processor.vendor,
            driver: driver,
            apiVersion: interface,
            pciAddress: device.pciAddress, computeUnits: isHostProcessor ? topology.cores.count : device.computeUnits,
            memoryBytes: isHostProcessor ? HostMemory.byteCount : device.memoryBytes,
            features: modules.map { "\($0) \(device.frameworks[$0] ?? "")" }, isHostProcessor: isHostProcessor)
        record.frameworks = modules
        return record
    }

    func limits(precisions: [Precision]) -> DeviceLimits {
        let memory = isHostProcessor ? HostMemory.byteCount : device.memoryBytes ?? HostMemory.byteCount
        var limits = DeviceLimits(
            backend: backend,
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
