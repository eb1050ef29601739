import Backends
import Foundation
import Kernels
import Testing

/// A device of this machine that strategies are tried on: the first of each backend, the CPU once an instruction set.
///
/// With `JOULEMARK_TESTS_ISA=avx512` or another in the environment, the CPU with that instruction set alone; with
/// `JOULEMARK_TESTS_BACKEND=vulkan` or another, that backend alone.
struct TestedDevice: Sendable, CustomTestStringConvertible {
    let backend: String
    let instructionSet: InstructionSet?

    static let all: [TestedDevice] =
        (chosen
        ?? (InstructionSet.supported.map { TestedDevice(backend: "cpu", instructionSet: $0) }
            + Backends.all.filter { $0.name != "cpu" }.compactMap { backend in
                guard case .success(let devices) = backend.devices(), !devices.isEmpty else { return nil }
                return TestedDevice(backend: backend.name, instructionSet: nil)
            }))
        .filter { backend == nil || $0.backend == backend }

    private static let backend = ProcessInfo.processInfo.environment["JOULEMARK_TESTS_BACKEND"].map { name in
        guard let backend = Backends.all.first(where: { $0.name == name }), case .success = backend.devices() else {
            fatalError("JOULEMARK_TESTS_BACKEND=\(name): there is no such device")
        }
        return name
    }

    private static let chosen = ProcessInfo.processInfo.environment["JOULEMARK_TESTS_ISA"].map { name in
        guard let instructionSet = InstructionSet(rawValue: name), instructionSet.isSupported else {
            // Tests without a device would pass.
            fatalError("JOULEMARK_TESTS_ISA=\(name): this processor has no such instruction set")
        }
        return [TestedDevice(backend: "cpu", instructionSet: instructionSet)]
    }

    var testDescription: String { instructionSet.map { "\(backend) with \($0.rawValue)" } ?? backend }

    /// - Parameter log: what the Vulkan validation layer says goes there.
    func open(_ log: VulkanValidationLog) throws -> any Device {
        if let instructionSet {
            // A kernel that leaves its buffers ends the tests here.
            var settings = ProcessorSettings(isa: instructionSet)
            settings.guardsMemory = true
            return try CPUBackend(settings).open(index: 0)
        }
        guard backend == "vulkan" else {
            return try #require(Backends.all.first { $0.name == backend }).open(index: 0)
        }
        var options = VulkanBackend.Options()
        options.validation = log
        return try VulkanBackend(options).open(index: 0)
    }
}
