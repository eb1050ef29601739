import Backends
import Kernels
import TestSupport
import Testing

/// A 16-bit type of stored elements, by conversions that are not the kernels' own.
private struct Storage: Sendable {
    let precision: Precision
    let widen: @Sendable (UInt16) -> Float
    /// Rounded to the nearest, ties to even.
    let narrow: @Sendable (Float) -> UInt16

    static let half = Storage(
        precision: .f16, widen: { Float(Float16(bitPattern: $0)) }, narrow: { Float16($0).bitPattern })

    /// The nearer of the two numbers that a float32 lies between, by their distances in float64.
    static let brain = Storage(
        precision: .bf16, widen: { Float(bitPattern: UInt32($0) << 16) },
        narrow: { value in
            let low = UInt16(value.bitPattern >> 16)
            guard value.isFinite else { return value.isNaN ? 0x7FC0 : low }
            // Beyond the largest number a step is as long as the one before.
            func number(_ bits: UInt16) -> Double {
                let float = Float(bitPattern: UInt32(bits) << 16)
                return float.isFinite ? Double(float) : Double(sign: float.sign, exponent: 128, significand: 1)
            }
            let below = abs(Double(value) - number(low)), above = abs(number(low &+ 1) - Double(value))
            return below < above || below == above && low % 2 == 0 ? low : low &+ 1
        })
}

/// 16-bit storage on every device, against conversions of another kind.
@Suite("Storage in 16 bits")
struct StoragePrecisionTests {
    /// Products that keep every number, that halve subnormals (ties), that round everywhere, that overflow.
    private static let factors: [Float] = [1, 0.5, 0.30078125, 64, 0.0009765625, -3.140625]

    @Test(
        "each of the 65536 numbers is read exactly, and results are rounded to the nearest, ties to even",
        arguments: TestedDevice.ofKernels, [Precision.f16, .bf16])
    func conversions(name: TestedDevice, precision: Precision) throws {
        let device = try name.open(VulkanValidationLog())
        let storage = precision == .f16 ? Storage.half : .brain
        // A float32 below the normal ones may be taken for zero on what is no processor's own code.
        let flushes = name.backend != "cpu"
        let patterns = (0...UInt16.max).map { $0 }
        for factor in Self.factors {
            // The last work-group's vectors are not full.
            for count in [patterns.count, patterns.count - 5] {
                let products = try products(of: Array(patterns.prefix(count)), with: factor, storage, on: device)
                var wrong: [String] = []
                for (pattern, product) in zip(patterns, products) {
                    let exact = storage.widen(pattern) * storage.widen(storage.narrow(factor))
                    let (found, expected) = (storage.widen(product), storage.widen(storage.narrow(exact)))
                    let isSmall = abs(exact) <= Float.leastNormalMagnitude || storage.widen(pattern).isSubnormal
                    guard found == expected || found.isNaN && expected.isNaN || flushes && isSmall && found == 0 else {
                        wrong.append("\(storage.widen(pattern)) · \(factor) is \(found), expected \(expected)")
                        continue
                    }
                }
                #expect(products.count == count)
                #expect(wrong.isEmpty, "\(wrong.count) are wrong; \(wrong.first ?? "")")
            }
        }
    }

    /// A convolution with one tap, whose weight is `factor` for each of as many channels as there are elements.
    private func products(
        of x: [UInt16], with factor: Float, _ storage: Storage, on device: any Device
    ) throws -> [UInt16] {
        let catalogue = try Catalogue.shared()
        let family = try catalogue.family("conv1d")
        let parameters = try family.parameters(overriding: ["L": 1, "D": x.count, "W": 1])
        let plan = try catalogue.strategy("unfused", of: family).plan(
            family: family, parameters: parameters, precision: storage.precision, limits: device.limits)
        let stage = try #require(plan.stages.first)
        #expect(stage.buffers == ["x", "w", "bias", "convolved"])
        let pipeline = try device.makePipeline(stage, sources: catalogue.library)
        defer { device.release(pipeline) }
        var buffers: [BufferID] = []
        for values in [x, x.map { _ in storage.narrow(factor) }, x.map { _ in 0 }, x.map { _ in storage.narrow(.nan) }]
        {
            let bytes = values.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
            let buffer = try device.makeBuffer(byteCount: bytes.count)
            buffers.append(buffer)
            try unsafe device.write(bytes.span.bytes, to: buffer)
        }
        defer { buffers.forEach(device.release) }
        _ = try device.run([Dispatch(pipeline: pipeline, buffers: buffers)], repetitions: 1, timing: .none)
        let bytes = try device.read(buffers[3], byteCount: 2 * x.count)
        return stride(from: 0, to: bytes.count, by: 2).map { UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8 }
    }
}
