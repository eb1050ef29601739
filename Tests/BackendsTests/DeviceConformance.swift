import Backends
import Kernels
import TestSupport
import Testing

/// What every conformance to `Device` must do, whatever it drives. A backend's tests call this with each of its
/// devices.
///
/// Stages that it needs are those of `peak-bandwidth/scale`, y = 0.5 · x, the simplest there is.
func expectConformance(of device: any Device) throws {
    try expectRoundTrips(device)
    try expectFills(device)
    try expectBufferErrors(device)
    try expectOrderOfDispatches(device)
    try expectTimes(device)
    try expectDispatchErrors(device)
    try expectManyBuffers(device)
}

/// Sizes around words, cache lines and pages.
private let byteCounts = [1, 2, 3, 4, 5, 63, 64, 65, 4095, 4096, 4097, 1_000_003]

private func bytes(count: Int, seed: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 131) ^ ($0 >> 8) ^ seed) }
}

private func write(_ values: [UInt8], to buffer: BufferID, on device: any Device) throws {
    try unsafe device.write(values.span.bytes, to: buffer)
}

private func expectRoundTrips(_ device: any Device) throws {
    for count in byteCounts {
        let buffer = try device.makeBuffer(byteCount: count)
        defer { device.release(buffer) }
        let first = bytes(count: count, seed: 7)
        try write(first, to: buffer, on: device)
        #expect(try device.read(buffer, byteCount: count) == first, "\(count) bytes, written and read")

        let half = bytes(count: (count + 1) / 2, seed: 99)
        try write(half, to: buffer, on: device)
        let mixed = half + first[half.count...]
        #expect(try device.read(buffer, byteCount: count) == mixed, "a shorter write leaves the rest as it was")
        #expect(try device.read(buffer, byteCount: half.count) == half, "a shorter read gives the beginning")
    }
}

private func expectFills(_ device: any Device) throws {
    let pattern: UInt32 = 0x4433_2211
    for count in byteCounts {
        let buffer = try device.makeBuffer(byteCount: count)
        defer { device.release(buffer) }
        try device.fill(buffer, pattern: pattern)
        let expected = (0..<count).map { UInt8([0x11, 0x22, 0x33, 0x44][$0 % 4]) }
        #expect(try device.read(buffer, byteCount: count) == expected, "\(count) bytes, filled")
    }
}

private func expectBufferErrors(_ device: any Device) throws {
    let buffer = try device.makeBuffer(byteCount: 64)
    let other = try device.makeBuffer(byteCount: 64)
    defer { device.release(other) }
    let stranger = BufferID(rawValue: .max)
    #expect(throws: BackendError.self, "a read of more than the buffer holds") {
        try device.read(buffer, byteCount: 65)
    }
    #expect(throws: BackendError.self, "a read of a negative size") { try device.read(buffer, byteCount: -1) }
    #expect(throws: BackendError.self, "a write of more than the buffer holds") {
        try write(bytes(count: 65, seed: 0), to: buffer, on: device)
    }
    #expect(throws: BackendError.self, "a read of no buffer") { try device.read(stranger, byteCount: 1) }
    #expect(throws: BackendError.self, "a write to no buffer") { try write([1], to: stranger, on: device) }
    #expect(throws: BackendError.self, "a fill of no buffer") { try device.fill(stranger, pattern: 0) }
    #expect(throws: BackendError.self, "more memory than any machine has") {
        try device.makeBuffer(byteCount: 1 << 56)
    }
    #expect(throws: BackendError.self, "a negative size") { try device.makeBuffer(byteCount: -1) }
    device.release(stranger)
    device.release(buffer)
    #expect(throws: BackendError.self, "a read of a released buffer") { try device.read(buffer, byteCount: 1) }
    device.release(buffer)

    let values = bytes(count: 64, seed: 3)
    try write(values, to: other, on: device)
    #expect(try device.read(other, byteCount: 64) == values, "the device works on after errors")
}

/// A compiled `peak-bandwidth/scale` over as few elements as it takes, with buffers for three tensors.
private struct Scale {
    let count = 4096
    let pipeline: PipelineID
    let x, y, z: BufferID
    let values: [Float]

    init(on device: any Device) throws {
        let catalogue = try Catalogue.shared()
        let family = try catalogue.family("peak-bandwidth")
        let strategy = try catalogue.strategy("scale", of: family)
        let parameters = try family.parameters(overriding: ["N": count])
        let plan = try strategy.plan(
            family: family, parameters: parameters, precision: .f32, limits: device.limits)
        let stage = try #require(plan.stages.first)
        pipeline = try device.makePipeline(stage, sources: catalogue.library)
        x = try device.makeBuffer(byteCount: 4 * count)
        y = try device.makeBuffer(byteCount: 4 * count)
        z = try device.makeBuffer(byteCount: 4 * count)
        values = (0..<count).map { Float($0) - 1000 }
        try upload(to: device)
    }

    func upload(to device: any Device) throws {
        try unsafe device.write(values.span.bytes, to: x)
        try device.fill(y, pattern: poison)
        try device.fill(z, pattern: poison)
    }

