import FoundationEssentials
import Glibc
import Kernels
import Results

/// The host's processor, with kernels written in C: the device that every machine has.
public struct CPUBackend: Backend {
    public let name = "cpu"
    private let settings: ProcessorSettings

    public init(_ settings: ProcessorSettings = ProcessorSettings()) { self.settings = settings }

    /// - Parameter isa: the instruction set that pipelines use.
    public init(isa: InstructionSet) { settings = ProcessorSettings(isa: isa) }

    public func devices() -> Result<[DeviceRecord], BackendError> {
        do throws(BackendError) {
            return .success([
                CPUDescription(isa: try settings.instructionSet(), topology: try settings.topology()).record
            ])
        } catch {
            return .failure(error)
        }
    }

    public func open(index: Int) throws(BackendError) -> any Device {
        guard index == 0 else { throw BackendError(.missing, "cpu:\(index) is not here; the only one is cpu:0") }
        return try CPUDevice(
            isa: try settings.instructionSet(), topology: try settings.topology(), guardsMemory: settings.guardsMemory)
    }
}

/// What the processor is, as the record and the limits say it.
struct CPUDescription {
    let isa: InstructionSet
    let topology: CPUTopology

    var record: DeviceRecord {
        let information = ProcessorInformation.current
        return DeviceRecord(
            id: "cpu:0", backend: "cpu", name: information.model, vendor: information.vendor,
            driver: "C kernels, topology by \(topology.source)", apiVersion: isa.rawValue, pciAddress: nil,
            computeUnits: topology.cores.count, memoryBytes: HostMemory.byteCount,
            features: InstructionSet.supported.map(\.rawValue), isHostProcessor: true)
    }

    var limits: DeviceLimits {
        DeviceLimits(
            backend: "cpu", computeUnits: topology.cores.count, sharedMemoryBytes: topology.secondLevelCacheBytes,
            maxWorkGroupSize: 1 << 20, maxWorkGroups: Array(repeating: Int(Int32.max), count: 3),
            maxBufferBytes: HostMemory.byteCount, memoryBytes: HostMemory.byteCount, subgroupSize: 1,
            lastLevelCacheBytes: topology.lastLevelCacheBytes, precisions: Precision.allCases,
            features: [.hostProcessor, .unifiedMemory])
    }
}

/// What /proc/cpuinfo says.
struct ProcessorInformation {
    let model: String
    let vendor: String

    static var current: ProcessorInformation {
        let text = FileManager.default.contents(atPath: "/proc/cpuinfo").flatMap {
            String(validating: $0, as: UTF8.self)
        }
        return ProcessorInformation(text ?? "")
    }

    /// Reads the text of /proc/cpuinfo; Arm's has no model name there.
    init(_ text: String) {
        func value(_ key: String) -> String? {
            for line in text.split(separator: "\n") where line.hasPrefix(key) {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.count == 2 { return String(parts[1].drop(while: \.isWhitespace)) }
            }
            return nil
        }
        model = value("model name") ?? value("Model") ?? "host processor"
        vendor = value("vendor_id") ?? value("CPU implementer") ?? ""
    }
}
