import Kernels
import Statistics
import TestSupport
import Testing

/// Definition files that nobody writes, whole: what they say is planned for, as profiling does.
@Suite("Definitions with anything in them")
struct DefinitionFuzzTests {
    /// A family with what its definition names, and the strategy whose definition is changed.
    private struct Sample {
        let family: String
        let strategy: String
        private let files: [String: String]
        private let mutations: [String: DefinitionMutation]

        init(_ family: String, _ strategy: String, _ files: [String: String]) {
            self.family = "\(family)/family.json"
            self.strategy = "\(family)/\(strategy)/strategy.json"
            self.files = files
            mutations = files.filter { $0.key.hasSuffix(".json") }.mapValues { DefinitionMutation($0) }
        }

        /// Of the built-in ones.
        init(_ name: String, _ strategy: String) throws {
            let catalogue = try Catalogue.shared()
            let family = try catalogue.family(name)
            let own = "\(name)/family.json", named = Set([strategy, family.baseline]).map { "\(name)/\($0)/" }
            let paths = catalogue.library.paths.filter { path in
                named.contains { path.hasPrefix($0) } && !path.hasSuffix(".spv")
            }
            var files = Dictionary(uniqueKeysWithValues: try paths.map { ($0, try catalogue.library.text($0)) })
            // Each strategy that it names would have to be read too, for every input.
            files[own] = try catalogue.library.text(own).replacing(/"quick": \[.*\],/, with: "")
            self.init(name, strategy, files)
        }

        /// One of the two definitions changed, or both.
        func mutated(by generator: inout SeededGenerator) -> KernelLibrary {
            let which = generator.below(4)
            let changed = which == 0 ? [family] : which == 1 ? [family, strategy] : [strategy]
            var files = files
            for path in changed { files[path] = mutations[path]?.mutated(by: &generator) }
            return KernelLibrary(files: files.mapValues { .made($0) })
        }
    }

    /// Small ones, and those that use the most of what definitions can say.
    private static func corpus() throws -> [Sample] {
        let own = SampleKernels().files.filter { $0.key.hasSuffix(".json") }
        return try [
            Sample("sample", "plain", own), Sample("swiglu", "fused"), Sample("attention", "flash"),
            Sample("attention", "flash-split-kv"), Sample("matmul", "f16"), Sample("moe", "grouped"),
            Sample("selective-scan", "chunked"), Sample("spmm", "sell-c-sigma"),
        ]
    }

    private static let limits = ["opencl", "vulkan", "cpu"].map { sampleLimits(backend: $0) }

    /// Plans what is left of the definitions, for workloads that they name: everything that a run computes from them
    /// before a kernel is compiled.
    private static func plan(_ catalogue: Catalogue, _ name: String) -> [KernelError] {
        var errors: [KernelError] = []
        func attempt<Value>(_ body: () throws(KernelError) -> Value) -> Value? {
            do throws(KernelError) { return try body() } catch {
                errors.append(error)
                return nil
            }
        }
        for family in catalogue.families {
            guard let reference = attempt({ () throws(KernelError) in try catalogue.reference(of: family) }) else {
                continue
            }
            for given in [[:]] + family.workloads.prefix(2).map(\.parameters) {
                let parameters = attempt { () throws(KernelError) in
                    let parameters = try family.parameters(overriding: given)
                    try reference.validate(parameters)
                    return parameters
                }
                guard let parameters else { continue }
                _ = reference.flops(parameters)
                _ = reference.tokens(parameters)
                _ = reference.minimumBytes(parameters, precision: .f32)
                for strategy in catalogue.strategies(of: family) where name.hasSuffix("/\(strategy.name)/strategy.json")
                {
                    for limits in limits {
                        let plan = attempt { () throws(KernelError) in
                            try strategy.plan(family: family, parameters: parameters, precision: .f32, limits: limits)
                        }
                        _ = plan?.inputs.map(\.byteCount)
                    }
                }
            }
        }
        return errors
    }

    @Test("whatever a definition holds, it is taken or refused by a line that names the file")
    func definitions() throws {
        let corpus = try Self.corpus()
        var taken = 0, refused = 0, planned = 0
        try FuzzCampaign("definitions", count: 1500).run { generator, number in
            let sample = generator.element(of: corpus)
            let library = sample.mutated(by: &generator)
            let catalogue: Catalogue
            do throws(KernelError) { catalogue = try Catalogue(library) } catch {
                refused += 1
                let names = library.paths.map { "\(library.location($0)): " }
                #expect(names.contains { error.description.hasPrefix($0) }, "\(number): \(error.description)")
                check(error, number)
                return
            }
            taken += 1
            let errors = Self.plan(catalogue, sample.strategy)
            planned += errors.isEmpty ? 1 : 0
            for error in errors { check(error, number) }
        }
        print("definitions: \(taken) taken, \(refused) refused; \(planned) planned without a complaint")
        #expect(taken > refused / 20 && refused > taken / 20)
    }

    private func check(_ error: KernelError, _ number: Int) {
        #expect(!error.description.isEmpty && error.description.utf8.count < 2000, "\(number): \(error.description)")
        #expect(!error.description.contains { $0.isNewline }, "\(number): \(error.description)")
    }
}
