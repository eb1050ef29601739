import Backends
import Foundation
import Kernels
import TestSupport
import Testing

/// What kernels make of exponentials and SiLU, by stages that give one number for each number, against float64.
@Suite("Transcendental functions")
struct TranscendentalTests {
    /// Every exponent and both signs with 160 significands, subnormals, the edges, infinities, and NaN with other bits.
    private static let numbers: [Float] = {
        let spread = stride(from: UInt32(0), through: .max, by: 52_301).map { Float(bitPattern: $0) }
        let edges: [Float] = [
            0, -0.0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude,
            -.greatestFiniteMagnitude, .infinity, -.infinity, .nan, -.nan, Float(bitPattern: 0x7FFD_7FFD), -3e38, 3e38,
        ]
        // Where results leave the range: e^±88, 2^±126 and thereabouts.
        let tails = stride(from: Float(-180), through: 180, by: 0.0625).map { $0 }
        return edges + tails + spread
    }()

    @Test("SiLU is right for every float, in every stage that has one", arguments: TestedDevice.ofKernels)
    func silu(name: TestedDevice) throws {
        let numbers = Self.numbers
        // −0, to which a −0 can be added without losing its sign.
        let one = [Float](repeating: 1, count: numbers.count), zero = one.map { _ in -Float(0) }
        let gates = [numbers.count]
        for (family, strategy, parameters, inputs) in [
            ("swiglu", "fused", ["T": 1, "D": gates[0]], ["gate": numbers, "up": one]),
            ("swiglu", "unfused", ["T": 1, "D": gates[0]], ["gate": numbers, "up": one]),
            ("conv1d", "fused", ["L": 1, "D": gates[0], "W": 1], ["x": numbers, "w": one, "bias": zero]),
            ("conv1d", "unfused", ["L": 1, "D": gates[0], "W": 1], ["x": numbers, "w": one, "bias": zero]),
        ] {
            let found = try outputs(name, family, strategy, parameters, inputs)["y"] ?? []
            expect(found, numbers, isExact: name.backend == "cpu", "\(family)/\(strategy)") { Self.silu($0) }
        }
        for strategy in ["unfused", "fused", "chunked"] {
            // u = D = 1 and states that stay zero leave the gate.
            let found =
                try outputs(
                    name, "selective-scan", strategy, ["L": 1, "D": gates[0], "N": 4],
                    [
                        "u": one, "delta": one, "z": numbers, "Dv": one, "Bm": [0, 0, 0, 0], "Cm": [1, 1, 1, 1],
                        "A": [Float](repeating: -1, count: 4 * numbers.count),
                    ])["y"] ?? []
            expect(found, numbers, isExact: name.backend == "cpu", "selective-scan/\(strategy)") { Self.silu($0) }
        }
        try siluOfExperts(name)
    }

    /// A column a number: x = 1 times the weights is the gate, and one expert's down projection would mix columns, so
    /// each number is an expert with one column, and a token of its own.
    private func siluOfExperts(_ name: TestedDevice) throws {
        let numbers = Array(
            Self.numbers.enumerated().filter { $0.offset % 400 == 0 || $0.offset < 16 }.map(\.element))
        let one = [Float](repeating: 1, count: numbers.count)
        for strategy in ["per-expert", "grouped", "grouped-swiglu", "grouped-scatter"] {
            let found = try outputs(
                name, "moe", strategy, ["T": numbers.count, "E": numbers.count, "topk": 1, "K": 1, "N": 1],
                ["x": one, "w_gate": numbers, "w_up": one, "w_down": one, "weight": one],
                integers: ["expert": numbers.indices.map { Int32($0) }])
            guard let y = found["y"] else { continue }
            expect(y, numbers, isExact: name.backend == "cpu", isSum: true, "moe/\(strategy)") { Self.silu($0) }
        }
    }

