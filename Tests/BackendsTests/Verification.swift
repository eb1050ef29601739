import Backends
import Kernels
import TestSupport
import Testing

/// How far a strategy's output on a device is from the float64 oracle.
struct OutputError: Sendable {
    let output: String
    /// Σ (x − r)² / Σ r²; the plain Σ x² when the reference is all zeros.
    let normalizedMeanSquaredError: Double
    /// Elements that are NaN or infinite: the poison that no stage overwrote, or an overflow.
    let nonFinite: Int
    /// The largest |x − r|.
    let largest: Double
    /// From the largest |r| to the next number that the storage has.
    let roundingStep: Double

    /// No element is off by more than twice as much as with the strategy that others are compared with, and a step of
    /// rounding: so little may fusing cost.
    func isAsExact(as baseline: OutputError) -> Bool { largest <= 2 * baseline.largest + roundingStep }
}

/// Normalised mean squared error that a storage precision allows.
func toleratedError(_ precision: Precision) -> Double {
    switch precision {
    case .f32: 1e-11
    case .f16: 1e-6
    case .bf16: 6.4e-5
    }
}

/// Fills with this bit pattern are NaN as float32, float16 and bfloat16.
let poison: UInt32 = 0x7FC0_7FC0

/// Plans a strategy for a device, uploads seeded inputs, poisons everything else with NaN, runs it and expects every
/// element of every output to be written and close to the oracle.
///
/// - Parameters:
///   - parameters: override the family's defaults.
///   - tunables: override the strategy's tunables.
///   - repetitions: how often the dispatches run before the outputs are read; a strategy must give the same again.
/// - Returns: the errors found, an output each.
@discardableResult
func verify(
    device: any Device, family familyName: String, strategy strategyName: String, parameters: [String: Int] = [:],
    precision: Precision = .f32, tunables: [String: Int] = [:], seed: UInt64 = 1, repetitions: Int = 1,
    catalogue: Catalogue? = nil, sourceLocation: SourceLocation = #_sourceLocation
) throws -> [OutputError] {
    let catalogue = try catalogue ?? Catalogue.shared()
    let family = try catalogue.family(familyName)
    let strategy = try catalogue.strategy(strategyName, of: family)
    let reference = try catalogue.reference(of: family)
    let workload = WorkloadCase(family: familyName, parameters: parameters, precision: precision, seed: seed)
    let problem = try Problem(workload, family: family, reference: reference, allowingHardCase: true)
    return try verify(
        device, problem, try problem.expectedOutputs(), strategy, library: catalogue.library, tunables: tunables,
        repetitions: repetitions, sourceLocation: sourceLocation)
}

/// The same for a problem that is there already, with the oracle's answer.
@discardableResult
func verify(
    _ device: any Device, _ problem: Problem, _ expected: [String: [Double]], _ strategy: Strategy,
    library: KernelLibrary, tunables: [String: Int] = [:], repetitions: Int = 1,
    sourceLocation: SourceLocation = #_sourceLocation
) throws -> [OutputError] {
    let (family, values, precision) = (problem.family, problem.parameters, problem.precision)
    let plan = try strategy.choosing(tunables).plan(
        family: family, parameters: values, precision: precision, limits: device.limits)
    let inputs = try problem.tensors(for: plan)

    let found = try execute(device, plan, inputs, library: library, repetitions: repetitions)

    var errors: [OutputError] = []
    for tensor in plan.outputs {
        let error = outputError(tensor, try #require(found[tensor.name]), try #require(expected[tensor.name]))
        let what = "\(family.name)/\(strategy.name) \(values.sorted { $0.key < $1.key }) \(precision.rawValue)"
        #expect(
            error.nonFinite == 0, "\(what): \(error.nonFinite) elements of \(tensor.name) are not finite",
            sourceLocation: sourceLocation)
        #expect(
            error.normalizedMeanSquaredError
                <= toleratedError(precision) * Double(problem.reference.roundings(values)),
            "\(what): \(tensor.name) is wrong",
            sourceLocation: sourceLocation)
        errors.append(error)
    }
    return errors
}