    func read(_ buffer: BufferID, on device: any Device) throws -> [Double] {
        elements(try device.read(buffer, byteCount: 4 * count), type: .f32)
    }

    func scaled(by factor: Double) -> [Double] { values.map { Double($0) * factor } }

    func dispatch(_ buffers: BufferID...) -> Dispatch { Dispatch(pipeline: pipeline, buffers: buffers) }

    func release(on device: any Device) {
        for buffer in [x, y, z] { device.release(buffer) }
        device.release(pipeline)
    }
}

private func expectOrderOfDispatches(_ device: any Device) throws {
    let scale = try Scale(on: device)
    defer { scale.release(on: device) }
    _ = try device.run(
        [scale.dispatch(scale.x, scale.y), scale.dispatch(scale.y, scale.z)], repetitions: 1, timing: .none)
    #expect(try scale.read(scale.z, on: device) == scale.scaled(by: 0.25), "a dispatch sees the writes before it")

    try scale.upload(to: device)
    _ = try device.run(
        [scale.dispatch(scale.x, scale.y), scale.dispatch(scale.y, scale.x)], repetitions: 3, timing: .repetitions)
    #expect(try scale.read(scale.x, on: device) == scale.scaled(by: 1.0 / 64), "a repetition sees those before it")
}

private func expectTimes(_ device: any Device) throws {
    let scale = try Scale(on: device)
    defer { scale.release(on: device) }
    let dispatches = [scale.dispatch(scale.x, scale.y), scale.dispatch(scale.x, scale.z)]

    let none = try device.run(dispatches, repetitions: 2, timing: .none)
    #expect(none.totalHostSeconds > 0)
    #expect(none.hostSeconds.isEmpty)
    #expect(none.stageSeconds.isEmpty)

    let repetitions = try device.run(dispatches, repetitions: 5, timing: .repetitions)
    #expect(repetitions.hostSeconds.count == 5)
    #expect(repetitions.deviceSeconds.map { $0.count == 5 } ?? true)
    #expect(repetitions.hostSeconds.allSatisfy { $0 > 0 })
    #expect(repetitions.hostSeconds.reduce(0, +) <= repetitions.totalHostSeconds * 1.001 + 1e-6)

    let stages = try device.run(dispatches, repetitions: 3, timing: .stages)
    #expect(stages.stageSeconds.map(\.count) == [3, 3], "a time for each stage of each repetition")
    #expect(stages.stageSeconds.joined().allSatisfy { $0 >= 0 && $0.isFinite })
    #expect(stages.hostSeconds.count == 3)

    let nothing = try device.run([], repetitions: 1, timing: .stages)
    #expect(nothing.stageSeconds.isEmpty, "no dispatches, no stages")
}

private func expectDispatchErrors(_ device: any Device) throws {
    let scale = try Scale(on: device)
    let stranger = BufferID(rawValue: .max)
    func expectFailure(_ dispatches: [Dispatch], repetitions: Int = 1, _ what: Comment) {
        #expect(throws: BackendError.self, what) {
            _ = try device.run(dispatches, repetitions: repetitions, timing: .none)
        }
    }
    expectFailure([scale.dispatch(scale.x, stranger)], "a buffer that is not the device's")
    expectFailure(
        [Dispatch(pipeline: PipelineID(rawValue: .max), buffers: [scale.x, scale.y])],
        "a pipeline that is not the device's")
    expectFailure([scale.dispatch(scale.x)], "a buffer too few")
    expectFailure([scale.dispatch(scale.x, scale.y, scale.z)], "a buffer too many")
    expectFailure([scale.dispatch(scale.x, scale.y)], repetitions: -1, "a negative number of repetitions")
    #expect(throws: BackendError.self, "a stage without source") {
        let stage = StagePlan(
            family: "peak-bandwidth", strategy: "scale", name: "absent", precision: .f32, reads: ["x"], writes: ["y"],
            arguments: [], constants: [], workGroups: [1, 1, 1], workGroupSize: [1, 1, 1])
        _ = try device.makePipeline(stage, sources: .builtIn)
    }

    _ = try device.run([scale.dispatch(scale.x, scale.y)], repetitions: 1, timing: .none)
    #expect(try scale.read(scale.y, on: device) == scale.scaled(by: 0.5), "the device works on after errors")
    scale.release(on: device)
    expectFailure([scale.dispatch(scale.x, scale.y)], "a released pipeline")
    device.release(scale.pipeline)
}

private func expectManyBuffers(_ device: any Device) throws {
    var buffers: [BufferID] = []
    defer { for buffer in buffers { device.release(buffer) } }
    for index in 0..<50 {
        let buffer = try device.makeBuffer(byteCount: 256)
        buffers.append(buffer)
        try device.fill(buffer, pattern: UInt32(index))
    }
    #expect(Set(buffers).count == buffers.count)
    for (index, buffer) in buffers.enumerated() {
        let word = try device.read(buffer, byteCount: 4)
        #expect(word == [UInt8(index), 0, 0, 0], "a buffer keeps its own content")
    }
}
