import Backends
import Kernels
import TestSupport
import Testing

/// 16-bit storage on the CPU, against Swift's own conversions.
@Suite("Half precision on the CPU")
struct HalfPrecisionTests {
    /// Products that keep every half, that halve subnormals (ties), that round everywhere, that overflow.
    private static let factors: [Float16] = [1, 0.5, 0.3, 64, 0.0009765625, -3.140625]

    @Test(
        "each of the 65536 halves is read exactly, and results are rounded to the nearest, ties to even",
        arguments: InstructionSet.supported)
    func conversions(isa: InstructionSet) throws {
        let halves = (0...UInt16.max).map { Float16(bitPattern: $0) }
        let device = try CPUBackend(isa: isa).open(index: 0)
        for factor in Self.factors {
            // The last work-group's vectors are not full.
            for count in [halves.count, halves.count - 5] {
                let products = try products(of: Array(halves.prefix(count)), with: factor, on: device)
                var wrong: [String] = []
                for (half, product) in zip(halves, products) {
                    let expected = Float16(Float(half) * Float(factor))
                    guard product == expected || product.isNaN && expected.isNaN else {
                        wrong.append("\(half) · \(factor) is \(product), expected \(expected)")
                        continue
                    }
                }
                #expect(products.count == count)
                #expect(wrong.isEmpty, "\(wrong.count) are wrong; \(wrong.first ?? "")")
            }
        }
    }

    /// A convolution with one tap, whose weight is `factor` for each of as many channels as there are elements.
    private func products(of x: [Float16], with factor: Float16, on device: any Device) throws -> [Float16] {
        let catalogue = try Catalogue.shared()
        let family = try catalogue.family("conv1d")
        let parameters = try family.parameters(overriding: ["L": 1, "D": x.count, "W": 1])
        let plan = try catalogue.strategy("unfused", of: family).plan(
            family: family, parameters: parameters, precision: .f16, limits: device.limits)
        let stage = try #require(plan.stages.first)
        #expect(stage.buffers == ["x", "w", "bias", "convolved"])
        let pipeline = try device.makePipeline(stage, sources: catalogue.library)
        defer { device.release(pipeline) }
        var buffers: [BufferID] = []
        for values in [x, x.map { _ in factor }, x.map { _ in 0 }, x.map { _ in .nan }] {
            let bytes = values.flatMap { [UInt8($0.bitPattern & 0xff), UInt8($0.bitPattern >> 8)] }
            let buffer = try device.makeBuffer(byteCount: bytes.count)
            buffers.append(buffer)
            try unsafe device.write(bytes.span.bytes, to: buffer)
        }
        defer { buffers.forEach(device.release) }
        _ = try device.run([Dispatch(pipeline: pipeline, buffers: buffers)], repetitions: 1, timing: .none)
        let bytes = try device.read(buffers[3], byteCount: 2 * x.count)
        return stride(from: 0, to: bytes.count, by: 2).map {
            Float16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)
        }
    }
}