    @Test("the exponential of a decay is right for every float, in every scan", arguments: TestedDevice.ofKernels)
    func decays(name: TestedDevice) throws {
        // Where a rate in base 2 is infinite, so is its product with the state that is still 0 no number.
        let numbers = Self.numbers.filter { !($0 > 2.3e38) }
        let count = numbers.count, one = [Float](repeating: 1, count: count)
        // The state is 1 after the first step, whose own decay is none for any x; the second multiplies it by e^x and
        // adds nothing.
        let small = one.map { _ in Float(0x1p-126) }, large = one.map { _ in Float(0x1p126) }
        for (strategy, states) in [("unfused", 1), ("fused", 1), ("fused", 4), ("fused", 8), ("chunked", 1)] {
            let found =
                try outputs(
                    name, "selective-scan", strategy, ["L": 2, "D": count, "N": states],
                    [
                        "u": large + one.map { _ in 0 }, "delta": small + one,
                        "z": one.map { _ in 64 } + one.map { _ in 64 },
                        "A": numbers.flatMap { [Float](repeating: $0, count: states) },
                        "Bm": [Float](repeating: 1, count: 2 * states),
                        "Cm": [Float](repeating: 1 / Float(64 * states), count: 2 * states),
                        "Dv": one.map { _ in 0 },
                    ])["y"] ?? []
            expect(Array(found.suffix(count)), numbers, isExact: name.backend == "cpu", "\(strategy), \(states) states")
            { exp($0) }
        }
        // Sums of decays stay finite, and so do their differences and what the first step makes of nothing.
        let moderate = numbers.filter { $0.isNaN || $0 > -1e37 && $0 < 88 }
        let heads = moderate.count, unit = [Float](repeating: 1, count: heads)
        for strategy in ["recurrent", "chunked-unfused", "chunked-fused", "chunked-one-pass"] {
            let found = try outputs(
                name, "ssd", strategy, ["L": 2, "H": heads, "P": 1, "N": 1, "G": 1, "Q": 16],
                [
                    "x": unit + unit.map { _ in 0 },
                    "dt": unit + unit, "A": moderate, "Bm": [1, 1], "Cm": [1, 1],
                    "Dv": unit.map { _ in 0 },
                ])
            guard let y = found["y"] else { continue }
            expect(Array(y.suffix(heads)), moderate, isExact: name.backend == "cpu", "ssd/\(strategy)") { exp($0) }
        }
    }

