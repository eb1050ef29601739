import Backends
import Kernels
import TestSupport
import Testing

@Suite("The peaks of matrix units")
struct MatrixPeakTests {
    private static let devices = TestedDevice.ofKernels.filter { $0.backend != "cpu" }
    private static let rates: [ArithmeticRate] = [.matrixF16F32, .matrixBF16F32, .matrixS8S32]

    @Test("the chains give the sums that they say, in plain code and on the units themselves", arguments: devices)
    func chains(device name: TestedDevice) throws {
        let log = VulkanValidationLog()
        let device = try name.open(log)
        for rate in Self.rates {
            let family = try #require(rate.peakFamily)
            // Bytes come sixteen at a time.
            let hasUnits = device.limits.matrixShape(of: rate).map { rate != .matrixS8S32 || $0.k % 16 == 0 } ?? false
            for strategy in hasUnits ? ["emulated", "units"] : ["emulated"] {
                try verify(
                    device: device, family: family, strategy: strategy, parameters: ["N": 8192, "R": 6],
                    precision: rate.peakPrecision)
            }
        }
        #expect(log.messages == [])
    }

    @Test("a peak is never one of plain code: without matrix units there is none", arguments: rates)
    func noEmulatedPeak(rate: ArithmeticRate) throws {
        let catalogue = try Catalogue.shared()
        let family = try catalogue.family(try #require(rate.peakFamily))
        let strategy = try catalogue.strategy(family.baseline, of: family)
        for backend in ["opencl", "vulkan"] {
            let limits = DeviceLimits(
                backend: backend, computeUnits: 8, sharedMemoryBytes: 49152, maxWorkGroupSize: 1024,
                maxWorkGroups: [65535, 65535, 65535], maxBufferBytes: 1 << 30, memoryBytes: 1 << 32, subgroupSize: 32,
                lastLevelCacheBytes: 1 << 20, precisions: Precision.allCases)
            #expect(throws: KernelError.self) {
                try strategy.plan(
                    family: family, parameters: try family.parameters(overriding: [:]),
                    precision: rate.peakPrecision, limits: limits)
            }
        }
    }
}