/// Runs a plan on inputs, with everything else poisoned, and gives what it wrote: the bytes of outputs and
/// intermediates by name.
func execute(
    _ device: any Device, _ plan: StrategyPlan, _ inputs: [String: Tensor], library: KernelLibrary, repetitions: Int = 1
) throws -> [String: [UInt8]] {
    var buffers: [String: BufferID] = [:]
    var pipelines: [PipelineID] = []
    defer {
        for buffer in buffers.values { device.release(buffer) }
        for pipeline in pipelines { device.release(pipeline) }
    }
    for tensor in plan.inputs {
        let buffer = try device.makeBuffer(byteCount: tensor.byteCount)
        buffers[tensor.name] = buffer
        let input = try #require(inputs[tensor.name])
        try input.withBytes { bytes in try device.write(bytes, to: buffer) }
    }
    for tensor in plan.outputs + plan.intermediates where !plan.isUpdated(tensor.name) {
        let buffer = try device.makeBuffer(byteCount: tensor.byteCount)
        buffers[tensor.name] = buffer
        try device.fill(buffer, pattern: poison)
    }
    var dispatches: [Dispatch] = []
    for stage in plan.stages {
        let pipeline = try device.makePipeline(stage, sources: library)
        pipelines.append(pipeline)
        dispatches.append(
            Dispatch(pipeline: pipeline, buffers: try stage.buffers.map { try #require(buffers[$0]) }))
    }
    _ = try device.run(dispatches, repetitions: repetitions, timing: .none)
    return try Dictionary(
        uniqueKeysWithValues: (plan.outputs + plan.intermediates).map { tensor in
            (tensor.name, try device.read(try #require(buffers[tensor.name]), byteCount: tensor.byteCount))
        })
}

/// Compares stored elements with the oracle's.
private func outputError(_ tensor: TensorPlan, _ bytes: [UInt8], _ expected: [Double]) -> OutputError {
    let found = elements(bytes, type: tensor.type)
    guard found.count == expected.count else {
        return OutputError(
            output: tensor.name, normalizedMeanSquaredError: .infinity, nonFinite: found.count, largest: .infinity,
            roundingStep: 0)
    }
    var largest = 0.0
    var squaredError = 0.0
    var squaredNorm = 0.0
    var nonFinite = 0
    for (value, reference) in zip(found, expected) {
        if !value.isFinite { nonFinite += 1 }
        squaredError += (value - reference) * (value - reference)
        squaredNorm += reference * reference
        largest = max(largest, abs(value - reference))
    }
    let size = expected.reduce(0) { max($0, abs($1)) }
    let error = squaredNorm > 0 ? squaredError / squaredNorm : squaredError
    return OutputError(
        output: tensor.name, normalizedMeanSquaredError: error.isNaN ? .infinity : error, nonFinite: nonFinite,
        largest: largest, roundingStep: roundingStep(size, tensor.type))
}

/// The distance of neighbouring numbers at `size`.
private func roundingStep(_ size: Double, _ type: ElementType) -> Double {
    switch type {
    case .f16: Double(Float16(size).ulp)
    case .bf16: Double(Float(size).ulp) * 0x1p16
    case .f32, .f64, .i32: Double(Float(size).ulp)
    }
}

/// Little-endian stored elements, widened.
func elements(_ bytes: [UInt8], type: ElementType) -> [Double] {
    stride(from: 0, to: bytes.count - bytes.count % type.byteCount, by: type.byteCount).map { start in
        let bits = (0..<type.byteCount).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << (8 * UInt64($1)) }
        return switch type {
        case .f16: Double(Float16(bitPattern: UInt16(truncatingIfNeeded: bits)))
        case .bf16: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits) << 16))
        case .f32: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case .f64: Double(bitPattern: bits)
        case .i32: Double(Int32(truncatingIfNeeded: Int64(bitPattern: bits)))
        }
    }
}
