import Kernels
import Results
import Statistics
import TestSupport
import Testing

/// A workload, its inputs perhaps made ill-conditioned, and faults that a kernel may have, each as the outputs it would
/// give.
private struct FaultyCase: Sendable, CustomTestStringConvertible {
    typealias Inputs = [String: Tensor]
    typealias Fault = @Sendable (any FamilyReference, [String: Int], Inputs) throws -> [String: [Double]]

    let family: String
    let name: String
    let parameters: [String: Int]
    /// What replaces generated inputs.
    var changes: @Sendable (Inputs) -> Inputs = { $0 }
    let faults: [(name: String, outputs: Fault)]

    var testDescription: String { "\(family), \(name)" }

    /// The outputs for other parameters or inputs.
    static func altered(
        _ parameters: [String: Int] = [:], _ change: @escaping @Sendable (Inputs) -> Inputs = { $0 }
    ) -> Fault {
        { reference, own, inputs in try reference.outputs(own.merging(parameters) { $1 }, inputs: change(inputs)) }
    }

    /// The inputs with elements of one of them changed.
    static func changing(_ name: String, _ change: @escaping @Sendable (Int, Double) -> Double)
        -> @Sendable (Inputs) -> Inputs
    {
        { inputs in
            var inputs = inputs
            if let tensor = inputs[name] {
                let values = tensor.doubles.enumerated().map { change($0.offset, $0.element) }
                inputs[name] = Tensor(shape: tensor.shape, rounding: values, to: .f32)
            }
            return inputs
        }
    }

    /// Only the first or the last `count` of a tensor's leading rows of `size`.
    static func keeping(_ names: [String], _ range: Range<Int>) -> @Sendable (Inputs) -> Inputs {
        { inputs in
            inputs.merging(
                names.compactMap { name in
                    inputs[name].map {
                        (name, Tensor(shape: [range.count], rounding: Array($0.doubles[range]), to: .f32))
                    }
                }
            ) { $1 }
        }
    }
}

extension FaultyCase {
    private static func attention(_ name: String, _ more: [String: Int]) -> FaultyCase {
        let shape = ["B": 1, "Hq": 2, "Hkv": 1, "Lq": 40, "Lk": 64, "D": 32, "causal": 1, "window": 24]
        return FaultyCase(
            family: "attention", name: name, parameters: shape.merging(more) { $1 },
            faults: [
                ("a mask that hides nothing", altered(["causal": 0, "window": 0])),
                ("a window that is one key too wide", altered(["window": 25])),
                ("a tile of keys left out", altered(["Lk": 48], keeping(["k", "v"], 0..<(48 * 32)))),
                (
                    "only the last tile of keys",
                    altered(["Lk": 16, "causal": 0, "window": 0], keeping(["k", "v"], (48 * 32)..<(64 * 32)))
                ),
            ])
    }

    private static func sparseAttention(_ name: String, _ more: [String: Int]) -> FaultyCase {
        let shape = [
            "B": 1, "Hq": 2, "Hkv": 1, "Lq": 96, "Lk": 96, "D": 32, "causal": 0, "window": 0, "block": 16,
            "localBlocks": 3,
            "globalBlocks": 0, "randomBlocks": 0,
        ]
        return FaultyCase(
            family: "sparse-attention", name: name, parameters: shape.merging(more) { $1 },
            faults: [
                (
                    "blocks that the mask lists left out",
                    { reference, own, inputs in
                        let fewer = try reference.inputs(
                            own.merging(["localBlocks": 1]) { $1 }, precision: .f32, seed: 3)
                        let masks = fewer.filter { $0.key.hasPrefix("mask") }
                        return try reference.outputs(own, inputs: inputs.merging(masks) { $1 })
                    }
                )
            ])
    }

    private static func scan(_ name: String, _ changes: @escaping @Sendable (Inputs) -> Inputs = { $0 }) -> FaultyCase {
        FaultyCase(
            family: "selective-scan", name: name, parameters: ["B": 1, "L": 8192, "D": 6, "N": 4], changes: changes,
            faults: [
                ("a carry lost in the middle", altered(["B": 2, "L": 4096])),
                ("a state left out", altered([:], changing("Cm") { $0 % 4 == 3 ? 0 : $1 })),
            ])
    }

    private static func dual(_ name: String, _ changes: @escaping @Sendable (Inputs) -> Inputs = { $0 }) -> FaultyCase {
        FaultyCase(
            family: "ssd", name: name,
            parameters: ["B": 1, "L": 8192, "H": 2, "P": 4, "N": 8, "G": 1, "Q": 64], changes: changes,
            faults: [
                ("a carry lost in the middle", altered(["B": 2, "L": 4096])),
                ("a state left out", altered([:], changing("Cm") { $0 % 8 == 7 ? 0 : $1 })),
            ])
    }