    @Test("a NaN in an input reaches every output that depends on it", arguments: TestedDevice.all)
    func notNumbers(name: TestedDevice) throws {
        let device = try name.open(VulkanValidationLog()), catalogue = try Catalogue.shared()
        for family in catalogue.families where !family.isInternal {
            let reference = try catalogue.reference(of: family)
            let shape = try #require(reference.hardCases.first).parameters
            let problem = try catalogue.problem(WorkloadCase(family: family.name, parameters: shape))
            for (input, tensor) in problem.inputs.sorted(by: { $0.key < $1.key }) {
                guard case .f32(var elements) = tensor.elements else { continue }
                elements[elements.count / 2] = Float(bitPattern: Verification.poison)
                var inputs = problem.inputs
                inputs[input] = Tensor(shape: tensor.shape, elements: .f32(elements))
                let expected = try reference.outputs(problem.parameters, inputs: inputs)
                for strategy in catalogue.strategies(of: family) where strategy.precisions.contains(.f32) {
                    guard let found = try results(strategy, problem, inputs, on: device, catalogue) else { continue }
                    for (output, values) in expected {
                        let numbers = try #require(found[output])
                        let lost = values.indices.filter { values[$0].isNaN && !numbers[$0].isNaN }
                        #expect(
                            lost.isEmpty, "\(family.name)/\(strategy.name): \(input) to \(output), \(lost.count) lost")
                    }
                }
            }
        }
    }

    /// `nil` where the device cannot run the strategy.
    private func results(
        _ strategy: Strategy, _ problem: Problem, _ inputs: [String: Tensor], on device: any Device,
        _ catalogue: Catalogue
    ) throws -> [String: [Double]]? {
        do {
            let plan = try strategy.plan(
                family: problem.family, parameters: problem.parameters, precision: .f32, limits: device.limits)
            let packed = Set(plan.inputs.map(\.name)).subtracting(inputs.keys)
            var tensors = inputs
            if !packed.isEmpty {
                tensors.merge(try problem.reference.packed(packed, problem.parameters, inputs: inputs)) { $1 }
            }
            return try execute(device, plan, tensors, library: catalogue.library).mapValues { elements($0, type: .f32) }
        } catch let error as KernelError where error.code == .unavailable {
            return nil
        } catch let error as BackendError where error.code == .unsupported {
            return nil
        }
    }

    private static func silu(_ x: Double) -> Double { x == -.infinity ? -0.0 : x / (1 + exp(-x)) }

    /// Results within a few units in the last place, more where the argument's rounding is magnified; where they leave
    /// float32's normal range they may be flushed to 0 or overflow a factor of 2 early. Zeros have their sign, unless
    /// they were added to 0: `isSum`.
    private func expect(
        _ found: [Float], _ x: [Float], isExact: Bool, isSum: Bool = false, _ what: String,
        _ function: (Double) -> Double
    ) {
        #expect(found.count == x.count, "\(what)")
        var wrong: [String] = []
        for (value, x) in zip(found, x) {
            let right = function(Double(x))
            if right.isNaN && value.isNaN { continue }
            // Vulkan lets an exponential be off by 3 + 2|x| units in the last place.
            let units = (isExact ? 4 : 8) + (isExact ? 1 : 2) * min(abs(Double(x)), 128)
            let bound = abs(right) * units * 0x1p-23 + 0x1p-119
            let overflows = right > 0x1.6p127 && value == .infinity
            let isSigned = value != 0 || isSum || value.sign == right.sign || !isExact && right != 0
            guard abs(Double(value) - right) <= bound || overflows, isSigned else {
                wrong.append("f(\(x)) is \(value), expected \(right)")
                continue
            }
        }
        #expect(wrong.isEmpty, "\(what): \(wrong.count) are wrong: \(wrong.prefix(3)) … \(wrong.suffix(1))")
    }

    /// What a strategy gives for inputs as they stand; empty where the device cannot run it.
    private func outputs(
        _ name: TestedDevice, _ family: String, _ strategy: String, _ given: [String: Int], _ inputs: [String: [Float]],
        integers: [String: [Int32]] = [:]
    ) throws -> [String: [Float]] {
        let device = try name.open(VulkanValidationLog()), catalogue = try Catalogue.shared()
        let family = try catalogue.family(family)
        var parameters = try family.parameters(overriding: given)
        var tensors: [String: Tensor] = [:]
        for declaration in family.inputs {
            let plan = try declaration.plan(parameters, precision: .f32)
            tensors[plan.name] = Tensor(
                shape: plan.shape,
                elements: try integers[plan.name].map { .i32($0) } ?? .f32(try #require(inputs[plan.name])))
        }
        let reference = try catalogue.reference(of: family)
        parameters.merge(try reference.derivedParameters(parameters, inputs: tensors)) { $1 }
        do {
            let plan = try catalogue.strategy(strategy, of: family).plan(
                family: family, parameters: parameters, precision: .f32, limits: device.limits)
            let packed = Set(plan.inputs.map(\.name)).subtracting(tensors.keys)
            if !packed.isEmpty { tensors.merge(try reference.packed(packed, parameters, inputs: tensors)) { $1 } }
            return try execute(device, plan, tensors, library: catalogue.library).mapValues { bytes in
                elements(bytes, type: .f32).map { Float($0) }
            }
        } catch let error as KernelError where error.code == .unavailable {
            return [:]
        } catch let error as BackendError where error.code == .unsupported {
            return [:]
        }
    }
}
