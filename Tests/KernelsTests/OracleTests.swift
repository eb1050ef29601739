import FoundationEssentials
import Kernels
import TestSupport
import Testing

/// A case of Tests/Fixtures/oracles, computed with NumPy and SciPy by the script that lies there.
struct GoldenCase: Sendable, CustomTestStringConvertible {
    struct Description: Decodable {
        var parameters: [String: Int]
        var inputs: [String]
        var outputs: [String]
    }

    let family: String
    let name: String
    var testDescription: String { "\(family)/\(name)" }

    static let all: [GoldenCase] = {
        let root = fixture("oracles")
        let folders = (try? FileManager.default.subpathsOfDirectory(atPath: root)) ?? []
        return folders.sorted().filter { $0.hasSuffix("/parameters.json") }.map { path in
            let parts = path.split(separator: "/").map(String.init)
            return GoldenCase(family: parts[0], name: parts[1])
        }
    }()

    func file(_ name: String) -> String { fixture("oracles/\(family)/\(self.name)/\(name)") }

    func description() throws -> Description {
        try JSONDecoder().decode(
            Description.self, from: try Data(contentsOf: URL(filePath: file("parameters.json"))))
    }
}

@Suite("Oracles")
struct OracleTests {
    static let references = Catalogue.references

    @Test("every oracle agrees with NumPy and SciPy, which compute it another way", arguments: GoldenCase.all)
    func golden(golden: GoldenCase) throws {
        let reference = try #require(Self.references.first { $0.family == golden.family })
        let description = try golden.description()
        var inputs: [String: Tensor] = [:]
        for name in description.inputs {
            let file = try NumpyFile(path: golden.file("\(name).npy"))
            let isInteger =
                file.values.allSatisfy { $0 == $0.rounded() }
                && ["mask_indptr", "mask_indices", "a_indptr", "a_indices", "expert", "depth"].contains(name)
            inputs[name] = try file.tensor(shape: file.shape, type: isInteger ? .i32 : .f32)
        }
        var parameters = description.parameters
        parameters.merge(try reference.derivedParameters(parameters, inputs: inputs)) { $1 }
        let outputs = try reference.outputs(parameters, inputs: inputs)
        #expect(outputs.keys.sorted() == description.outputs)
        for name in description.outputs {
            // What is updated in place is an input too.
            let ending = description.inputs.contains(name) ? "out.npy" : "npy"
            let expected = try NumpyFile(path: golden.file("\(name).\(ending)")).values
            let found = try #require(outputs[name])
            try #require(found.count == expected.count)
            let size = expected.map(abs).max() ?? 0
            for (value, golden) in zip(found, expected) { #expect(abs(value - golden) <= 1e-12 * size) }
        }
    }

    @Test("every oracle has golden cases")
    func everyFamily() {
        let covered = Set(GoldenCase.all.map(\.family))
        let families = Set(Self.references.map(\.family)).subtracting([
            "peak-flops", "peak-int8-dot", "peak-matrix", "peak-matrix-int8", "peak-bandwidth", "empty-dispatch",
        ])
        #expect(covered == families)
    }

    private static let families: [String] = references.map(\.family)

    private func problem(
        _ name: String, _ parameters: [String: Int], precision: Precision = .f32, seed: UInt64 = 1
    ) throws -> Problem {
        let family = try #require(try Catalogue.shared().describedFamilies.first { $0.name == name })
        let reference = try #require(Self.references.first { $0.family == name })
        let workload = WorkloadCase(family: name, parameters: parameters, precision: precision, seed: seed)
        return try Problem(workload, family: family, reference: reference, allowingHardCase: true)
    }

    private func hardCases(_ name: String) throws -> [(name: String, parameters: [String: Int])] {
        let cases = try #require(Self.references.first { $0.family == name }).hardCases
        guard cases.isEmpty else { return cases }
        return [("small", name == "empty-dispatch" ? ["N": 1] : ["N": 4096])]
    }

    @Test("every hard case has inputs of the declared shapes and finite outputs of the right size", arguments: families)
    func hardCasesAreSound(name: String) throws {
        for hardCase in try hardCases(name) {
            for precision in Precision.allCases {
                let problem = try problem(name, hardCase.parameters, precision: precision)
                let outputs = try problem.expectedOutputs()
                for output in problem.family.outputs {
                    var count = 1
                    for size in output.shape { count *= try size.integer(problem.parameters) }
                    let values = try #require(outputs[output.name])
                    #expect(values.count == count, "\(hardCase.name)")
                    #expect(values.allSatisfy { $0.isFinite }, "\(hardCase.name)")
                }
                #expect(problem.flops >= 0 && problem.minimumBytes > 0)
            }
        }
    }

    @Test("the same seed gives the same inputs, another seed others, and none is constant", arguments: families)
    func seeded(name: String) throws {
        let first = try #require(try hardCases(name).first).parameters
        let inputs = try problem(name, first).inputs
        #expect(try problem(name, first).inputs == inputs)
        let others = try problem(name, first, seed: 2).inputs
        for (tensor, values) in inputs where values.type != .i32 {
            #expect(others[tensor] != values, "\(tensor)")
            #expect(values.count == 1 || Set(values.doubles).count > 1, "\(tensor)")
        }
    }

    @Test(
        "the memory that verifying takes is counted: tensors on host and device, and what the oracle holds in float64")
    func memory() throws {
        for (name, parameters, share) in [
            ("conv1d", ["L": 4096, "D": 64, "W": 4], 3.3...4.5), ("swiglu", ["T": 64, "D": 1024], 3.0...4.5),
            ("moe", ["T": 4, "E": 16, "topk": 2, "K": 256, "N": 256], 2.0...2.6),
        ] {
            let problem = try problem(name, parameters)
            let tensors = (problem.family.inputs + problem.family.outputs).reduce(0.0) { total, declared in
                total + Double((try? declared.plan(problem.parameters, precision: .f32).byteCount) ?? 0)
            }
            let bytes = try Problem.workingBytes(problem.family, problem.reference, problem.parameters, .f32)
            #expect(share.contains(bytes / tensors), "\(name): \(bytes / tensors)")
        }
    }

    @Test("attention of constant values is that value, whatever the logits")
    func constantValues() throws {
        let reference = try #require(Self.references.first { $0.family == "attention" })
        let parameters = ["B": 1, "Hq": 3, "Hkv": 1, "Lq": 70, "Lk": 90, "D": 40, "causal": 1, "logitScale": 24]
        var inputs = try reference.inputs(parameters, precision: .f32, seed: 3)
        inputs["v"] = Tensor(shape: [1, 1, 90, 40], elements: .f32(Array(repeating: 2.5, count: 3600)))
        let output = try #require(try reference.outputs(parameters, inputs: inputs)["o"])
        #expect(output.allSatisfy { abs($0 - 2.5) < 1e-13 })
    }

    @Test("large logits do reach ±80")
    func largeLogits() throws {
        let reference = try #require(Self.references.first { $0.family == "attention" })
        let parameters = ["B": 1, "Hq": 2, "Hkv": 1, "Lq": 80, "Lk": 80, "D": 64, "logitScale": 24]
        let inputs = try reference.inputs(parameters, precision: .f32, seed: 1)
        let (q, k) = (try #require(inputs["q"]).doubles, try #require(inputs["k"]).doubles)
        var logits: [Double] = []
        for row in 0..<80 {
            for key in 0..<80 {
                var sum = 0.0
                for component in 0..<64 { sum += q[row * 64 + component] * k[key * 64 + component] }
                logits.append(sum / 8)
            }
        }
        #expect((logits.max() ?? 0) > 75 && (logits.min() ?? 0) < -75)
    }
}