    static let all: [FaultyCase] = [
        attention("as a model has it", [:]), attention("logits of about ±1400", ["logitScale": 400]),
        sparseAttention("as a model has it", [:]), sparseAttention("logits of about ±1400", ["logitScale": 400]),
        scan("as a model has it"),
        scan("slow decays") { inputs in
            changing("delta") { _, _ in 0.001 }(changing("A") { index, _ in -0.00005 * Double(1 + index % 4) }(inputs))
        },
        dual("as a model has it"),
        dual("slow decays") { inputs in changing("dt") { _, _ in 0.001 }(changing("A") { _, _ in -0.00005 }(inputs)) },
        FaultyCase(
            family: "conv1d", name: "as a model has it", parameters: ["B": 1, "L": 64, "D": 20, "W": 4],
            faults: [
                ("a tile that does not see the steps before it", altered(["B": 2, "L": 32])),
                ("the bias left out", altered([:], changing("bias") { _, _ in 0 })),
            ]),
        FaultyCase(
            family: "conv1d", name: "sums that cancel", parameters: ["B": 1, "L": 64, "D": 20, "W": 4],
            changes: { inputs in
                changing("x") { 1000 + $1 }(
                    changing("w") { index, _ in index % 2 == 0 ? 1 : -1 }(changing("bias") { _, _ in 0 }(inputs)))
            }, faults: [("a tile that does not see the steps before it", altered(["B": 2, "L": 32]))]),
        FaultyCase(
            family: "rmsnorm-residual", name: "as a model has it", parameters: ["T": 6, "D": 128],
            faults: [("the last vector of a row left out", altered([:], changing("x") { $0 % 128 >= 120 ? 0 : $1 }))]),
        FaultyCase(
            family: "swiglu", name: "as a model has it", parameters: ["T": 3, "D": 67],
            faults: [("the last elements left out", altered([:], changing("up") { $0 >= 198 ? 0 : $1 }))]),
        FaultyCase(
            family: "swiglu", name: "gates of −80", parameters: ["T": 3, "D": 67],
            changes: changing("gate") { -80 + $1 },
            faults: [("the last elements left out", altered([:], changing("up") { $0 >= 198 ? 0 : $1 }))]),
        FaultyCase(
            family: "matmul", name: "as a model has it", parameters: ["M": 9, "N": 14, "K": 64],
            faults: [("a tile of the depth left out", altered([:], changing("b") { $0 >= 56 * 14 ? 0 : $1 }))]),
        FaultyCase(
            family: "matmul", name: "sums that cancel", parameters: ["M": 9, "N": 14, "K": 64],
            changes: { inputs in
                // b's rows cancel in pairs, a is nearly constant.
                changing("a") { 1000 + $1 }(
                    changing("b") { index, _ in (index / 14 % 2 == 0 ? 1 : -1) * Double(1 + index % 14) }(inputs))
            }, faults: [("a tile of the depth left out", altered([:], changing("b") { $0 >= 56 * 14 ? 0 : $1 }))]),
        FaultyCase(
            family: "spmm", name: "as a model has it", parameters: ["M": 40, "K": 64, "N": 9, "density": 20],
            faults: [("stored elements left out", altered([:], changing("a_data") { $0 < 16 ? 0 : $1 }))]),
        FaultyCase(
            family: "moe", name: "as a model has it", parameters: ["T": 19, "E": 8, "topk": 2, "K": 48, "N": 80],
            faults: [("a slot left out", altered([:], changing("weight") { $0 == 17 ? 0 : $1 }))]),
        FaultyCase(
            family: "gelu", name: "as a model has it", parameters: ["T": 3, "D": 67],
            faults: [
                ("the last elements left out", altered([:], changing("x") { $0 >= 198 ? 0 : $1 })),
                ("the bias left out", altered([:], changing("bias") { _, _ in 0 })),
            ]),
        FaultyCase(
            family: "strided-copy", name: "as a model has it",
            parameters: ["A": 1, "B": 6, "C": 4, "D": 8, "strideB": 8, "strideC": 48, "size": 192],
            faults: [("a row taken from beside its place", altered(["first": 0, "strideB": 0]))]),
        FaultyCase(
            family: "rotary-append", name: "as a model has it",
            parameters: ["B": 1, "L": 6, "Hq": 2, "Hkv": 1, "D": 16, "positions": 9, "rotated": 16],
            faults: [
                ("heads that are not rotated", altered(["rotated": 0])),
                ("a token that is not appended", altered([:], changing("qkv") { $0 >= 5 * 64 ? 0 : $1 })),
            ]),
        FaultyCase(
            family: "early-exit", name: "as a model has it", parameters: ["T": 12, "D": 16, "layers": 4],
            faults: [
                ("a token that leaves a layer early", altered([:], changing("w") { $0 >= 3 * 256 ? 0 : $1 }))
            ]),
    ]
}

