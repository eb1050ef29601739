import Backends
import Foundation
import Kernels
import Results
import Testing

/// A device of this machine that strategies are tried on: the first of each backend, the CPU once an instruction set,
/// Python's once a framework that is installed.
///
/// With `JOULEMARK_TESTS_ISA=avx512` or another in the environment, the CPU with that instruction set alone; with
/// `JOULEMARK_TESTS_BACKEND=python` or another, the devices of that backend alone.
struct TestedDevice: Sendable, CustomTestStringConvertible {
    let backend: String
    let instructionSet: InstructionSet?
    var index = 0

    static let all: [TestedDevice] =
        chosen
        ?? onBackend(ProcessInfo.processInfo.environment["JOULEMARK_TESTS_BACKEND"])

    /// Those that run kernels of this program's languages.
    static let ofKernels = all.filter { $0.backend != Strategy.runtimeBackend }

    private static func onBackend(_ name: String?) -> [TestedDevice] {
        let found =
            (InstructionSet.supported.map { TestedDevice(backend: "cpu", instructionSet: $0) }
            + Backends.all.filter { $0.name != "cpu" }.flatMap { backend -> [TestedDevice] in
                guard case .success(let devices) = backend.devices() else { return [] }
                return devices.filter { $0.frameworks != nil || $0.id.hasSuffix(":0") }.indices.map {
                    TestedDevice(backend: backend.name, instructionSet: nil, index: $0)
                }
            }).filter { name == nil || $0.backend == name }
        // Tests without a device would pass.
        precondition(!found.isEmpty, "JOULEMARK_TESTS_BACKEND=\(name ?? ""): it has no device here")
        return found
    }

    private static let chosen = ProcessInfo.processInfo.environment["JOULEMARK_TESTS_ISA"].map { name in
        guard let instructionSet = InstructionSet(rawValue: name), instructionSet.isSupported else {
            // Tests without a device would pass.
            fatalError("JOULEMARK_TESTS_ISA=\(name): this processor has no such instruction set")
        }
        return [TestedDevice(backend: "cpu", instructionSet: instructionSet)]
    }

    var testDescription: String { instructionSet.map { "\(backend) with \($0.rawValue)" } ?? "\(backend):\(index)" }

    /// - Parameter log: what the Vulkan validation layer says goes there.
    func open(_ log: VulkanValidationLog) throws -> any Device {
        if let instructionSet {
            // A kernel that leaves its buffers ends the tests here.
            var settings = ProcessorSettings(isa: instructionSet)
            settings.guardsMemory = true
            return try CPUBackend(settings).open(index: 0)
        }
        guard backend == "vulkan" else {
            return try #require(Backends.all.first { $0.name == backend }).open(index: index)
        }
        var options = VulkanBackend.Options()
        options.validation = log
        return try VulkanBackend(options).open(index: 0)
    }
}