@Suite("Verification by the conditioning of the inputs")
struct ConditioningTests {
    private func verify(_ outputs: [String: [Double]], _ faulty: FaultyCase, _ problem: Made) -> Verification {
        let tensors = outputs.mapValues { Tensor(shape: [$0.count], rounding: $0, to: .f32) }
        return Verification(outputs: tensors, expected: problem.expected, precision: .f32, rounded: { problem.rounded })
    }

    private struct Made {
        let reference: any FamilyReference
        let parameters: [String: Int]
        let inputs: [String: Tensor]
        let expected: [String: [Double]]
        let rounded: [String: [Float]]?
    }

    private func make(_ faulty: FaultyCase) throws -> Made {
        let family = try Catalogue.shared().family(faulty.family)
        let reference = try Catalogue.shared().reference(of: family)
        let known = Set(family.parameters.map(\.name))
        var parameters = try family.parameters(overriding: faulty.parameters.filter { known.contains($0.key) })
        parameters.merge(faulty.parameters) { $1 }
        let inputs = faulty.changes(try reference.inputs(parameters, precision: .f32, seed: 3))
        return Made(
            reference: reference, parameters: parameters, inputs: inputs,
            expected: try reference.outputs(parameters, inputs: inputs),
            rounded: try reference.roundedOutputs(parameters, inputs: inputs))
    }

    @Test(
        "what plain float32 arithmetic gives passes, and what a faulty kernel gives does not", arguments: FaultyCase.all
    )
    fileprivate func faults(faulty: FaultyCase) throws {
        let problem = try make(faulty)
        let plain = try #require(problem.rounded).mapValues { $0.map { Double($0) } }
        #expect(verify(plain, faulty, problem).message == nil)
        // Three times its error, as another order of operations may have.
        var worse: [String: [Double]] = [:]
        for (name, values) in plain {
            worse[name] = zip(values, try #require(problem.expected[name])).map { 3 * ($0 - $1) + $1 }
        }
        #expect(verify(worse, faulty, problem).message == nil)
        for fault in faulty.faults {
            let outputs = try fault.outputs(problem.reference, problem.parameters, problem.inputs)
            let result = verify(outputs, faulty, problem)
            #expect(!result.record.passed, "\(fault.name): \(result.record)")
        }
    }

    @Test("of a family's ill-conditioned inputs plain float32 arithmetic is beyond the tolerance of all inputs")
    func cases() throws {
        let beyond = try FaultyCase.all.filter { faulty in
            let problem = try make(faulty)
            let plain = try #require(problem.rounded).mapValues { Tensor(shape: [$0.count], elements: .f32($0)) }
            return !Verification(outputs: plain, expected: problem.expected, precision: .f32).record.passed
        }
        #expect(Set(beyond.map(\.name)).isSuperset(of: ["slow decays", "sums that cancel"]), "\(beyond)")
    }

    @Test("every family with an oracle has a case, and tells what rounding does")
    func everyFamily() throws {
        let families = Set(try Catalogue.shared().families.filter { !$0.isInternal }.map(\.name))
        #expect(Set(FaultyCase.all.map(\.family)) == families)
    }

    @Test("the bound is asked for only where outputs would fail without, and never where they are far off")
    func onDemand() {
        let expected = ["o": (0..<64).map { Double($0) }]
        func asks(_ change: Double) -> Bool {
            var asked = false
            let values = expected["o"]!.map { $0 * (1 + change) }
            _ = Verification(
                outputs: ["o": Tensor(shape: [64], rounding: values, to: .f32)], expected: expected, precision: .f32,
                rounded: {
                    asked = true
                    return nil
                })
            return asked
        }
        #expect(!asks(0) && !asks(1e-7) && asks(1e-4) && !asks(1))
    }

    @Test("half of the smallest number of the storage is no error", arguments: Precision.allCases)
    func smallest(precision: Precision) {
        let type = precision.elementType.element
        let expected = (0..<16).map { Double(3 + $0) * 1.9 * type.halfOfSmallest }
        let stored = Tensor(shape: [16], rounding: expected, to: precision)
        let result = Verification(outputs: ["o": stored], expected: ["o": expected], precision: precision)
        #expect(result.message == nil)
        #expect((result.record.normalizedMeanSquaredError ?? 0) > precision.tolerance)
        let zeros = Tensor(shape: [16], rounding: expected.map { _ in 0 }, to: precision)
        #expect(!Verification(outputs: ["o": zeros], expected: ["o": expected], precision: precision).record.passed)
    }

    @Test("an output beyond what the storage holds is the inputs' fault")
    func outOfRange() {
        let output = Tensor(shape: [2], rounding: [1, .infinity], to: .f16)
        let result = Verification(outputs: ["o": output], expected: ["o": [1, 70_000]], precision: .f16)
        #expect(result.message == "o[1] is 70000.0 by the oracle, more than f16 holds; the inputs are out of range")
    }
}
